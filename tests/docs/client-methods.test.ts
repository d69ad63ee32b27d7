import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { methodTables, page, proofsByMethod, withTables } from "../client/table.ts";

const results = z.array(z.object({ suite: z.string(), file: z.string(), name: z.string(), status: z.string() }));
const ran = results
  .parse(JSON.parse(readFileSync(z.string().parse(process.env.TEST_RESULTS), "utf8")))
  .filter(({ file }) => file.startsWith("tests/client/"));

test("each method of supabase-js has a test", () => {
  const unproven = [...proofsByMethod(ran)].filter(([, proofs]) => proofs.length === 0).map(([method]) => method);
  expect(unproven).toEqual([]);
});

test("each of those tests passed", () => {
  expect(ran.filter(({ status }) => status !== "passed").map(({ name }) => name)).toEqual([]);
});

test("the tables say what the tests prove; renew them with: npm run methods", () => {
  const text = readFileSync(path.join(import.meta.dirname, "../..", page), "utf8");
  expect(text).toBe(withTables(text, methodTables(ran)));
});
