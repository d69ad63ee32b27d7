import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type pg from "pg";
import { databaseSettings, defaultPrivileges } from "./baseline-options.ts";

export interface BaselineOptions {
  /** `api.auto_expose_new_tables`: whether new objects of `postgres` in `public` are granted to the API roles. */
  exposeNewTables?: boolean;
  jwtSecret?: string;
  jwtExpiry?: number;
}

interface Part {
  name: string;
  sql: string;
}

const here = import.meta.dirname;

function parts(options: BaselineOptions): Part[] {
  const folder = path.join(here, "baseline");
  const own = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({ name, sql: readFileSync(path.join(folder, name), "utf8") }));
  const services = ["auth", "storage", "realtime"]
    .map((service) => ({ name: `${service}/schema.sql`, file: path.join(here, "..", service, "schema.sql") }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => ({ name, sql: readFileSync(file, "utf8") }));
  const isEarly = ({ name }: Part) => name < "50";
  return [
    ...own.filter(isEarly),
    ...services,
    ...own.filter((part) => !isEarly(part)),
    { name: "default-privileges", sql: defaultPrivileges(options.exposeNewTables ?? true) },
    { name: "database-settings", sql: databaseSettings(options) },
  ];
}

async function appliedVersion(admin: pg.Client): Promise<string | null> {
  const { rows } = await admin.query<{ found: boolean }>("select to_regclass('_stack.baseline') is not null as found");
  if (!rows[0]?.found) return null;
  const version = await admin.query<{ version: string }>("select version from _stack.baseline");
  return version.rows[0]?.version ?? null;
}

/**
 * Gives a cluster what every Supabase project starts with. Runs as supabase_admin; every part can run again, and a
 * cluster that has this very version is left alone. True when something was applied.
 */
export async function applyBaseline(admin: pg.Client, options: BaselineOptions = {}): Promise<boolean> {
  const wanted = parts(options);
  const version = createHash("sha256").update(JSON.stringify(wanted)).digest("hex");
  if ((await appliedVersion(admin)) === version) {
    await admin.query("select _stack.maintain_message_partitions()");
    return false;
  }
  await admin.query("begin");
  try {
    for (const { name, sql } of wanted) {
      await admin.query("set local search_path = pg_catalog");
      try {
        await admin.query(sql);
      } catch (cause) {
        throw new Error(`Cannot apply the database baseline (${name}): ${String(cause)}`, { cause });
      }
    }
    await admin.query("create table if not exists _stack.baseline (version text not null)");
    await admin.query("delete from _stack.baseline");
    await admin.query("insert into _stack.baseline values ($1)", [version]);
    await admin.query("commit");
  } catch (error) {
    await admin.query("rollback");
    throw error;
  }
  return true;
}
