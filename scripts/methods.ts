import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { methodTables, page, proofsByMethod, withTables } from "../tests/client/table.ts";
import { command, nodeTool, projectDir } from "./options.ts";
import { run } from "./suites/run.ts";

const listed = z.array(z.object({ name: z.string(), file: z.string() }));

/** The proofs that the suite declares. Listing loads its files without running a test, so no stack is needed. */
async function declaredProofs() {
  const nowhere = { SUPABASE_URL: "http://127.0.0.1:1", SUPABASE_PUBLISHABLE_KEY: "none", SUPABASE_SECRET_KEY: "none" };
  const args = ["list", "--no-static-parse", "--json", "--project", "integration", "tests/client"];
  const { code, output } = await run(...nodeTool("vitest/vitest.mjs", args), nowhere);
  if (code !== 0) throw new Error(`Cannot list the tests of tests/client:\n${output}`);
  return listed
    .parse(JSON.parse(output))
    .map(({ name, file }) => ({ name, file: path.relative(projectDir, file).split(path.sep).join("/") }));
}

await command(async () => {
  const proofs = await declaredProofs();
  const file = path.join(projectDir, page);
  writeFileSync(file, withTables(readFileSync(file, "utf8"), methodTables(proofs)));
  const unproven = [...proofsByMethod(proofs)].filter(([, tests]) => tests.length === 0).map(([method]) => method);
  if (unproven.length > 0) throw new Error(`No test proves ${unproven.join(", ")}`);
  return 0;
});
// The clients whose methods were read keep timers.
process.exit();
