import { existsSync, globSync } from "node:fs";
import path from "node:path";
import { denoBinary, offlineFlags } from "../../stack/functions/deno-process.ts";
import { nodeTool, projectDir } from "../options.ts";
import type { TestResult } from "./result.ts";
import { type Finished, run } from "./run.ts";

function asResult(suite: string, file: string, name: string, { code, output }: Finished): TestResult {
  return code === 0
    ? { suite, file, name, status: "passed" }
    : { suite, file, name, status: "failed", message: output };
}

export async function checkTypes(): Promise<TestResult[]> {
  const finished = await run(...nodeTool("typescript/bin/tsc", ["--noEmit", "--project", "."]));
  return [asResult("types", "tsconfig.json", "the TypeScript type check passes", finished)];
}

export async function checkStyle(): Promise<TestResult[]> {
  const finished = await run(
    ...nodeTool("@biomejs/biome/bin/biome", ["ci", "--colors=off", "--error-on-warnings", "."]),
  );
  return [asResult("lint", "biome.json", "the style check passes", finished)];
}

/** The flags and environment with which Deno reads the edge functions: packages from node_modules alone. */
export function denoFlags(): string[] {
  const config = path.join(projectDir, "supabase", "functions", "deno.json");
  const flags = offlineFlags.filter((flag) => flag !== "--no-prompt");
  // As a plain import map: with deno.json as the configuration, Deno no longer finds package.json, which names Node's own types.
  return existsSync(config) ? [...flags, "--no-config", `--import-map=${config}`] : flags;
}

export function denoEnvironment(stateDir: string): NodeJS.Dict<string> {
  return { DENO_DIR: path.join(stateDir, "deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
}

/** The edge functions run on Deno, so it is Deno that must find their types sound. */
export async function checkFunctionTypes(stateDir: string): Promise<TestResult[]> {
  const files = globSync("supabase/functions/*/index.ts", { cwd: projectDir });
  if (files.length === 0) return [];
  const flags = denoFlags().filter((flag) => flag !== "--cached-only" && flag !== "--no-remote");
  const finished = await run(denoBinary(), ["check", ...flags, ...files], denoEnvironment(stateDir));
  return [asResult("types", "supabase/functions", "the edge functions pass Deno's type check", finished)];
}
