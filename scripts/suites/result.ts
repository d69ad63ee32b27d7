/** One test of one suite, as test-results.json keeps it. */
export interface TestResult {
  suite: string;
  /** Relative to the project's folder, with forward slashes. */
  file: string;
  name: string;
  status: "passed" | "failed" | "skipped";
  /** Why it failed. */
  message?: string;
}

/** A suite that ran nothing has proved nothing. */
export function neverEmpty(suite: string, results: TestResult[]): TestResult[] {
  if (results.some(({ status }) => status !== "skipped")) return results;
  const message = "the suite ran no test";
  return [...results, { suite, file: "", name: `${suite} runs at least one test`, status: "failed", message }];
}

/** Prints results that no other program has shown yet, and hands them on. */
export function show(results: TestResult[]): TestResult[] {
  for (const { name, status, message } of results) {
    process.stdout.write(` ${status === "passed" ? "✓" : "✗"} ${name}\n${message ? `${message}\n` : ""}`);
  }
  return results;
}
