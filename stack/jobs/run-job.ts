import pg from "pg";
import type { JobsContext } from "./jobs-context.ts";

export interface Job {
  jobid: string;
  schedule: string;
  command: string;
  database: string;
  username: string;
}

interface Outcome {
  status: "succeeded" | "failed";
  message: string;
}

function describe(result: pg.QueryResult | pg.QueryResult[]): string {
  const last = Array.isArray(result) ? result.at(-1) : result;
  if (!last) return "";
  if (last.fields.length > 0) return last.rowCount === 1 ? "1 row" : `${last.rowCount ?? 0} rows`;
  if (last.command === "INSERT") return `INSERT 0 ${last.rowCount ?? 0}`;
  return last.rowCount === null ? last.command : `${last.command} ${last.rowCount}`;
}

function describeError(error: unknown): string {
  if (!(error instanceof pg.DatabaseError)) return error instanceof Error ? error.message : String(error);
  const detail = error.detail ? `\nDETAIL:  ${error.detail}` : "";
  const hint = error.hint ? `\nHINT:  ${error.hint}` : "";
  return `ERROR:  ${error.message}${detail}${hint}`;
}

/** On its own connection as the job's owner: no session of ours, whose rights the command could take back, is ever lent. */
async function execute(ctx: JobsContext, job: Job, started: (pid: number | null) => Promise<void>): Promise<Outcome> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: ctx.ports.db,
    user: job.username,
    password: "postgres",
    database: job.database,
    application_name: "pg_cron",
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    ctx.log.warn({ err: error, jobid: job.jobid, username: job.username }, "a scheduled job could not connect");
    return { status: "failed", message: "connection failed" };
  }
  try {
    const { rows } = await client.query<{ pid: number }>("select pg_catalog.pg_backend_pid() as pid");
    await started(rows[0]?.pid ?? null);
    return { status: "succeeded", message: describe(await client.query(job.command)) };
  } catch (error) {
    return { status: "failed", message: describeError(error) };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Runs a job once and keeps its line in cron.job_run_details, as pg_cron does. */
export async function runJob(ctx: JobsContext, job: Job): Promise<void> {
  const pool = ctx.pool("supabase_admin");
  const { rows } = await pool.query<{ runid: string }>(
    `insert into cron.job_run_details (jobid, database, username, command, status)
     values ($1, $2, $3, $4, 'starting') returning runid`,
    [job.jobid, job.database, job.username, job.command],
  );
  const runid = rows[0]?.runid;
  const { status, message } = await execute(ctx, job, async (pid) => {
    await pool.query(
      "update cron.job_run_details set status = 'running', job_pid = $2, start_time = clock_timestamp() where runid = $1",
      [runid, pid],
    );
  });
  await pool.query(
    "update cron.job_run_details set status = $2, return_message = $3, end_time = clock_timestamp() where runid = $1",
    [runid, status, message],
  );
}
