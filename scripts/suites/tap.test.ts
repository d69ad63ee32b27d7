import { expect, test } from "vitest";
import { readTap } from "../../tests/pgtap/run-file.ts";

test("readTap reads each assertion with what pgTAP says of a failure", () => {
  const tap = ["1..3", "ok 1 - first", "not ok 2 - second", "# Failed test 2: second", "ok 3 - third # SKIP not here"];
  expect(readTap(tap)).toMatchObject([
    { name: "first", status: "passed" },
    { name: "second", status: "failed", message: expect.stringContaining("Failed test 2") },
    { name: "third", status: "skipped" },
  ]);
});

test("readTap fails a plan that was not kept", () => {
  expect(readTap(["1..2", "ok 1 - only one"]).at(-1)).toMatchObject({ name: "keeps its plan", status: "failed" });
  expect(readTap(["ok 1 - no plan at all"]).at(-1)).toMatchObject({ status: "failed" });
  expect(readTap([]).at(-1)).toMatchObject({ status: "failed" });
});
