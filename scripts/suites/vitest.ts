import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { nodeTool, projectDir } from "../options.ts";
import type { TestResult } from "./result.ts";
import { runShown } from "./run.ts";

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

function relative(file: string): string {
  return path.relative(projectDir, file).split(path.sep).join("/");
}

/** What vitest's JSON report says; a file that could not be loaded counts as one failed test. */
export function readReport(suite: string, report: unknown): TestResult[] {
  return reportSchema.parse(report).testResults.flatMap((file) => {
    const tests: TestResult[] = file.assertionResults.map(({ fullName, status, failureMessages }) => ({
      suite,
      file: relative(file.name),
      name: fullName,
      status: status === "passed" ? "passed" : status === "failed" ? "failed" : "skipped",
      ...(status === "failed" ? { message: failureMessages?.join("\n") ?? "" } : {}),
    }));
    if (file.status !== "failed" || tests.some(({ status }) => status === "failed")) return tests;
    const broken = { suite, file: relative(file.name), name: "the file loads", message: file.message };
    return [...tests, { ...broken, status: "failed" }];
  });
}

/** Runs one vitest project on the files given, showing vitest's own report as it goes. */
export async function runVitest(
  project: string,
  files: string[],
  stateDir: string,
  env: NodeJS.Dict<string>,
): Promise<TestResult[]> {
  const output = path.join(stateDir, `vitest-${project}.json`);
  rmSync(output, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${output}`];
  const [command, args] = nodeTool("vitest/vitest.mjs", ["run", "--project", project, ...reporters, ...files]);
  const code = await runShown(command, args, env);
  const results = existsSync(output) ? readReport(project, JSON.parse(readFileSync(output, "utf8"))) : [];
  if (code === 0 || results.some(({ status }) => status === "failed")) return results;
  const message = `vitest ended with exit code ${code}, see above`;
  return [
    ...results,
    { suite: project, file: "", name: `vitest runs ${project} to its end`, status: "failed", message },
  ];
}
