import type { ColumnValue, RowChange } from "../replication/row-change.ts";
import type { JsonValues, TypedText } from "./json-values.ts";
import type { Table } from "./tables.ts";

const MAX_BYTES = 1_048_576;
const KEPT_BYTES = 64;

/** For whom a row is shown: a role, and perhaps a choice of columns. */
export interface Audience {
  role: string;
  select: string[] | null;
}

type Values = Map<string, TypedText | null>;

function isTooLarge(change: RowChange): boolean {
  return change.bytes > MAX_BYTES;
}

function named(
  { relation }: RowChange,
  values: ColumnValue[],
  keep: (name: string, isKey: boolean) => boolean,
): Values {
  const kept: Values = new Map();
  relation.columns.forEach(({ name, typeOid, isKey }, at) => {
    const text = values[at];
    if (text === undefined || !keep(name, isKey)) return;
    kept.set(name, text === null ? null : { typeOid, text });
  });
  return kept;
}

function primaryKey(table: Table): Set<string> {
  return new Set(table.columns.filter((column) => column.isPrimaryKey).map(({ name }) => name));
}

/** What identified the row before: all of it, or its key, which an update that left it alone does not repeat. */
function oldValues(change: RowChange, table: Table): Values {
  const { type, record, old, oldIsWhole } = change;
  const keys = primaryKey(table);
  // Policies cannot be asked about a row that is gone.
  const isHidden = (name: string) => type === "DELETE" && table.hasRls && !keys.has(name);
  return named(change, old ?? record ?? [], (name, isKey) => ((old && oldIsWhole) || isKey) && !isHidden(name));
}

function visibleColumns(table: Table, { role, select }: Audience) {
  return table.columns.filter(
    ({ name, readers, isPrimaryKey }) => readers.includes(role) && (!select || isPrimaryKey || select.includes(name)),
  );
}

/** Every value that may be asked for as JSON. */
export function* valuesOf(change: RowChange): Generator<TypedText> {
  for (const values of [change.record, change.old]) {
    for (const [at, { typeOid }] of change.relation.columns.entries()) {
      const text = values?.[at];
      if (typeof text === "string" && !(isTooLarge(change) && text.length > KEPT_BYTES)) yield { typeOid, text };
    }
  }
}

function toJson(change: RowChange, values: Values, visible: Set<string>, json: JsonValues): string {
  const members: string[] = [];
  for (const [name, value] of values) {
    if (!visible.has(name)) continue;
    if (isTooLarge(change)) {
      if (value === null || value.text.length > KEPT_BYTES) continue;
      if (Buffer.byteLength(json.get(value)) > KEPT_BYTES) continue;
    }
    members.push(`${JSON.stringify(name)}:${value === null ? "null" : json.get(value)}`);
  }
  return `{${members.join(",")}}`;
}

/** The row as its audience may see it, as JSON text. */
export function changeJson(change: RowChange, table: Table, audience: Audience, json: JsonValues): string {
  const { type, relation, record, committedAt } = change;
  const columns = visibleColumns(table, audience);
  const visible = new Set(columns.map(({ name }) => name));
  const parts = [
    `"schema":${JSON.stringify(relation.schema)}`,
    `"table":${JSON.stringify(relation.table)}`,
    `"commit_timestamp":${JSON.stringify(new Date(committedAt).toISOString())}`,
    `"type":"${type}"`,
    `"columns":${JSON.stringify(columns.map((column) => ({ name: column.name, type: column.type })))}`,
  ];
  if (record)
    parts.push(
      `"record":${toJson(
        change,
        named(change, record, () => true),
        visible,
        json,
      )}`,
    );
  if (type !== "INSERT") parts.push(`"old_record":${toJson(change, oldValues(change, table), visible, json)}`);
  parts.push(`"errors":${isTooLarge(change) ? '["Error 413: Payload Too Large"]' : "null"}`);
  return `{${parts.join(",")}}`;
}

/** In place of a row that its audience cannot be shown. */
export function refusalJson({ type, relation }: RowChange, error: string): string {
  return JSON.stringify({
    schema: relation.schema,
    table: relation.table,
    commit_timestamp: null,
    type,
    columns: [],
    record: {},
    ...(type === "UPDATE" ? { old_record: {} } : {}),
    errors: [error],
  });
}

/** Why no row of the table can be shown to the role, if so. Deleted rows are not asked. */
export function refusalOf({ type, relation }: RowChange, table: Table, role: string): string | null {
  if (type === "DELETE") return null;
  const announced = new Set(relation.columns.map(({ name }) => name));
  const key = table.columns.filter(({ name, isPrimaryKey }) => isPrimaryKey && announced.has(name));
  if (key.length === 0) return "Error 400: Bad Request, no primary key";
  return key.every(({ readers }) => readers.includes(role)) ? null : "Error 401: Unauthorized";
}
