import { randomUUID } from "node:crypto";
import { Writable } from "node:stream";
import type pg from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { StackContext } from "../../context.ts";
import { testContext } from "../../testing/context.ts";
import { startTestDatabase, type TestDatabase } from "../../testing/database.ts";
import type { RowChange } from "../replication/row-change.ts";
import { type Changes, createChanges } from "./service.ts";

let database: TestDatabase;
let ctx: StackContext;
let closePools: () => Promise<void>;
let db: pg.Client;
let changes: Changes;
let told: { channelId: string; data: string }[];
let tableOid: number;
const warnings: string[] = [];

const ann = randomUUID();
const bob = randomUUID();

beforeAll(async () => {
  const lines = new Writable({
    write(line, _encoding, done) {
      warnings.push(String(line));
      done();
    },
  });
  database = await startTestDatabase("dispatcher", { log: pino({ level: "warn" }, lines) });
  ({ ctx, closePools } = testContext(database));
  db = await database.connect();
  // Slow, so that something can happen while the policies are asked.
  await db.query(`
    create table public.slow (id int primary key, owner uuid);
    alter table public.slow enable row level security;
    create policy own on public.slow for select to authenticated
      using ((select pg_sleep(1))::text = '' and owner = (select auth.uid()));
    insert into public.slow values (1, '${ann}'), (2, '${bob}');
    alter publication supabase_realtime add table slow`);
  tableOid = (await db.query("select 'public.slow'::regclass::oid as oid")).rows[0].oid;
  changes = createChanges(ctx, (channelId, { data }) => told.push({ channelId, data }));
  changes.onReady(true);
});

afterAll(async () => {
  await changes?.close();
  await closePools?.();
  await database?.stop();
});

beforeEach(() => {
  told = [];
  // What was said at the start, of the server's user, is another matter.
  warnings.length = 0;
});

function inserted(id: number, owner: string): RowChange {
  const columns = [
    { name: "id", typeOid: 23, isKey: true },
    { name: "owner", typeOid: 2950, isKey: false },
  ];
  const relation = { oid: tableOid, schema: "public", table: "slow", columns };
  return {
    type: "INSERT",
    relation,
    committedAt: Date.now(),
    record: [String(id), owner],
    old: null,
    oldIsWhole: false,
    bytes: 0,
  };
}

async function join(sub: string, exp?: number): Promise<string> {
  const id = randomUUID();
  const claims = { role: "authenticated", sub, exp };
  const { settled } = changes.subscribe({ id, topic: "x", role: claims.role, claims }, [{ table: "slow" }]);
  expect(await settled).toMatchObject([{ status: "ok" }]);
  return id;
}

const rows = () => [inserted(1, ann), inserted(2, bob)];
const idsTold = (channel: string) =>
  told.filter(({ channelId }) => channelId === channel).map(({ data }) => JSON.parse(data).record.id);

test("who leaves while the policies are asked hears nothing", async () => {
  const [leaving, staying] = [await join(ann), await join(ann)];
  const telling = changes.onChanges(rows());
  changes.unsubscribe(leaving);
  await telling;
  expect(idsTold(staying)).toEqual([1]);
  expect(idsTold(leaving)).toEqual([]);
  changes.unsubscribe(staying);
});

test("whose token expires while the policies are asked hears nothing", async () => {
  const exp = Math.floor(Date.now() / 1000) + 2;
  const [expiring, staying] = [await join(ann, exp), await join(bob)];
  while (Date.now() < exp * 1000 - 300) await new Promise((resolve) => setTimeout(resolve, 20));
  await changes.onChanges(rows());
  expect(Date.now()).toBeGreaterThan(exp * 1000);
  expect(idsTold(staying)).toEqual([2]);
  expect(idsTold(expiring)).toEqual([]);
  for (const id of [expiring, staying]) changes.unsubscribe(id);
});

test("whose rights change while the policies are asked hears what the new ones show", async () => {
  const [changing, staying] = [await join(ann), await join(ann)];
  const telling = changes.onChanges(rows());
  expect(await changes.reauthorize(changing, { role: "authenticated", sub: bob })).toMatchObject([{ status: "ok" }]);
  await telling;
  expect(idsTold(staying)).toEqual([1]);
  expect(idsTold(changing)).toEqual([2]);
  for (const id of [changing, staying]) changes.unsubscribe(id);
});

test("claims that come quickly one after another count in their order", async () => {
  const channel = await join(ann);
  const replies = [bob, ann, bob].map((sub) => changes.reauthorize(channel, { role: "authenticated", sub }));
  await Promise.all(replies);
  await changes.onChanges(rows());
  expect(idsTold(channel)).toEqual([2]);
  changes.unsubscribe(channel);
});

test("of a deleted row no policy is asked", async () => {
  const channel = await join(ann);
  const [row] = rows();
  await changes.onChanges(row ? [{ ...row, type: "DELETE", old: row.record, record: null }] : []);
  expect(told.map(({ data }) => JSON.parse(data))).toMatchObject([{ type: "DELETE", old_record: { id: 1 } }]);
  expect(warnings).toEqual([]);
  changes.unsubscribe(channel);
});
