import type { JobsContext } from "./jobs-context.ts";
import { type Job, runJob } from "./run-job.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";
import { onNotification } from "./wake-up.ts";

const TICK = 250;
const RELOAD_INTERVAL = 30_000;
const MAX_RUNNING = 32;

interface Entry {
  job: Job;
  schedule: Schedule;
  /** Milliseconds since the epoch; null when it is never due again. */
  dueAt: number | null;
  running: boolean;
  /** A run that became due while the job was running, or while too many others were. */
  queued: boolean;
}

function nextDue(schedule: Schedule, after: number): number | null {
  if (schedule.kind === "interval") return after + schedule.milliseconds;
  if (schedule.kind === "clock") return schedule.next(new Date(after))?.getTime() ?? null;
  return null;
}

/** Runs cron.job as pg_cron would. Does nothing in a database that has the real pg_cron, which runs them itself. */
export function createCronWorker(ctx: JobsContext): { close(): Promise<void> } {
  const entries = new Map<string, Entry>();
  const running = new Set<Promise<void>>();
  let closed = false;
  let atStart = true;
  let loading: Promise<void> | undefined;
  let reloadWanted = false;

  const load = async () => {
    const pool = ctx.pool("supabase_admin");
    const { rows: found } = await pool.query<{ shim: boolean }>(
      "select pg_catalog.to_regclass('cron._own_jobs') is not null as shim",
    );
    if (!found[0]?.shim) return entries.clear();
    if (atStart) {
      await pool.query(
        `update cron.job_run_details set status = 'failed', return_message = 'server restarted', end_time = now()
         where status in ('starting', 'running')`,
      );
    }
    const { rows } = await pool.query<Job>(
      "select jobid, schedule, command, database, username from cron.job where active",
    );
    for (const jobid of entries.keys()) if (!rows.some((job) => job.jobid === jobid)) entries.delete(jobid);
    for (const job of rows) {
      const known = entries.get(job.jobid);
      if (known?.job.schedule === job.schedule) known.job = job;
      else addEntry(job, known?.running ?? false);
    }
    atStart = false;
  };

  const addEntry = (job: Job, isRunning: boolean) => {
    try {
      const schedule = parseSchedule(job.schedule);
      const dueAt = schedule.kind === "start" && atStart ? Date.now() : nextDue(schedule, Date.now());
      entries.set(job.jobid, { job, schedule, dueAt, running: isRunning, queued: false });
    } catch (error) {
      ctx.log.error({ err: error, jobid: job.jobid, schedule: job.schedule }, "cannot read a job's schedule");
    }
  };

  const reload = () => {
    if (closed) return;
    reloadWanted = true;
    loading ??= (async () => {
      while (reloadWanted && !closed) {
        reloadWanted = false;
        await load().catch((error: unknown) => ctx.log.debug({ err: error }, "could not load the scheduled jobs"));
      }
      loading = undefined;
    })();
  };

  const start = (entry: Entry) => {
    const startedAt = Date.now();
    entry.queued = false;
    entry.running = true;
    if (entry.schedule.kind === "interval") entry.dueAt = nextDue(entry.schedule, startedAt);
    const run = runJob(ctx, entry.job)
      .catch((error: unknown) => ctx.log.warn({ err: error, jobid: entry.job.jobid }, "could not run a scheduled job"))
      .finally(() => {
        // The job may have a new entry by now, when its schedule was changed during the run.
        const current = entries.get(entry.job.jobid);
        if (current) current.running = false;
        entry.running = false;
        running.delete(run);
      });
    running.add(run);
  };

  const tick = () => {
    const now = Date.now();
    for (const entry of entries.values()) {
      if (entry.dueAt !== null && entry.dueAt <= now) {
        entry.queued = true;
        // An interval counts from the start of the run that is now due.
        entry.dueAt = entry.schedule.kind === "interval" ? null : nextDue(entry.schedule, now);
      }
      if (entry.queued && !entry.running && running.size < MAX_RUNNING) start(entry);
    }
  };

  const ticking = setInterval(tick, TICK);
  const reloading = setInterval(reload, RELOAD_INTERVAL);
  const listener = onNotification(ctx, "stack_cron", reload);

  return {
    async close() {
      closed = true;
      clearInterval(ticking);
      clearInterval(reloading);
      await listener.close();
      await loading;
      // A job that takes longer is ended with the server, and marked at the next start.
      const patience = new Promise<void>((resolve) => setTimeout(resolve, 2000).unref());
      await Promise.race([Promise.all(running), patience]);
    },
  };
}
