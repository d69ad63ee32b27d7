import { denoBinary } from "../../stack/functions/deno-process.ts";
import { projectDir } from "../options.ts";
import { readJunit } from "./junit.ts";
import type { TestResult } from "./result.ts";
import { run } from "./run.ts";
import { denoEnvironment, denoFlags } from "./static-checks.ts";

/** Runs the edge functions' own tests on Deno. */
export async function runFunctionTests(
  files: string[],
  stateDir: string,
  env: NodeJS.Dict<string>,
): Promise<TestResult[]> {
  const flags = [...denoFlags(), "--allow-env", "--allow-net", `--allow-read=${projectDir}`, "--reporter=junit"];
  const { code, output } = await run(denoBinary(), ["test", ...flags, ...files], {
    ...denoEnvironment(stateDir),
    ...env,
  });
  const results = readJunit("functions", output);
  for (const { name, status } of results) process.stdout.write(` ${status === "passed" ? "✓" : "✗"} ${name}\n`);
  if (code === 0 || results.some(({ status }) => status === "failed")) return results;
  return [
    ...results,
    { suite: "functions", file: "", name: "deno test runs to its end", status: "failed", message: output },
  ];
}
