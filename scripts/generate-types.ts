import { spawnSync } from "node:child_process";
import path from "node:path";
import { supabaseCli } from "../stack/cli.ts";
import { loadConfig } from "../stack/config/config.ts";
import type { StatePaths } from "../stack/state.ts";
import { withNullableResults } from "./nullable-results.ts";
import { nodeTool, projectDir } from "./options.ts";

export const typesFile = path.join(projectDir, "supabase", "database.types.ts");

/** The types of the exposed schemas, formatted like the rest of the code. */
export async function generateTypes(paths: StatePaths, dbUrl: string): Promise<string> {
  const { config } = loadConfig(projectDir);
  const { code, stdout, stderr } = await supabaseCli(projectDir, paths, dbUrl).genTypes(config.api.schemas);
  if (code !== 0) throw new Error(`Cannot generate the types:\n${stderr.trim()}`);
  // Another name than the file's own, which the style check leaves out.
  const [command, args] = nodeTool("@biomejs/biome/bin/biome", ["format", "--stdin-file-path=supabase/generated.ts"]);
  const formatted = spawnSync(command, args, { cwd: projectDir, input: stdout, encoding: "utf8" });
  if (formatted.status !== 0) throw new Error(`Cannot format the types:\n${formatted.stderr}`);
  return withNullableResults(formatted.stdout);
}
