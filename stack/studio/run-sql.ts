import pg from "pg";
import type { StackContext } from "../context.ts";
import { SqlText, type StatementResult } from "./sql-text.ts";

const TIMEOUT = "60s";

export interface Outcome {
  results: StatementResult[];
  notices: string[];
  /** What Postgres says, as psql words it; null when all went well. */
  error: string | null;
}

function describe(error: unknown): string {
  if (!(error instanceof pg.DatabaseError)) return error instanceof Error ? error.message : String(error);
  const { code, message, detail, hint, position } = error;
  const lines = [`ERROR ${code ?? ""}: ${message}`];
  if (detail) lines.push(`DETAIL: ${detail}`);
  if (hint) lines.push(`HINT: ${hint}`);
  if (position) lines.push(`at character ${position}`);
  return lines.join("\n");
}

/**
 * Runs what a person wrote as `postgres`, on a connection of its own, so that nothing it sets outlives it. The statements
 * are one transaction unless they say otherwise.
 */
export async function runSql(ctx: StackContext, text: string): Promise<Outcome> {
  const outcome: Outcome = { results: [], notices: [], error: null };
  const client = await ctx.connect("postgres");
  client.on("notice", (notice) => outcome.notices.push(`${notice.severity ?? "NOTICE"}: ${notice.message ?? ""}`));
  client.on("error", (error) => ctx.log.debug({ err: error }, "Run SQL in Studio"));
  try {
    await client.query(`set statement_timeout = '${TIMEOUT}'`);
    await new Promise<void>((resolve, reject) => {
      client.query(new SqlText(text, outcome.results, resolve, reject));
    });
  } catch (error) {
    outcome.error = describe(error);
  } finally {
    await client.end();
  }
  return outcome;
}
