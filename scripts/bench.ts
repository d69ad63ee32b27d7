import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { command, projectDir } from "./options.ts";
import { runShown } from "./suites/run.ts";

const folder = path.join(projectDir, "bench");

/** Each benchmark is a folder of bench/ with a main.ts. */
function benchmarks(): string[] {
  return readdirSync(folder).filter((name) => existsSync(path.join(folder, name, "main.ts")));
}

await command(async () => {
  const [name, ...args] = process.argv.slice(2);
  const known = benchmarks();
  if (!name || !known.includes(name)) {
    throw new Error(
      `Choose a benchmark: ${known.map((each) => `npm run bench -- ${each}`).join(", ") || "there is none"}`,
    );
  }
  return await runShown(process.execPath, [path.join(folder, name, "main.ts"), ...args], {});
});
