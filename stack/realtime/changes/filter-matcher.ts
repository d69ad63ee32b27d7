import type pg from "pg";
import type { Logger } from "pino";
import type { RowChange } from "../replication/row-change.ts";
import type { Filter } from "./filter-grammar.ts";
import { evaluate, isLost } from "./filters.ts";
import type { Table } from "./tables.ts";

/** Of one statement, which may have 1664 columns. */
const SETS = 400;
/** How long a set that failed is left alone: a pattern that takes for ever must not do so for every batch. */
const LEFT_ALONE = 60_000;
const REMEMBERED = 1000;

type Entry = [key: string, filters: Filter[]];

/** Applies sets of filters. One that fails, because its column has changed or its pattern takes too long, lets nothing through. */
export class FilterMatcher {
  private readonly pool: pg.Pool;
  private readonly log: Logger;
  private readonly failed = new Map<string, number>();

  constructor(pool: pg.Pool, log: Logger) {
    this.pool = pool;
    this.log = log;
  }

  /** Which of the rows, all of one table, each set lets through, by the key of the set. */
  async match(table: Table, rows: RowChange[], sets: Map<string, Filter[]>): Promise<Map<string, Set<number>>> {
    const matches = new Map<string, Set<number>>();
    const entries = [...sets].filter(([key]) => !this.isLeftAlone(table, key));
    for (let at = 0; at < entries.length; at += SETS) {
      const found = await this.run(table, rows, entries.slice(at, at + SETS));
      for (const [key, matched] of found) matches.set(key, matched);
    }
    return matches;
  }

  /** All in one statement, or, when that fails, each in its own. */
  private async run(table: Table, rows: RowChange[], entries: Entry[]): Promise<[string, Set<number>][]> {
    try {
      const sets = entries.map(([, filters]) => filters);
      const found = await evaluate(this.pool, table, rows, sets);
      return entries.map(([key], at) => [key, found[at] ?? new Set()]);
    } catch (error) {
      if (isLost(error)) throw error;
      const [first, second] = entries;
      if (second) {
        const single: [string, Set<number>][] = [];
        for (const entry of entries) single.push(...(await this.run(table, rows, [entry])));
        return single;
      }
      if (first) this.leaveAlone(table, first[0]);
      this.log.warn({ err: error, table: table.sqlName }, "Cannot evaluate a filter of postgres_changes");
      return [];
    }
  }

  private isLeftAlone({ oid }: Table, key: string): boolean {
    const until = this.failed.get(`${oid} ${key}`) ?? 0;
    return until > Date.now();
  }

  private leaveAlone({ oid }: Table, key: string): void {
    const [oldest] = this.failed.keys();
    if (oldest !== undefined && this.failed.size >= REMEMBERED) this.failed.delete(oldest);
    this.failed.set(`${oid} ${key}`, Date.now() + LEFT_ALONE);
  }
}
