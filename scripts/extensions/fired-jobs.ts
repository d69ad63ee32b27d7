import { setTimeout as sleep } from "node:timers/promises";
import type { StackContext } from "../../stack/context.ts";
import type { TestResult } from "../suites/result.ts";

const PATIENCE = 130_000;

interface Run {
  job: string;
  status: string;
  message: string | null;
}

/** Waits until the real pg_cron has run a job of every minute, and reports every run that it made. */
export async function firedJobs({ pool }: StackContext): Promise<TestResult[]> {
  const database = pool("postgres");
  await database.query("create table public._fired (at timestamptz not null default now())");
  await database.query("select cron.schedule('_fired', '* * * * *', 'insert into public._fired default values')");
  const deadline = Date.now() + PATIENCE;
  let fired = false;
  while (!fired && Date.now() < deadline) {
    await sleep(1000);
    fired = (await database.query("select from public._fired")).rowCount !== 0;
  }
  // The product's own jobs of the same minute end about now.
  await sleep(2000);
  await database.query("select cron.unschedule('_fired')");
  await database.query("drop table public._fired");
  const { rows } = await database.query<Run>(
    `select coalesce(j.jobname, '_fired') as job, r.status, r.return_message as message
       from cron.job_run_details r left join cron.job j using (jobid) order by r.runid`,
  );
  const file = "scripts/extensions/fired-jobs.ts";
  const runs = rows.map(({ job, status, message }): TestResult => {
    const name = `pg_cron runs ${job}`;
    if (status === "succeeded") return { suite: "extensions", file, name, status: "passed" };
    return { suite: "extensions", file, name, status: "failed", message: `${status}: ${message ?? ""}` };
  });
  const name = "a job of every minute fires";
  return [{ suite: "extensions", file, name, status: fired ? "passed" : "failed" }, ...runs];
}
