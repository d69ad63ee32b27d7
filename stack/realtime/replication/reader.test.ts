import { readFileSync } from "node:fs";
import path from "node:path";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { testContext } from "../../testing/context.ts";
import { startTestDatabase, type TestDatabase } from "../../testing/database.ts";
import type { MessageRow, Replication } from "../types.ts";
import { startReplication } from "./reader.ts";
import type { RowChange } from "./row-change.ts";

const PATIENCE = { timeout: 25_000, interval: 20 };

let database: TestDatabase;
let db: pg.Client;
let replication: Replication | undefined;
let closePools: () => Promise<void>;
let batches: RowChange[][];
let messages: MessageRow[];
/** What the reader has to wait for. */
let handling: (changes: RowChange[]) => Promise<void>;

beforeAll(async () => {
  database = await startTestDatabase("replication");
});

afterAll(() => database?.stop());

beforeEach(async () => {
  db = await database.connect();
  await db.query(`
    drop publication if exists supabase_realtime;
    drop table if exists t;
    create table t (id bigint primary key, v text);
    create publication supabase_realtime for table t`);
  batches = [];
  messages = [];
  handling = async () => undefined;
});

afterEach(async () => {
  await replication?.close();
  replication = undefined;
  await closePools?.();
});

async function start(): Promise<void> {
  const made = testContext(database);
  closePools = made.closePools;
  replication = startReplication(made.ctx, {
    onMessageRow: (row) => messages.push(row),
    async onChanges(changes) {
      batches.push(changes);
      await handling(changes);
    },
  });
  await ready();
}

const ready = () => vi.waitUntil(() => replication?.ready, PATIENCE);
const ids = () => batches.flat().map(({ record }) => Number(record?.[0]));
const slots = async (client = db) => (await client.query("select * from pg_replication_slots")).rows;

/** Ends the server as a power cut would. */
async function kill(): Promise<void> {
  const [pid] = readFileSync(path.join(database.dir, "data/postmaster.pid"), "utf8").split("\n");
  process.kill(Number(pid), "SIGKILL");
  await vi.waitUntil(() => !replication?.ready, PATIENCE);
  await database.stopServer();
}

test("rows come as Postgres prints them, whatever a project has chosen for itself", async () => {
  const admin = await database.connect("supabase_admin");
  await admin.query(
    "alter database postgres set datestyle = 'SQL, DMY'; alter database postgres set bytea_output = escape",
  );
  await db.query(`drop table if exists exact; create table exact (id bigint primary key, n numeric, at timestamptz, text text, bytes bytea);
    alter publication supabase_realtime add table exact`);
  await start();
  const row = ["9007199254740993", "1.50", "2026-01-01 00:00:00.123456+00", "\ufeffmark", "\\x00ff"];
  await db.query("insert into exact values ($1, $2, $3, $4, $5)", row);
  await vi.waitUntil(() => batches.length > 0, PATIENCE);
  expect(batches.flat()).toMatchObject([
    { type: "INSERT", relation: { schema: "public", table: "exact" }, record: row, old: null },
  ]);
  await admin.query("alter database postgres reset datestyle; alter database postgres reset bytea_output");
});

test("rows of realtime.messages go their own way, and only when they are new", async () => {
  await start();
  await db.query(
    `select realtime.send('{"a": 1}', 'ev', 'room'), realtime.send_binary('\\x00ff', 'bin', 'room', false)`,
  );
  const admin = await database.connect("supabase_admin");
  await admin.query("update realtime.messages set event = 'changed'; delete from realtime.messages");
  await db.query("insert into t values (1)");
  await vi.waitUntil(() => batches.length > 0, PATIENCE);
  expect(messages).toMatchObject([
    { topic: "room", event: "ev", extension: "broadcast", private: true, binaryPayload: null },
    { topic: "room", event: "bin", private: false, payload: null, binaryPayload: Buffer.from([0, 255]) },
  ]);
  expect(JSON.parse(messages[0]?.payload ?? "")).toEqual({ a: 1, id: messages[0]?.id });
  expect(ids()).toEqual([1]);
});

test("the slot is temporary, keeps up, and ends with the reader", async () => {
  await start();
  await db.query("insert into t select n from generate_series(1, 3000) n");
  await vi.waitUntil(() => ids().length === 3000, PATIENCE);
  const { rows } = await db.query<{ lsn: string }>("select pg_current_wal_lsn() as lsn");
  expect(await slots()).toMatchObject([{ temporary: true, active: true }]);
  await expect
    .poll(
      async () =>
        (await db.query("select confirmed_flush_lsn >= $1::pg_lsn as kept from pg_replication_slots", [rows[0]?.lsn]))
          .rows,
      PATIENCE,
    )
    .toEqual([{ kept: true }]);
  // A server that shuts down waits for exactly this.
  await expect
    .poll(async () => (await db.query("select sent_lsn = flush_lsn as same from pg_stat_replication")).rows, PATIENCE)
    .toEqual([{ same: true }]);
  await replication?.close();
  await expect.poll(() => slots(), PATIENCE).toEqual([]);
});

