import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Person, startTestStack, type TestStack } from "../testing/stack.ts";
import { listen, PATIENCE } from "./testing/listen.ts";

let stack: TestStack;
let db: pg.Client;
let person: Person;

beforeAll(async () => {
  stack = await startTestStack();
  db = await stack.database.connect();
  await db.query(`
    create table public.notes (id bigint primary key, title text, price numeric, tags text[], big text);
    alter table public.notes alter column big set storage external;
    create table public.whole (id int primary key, title text, big text);
    alter table public.whole replica identity full;
    alter table public.whole alter column big set storage external;
    create table public.guarded (id int primary key, title text);
    alter table public.guarded replica identity full, enable row level security;
    create policy all_rows on public.guarded for select to authenticated using (true);
    create table public.keyless (id int);
    alter table public.keyless replica identity full;
    create table public.pairs (a int, b text, note text, primary key (b, a));
    create table public.indexed (id int primary key, code text not null unique, note text);
    alter table public.indexed replica identity using index indexed_code_key;
    create schema side;
    create table side.notes (id int primary key);
    grant usage on schema side to authenticated;
    grant select on side.notes to authenticated;
    alter publication supabase_realtime
      add table notes, whole, guarded, keyless, pairs, indexed, side.notes`);
  person = await stack.person();
});

afterAll(() => stack?.stop());
beforeEach(() => db.query("truncate notes, whole, guarded, keyless, pairs, indexed, side.notes"));

const COLUMNS = [
  { name: "id", type: "int8" },
  { name: "title", type: "text" },
  { name: "price", type: "numeric" },
  { name: "tags", type: "_text" },
  { name: "big", type: "text" },
];

