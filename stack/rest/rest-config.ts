import type pg from "pg";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { ROLE_SETTINGS, USER_SETTINGS } from "./catalog-sql.ts";

export const API_ROLES = ["anon", "authenticated", "service_role"] as const;
export type ApiRole = (typeof API_ROLES)[number];
/** Whom a request may run as: Studio's run as the owner, and no token can ask for that. */
export type SessionRole = ApiRole | "postgres";

export interface RestConfig {
  schemas: string[];
  searchPath: string[];
  maxRows: number | null;
  preRequest: string | null;
  aggregates: boolean;
  plan: boolean;
  txOverride: boolean;
  rollbackByDefault: boolean;
  /** Settings of each role that the authenticator takes on, e.g. `statement_timeout`. */
  roleSettings: Record<SessionRole, [string, string][]>;
}

const setting = z.object({ role: z.string(), local: z.boolean(), name: z.string(), value: z.string() });

function split(list: string): string[] {
  return list
    .split(",")
    .map((each) => each.trim().replace(/^"(.*)"$/, "$1"))
    .filter((each) => each !== "");
}

function isApiRole(role: string): role is ApiRole {
  return API_ROLES.some((each) => each === role);
}

/** config.toml's `[api]`, overridden by `alter role authenticator set pgrst.…`, as PostgREST's in-database configuration is. */
export async function loadRestConfig(client: pg.ClientBase, api: Config["api"]): Promise<RestConfig> {
  const rows = z.array(setting).parse((await client.query(ROLE_SETTINGS)).rows);
  const known = z.array(z.object({ name: z.string() })).parse((await client.query(USER_SETTINGS)).rows);
  const settable = new Set(known.map((each) => each.name));
  // Rows for this database come last and win.
  const own = new Map(
    rows
      .filter((row) => row.role === "authenticator" && row.name.startsWith("pgrst."))
      .map((row) => [row.name.slice(6), row.value]),
  );
  const roleSettings: RestConfig["roleSettings"] = { anon: [], authenticated: [], service_role: [], postgres: [] };
  for (const role of API_ROLES) {
    const merged = new Map(
      rows.filter((row) => row.role === role && settable.has(row.name)).map((row) => [row.name, row.value]),
    );
    roleSettings[role] = [...merged].filter(([name]) => isApiRole(role) && name !== "role");
  }
  const maxRows = own.get("db_max_rows");
  const txEnd = own.get("db_tx_end") ?? "commit";
  return {
    schemas: split(own.get("db_schemas") ?? api.schemas.join(",")),
    searchPath: split(own.get("db_extra_search_path") ?? api.extra_search_path.join(",")),
    maxRows: maxRows === undefined ? api.max_rows || null : Number(maxRows) || null,
    preRequest: own.get("db_pre_request") || null,
    aggregates: own.get("db_aggregates_enabled") === "true",
    plan: own.get("db_plan_enabled") === "true",
    txOverride: txEnd.endsWith("allow-override"),
    rollbackByDefault: txEnd.startsWith("rollback"),
    roleSettings,
  };
}
