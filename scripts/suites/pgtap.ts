import path from "node:path";
import { runFile } from "../../tests/pgtap/run-file.ts";
import { withPgtap } from "../../tests/pgtap/with-pgtap.ts";
import { projectDir } from "../options.ts";
import type { TestResult } from "./result.ts";

const marks = { passed: "✓", failed: "✗", skipped: "-" };

/** Runs pgTAP files one after the other, each in its own connection and transaction. */
export async function runPgtap(files: string[], dbUrl: string): Promise<TestResult[]> {
  const results: TestResult[] = [];
  await withPgtap(dbUrl, async () => {
    for (const file of files) {
      const assertions = await runFile(dbUrl, path.join(projectDir, file));
      const failed = assertions.filter(({ status }) => status === "failed");
      process.stdout.write(` ${failed.length > 0 ? marks.failed : marks.passed} ${file} (${assertions.length})\n`);
      for (const { name, message } of failed) process.stdout.write(`   ${marks.failed} ${name}\n${message ?? ""}\n`);
      results.push(...assertions.map((assertion) => ({ suite: "pgtap", file, ...assertion })));
    }
  });
  return results;
}
