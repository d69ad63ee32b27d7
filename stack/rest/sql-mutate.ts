import type { Column, Relation } from "./catalog.ts";
import { RestError, unknownColumn } from "./errors.ts";
import type { Payload } from "./payload.ts";
import type { ReadNode } from "./plan-read.ts";
import { filterSql } from "./sql-filter.ts";
import { ident, literal, Params, qualifiedIdent } from "./sql-writer.ts";

export type Returning = "representation" | "keys" | "none";

export interface WriteOptions {
  returning: Returning;
  columns: string[] | null;
  missingDefault: boolean;
  resolution: "merge-duplicates" | "ignore-duplicates" | null;
  onConflict: string[] | null;
}

function columnsOf(relation: Relation, names: string[]): Column[] {
  return [...new Set(names)].map((name) => {
    const column = relation.columns.get(name);
    if (column === undefined) throw unknownColumn(name, relation.name);
    return column;
  });
}

/** Only what the answer shows or joins on is returned, so that column grants decide as they would for a read. */
function returningSql(node: ReadNode, relation: Relation, returning: Returning): string {
  const own = (name: string) => `${ident(relation.name)}.${ident(name)}`;
  if (returning === "none") return "1";
  if (returning === "keys") {
    return relation.primaryKey.length === 0 ? "1" : relation.primaryKey.map(own).join(", ");
  }
  const names = new Set<string>();
  let star = false;
  for (const item of node.fields) {
    if (item.field?.name === "*") star = true;
    else if (item.field !== null) names.add(item.field.name);
  }
  for (const { relationship } of node.children) {
    if (relationship.computed !== null) star = true;
    for (const [column] of relationship.columns) names.add(column);
    for (const [, column] of relationship.junction?.own.columns ?? []) names.add(column);
  }
  for (const term of node.order) if (term.relation === null) names.add(term.field.name);
  const extra = [...names].filter((name) => !star || !relation.columns.has(name)).map(own);
  return [...(star ? [`${ident(relation.name)}.*`] : []), ...extra].join(", ") || "1";
}

/** The body as a table. Columns absent from an object are null, or the column's default when asked for. */
function recordset(columns: Column[], payload: Payload, missingDefault: boolean, params: Params): string {
  const shape = `(${columns.map((column) => `${ident(column.name)} ${column.type}`).join(", ")})`;
  const body = params.add(payload.json);
  const defaults = missingDefault ? columns.filter((column) => column.default !== null) : [];
  if (defaults.length === 0) return `json_to_recordset(${body}::json) as pgrst_body${shape}`;
  const pairs = defaults.map((column) => `${literal(column.name)}, ${column.default}`).join(", ");
  return `(select jsonb_agg(jsonb_build_object(${pairs}) || e order by n)
    from jsonb_array_elements(${body}::jsonb) with ordinality as a(e, n)) as pgrst_defaults(b),
    lateral jsonb_to_recordset(b) as pgrst_body${shape}`;
}

function conflictSql(relation: Relation, columns: Column[], options: WriteOptions): string {
  if (options.resolution === null) return "";
  const arbiter =
    options.onConflict === null ? relation.primaryKey : columnsOf(relation, options.onConflict).map((c) => c.name);
  if (arbiter.length === 0) return "";
  const target = ` on conflict (${arbiter.map(ident).join(", ")})`;
  if (options.resolution === "ignore-duplicates" || columns.length === 0) return `${target} do nothing`;
  const set = columns.map(({ name }) => `${ident(name)} = excluded.${ident(name)}`).join(", ");
  return `${target} do update set ${set} where ${tally(-1)} <> '-1'`;
}

/** A body without a value changes nothing, and answers with no row of the right shape. */
function untouched(node: ReadNode, relation: Relation, returning: Returning): string {
  if (returning === "none") return "select 1 where false";
  const table = qualifiedIdent(relation.schema, relation.name);
  return `select ${returningSql(node, relation, returning)} from ${table} where false`;
}

/** Counts new rows in a setting of the transaction: one up for each row given, one down for each that was there. */
function tally(step: 1 | -1): string {
  return `set_config('pgrst.inserted', (coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) + ${step})::text, true)`;
}

export function insertSql(
  node: ReadNode,
  relation: Relation,
  payload: Payload,
  options: WriteOptions,
  params: Params,
): string {
  const table = qualifiedIdent(relation.schema, relation.name);
  const columns = columnsOf(relation, options.columns ?? payload.keys);
  const returning = ` returning ${returningSql(node, relation, options.returning)}`;
  const conflict = conflictSql(relation, columns, options);
  if (columns.length === 0) {
    if (payload.rows === 1) return `insert into ${table} default values${conflict}${returning}`;
    if (payload.rows > 1) throw new RestError(400, "PGRST102", "Cannot insert several rows without a column");
    return untouched(node, relation, options.returning);
  }
  const list = columns.map(({ name }) => ident(name)).join(", ");
  const values = columns.map(({ name }) => `pgrst_body.${ident(name)}`).join(", ");
  const from = recordset(columns, payload, options.missingDefault, params);
  const counted = conflict.includes("do update") ? ` where ${tally(1)} <> '0'` : "";
  return `insert into ${table}(${list}) select ${values} from ${from}${counted}${conflict}${returning}`;
}

/** As the safeupdate extension, which the platform preloads, refuses it. */
function conditions(node: ReadNode, verb: "UPDATE" | "DELETE", params: Params): string {
  if (node.filters.length === 0) throw new RestError(400, "21000", `${verb} requires a WHERE clause`);
  return node.filters.map((filter) => filterSql({ ...node, children: [] }, filter, params)).join(" and ");
}

export function updateSql(
  node: ReadNode,
  relation: Relation,
  payload: Payload,
  options: WriteOptions,
  params: Params,
): string {
  const table = qualifiedIdent(relation.schema, relation.name);
  const columns = columnsOf(relation, options.columns ?? payload.keys);
  const returning = returningSql(node, relation, options.returning);
  if (columns.length === 0) {
    conditions(node, "UPDATE", new Params());
    return untouched(node, relation, options.returning);
  }
  const set = columns.map(({ name }) => `${ident(name)} = pgrst_body.${ident(name)}`).join(", ");
  const from = recordset(columns, payload, options.missingDefault, params);
  return `update ${table} set ${set} from ${from} where ${conditions(node, "UPDATE", params)} returning ${returning}`;
}

export function deleteSql(node: ReadNode, relation: Relation, returning: Returning, params: Params): string {
  const table = qualifiedIdent(relation.schema, relation.name);
  return `delete from ${table} where ${conditions(node, "DELETE", params)} returning ${returningSql(node, relation, returning)}`;
}