test("a transaction of any size comes whole, in order, in batches of which one is handled at a time", async () => {
  let running = 0;
  let most = 0;
  handling = async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running -= 1;
  };
  await start();
  const count = 60_000;
  await db.query("insert into t select n, repeat('x', 100) from generate_series(1, $1::int) n", [count]);
  await db.query("insert into t values (0)");
  await vi.waitUntil(() => ids().length > count, PATIENCE);
  expect(ids()).toEqual([...Array.from({ length: count }, (_, n) => n + 1), 0]);
  expect(most).toBe(1);
  expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(1000);
});

test("a reader that is held up makes the server wait instead of taking everything into memory", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  handling = () => held;
  await start();
  await db.query("insert into t select n, repeat('x', 10000) from generate_series(1, 20000) n");
  const waits = "select wait_event from pg_stat_activity where backend_type = 'walsender'";
  let blocked = 0;
  await vi.waitUntil(
    async () => {
      const { rows } = await db.query<{ wait_event: string }>(waits);
      blocked = rows[0]?.wait_event === "WalSenderWriteData" ? blocked + 1 : 0;
      return blocked === 30;
    },
    { ...PATIENCE, interval: 100 },
  );
  expect(batches).toHaveLength(1);
  release();
  await vi.waitUntil(() => ids().length === 20_000, PATIENCE);
});

test("a handler that fails costs its batch and no more", async () => {
  handling = async (changes) => {
    if (changes.some(({ record }) => record?.[0] === "1")) throw new Error("no");
  };
  await start();
  await db.query("insert into t values (1)");
  await vi.waitUntil(() => batches.length === 1, PATIENCE);
  await db.query("insert into t values (2)");
  await vi.waitUntil(() => batches.length === 2, PATIENCE);
  expect(ids()).toEqual([1, 2]);
});

test.each([
  ["is stopped", () => database.stopServer()],
  ["is killed", kill],
])("goes on after the server %s and started again, with a new slot", async (_, end) => {
  await start();
  await db.query("insert into t values (1)");
  await vi.waitUntil(() => ids().length === 1, PATIENCE);
  await end();
  await vi.waitUntil(() => !replication?.ready, PATIENCE);
  await database.startServer();
  await ready();
  const again = await database.connect();
  await again.query("insert into t values (2)");
  await vi.waitUntil(() => ids().includes(2), PATIENCE);
  expect(await slots(again)).toHaveLength(1);
});

test("goes on after its connection was cut in the middle of a transaction", async () => {
  await start();
  let running = 0;
  let most = 0;
  handling = async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 30));
    running -= 1;
  };
  const cut = db.query("insert into t select n, repeat('x', 1000) from generate_series(1, 30000) n");
  await vi.waitUntil(() => batches.length > 0, PATIENCE);
  await cut;
  const admin = await database.connect("supabase_admin");
  await admin.query("select pg_terminate_backend(active_pid) from pg_replication_slots");
  await vi.waitUntil(() => !replication?.ready, PATIENCE);
  await ready();
  await db.query("insert into t values (0)");
  await vi.waitUntil(() => ids().at(-1) === 0, PATIENCE);
  expect(ids()).toEqual(ids().toSorted((a, b) => (a || Number.MAX_VALUE) - (b || Number.MAX_VALUE)));
  expect(most).toBe(1);
});

test("ends while the server is away", async () => {
  await start();
  await database.stopServer();
  await replication?.close();
  expect(replication?.ready).toBe(false);
  await database.startServer();
});

test("a publication that is made anew, or only later, is read from then on", async () => {
  await db.query("drop publication supabase_realtime");
  await start();
  await db.query("select realtime.send('{}', 'ev', 'room')");
  await vi.waitUntil(() => messages.length === 1, PATIENCE);
  await db.query("create publication supabase_realtime for table t");
  await vi.waitFor(async () => {
    await db.query("insert into t select coalesce(max(id), 0) + 1 from t");
    await vi.waitUntil(() => batches.length > 0, { timeout: 500 });
  }, PATIENCE);
  await db.query("begin; drop publication supabase_realtime; create publication supabase_realtime for table t; commit");
  const before = ids().length;
  await db.query("insert into t values (-1)");
  await vi.waitUntil(() => ids().length > before, PATIENCE);
  expect(ids().at(-1)).toBe(-1);
});
