import { createHash } from "node:crypto";
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { SupabaseCli } from "./cli.ts";
import type { StackContext } from "./context.ts";

const appliedSchema = z.object({
  migrations: z.record(z.string(), z.string()),
  seeds: z.record(z.string(), z.string()).nullable(),
});

/** Hashes of the files as they were when they reached the database. */
type Applied = z.output<typeof appliedSchema>;

export interface MigrateOptions {
  ctx: StackContext;
  cli: SupabaseCli;
  appliedFile: string;
  /** True when the database has just been made. */
  created: boolean;
}

function hash(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function migrationFiles(supabaseDir: string): Record<string, string> {
  const folder = path.join(supabaseDir, "migrations");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^\d+_.*\.sql$/.test(name)) : [];
  return Object.fromEntries(names.sort().map((name) => [name, hash(path.join(folder, name))]));
}

function seedFiles(supabaseDir: string, patterns: string[]): Record<string, string> {
  const names = patterns.flatMap((pattern) => globSync(pattern, { cwd: supabaseDir }).sort());
  return Object.fromEntries(names.map((name) => [name, hash(path.join(supabaseDir, name))]));
}

async function appliedVersions({ pool }: StackContext): Promise<Set<string>> {
  const { rows: found } = await pool("postgres").query<{ found: boolean }>(
    "select to_regclass('supabase_migrations.schema_migrations') is not null as found",
  );
  if (!found[0]?.found) return new Set();
  const { rows } = await pool("postgres").query<{ version: string }>(
    "select version from supabase_migrations.schema_migrations",
  );
  return new Set(rows.map(({ version }) => version));
}

function changes(before: Record<string, string>, now: Record<string, string>): string[] {
  return Object.keys(before).filter((name) => before[name] !== now[name]);
}

/** Files that the database holds in an older form; the CLI would pass over them in silence. */
function outdated(applied: Applied, migrations: Record<string, string>, seeds: Record<string, string>): string[] {
  const changed = changes(applied.migrations, migrations).map((name) => `migrations/${name}`);
  const before = applied.seeds;
  const added = before ? Object.keys(seeds).filter((name) => before[name] === undefined) : [];
  return [...changed, ...(before ? changes(before, seeds) : []), ...added];
}

/** Brings the database to the files of supabase/, by the official CLI and only when something is pending. */
export async function migrate({ ctx, cli, appliedFile, created }: MigrateOptions): Promise<string[]> {
  const supabaseDir = path.join(ctx.projectDir, "supabase");
  const { db } = ctx.config;
  const migrations = db.migrations.enabled ? migrationFiles(supabaseDir) : {};
  const seeds = db.seed.enabled ? seedFiles(supabaseDir, db.seed.sql_paths) : {};
  const kept = !created && existsSync(appliedFile);
  const applied: Applied = kept
    ? appliedSchema.parse(JSON.parse(readFileSync(appliedFile, "utf8")))
    : { migrations: {}, seeds: null };
  const stale = outdated(applied, migrations, seeds);
  const notices = stale.map((name) => `supabase/${name} has changed since it was applied; renew with: npm run reset`);
  const pending = Object.keys(migrations).some((name) => applied.migrations[name] === undefined);
  if (!pending && applied.seeds !== null) return notices;

  const roles = created && existsSync(path.join(supabaseDir, "roles.sql"));
  const result = await cli.push({ seed: applied.seeds === null && Object.keys(seeds).length > 0, roles });
  const versions = await appliedVersions(ctx);
  const reached = Object.entries(migrations).filter(([name]) => versions.has(name.split("_")[0] ?? ""));
  const next: Applied = {
    migrations: { ...Object.fromEntries(reached), ...applied.migrations },
    seeds: result.code === 0 ? (applied.seeds ?? seeds) : applied.seeds,
  };
  writeFileSync(appliedFile, `${JSON.stringify(next, null, 2)}\n`);
  if (result.code !== 0) {
    ctx.log.warn({ stdout: result.stdout, stderr: result.stderr }, "the CLI could not apply migrations or seed");
    throw new Error(`Cannot apply migrations and seed:\n${(result.stderr + result.stdout).trim()}`);
  }
  return notices;
}