describe("what a change tells", () => {
  test("INSERT, UPDATE and DELETE, in the shape of the client", async () => {
    const heard = await listen(person.client, { table: "notes" });
    expect(heard.system).toEqual([
      expect.objectContaining({ status: "ok", message: "Subscribed to PostgreSQL", extension: "postgres_changes" }),
    ]);
    await db.query("insert into notes values (1, 'a', 1.50, '{x,y}')");
    await heard.received(1);
    await db.query("update notes set title = 'b'");
    await heard.received(2);
    await db.query("delete from notes");
    const events = await heard.received(3);
    const common = {
      schema: "public",
      table: "notes",
      errors: null,
      commit_timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    };
    const row = { id: 1, title: "a", price: 1.5, tags: ["x", "y"], big: null };
    expect(events).toEqual([
      { ...common, eventType: "INSERT", new: row, old: {} },
      { ...common, eventType: "UPDATE", new: { ...row, title: "b" }, old: { id: 1 } },
      { ...common, eventType: "DELETE", new: {}, old: { id: 1 } },
    ]);
  });

  test("the frame lists columns and ids, keeps big numbers exact, and has no record where there is none", async () => {
    const socket = await stack.raw();
    const texts: string[] = [];
    socket.ws.on("message", (data) => texts.push(String(data)));
    const wanted = { event: "*", schema: "public", table: "notes" };
    const config = { postgres_changes: [wanted, { ...wanted, event: "INSERT" }] };
    const reply = await socket.join("realtime:raw", config, person.token);
    const answered = z.object({ response: z.object({ postgres_changes: z.array(z.object({ id: z.number() })) }) });
    const ids = answered.parse(reply).response.postgres_changes.map(({ id }) => id);
    await socket.event("realtime:raw", "system");
    await db.query("insert into notes values (9223372036854775807, 'a', 0.10000000000000000001)");
    const { payload } = await socket.event("realtime:raw", "postgres_changes");
    expect(payload).toMatchObject({ data: { columns: COLUMNS, type: "INSERT", errors: null } });
    expect(payload).not.toHaveProperty("data.old_record");
    expect(payload).toHaveProperty("ids", ids);
    const text = texts.find((each) => each.includes("postgres_changes") && each.includes("record"));
    expect(text).toContain('"id":9223372036854775807');
    expect(text).toContain('"price":0.10000000000000000001');

    await db.query("delete from notes");
    const deleted = await socket.event("realtime:raw", "postgres_changes");
    expect(deleted.payload).toMatchObject({ ids: [ids[0]], data: { type: "DELETE" } });
    expect(deleted.payload).not.toHaveProperty("data.record");
    expect(texts.join()).toContain('"old_record":{"id":9223372036854775807}');
  });

  test("a change of the key tells the old one, also of a key of several columns", async () => {
    const heard = await listen(person.client, { table: "pairs", event: "UPDATE" });
    await db.query("insert into pairs values (1, 'x', 'n')");
    await db.query("update pairs set note = 'm'");
    await db.query("update pairs set a = 2");
    expect((await heard.received(2)).map(({ new: now, old }) => [now, old])).toEqual([
      [
        { a: 1, b: "x", note: "m" },
        { a: 1, b: "x" },
      ],
      [
        { a: 2, b: "x", note: "m" },
        { a: 1, b: "x" },
      ],
    ]);
  });

  test("a table identified by an index tells the columns of that index", async () => {
    const heard = await listen(person.client, { table: "indexed" });
    await db.query("insert into indexed values (1, 'c', 'n')");
    await heard.received(1);
    await db.query("update indexed set note = 'm'");
    await heard.received(2);
    await db.query("delete from indexed");
    expect((await heard.received(3)).map(({ old }) => old)).toEqual([{}, { code: "c" }, { code: "c" }]);
  });

  test("REPLICA IDENTITY FULL tells the whole old row", async () => {
    const heard = await listen(person.client, { table: "whole" });
    await db.query("insert into whole values (1, 'a')");
    await heard.received(1);
    await db.query("update whole set title = 'b'");
    await heard.received(2);
    await db.query("delete from whole");
    expect((await heard.received(3)).map(({ old }) => old)).toEqual([
      {},
      { id: 1, title: "a", big: null },
      { id: 1, title: "b", big: null },
    ]);
  });

  test("of a deleted row under row-level security only the key is told", async () => {
    const heard = await listen(person.client, { table: "guarded" });
    await db.query("insert into guarded values (1, 'a')");
    await heard.received(1);
    await db.query("update guarded set title = 'b'");
    await heard.received(2);
    await db.query("delete from guarded");
    expect((await heard.received(3)).map(({ old }) => old)).toEqual([{}, { id: 1, title: "a" }, { id: 1 }]);
  });

  test("a large value that an update leaves alone is absent, and present where the old row has it", async () => {
    const heard = await listen(person.client, { table: "notes", event: "UPDATE" }, { table: "whole", event: "UPDATE" });
    const big = "x".repeat(50_000);
    await db.query("insert into notes values (1, 'a', 1, '{}', $1)", [big]);
    await db.query("insert into whole values (1, 'a', $1)", [big]);
    await db.query("update notes set title = 'b'");
    await db.query("update whole set title = 'b'");
    const [absent, present] = await heard.received(2);
    expect(absent?.new).toEqual({ id: 1, title: "b", price: 1, tags: [] });
    expect(present?.new).toEqual({ id: 1, title: "b", big });
  });

  test("a row beyond a megabyte keeps its small values only", async () => {
    const heard = await listen(person.client, { table: "notes" });
    await db.query("insert into notes values (1, $1, null, '{}', $2)", ["t".repeat(65), "x".repeat(1_100_000)]);
    const [event] = await heard.received(1);
    expect(event).toMatchObject({ errors: ["Error 413: Payload Too Large"], eventType: "INSERT" });
    expect(event?.new).toEqual({ id: 1, tags: [] });
  });

  test("a table without primary key tells an error instead of a row, and a deleted row all the same", async () => {
    const heard = await listen(person.client, { table: "keyless" });
    await db.query("insert into keyless values (1)");
    await heard.received(1);
    await db.query("update keyless set id = 2");
    await heard.received(2);
    await db.query("delete from keyless");
    const events = await heard.received(3);
    const errors = ["Error 400: Bad Request, no primary key"];
    expect(events).toEqual([
      expect.objectContaining({ eventType: "INSERT", errors, new: {}, old: {} }),
      expect.objectContaining({ eventType: "UPDATE", errors, new: {}, old: {} }),
      expect.objectContaining({ eventType: "DELETE", errors: null, old: { id: 2 } }),
    ]);
  });

  test("stored generated columns are told, filtered by, and cut as any other", async () => {
    await db.query(`
      create function public.doubled(n int) returns int language sql immutable as 'select n * 2';
      create table public.sums (
        id int primary key, a int, double int generated always as (public.doubled(a)) stored,
        "is big" boolean generated always as (a > 10) stored, hidden text generated always as (a::text) stored
      );
      alter table public.sums replica identity full;
      revoke all on public.sums from authenticated;
      grant select (id, a, double, "is big") on public.sums to authenticated;
      alter publication supabase_realtime add table sums`);
    const heard = await listen(person.client, { table: "sums" }, { table: "sums", filter: "double=eq.40" });
    await db.query("insert into sums (id, a) values (1, 3), (2, null)");
    await db.query("update sums set a = 20 where id = 1");
    expect((await heard.received(3)).map((event) => [event.new, event.old])).toEqual([
      [{ id: 1, a: 3, double: 6, "is big": false }, {}],
      [{ id: 2, a: null, double: null, "is big": null }, {}],
      [
        { id: 1, a: 20, double: 40, "is big": true },
        { id: 1, a: 3, double: 6, "is big": false },
      ],
    ]);
    expect(heard.perBinding[1]).toHaveLength(1);
  });

  test("chosen columns are told, and the key with them", async () => {
    const heard = await listen(person.client, { table: "notes", select: ["title"] }, { table: "notes" });
    await db.query("insert into notes values (1, 'a', 2)");
    await heard.received(2);
    expect(heard.perBinding.map((events) => events.map((event) => event.new))).toEqual([
      [{ id: 1, title: "a" }],
      [{ id: 1, title: "a", price: 2, tags: null, big: null }],
    ]);
  });
});

