import type { TestResult } from "./result.ts";

const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&", "#39": "'" };

function decode(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp|#39);/g, (whole, name: string) => entities[name] ?? whole);
}

/** Reads the JUnit report of `deno test`, the only one it has that programs can read. */
export function readJunit(suite: string, report: string): TestResult[] {
  const cases = report.matchAll(/<testcase name="([^"]*)" classname="([^"]*)"[^>]*?(\/>|>([\s\S]*?)<\/testcase>)/g);
  return [...cases].map(([, name = "", file = "", , body = ""]) => {
    const test = { suite, file: decode(file).replace(/^\.\//, ""), name: decode(name) };
    if (/<(failure|error)\b/.test(body)) {
      return { ...test, status: "failed", message: decode(body.replace(/<[^>]*>/g, "").trim()) };
    }
    return { ...test, status: body.includes("<skipped") ? "skipped" : "passed" };
  });
}
