import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestDatabase, type TestDatabase } from "../testing/database.ts";
import { attempt } from "./testing/attempt.ts";

let database: TestDatabase;
let postgres: Awaited<ReturnType<TestDatabase["connect"]>>;

beforeAll(async () => {
  database = await startTestDatabase("extensions", { exposeNewTables: false });
  postgres = await database.connect();
  await postgres.query(
    "create extension pg_cron; create extension pg_net with schema extensions; create extension pgmq",
  );
});
afterAll(() => database.stop());

async function value(sql: string): Promise<unknown> {
  const { rows } = await postgres.query({ text: sql, rowMode: "array" });
  return rows[0]?.[0];
}

describe("vault", () => {
  test("keeps a secret encrypted and gives it back", async () => {
    const id = await value("select vault.create_secret('שלום', 'greeting', 'a greeting')");
    const { rows } = await postgres.query("select * from vault.decrypted_secrets where id = $1", [id]);
    expect(rows[0]).toMatchObject({ name: "greeting", description: "a greeting", decrypted_secret: "שלום" });
    expect(Buffer.from(rows[0].secret, "base64").includes("שלום")).toBe(false);
    await postgres.query("select vault.update_secret($1, 'changed')", [id]);
    expect(await value("select decrypted_secret from vault.decrypted_secrets where name = 'greeting'")).toBe("changed");
  });

  test("refuses a second secret of one name", async () => {
    await postgres.query("select vault.create_secret('a', 'twice')");
    expect(await attempt(postgres, "select vault.create_secret('b', 'twice')")).toBe("23505");
  });

  test("does not decrypt one secret's text as another's", async () => {
    await postgres.query("select vault.create_secret('one', 'one'), vault.create_secret('two', 'two')");
    const admin = await database.connect("supabase_admin");
    await admin.query(
      "begin; update vault.secrets set (secret, nonce) = (select secret, nonce from vault.secrets where name = 'one') where name = 'two'",
    );
    await expect(
      admin.query("select decrypted_secret from vault.decrypted_secrets where name = 'two'"),
    ).rejects.toThrow("invalid ciphertext");
    await admin.query("rollback");
  });

  test("serves service_role", async () => {
    expect(await attempt(postgres, "set local role service_role; select * from vault.decrypted_secrets")).toBe("ok");
  });
});

describe("pg_cron", () => {
  test.each([
    "* * * * *",
    "*/5 0-6,22 1,15 jan-mar mon-fri",
    "0 0 $ * *",
    "0 0 * * 7",
    "30 seconds",
    "1 second",
    "@hourly",
  ])("accepts %s", async (schedule) => {
    expect(await attempt(postgres, `select cron.schedule('${schedule}', 'select 1')`)).toBe("ok");
  });

  test.each([
    "",
    "* * * *",
    "60 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * * 13 *",
    "*/0 * * * *",
    "0 seconds",
    "60 seconds",
    "a b c d e",
  ])("refuses %j", async (schedule) => {
    expect(await attempt(postgres, `select cron.schedule('${schedule}', 'select 1')`)).toBe("22023");
  });

  test("replaces a job of the same name and finds it by name", async () => {
    const first = await value("select cron.schedule('nightly', '0 1 * * *', 'select 1')");
    const second = await value("select cron.schedule('nightly', '0 2 * * *', 'select 2')");
    expect(second).toBe(first);
    const { rows } = await postgres.query(
      "select schedule, command, username, database, active from cron.job where jobname = 'nightly'",
    );
    expect(rows).toEqual([
      { schedule: "0 2 * * *", command: "select 2", username: "postgres", database: "postgres", active: true },
    ]);
    expect(await value("select cron.unschedule('nightly')")).toBe(true);
    await expect(postgres.query("select cron.unschedule('nightly')")).rejects.toThrow(
      "could not find valid entry for job 'nightly'",
    );
  });

  test("makes no job for somebody else", async () => {
    const sql = "select cron.schedule_in_database('x', '* * * * *', 'select 1', 'postgres', 'supabase_admin')";
    expect(await attempt(postgres, sql)).toBe("XX000");
    expect(
      await attempt(
        postgres,
        "insert into cron._own_jobs (schedule, command, username) values ('* * * * *', 'x', 'supabase_admin')",
      ),
    ).toBe("44000");
    const id = await value("select cron.schedule('* * * * *', 'select 1')");
    expect(await attempt(postgres, `select cron.alter_job(${id}, username => 'supabase_admin')`)).toBe("XX000");
    expect(await attempt(postgres, `update cron._own_jobs set username = 'supabase_admin' where jobid = ${id}`)).toBe(
      "44000",
    );
  });

  test("is closed to the API roles", async () => {
    for (const role of ["anon", "authenticated"]) {
      expect(await attempt(postgres, `set local role ${role}; select cron.schedule('* * * * *', 'select 1')`)).toBe(
        "42501",
      );
    }
  });
});

