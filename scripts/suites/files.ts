import { globSync } from "node:fs";
import path from "node:path";
import { projectDir } from "../options.ts";

export const suites = [
  "types",
  "lint",
  "advisors",
  "pgtap",
  "unit",
  "integration",
  "faults",
  "functions",
  "docs",
] as const;
export type Suite = (typeof suites)[number];

const patterns: Record<Suite, { include: string[]; exclude?: string[] }> = {
  types: { include: [] },
  lint: { include: [] },
  advisors: { include: [] },
  pgtap: { include: ["supabase/tests/**/*.test.sql"] },
  unit: { include: ["stack/**/*.test.ts", "scripts/**/*.test.ts"] },
  integration: { include: ["tests/**/*.test.ts"], exclude: ["tests/docs/**", "tests/faults/**"] },
  faults: { include: ["tests/faults/**/*.test.ts"] },
  functions: { include: ["supabase/functions/**/*.test.ts"] },
  docs: { include: ["tests/docs/**/*.test.ts"] },
};

/** What `npm test -- <filters>` asks for: whole suites by name, or files by a part of their path. */
export interface Selection {
  wants(suite: Suite): boolean;
  files(suite: Suite): string[];
  /** False when a filter narrows the run, so that an empty suite proves nothing wrong. */
  whole: boolean;
}

export function select(filters: string[]): Selection {
  const named = filters.filter((filter): filter is Suite => suites.some((suite) => suite === filter));
  const parts = filters.filter((filter) => !suites.some((suite) => suite === filter));
  const files = (suite: Suite) => {
    const { include, exclude = [] } = patterns[suite];
    const all = globSync(include, { cwd: projectDir, exclude }).map((file) => file.split(path.sep).join("/"));
    const chosen = filters.length === 0 || named.includes(suite);
    const wanted = all.filter((file) => chosen || parts.some((part) => file.includes(part)));
    // What the pgTAP files share is made by the first of them and removed by the last.
    const shared = wanted.length > 0 && suite === "pgtap" ? all.filter((file) => /\/(000|999)_/.test(file)) : [];
    return [...new Set([...wanted, ...shared])].sort();
  };
  const wants = (suite: Suite) => filters.length === 0 || named.includes(suite) || files(suite).length > 0;
  return { wants, files, whole: filters.length === 0 };
}
