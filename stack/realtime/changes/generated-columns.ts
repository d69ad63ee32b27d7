import pg from "pg";
import type { Logger } from "pino";
import { z } from "zod";
import type { ColumnValue, RelationColumn, RowChange } from "../replication/row-change.ts";
import type { Table } from "./tables.ts";

interface Deps {
  pool: pg.Pool;
  log: Logger;
}

const results = z.array(z.object({ texts: z.array(z.string().nullable()) }));

/** Stored columns that Postgres computes, which pgoutput of this version leaves out. */
function missingFrom(change: RowChange, table: Table) {
  const announced = new Set(change.relation.columns.map(({ name }) => name));
  return table.columns.flatMap(({ name, typeOid, expression }) =>
    expression === null || announced.has(name) ? [] : [{ name, typeOid, expression }],
  );
}

/** Computes the expressions for each of the tuples, which all have these columns. */
async function compute(
  pool: pg.Pool,
  table: Table,
  columns: RelationColumn[],
  tuples: ColumnValue[][],
  expressions: string[],
): Promise<(string | null)[][]> {
  const known = columns.flatMap(({ name }, at) => {
    const column = table.columns.find((each) => each.name === name);
    return column ? [{ at, cast: `u.v${at}::${column.sqlType} as ${pg.escapeIdentifier(name)}` }] : [];
  });
  const values = known.map(({ at }) => tuples.map((tuple) => tuple[at] ?? null));
  const inputs = known.map((_, at) => `$${at + 1}::text[]`).join(", ");
  const names = known.map(({ at }) => `v${at}`).join(", ");
  // format() and not a cast: to text a boolean is `true`, while the stream has `t`.
  const texts = expressions.map((each) => `case when (${each}) is not null then pg_catalog.format('%s', ${each}) end`);
  const { rows } = await pool.query(
    `select array[${texts.join(", ")}]::text[] as texts
     from (select u.n, ${known.map(({ cast }) => cast).join(", ")}
       from unnest(${inputs}) with ordinality as u(${names}, n) offset 0) r order by r.n`,
    values,
  );
  return results.parse(rows).map((row) => row.texts);
}

const isWhole = (tuple: ColumnValue[] | null): tuple is ColumnValue[] => tuple !== null && !tuple.includes(undefined);

/** The same rows of one table, with the generated columns that can be told from the others. */
async function complete(pool: pg.Pool, table: Table, rows: RowChange[]): Promise<RowChange[]> {
  const [first] = rows;
  const missing = first ? missingFrom(first, table) : [];
  if (!first || missing.length === 0) return rows;
  const { columns } = first.relation;
  const tuples = rows.flatMap(({ record, old, oldIsWhole }) => [record, oldIsWhole ? old : null].filter(isWhole));
  const expressions = missing.map(({ expression }) => expression);
  const computed = await compute(pool, table, columns, tuples, expressions);
  const extra = new Map(tuples.map((tuple, at) => [tuple, computed[at] ?? []]));
  const added = missing.map(({ name, typeOid }) => ({ name, typeOid, isKey: false }));
  const relation = { ...first.relation, columns: [...columns, ...added] };
  const extend = (tuple: ColumnValue[] | null) => tuple && [...tuple, ...(extra.get(tuple) ?? [])];
  return rows.map((row) => ({ ...row, relation, record: extend(row.record), old: extend(row.old) }));
}

/** Rows as they came, or with their generated columns where their table has any. */
export async function withGeneratedColumns(
  { pool, log }: Deps,
  tables: Map<number, Table>,
  changes: RowChange[],
): Promise<RowChange[]> {
  const completed = new Map<RowChange, RowChange>();
  for (const [relation, rows] of Map.groupBy(changes, (change) => change.relation)) {
    const table = tables.get(relation.oid);
    if (!table?.columns.some(({ expression }) => expression !== null)) continue;
    try {
      const filled = await complete(pool, table, rows);
      rows.forEach((row, at) => {
        completed.set(row, filled[at] ?? row);
      });
    } catch (error) {
      log.warn({ err: error, table: table.sqlName }, "Cannot compute generated columns");
    }
  }
  return changes.map((change) => completed.get(change) ?? change);
}
