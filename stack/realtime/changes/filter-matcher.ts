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
/** Milliseconds for sets in one statement, for one set alone, and for all that are tried alone in one batch. */
const PATIENCE = { together: 1000, alone: 200, allAlone: 2000 };

type Entry = [key: string, filters: Filter[]];
type Match = [key: string, rows: Set<number>];

interface Tried {
  found: Match[];
  /** Milliseconds on sets that had to be tried alone. */
  spent: number;
}

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
    // Only a regular expression can take for ever: it must not take the others with it.
    const { plain = [], patterns = [] } = Object.groupBy(entries, ([, filters]) =>
      filters.some(({ operator }) => operator === "match" || operator === "imatch") ? "patterns" : "plain",
    );
    for (const group of [plain, patterns]) {
      let left = PATIENCE.allAlone;
      for (let at = 0; at < group.length && left > 0; at += SETS) {
        const some = group.slice(at, at + SETS);
        const { found, spent } = await this.run(table, rows, some, left);
        for (const [key, matched] of found) matches.set(key, matched);
        left -= spent;
      }
    }
    return matches;
  }

  /** All in one statement, or, when that fails, each in its own as long as time is left; a set whose turn does not come lets nothing through. */
  private async run(table: Table, rows: RowChange[], entries: Entry[], left: number): Promise<Tried> {
    const together = await this.attempt(table, rows, entries, PATIENCE.together);
    if (together !== null) return { found: together, spent: 0 };
    const since = performance.now();
    const found: Match[] = [];
    for (const entry of entries) {
      if (performance.now() - since > left) {
        this.log.warn({ table: table.sqlName }, "Cannot evaluate all filters of postgres_changes in time");
        break;
      }
      const alone = await this.attempt(table, rows, [entry], PATIENCE.alone);
      if (alone === null) this.leaveAlone(table, entry[0]);
      else found.push(...alone);
    }
    return { found, spent: performance.now() - since };
  }

  /** Null when one of the sets is at fault. */
  private async attempt(table: Table, rows: RowChange[], entries: Entry[], timeout: number): Promise<Match[] | null> {
    try {
      const sets = entries.map(([, filters]) => filters);
      const found = await evaluate(this.pool, table, rows, sets, timeout);
      return entries.map(([key], at) => [key, found[at] ?? new Set()]);
    } catch (error) {
      if (isLost(error)) throw error;
      this.log.warn({ err: error, table: table.sqlName }, "Cannot evaluate a filter of postgres_changes");
      return null;
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
