import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { testContext } from "../testing/context.ts";
import { startTestDatabase, type TestDatabase } from "../testing/database.ts";
import { createJobs } from "./service.ts";

let database: TestDatabase;
let postgres: pg.Client;
let jobs: ReturnType<typeof createJobs>;
let server: Server;
let url: string;
let closePools: () => Promise<void>;
const seen: { method?: string; url?: string; body: string }[] = [];

beforeAll(async () => {
  database = await startTestDatabase("jobs", { exposeNewTables: false });
  postgres = await database.connect();
  await postgres.query(`
    create extension pg_cron;
    create extension pg_net with schema extensions;
    create table public.marks (at timestamptz not null default clock_timestamp(), text text);`);
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      seen.push({ method: request.method, url: request.url, body });
      if (request.url === "/slow") return;
      response.setHeader("content-type", "application/json").end('{"ok":true}');
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";
  const context = testContext(database);
  closePools = context.closePools;
  jobs = createJobs(context.ctx);
});
afterEach(() => postgres.query("select cron.unschedule(jobid) from cron.job"));
afterAll(async () => {
  await jobs.close();
  await closePools();
  server.closeAllConnections();
  server.close();
  await database.stop();
});

async function runs(jobid: string) {
  const { rows } = await postgres.query(
    "select status, return_message, username, job_pid, start_time, end_time from cron.job_run_details where jobid = $1 order by runid",
    [jobid],
  );
  return rows;
}

async function schedule(name: string, when: string, command: string): Promise<string> {
  const { rows } = await postgres.query<{ id: string }>("select cron.schedule($1, $2, $3) as id", [
    name,
    when,
    command,
  ]);
  return rows[0]?.id ?? "";
}

describe("scheduled jobs", () => {
  test("run every few seconds as their owner", async () => {
    const id = await schedule("marking", "1 second", "insert into public.marks (text) values (current_user)");
    await expect.poll(() => runs(id).then((all) => all.length), { timeout: 8000 }).toBeGreaterThanOrEqual(2);
    await expect
      .poll(() => runs(id).then(([first]) => first))
      .toMatchObject({
        status: "succeeded",
        return_message: "INSERT 0 1",
        username: "postgres",
      });
    const { rows } = await postgres.query("select distinct text from public.marks");
    expect(rows).toEqual([{ text: "postgres" }]);
  });

  test("record a failure with its message", async () => {
    const id = await schedule("failing", "1 second", "select 1 / 0");
    await expect
      .poll(() => runs(id).then(([first]) => first), { timeout: 5000 })
      .toMatchObject({ status: "failed", return_message: "ERROR:  division by zero" });
  });

  test("report rows as pg_cron does, and show a run while it lasts", async () => {
    const id = await schedule("rows", "1 second", "select pg_sleep(0.6)");
    await expect.poll(() => runs(id).then(([first]) => first?.status), { timeout: 5000, interval: 50 }).toBe("running");
    await expect.poll(() => runs(id).then(([first]) => first?.return_message), { timeout: 5000 }).toBe("1 row");
  });

  test("never overlap with themselves, while another job goes on", async () => {
    const slow = await schedule("slow", "1 second", "select pg_sleep(2.5)");
    const quick = await schedule("quick", "1 second", "select 1");
    await expect.poll(() => runs(slow).then((all) => all[1]?.status), { timeout: 9000 }).toBe("running");
    const [first, second] = await runs(slow);
    expect(second.start_time.getTime()).toBeGreaterThanOrEqual(first.end_time.getTime());
    expect((await runs(quick)).length).toBeGreaterThanOrEqual(2);
  });

  test("cannot climb to another role", async () => {
    const id = await schedule("climbing", "1 second", "reset session authorization; set role supabase_admin");
    await expect
      .poll(() => runs(id).then(([first]) => first), { timeout: 5000 })
      .toMatchObject({ status: "failed", return_message: 'ERROR:  permission denied to set role "supabase_admin"' });
  });

  test("stop when unscheduled or made inactive", async () => {
    const id = await schedule("ending", "1 second", "select 1");
    await postgres.query("select cron.alter_job($1, active => false)", [id]);
    await new Promise((done) => setTimeout(done, 1800));
    expect(await runs(id)).toEqual([]);
  });

  test("go on after the connections were lost", async () => {
    const admin = await database.connect("supabase_admin");
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'supabase_admin' and pid <> pg_backend_pid()",
    );
    await new Promise((done) => setTimeout(done, 1000));
    const id = await schedule("again", "1 second", "select 1");
    await expect.poll(() => runs(id).then(([first]) => first?.status), { timeout: 8000 }).toBe("succeeded");
  });
});

describe("HTTP requests from SQL", () => {
  async function response(id: unknown) {
    const { rows } = await postgres.query("select * from net._http_response where id = $1", [id]);
    return rows[0];
  }

  async function request(sql: string): Promise<unknown> {
    const { rows } = await postgres.query({ text: sql, rowMode: "array" });
    return rows[0]?.[0];
  }

  test("are sent after commit and their response is recorded", async () => {
    await postgres.query("begin");
    const id = await request(`select net.http_post(url := '${url}/hook', body := '{"a": 1}')`);
    await new Promise((done) => setTimeout(done, 300));
    expect(seen).toEqual([]);
    await postgres.query("commit");
    await expect.poll(() => response(id)).toMatchObject({ status_code: 200, content: '{"ok":true}', timed_out: false });
    expect(seen).toEqual([{ method: "POST", url: "/hook", body: '{"a": 1}' }]);
    expect(await request(`select (net.http_collect_response(${id})).status`)).toBe("SUCCESS");
    expect(await request("select count(*)::int from net.http_request_queue")).toBe(0);
  });

  test("are never sent when the transaction rolls back", async () => {
    await postgres.query("begin");
    await request(`select net.http_get('${url}/never')`);
    await postgres.query("rollback");
    const id = await request(`select net.http_get('${url}/after', params := '{"q": "1"}')`);
    await expect.poll(() => response(id)).toMatchObject({ status_code: 200 });
    expect(seen.map((one) => one.url)).not.toContain("/never");
    expect(seen.map((one) => one.url)).toContain("/after?q=1");
  });

  test("time out, and fail, with a message instead of a status", async () => {
    const slow = await request(`select net.http_get('${url}/slow', timeout_milliseconds := 200)`);
    const dead = await request("select net.http_get('http://127.0.0.1:1/')");
    const odd = await request("select net.http_get('data:text/plain,hello')");
    await expect
      .poll(() => response(slow))
      .toMatchObject({
        status_code: null,
        timed_out: true,
        error_msg: expect.stringMatching(/^Timeout of 200 ms reached\. Total time: /),
      });
    await expect
      .poll(() => response(dead))
      .toMatchObject({ status_code: null, timed_out: false, error_msg: expect.any(String) });
    await expect.poll(() => response(odd)).toMatchObject({ status_code: null, error_msg: "Unsupported protocol" });
  });
});