describe("pgmq", () => {
  test("sends, reads, archives and deletes", async () => {
    await postgres.query("select pgmq.create('tasks'); select pgmq.create('tasks')");
    await postgres.query(`select pgmq.send_batch('tasks', array['{"n": 1}', '{"n": 2}', '{"n": 3}']::jsonb[])`);
    await postgres.query(`select pgmq.send('tasks', '{"n": 4}'::jsonb, 60)`);
    const { rows: read } = await postgres.query("select * from pgmq.read('tasks', 30, 2)");
    expect(read.map(({ msg_id, read_ct, message }) => [msg_id, read_ct, message.n])).toEqual([
      ["1", 1, 1],
      ["2", 1, 2],
    ]);
    expect(await value("select pgmq.archive('tasks', 1)")).toBe(true);
    expect(await value("select pgmq.delete('tasks', 2)")).toBe(true);
    expect(await value("select pgmq.delete('tasks', 2)")).toBe(false);
    expect(await value("select (pgmq.pop('tasks')).message ->> 'n'")).toBe("3");
    expect(await value("select count(*)::int from pgmq.read('tasks', 1, 10)")).toBe(0);
    const { rows: metrics } = await postgres.query("select * from pgmq.metrics('tasks')");
    expect(metrics[0]).toMatchObject({ queue_length: "1", queue_visible_length: "0", total_messages: "4" });
    expect(await value("select msg_id from pgmq.a_tasks")).toBe("1");
    expect(await value("select pgmq.drop_queue('tasks')")).toBe(true);
  });

  test("reads what matches a condition, keeps headers, and knows no other queue", async () => {
    await postgres.query("select pgmq.create('filtered')");
    await postgres.query(
      `select pgmq.send('filtered', '{"kind": "a"}'::jsonb), pgmq.send('filtered', '{"kind": "b"}'::jsonb, '{"h": 1}'::jsonb)`,
    );
    const { rows } = await postgres.query(`select message, headers from pgmq.read('filtered', 5, 5, '{"kind": "b"}')`);
    expect(rows).toEqual([{ message: { kind: "b" }, headers: { h: 1 } }]);
    expect(await attempt(postgres, "select * from pgmq.read('unknown', 5, 5)")).toBe("42P01");
  });
});

describe("pg_net", () => {
  test("queues a request with encoded parameters", async () => {
    await postgres.query("begin");
    const id = await value(
      `select net.http_post(url := 'http://localhost/a', body := '{"x": 1}', params := '{"q": "a b&ג"}')`,
    );
    const { rows } = await postgres.query(
      "select method, url, headers, convert_from(body, 'UTF8') as body from net.http_request_queue where id = $1",
      [id],
    );
    expect(rows).toEqual([
      {
        method: "POST",
        url: "http://localhost/a?q=a%20b%26%D7%92",
        headers: { "Content-Type": "application/json" },
        body: '{"x": 1}',
      },
    ]);
    await postgres.query("rollback");
  });

  test("posts nothing but JSON", async () => {
    const sql = `select net.http_post('http://localhost', headers := '{"content-type": "text/plain"}')`;
    await expect(postgres.query(sql)).rejects.toThrow('Content-Type header must be "application/json"');
  });
});

describe("realtime", () => {
  test("send stores a message with its id, and warns instead of failing", async () => {
    await postgres.query("begin");
    await postgres.query(`select realtime.send('{"a": 1}', 'changed', 'room:1')`);
    const { rows } = await postgres.query(
      "select id, payload, event, topic, private, extension from realtime.messages where topic = 'room:1'",
    );
    expect(rows).toEqual([
      {
        id: rows[0].id,
        payload: { a: 1, id: rows[0].id },
        event: "changed",
        topic: "room:1",
        private: true,
        extension: "broadcast",
      },
    ]);
    await postgres.query("set local role authenticated");
    await postgres.query(`select realtime.send('{"a": 1}', 'changed', 'room:2')`);
    await postgres.query("rollback");
  });

  test("broadcast_changes describes the change", async () => {
    await postgres.query(`begin;
      create table public.things (id int);
      create function public.tg_things() returns trigger language plpgsql as $$ begin
        perform realtime.broadcast_changes('things', tg_op, tg_op, tg_table_name, tg_table_schema, new, old); return null; end $$;
      create trigger t after insert on public.things for each row execute function public.tg_things();
      insert into public.things values (7)`);
    const payload = await value("select payload - 'id' from realtime.messages where topic = 'things'");
    expect(payload).toEqual({
      old_record: null,
      record: { id: 7 },
      operation: "INSERT",
      table: "things",
      schema: "public",
    });
    await postgres.query("rollback");
  });
});