describe("which changes are told", () => {
  test("each binding hears its own kind of event", async () => {
    const heard = await listen(
      person.client,
      { table: "notes", event: "INSERT" },
      { table: "notes", event: "UPDATE" },
      { table: "notes", event: "DELETE" },
      { table: "notes" },
    );
    await db.query("insert into notes values (1, 'a')");
    await heard.received(1);
    await db.query("update notes set title = 'b'");
    await heard.received(2);
    await db.query("delete from notes");
    await heard.received(3);
    expect(heard.perBinding.map((events) => events.map(({ eventType }) => eventType))).toEqual([
      ["INSERT"],
      ["UPDATE"],
      ["DELETE"],
      ["INSERT", "UPDATE", "DELETE"],
    ]);
  });

  test("wildcards hear every published table of a schema, or of all", async () => {
    const ofSchema = await listen(person.client, { schema: "public", table: "*" });
    const ofAll = await listen(person.client, { schema: "*", table: "*" });
    const ofSide = await listen(person.client, { schema: "side" });
    await db.query(
      "insert into notes (id) values (1); insert into side.notes values (2); insert into whole values (3)",
    );
    const tables = (events: { schema: string; table: string }[]) =>
      events.map((each) => `${each.schema}.${each.table}`);
    expect(tables(await ofAll.received(3))).toEqual(["public.notes", "side.notes", "public.whole"]);
    expect(tables(await ofSchema.received(2))).toEqual(["public.notes", "public.whole"]);
    expect(tables(await ofSide.received(1))).toEqual(["side.notes"]);
  });

  test("TRUNCATE and what was rolled back are not told", async () => {
    const heard = await listen(person.client, { table: "notes" });
    await db.query("begin; insert into notes (id) values (1); rollback");
    await db.query("insert into notes (id) values (2)");
    await db.query("truncate notes");
    await db.query("insert into notes (id) values (3)");
    await heard.received(1);
    await expect.poll(() => heard.events.at(-1)?.new).toMatchObject({ id: 3 });
    expect(heard.events.map(({ eventType }) => eventType)).not.toContain("TRUNCATE");
    expect(heard.events.map((event) => event.new)).not.toContainEqual(expect.objectContaining({ id: 1 }));
  });

  test("a channel hears of transactions in the order of their commits, whole, over tables", async () => {
    const heard = await listen(person.client, { table: "notes" }, { table: "whole" });
    const second = await stack.database.connect();
    await db.query("begin; insert into notes (id) values (1)");
    await second.query("begin; insert into whole (id) values (2)");
    await db.query("insert into whole (id) values (3)");
    await second.query("insert into notes (id) values (4); commit");
    await db.query("commit");
    await db.query("insert into notes select n from generate_series(10, 1500) n");
    const events = await heard.received(4 + 1491);
    const ids = events.map((event) => ("id" in event.new ? event.new.id : null));
    expect(ids).toEqual([2, 4, 1, 3, ...Array.from({ length: 1491 }, (_, at) => at + 10)]);
  });

  test("a table published later is heard by whoever waits for all tables, and by who joins then", async () => {
    const waiting = await listen(person.client, { schema: "public", table: "*" });
    await db.query("create table late (id int primary key); alter publication supabase_realtime add table late");
    const heard = await listen(person.client, { table: "late" });
    expect(heard.system[0]).toMatchObject({ status: "ok" });
    await db.query("insert into late values (1)");
    expect(await heard.received(1)).toMatchObject([{ table: "late" }]);
    expect(await waiting.received(1)).toMatchObject([{ table: "late" }]);
    await db.query("alter publication supabase_realtime drop table late");
    await db.query("insert into late values (2); insert into notes (id) values (1)");
    expect(await waiting.received(2)).toMatchObject([{ table: "late" }, { table: "notes" }]);
  });

  test("a table made anew under the same name is heard again", async () => {
    const waiting = await listen(person.client, { schema: "public", table: "*" });
    await db.query("create table again (id int primary key); alter publication supabase_realtime add table again");
    await db.query("insert into again values (1)");
    await waiting.received(1);
    await db.query("drop table again; create table again (id int primary key, more text)");
    await db.query("alter publication supabase_realtime add table again; insert into again values (2, 'm')");
    expect((await waiting.received(2)).map((event) => event.new)).toEqual([{ id: 1 }, { id: 2, more: "m" }]);
  });

  test("a column added or renamed later is told from then on", async () => {
    await db.query(
      "create table shape (id int primary key, a text); alter publication supabase_realtime add table shape",
    );
    const heard = await listen(person.client, { table: "shape" });
    await db.query("insert into shape values (1, 'x')");
    await heard.received(1);
    await db.query("alter table shape rename a to b; alter table shape add c int default 7");
    await db.query("insert into shape values (2, 'y')");
    expect((await heard.received(2)).map((event) => event.new)).toEqual([
      { id: 1, a: "x" },
      { id: 2, b: "y", c: 7 },
    ]);
  });

  test("who leaves hears nothing more, and leaves no row behind", async () => {
    const heard = await listen(person.client, { table: "notes" });
    const staying = await listen(person.client, { table: "notes" });
    const count = async () =>
      (await db.query("select count(*)::int as n from realtime.subscription where claims ->> 'sub' = $1", [person.id]))
        .rows[0].n;
    const before = await count();
    await heard.channel.unsubscribe();
    await db.query("insert into notes (id) values (1)");
    await staying.received(1);
    expect(heard.events).toEqual([]);
    await expect.poll(count, PATIENCE).toBe(before - 1);
  });
});

