import { z } from "zod";
import { supabaseCli } from "../../stack/cli.ts";
import type { StatePaths } from "../../stack/state.ts";
import { projectDir } from "../options.ts";
import type { TestResult } from "./result.ts";

const report = z.object({
  results: z.array(
    z.object({ name: z.string(), level: z.enum(["INFO", "WARN", "ERROR"]), detail: z.string(), cacheKey: z.string() }),
  ),
});

/** Findings that we accept: the advisor's key for each, and why. */
const exceptions: Record<string, string> = {};

/** Supabase's own advisors must find nothing that warrants a warning. */
export async function checkAdvisors(paths: StatePaths, dbUrl: string): Promise<TestResult[]> {
  const { code, stdout, stderr } = await supabaseCli(projectDir, paths, dbUrl).advisors("none");
  if (code !== 0) throw new Error(`Cannot ask the database advisors:\n${stderr.trim()}`);
  const grave = report.parse(JSON.parse(stdout)).results.filter(({ level }) => level !== "INFO");
  const found = grave.filter(({ cacheKey }) => exceptions[cacheKey] === undefined);
  const outlived = Object.keys(exceptions).filter((key) => !grave.some(({ cacheKey }) => cacheKey === key));
  const message = [
    ...found.map(({ level, name, detail, cacheKey }) => `${level} ${name}: ${detail} (${cacheKey})`),
    ...outlived.map((key) => `the exception ${key} is no longer needed`),
  ].join("\n");
  const test = {
    suite: "advisors",
    file: "supabase/migrations",
    name: "the database advisors find no error or warning",
  };
  return [message === "" ? { ...test, status: "passed" } : { ...test, status: "failed", message }];
}
