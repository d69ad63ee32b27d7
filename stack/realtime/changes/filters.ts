import pg from "pg";
import { z } from "zod";
import type { ColumnValue, RowChange } from "../replication/row-change.ts";
import type { Filter, Operator } from "./filter-grammar.ts";
import type { Table } from "./tables.ts";
import { transaction } from "./transaction.ts";

const SYMBOLS: Record<Exclude<Operator, "is" | "in" | "isdistinct">, string> = {
  eq: "=",
  neq: "<>",
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  like: "like",
  ilike: "ilike",
  match: "~",
  imatch: "~*",
};
const KEYWORDS = ["null", "true", "false", "unknown"];

/** The filter does not fit its table, or no longer does. */
class FilterError extends Error {
  override readonly name = "FilterError";
}

/** Filters that are alike have the same key. */
export function filterKey(filters: Filter[]): string {
  return JSON.stringify(filters.map(({ column, operator, value, negate }) => [column, operator, value, negate]));
}

/** The values a filter looks at: the new row, or of a deleted one what is known of it. */
function filteredValue({ relation, record, old }: RowChange, column: string): ColumnValue {
  return (record ?? old)?.[relation.columns.findIndex(({ name }) => name === column)];
}

/** Whether the row has each column that the filters name. The key of a deleted row has nulls in place of the others. */
function isKnown(change: RowChange, filters: Filter[]): boolean {
  return filters.every(({ column }) => {
    if (filteredValue(change, column) === undefined) return false;
    if (change.type !== "DELETE" || change.oldIsWhole) return true;
    return change.relation.columns.some(({ name, isKey }) => isKey && name === column);
  });
}

class Statement {
  readonly values: unknown[] = [];
  private readonly columns = new Map<string, string>();
  private readonly table: Table;
  private readonly rows: RowChange[];

  constructor(table: Table, rows: RowChange[]) {
    this.table = table;
    this.rows = rows;
  }

  private parameter(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  private typeOf(name: string): string {
    const column = this.table.columns.find((each) => each.name === name);
    if (!column) throw new FilterError(`Cannot filter by ${JSON.stringify(name)}: the table has no such column`);
    return column.sqlType;
  }

  private column(name: string): string {
    const made = this.columns.get(name) ?? `c${this.columns.size}`;
    this.columns.set(name, made);
    return `r.${made}`;
  }

  condition({ column, operator, value, negate }: Filter): string {
    const type = this.typeOf(column);
    const left = this.column(column);
    if (operator === "is") {
      if (!KEYWORDS.includes(value)) throw new FilterError(`Cannot filter by is.${value}`);
      return `${left} is ${negate ? "not " : ""}${value}`;
    }
    if (operator === "isdistinct") {
      return `${left} is ${negate ? "not " : ""}distinct from ${this.parameter(value)}::${type}`;
    }
    const right = this.parameter(value);
    const test = operator === "in" ? `= any (${right}::${type}[])` : `${SYMBOLS[operator]} ${right}::${type}`;
    return negate ? `not (${left} ${test})` : `${left} ${test}`;
  }

  text(conditions: string[]): string {
    const names = [...this.columns];
    const sources = names.map(([name]) => this.parameter(this.rows.map((row) => filteredValue(row, name) ?? null)));
    const inputs = sources.map((source) => `${source}::text[]`).join(", ");
    const casts = names.map(([name, made], at) => `u.v${at}::${this.typeOf(name)} as ${made}`).join(", ");
    const aliases = names.map((_, at) => `v${at}`).join(", ");
    const results = conditions.map(
      (condition, at) => `coalesce(array_agg(r.n) filter (where ${condition}), '{}')::int[] as f${at}`,
    );
    return `select ${results.join(", ")} from (
      select u.n, ${casts} from unnest(${inputs}) with ordinality as u(${aliases}, n) offset 0
    ) r`;
  }
}

/** False when the filter is at fault, and not a server that went away. */
export function isLost(error: unknown): boolean {
  if (error instanceof FilterError) return false;
  return !(error instanceof pg.DatabaseError) || /^(08|57P)/.test(error.code ?? "");
}

const numbers = z.array(z.number());

/** Which rows each set lets through; Postgres compares, with the meaning that the type of a column gives to it. */
export async function evaluate(
  pool: pg.Pool,
  table: Table,
  rows: RowChange[],
  sets: Filter[][],
  timeout: number,
): Promise<Set<number>[]> {
  const statement = new Statement(table, rows);
  const conditions = sets.map((filters) => filters.map((filter) => statement.condition(filter)).join(" and "));
  const text = statement.text(conditions);
  const begin = `begin read only; set local statement_timeout = ${timeout}`;
  const { rows: results } = await transaction(pool, { begin, end: "rollback" }, (client) =>
    client.query(text, statement.values),
  );
  return sets.map((filters, at) => {
    const matched = numbers.parse(results[0]?.[`f${at}`]).map((n) => n - 1);
    return new Set(matched.filter((index) => isKnown(row(rows, index), filters)));
  });
}

function row(rows: RowChange[], index: number): RowChange {
  const found = rows[index];
  if (!found) throw new Error(`Cannot filter changes: there is no row ${index}`);
  return found;
}