describe("a subscription that cannot be", () => {
  test.each([
    [
      { event: "INSERT", table: "foo" },
      "Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect " +
        "parameters: [event: INSERT, schema: public, table: foo, filters: [], select: nil]",
    ],
    [
      { table: "notes", filter: "nothing=eq.1" },
      "Unable to subscribe to changes with given parameters. An exception happened so please check your connect " +
        'parameters: [event: *, schema: public, table: notes, filters: [{"nothing", "eq", "1", false}], select: nil]. ' +
        "Exception: ERROR P0001 (raise_exception) invalid column for filter nothing",
    ],
    [{ table: "notes", filter: "id=foo.1" }, 'Error parsing `filter` params: ["foo", "1"]'],
  ] as const)("%j is joined, and told why", async (wanted, message) => {
    const heard = await listen(person.client, wanted);
    expect(heard.system).toEqual([expect.objectContaining({ status: "error", message })]);
    expect(heard.channel.state).toBe("joined");
  });

  test("takes the others of its channel with it, and leaves no row", async () => {
    const heard = await listen(person.client, { table: "notes" }, { table: "missing" });
    expect(heard.system).toEqual([expect.objectContaining({ status: "error" })]);
    const other = await listen(person.client, { table: "notes" });
    await db.query("insert into notes (id) values (1)");
    await other.received(1);
    expect(heard.events).toEqual([]);
  });
});
