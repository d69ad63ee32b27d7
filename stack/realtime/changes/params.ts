import { createHash } from "node:crypto";
import type { PostgresChangesConfig } from "../types.ts";
import { type Filter, ParamsError, parseFilters } from "./filter-grammar.ts";
import { inspect, tuple } from "./inspect.ts";

export const ACTIONS = ["INSERT", "UPDATE", "DELETE"] as const;
export type Action = (typeof ACTIONS)[number];

/** Of a table, by Postgres's own limit. */
const MOST_COLUMNS = 1600;

/** What a client asks to hear of; `*` stands for any schema or table. */
export interface Params {
  action: Action | "*";
  schema: string;
  table: string;
  filters: Filter[];
  select: string[] | null;
}

function parseAction(event: unknown): Params["action"] {
  const wanted = typeof event === "string" ? event.toUpperCase() : "";
  return ACTIONS.find((action) => action === wanted) ?? "*";
}

function parseSelect(select: unknown): string[] | null {
  if (typeof select === "string") {
    throw new ParamsError(
      'Error parsing `select` params: expected a list of column name strings, e.g. select: ["col1", "col2"]',
    );
  }
  const columns = Array.isArray(select) ? select.filter((each): each is string => typeof each === "string") : [];
  if (columns.length > MOST_COLUMNS) {
    throw new ParamsError(`Error parsing \`select\` params: a table has no more than ${MOST_COLUMNS} columns`);
  }
  return columns.length > 0 ? columns : null;
}

function missing(config: PostgresChangesConfig): ParamsError {
  const shown = "user_token" in config || "auth_token" in config ? "<redacted>" : inspect(config);
  return new ParamsError(
    `No subscription params provided. Please provide at least a \`schema\` or \`table\` to subscribe to: ${shown}`,
  );
}

/** Which of schema, table and filter come together decides; a filter alone, or with one of them, is refused. */
function parseTarget(config: PostgresChangesConfig): Pick<Params, "schema" | "table" | "filters"> {
  const { schema, table, filter } = config;
  if (typeof schema === "string" && typeof table === "string") {
    if (typeof filter === "string") return { schema, table, filters: parseFilters(filter) };
    if (filter === undefined) return { schema, table, filters: [] };
  }
  if (filter !== undefined) throw missing(config);
  if (typeof schema === "string" && table === undefined) return { schema, table: "*", filters: [] };
  if (typeof table === "string" && schema === undefined) return { schema: "public", table, filters: [] };
  throw missing(config);
}

/** Throws ParamsError. */
export function parseParams(config: PostgresChangesConfig): Params {
  const select = parseSelect(config.select);
  const target = parseTarget(config);
  if (select && (target.schema === "*" || target.table === "*")) {
    throw new ParamsError(
      "Column selection is not supported for wildcard subscriptions. Provide an explicit schema and table name.",
    );
  }
  return { action: parseAction(config.event), ...target, select };
}

/** As the real server's error messages show it. */
export function describeParams({ action, schema, table, filters, select }: Params): string {
  const shown = filters.map(({ column, operator, value, negate }) =>
    tuple([inspect(column), inspect(operator), inspect(value), String(negate)]),
  );
  return `event: ${action}, schema: ${schema}, table: ${table}, filters: [${shown.join(", ")}], select: ${inspect(select)}`;
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, canonical(each)]),
  );
}

/** 27 bits, never 0, which a client would take for none. Equal configurations have equal ids. */
export function subscriptionId(config: PostgresChangesConfig): number {
  const digest = createHash("sha256")
    .update(JSON.stringify(canonical(config)))
    .digest();
  return digest.readUInt32BE(0) & 0x7ffffff || 1;
}
