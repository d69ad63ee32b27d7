import type pg from "pg";
import { RestError, unavailable } from "./errors.ts";
import { type Row, runPipeline, type Statement } from "./pipeline.ts";

/** What the final statement of a request answers; see `resultSql`. */
export interface Result {
  total: number | null;
  rows: number;
  body: string | null;
  headers: string | null;
  status: string | null;
  /** Of an upsert, how many rows are new; null of anything else. */
  inserted: number | null;
  /** The first value of the statement before it: the planner's estimate, when one was asked for. */
  before: string | null;
  /** The first column of every row, one a line: a plan, when `explain` was run. */
  plan: string;
}

/** Decides, once the outcome is known, whether it may stand; throws to undo it. */
export type Verdict = (result: Result) => void;

function toResult(main: Row[] | undefined, before: Row | undefined): Result {
  const row = main?.[0];
  const [total = null, rows = null, body = null, headers = null, status = null, inserted = null] = row ?? [];
  return {
    total: total === null ? null : Number(total),
    rows: Number(rows ?? 0),
    body,
    headers,
    status,
    inserted: inserted === null ? null : Number(inserted),
    before: before?.[0] ?? null,
    plan: main?.length === 1 ? (total ?? "") : (main ?? []).map(([line]) => line).join("\n"),
  };
}

async function checkout(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    if (error instanceof Error && /timeout exceeded/.test(error.message)) {
      throw new RestError(504, "PGRST003", "Timed out acquiring connection from connection pool.");
    }
    throw unavailable();
  }
}

const BEGIN: Statement = { text: "begin", values: [] };

/**
 * Runs setup and statement in one transaction. Without a verdict that is one round trip; with one, or when the outcome is to
 * be undone, the transaction is explicit and ends in a second.
 */
export async function execute(
  pool: pg.Pool,
  generation: number,
  setup: Statement[],
  main: Statement,
  end: { verdict: Verdict | null; rollback: boolean },
): Promise<Result> {
  const client = await checkout(pool);
  const explicit = end.verdict !== null || end.rollback;
  let broken: Error | undefined;
  try {
    const statements = explicit ? [BEGIN, ...setup, main] : [...setup, main];
    let commit = false;
    try {
      const results = await runPipeline(client, statements, generation);
      const result = toResult(results.at(-1), results.at(-2)?.[0]);
      end.verdict?.(result);
      commit = !end.rollback;
      return result;
    } finally {
      if (explicit) await client.query(commit ? "commit" : "rollback");
    }
  } catch (error) {
    if (!(error instanceof RestError) && isConnectionError(error)) broken = error;
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Postgres' own errors carry a severity; without one the connection is what failed. */
function isConnectionError(error: unknown): error is Error {
  return error instanceof Error && !("severity" in error && error.severity !== "FATAL");
}
