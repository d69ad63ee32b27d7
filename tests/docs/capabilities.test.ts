import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const results = z.array(z.object({ suite: z.string(), file: z.string(), name: z.string(), status: z.string() }));
const ran = results.parse(JSON.parse(readFileSync(z.string().parse(process.env.TEST_RESULTS), "utf8")));
const page = readFileSync(path.join(import.meta.dirname, "../../docs/capabilities.md"), "utf8");

const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| ---") && !line.startsWith("| promised"))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));

describe("the capability table", () => {
  test("has rows of three cells", () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter((row) => row.length !== 3)).toEqual([]);
  });

  test.each(rows)("%s", (_promised, how = "", proof = "") => {
    if (how.startsWith("not yet: ")) {
      expect(proof).toBe("–");
      return;
    }
    const [, file, name] = /^`([^`]+)` › (.+)$/.exec(proof) ?? [];
    const tests = ran.filter((result) => result.file === file && result.name.includes(String(name)));
    expect(tests.length, `no test of ${file} is named "${name}"`).toBeGreaterThan(0);
    expect(tests.filter((result) => result.status !== "passed")).toEqual([]);
  });
});
