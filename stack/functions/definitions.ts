import { existsSync, globSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { StackContext } from "../context.ts";

export interface FunctionDefinition {
  slug: string;
  entrypoint: string;
  /** deno.json or import map in force; null when there is none. */
  importMap: string | null;
  /** Files besides its code that the function may read. */
  staticFiles: string[];
  verifyJwt: boolean;
}

/** Folders such as `_shared` are never functions. */
const SLUG = /^[A-Za-z][A-Za-z0-9_-]*$/;

export function functionsFolder(projectDir: string): string {
  return join(projectDir, "supabase/functions");
}

/** The nearest deno.json at or above the entry file, else the import map that older projects share. */
function discoverImportMap(entrypoint: string, functionsDir: string): string | null {
  for (let folder = dirname(entrypoint); folder.startsWith(functionsDir); folder = dirname(folder)) {
    const found = ["deno.json", "deno.jsonc"].map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
  }
  const shared = join(functionsDir, "import_map.json");
  return existsSync(shared) ? shared : null;
}

/** What the patterns name, as long as it is the project's own. */
function findStaticFiles(patterns: readonly string[], supabaseDir: string): string[] {
  const projectDir = dirname(supabaseDir);
  return globSync(patterns, { cwd: supabaseDir })
    .map((path) => resolve(supabaseDir, path))
    .filter((path) => !relative(projectDir, path).startsWith(".."));
}

/** Looks the function up anew each time, so that one added while the stack runs is found. */
export function findFunction(ctx: StackContext, slug: string): FunctionDefinition | null {
  if (!ctx.config.edge_runtime.enabled || !SLUG.test(slug)) return null;
  const configured = Object.hasOwn(ctx.config.functions, slug) ? ctx.config.functions[slug] : undefined;
  if (configured?.enabled === false) return null;
  const functionsDir = functionsFolder(ctx.projectDir);
  const supabaseDir = dirname(functionsDir);
  const entrypoint = configured?.entrypoint
    ? resolve(supabaseDir, configured.entrypoint)
    : join(functionsDir, slug, "index.ts");
  if (!existsSync(entrypoint)) return null;
  return {
    slug,
    entrypoint,
    importMap: configured?.import_map
      ? resolve(supabaseDir, configured.import_map)
      : discoverImportMap(entrypoint, functionsDir),
    staticFiles: findStaticFiles(configured?.static_files ?? [], supabaseDir),
    verifyJwt: configured?.verify_jwt ?? true,
  };
}
