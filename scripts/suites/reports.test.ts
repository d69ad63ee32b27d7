import { describe, expect, test } from "vitest";
import { select } from "./files.ts";
import { readJunit } from "./junit.ts";
import { neverEmpty } from "./result.ts";
import { readReport } from "./vitest.ts";

describe("readReport", () => {
  test("counts each test, and a file that does not load as one failure", () => {
    const report = {
      testResults: [
        {
          name: `${process.cwd()}/tests/a.test.ts`,
          status: "failed",
          assertionResults: [
            { fullName: "works", status: "passed" },
            { fullName: "breaks", status: "failed", failureMessages: ["expected 1"] },
            { fullName: "later", status: "pending" },
          ],
        },
        { name: `${process.cwd()}/tests/b.test.ts`, status: "failed", message: "no such module", assertionResults: [] },
      ],
    };
    expect(readReport("integration", report)).toEqual([
      { suite: "integration", file: "tests/a.test.ts", name: "works", status: "passed" },
      { suite: "integration", file: "tests/a.test.ts", name: "breaks", status: "failed", message: "expected 1" },
      { suite: "integration", file: "tests/a.test.ts", name: "later", status: "skipped" },
      {
        suite: "integration",
        file: "tests/b.test.ts",
        name: "the file loads",
        status: "failed",
        message: "no such module",
      },
    ]);
  });
});

describe("readJunit", () => {
  test("reads passed, failed and ignored cases with their files", () => {
    const report = `<testsuites><testsuite name="./a.test.ts">
      <testcase name="is &quot;good&quot;" classname="./supabase/functions/a.test.ts" time="0.1" line="1" col="1">
      </testcase>
      <testcase name="is bad" classname="./supabase/functions/a.test.ts"><failure message="x">at &lt;here&gt;</failure></testcase>
      <testcase name="waits" classname="./supabase/functions/a.test.ts"><skipped/></testcase>
    </testsuite></testsuites>`;
    expect(readJunit("functions", report)).toEqual([
      { suite: "functions", file: "supabase/functions/a.test.ts", name: 'is "good"', status: "passed" },
      {
        suite: "functions",
        file: "supabase/functions/a.test.ts",
        name: "is bad",
        status: "failed",
        message: "at <here>",
      },
      { suite: "functions", file: "supabase/functions/a.test.ts", name: "waits", status: "skipped" },
    ]);
  });
});

describe("neverEmpty", () => {
  test("fails a suite that ran nothing, or only skipped", () => {
    expect(neverEmpty("unit", [])).toMatchObject([{ status: "failed" }]);
    const skipped = { suite: "unit", file: "a", name: "b", status: "skipped" } as const;
    expect(neverEmpty("unit", [skipped]).at(-1)).toMatchObject({ status: "failed" });
    const passed = { ...skipped, status: "passed" } as const;
    expect(neverEmpty("unit", [passed])).toEqual([passed]);
  });
});

describe("select", () => {
  test("takes everything without a filter", () => {
    const selection = select([]);
    expect(selection.whole).toBe(true);
    expect(selection.wants("lint")).toBe(true);
    expect(selection.files("unit")).toContain("scripts/suites/reports.test.ts");
    expect(selection.files("integration").some((file) => file.startsWith("tests/docs/"))).toBe(false);
  });

  test("takes a suite by its name, or files by a part of their path", () => {
    expect(select(["lint"]).wants("types")).toBe(false);
    expect(select(["unit"]).files("unit").length).toBeGreaterThan(1);
    const part = select(["suites/reports"]);
    expect(part.files("unit")).toEqual(["scripts/suites/reports.test.ts"]);
    expect(part.wants("pgtap")).toBe(false);
  });
});
