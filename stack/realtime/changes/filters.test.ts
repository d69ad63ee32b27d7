import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Person, startTestStack, type TestStack } from "../testing/stack.ts";
import { listen } from "./testing/listen.ts";

let stack: TestStack;
let db: pg.Client;
let person: Person;

const COLUMNS = ["id", "name", "code", "level", "price", "at", "done", "mood", "tags", "fixed", "note"];

beforeAll(async () => {
  stack = await startTestStack();
  db = await stack.database.connect();
  await db.query(`
    create schema hidden;
    create type hidden.mood as enum ('low', 'high');
    create table public.things (
      id uuid primary key, name text, code varchar(9), level int, price numeric, at timestamptz, done boolean,
      mood hidden.mood, tags int[], fixed char(4), note text
    );
    alter publication supabase_realtime add table things;
    create table public.kept (id int primary key, name text);
    alter table public.kept replica identity full;
    alter publication supabase_realtime add table kept`);
  person = await stack.person();
});

afterAll(() => stack?.stop());
beforeEach(() => db.query("truncate things, kept"));

const A = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
const B = "b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
const C = "c0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
const ROWS = [
  [A, "anna, b", "x1", 1, "1.50", "2026-01-01T00:00:00Z", true, "low", "{1,2}", "ab", null],
  [B, 'bo "b"', "x2", 2, "9007199254740993", "2026-06-01T00:00:00Z", false, "high", "{3}", "cd", "n"],
  [C, null, null, null, null, null, null, null, null, null, "Note"],
];

/** One row of each kind of filter, and which of the three rows it lets through. */
const cases: [string, string[]][] = [
  [`id=eq.${A}`, [A]],
  [`id=neq.${A}`, [B, C]],
  [`id=in.(${A},${C})`, [A, C]],
  [`id=not.in.(${A},${C})`, [B]],
  ["level=eq.1", [A]],
  ["level=eq. 1", [A]],
  ["level=neq.1", [B]],
  ["level=not.eq.1", [B]],
  ["level=gt.1", [B]],
  ["level=gte.1", [A, B]],
  ["level=lt.2", [A]],
  ["level=lte.2", [A, B]],
  ["level=is.null", [C]],
  ["level=not.is.null", [A, B]],
  ["level=isdistinct.1", [B, C]],
  ["level=not.isdistinct.1", [A]],
  ["price=eq.1.5", [A]],
  ["price=gt.9007199254740992", [B]],
  ["at=lt.2026-03-01", [A]],
  ["at=eq.2026-01-01 05:30:00+05:30", [A]],
  ["done=is.true", [A]],
  ["done=not.is.true", [B, C]],
  ["done=is.unknown", [C]],
  ["done=eq.false", [B]],
  ["mood=eq.high", [B]],
  ["mood=gt.low", [B]],
  ["mood=in.(low,high)", [A, B]],
  ['tags=eq."{1,2}"', [A]],
  ["fixed=eq.ab", [A]],
  ["fixed=eq.ax", []],
  ["code=like.x%", [A, B]],
  ["name=like.an%", [A]],
  ["name=not.like.an%", [B]],
  ["name=ilike.AN%", [A]],
  ["name=match.^a", [A]],
  ["name=imatch.^B", [B]],
  ["note=eq.n", [B]],
  ["note=neq.n", [C]],
  ['name=eq."anna, b"', [A]],
  ['name=in.("anna, b","x")', [A]],
  ['name=eq."bo \\"b\\""', [B]],
  ["level=gt.0,level=lt.2", [A]],
  ["level=gt.0,name=match.b,done=is.false", [B]],
  ["level=gt.0,level=gt.5", []],
  ["", [A, B, C]],
];

test("filters mean what they mean in Postgres, each for the subscription it belongs to", async () => {
  const heard = await Promise.all(cases.map(([filter]) => listen(person.client, { table: "things", filter })));
  const all = await listen(person.client, { table: "things" });
  for (const row of ROWS) {
    const places = COLUMNS.map((_, at) => `$${at + 1}`);
    await db.query(`insert into things values (${places})`, row);
  }
  await all.received(3);
  const told = heard.map(({ events }) => events.map((event) => "id" in event.new && event.new.id));
  expect(Object.fromEntries(cases.map(([filter], at) => [filter, told[at]]))).toEqual(Object.fromEntries(cases));
});

test("an update is told by its new row", async () => {
  const heard = await listen(person.client, { table: "things", filter: "level=eq.2", event: "UPDATE" });
  await db.query("insert into things (id, level) values ($1, 1)", [A]);
  await db.query("update things set level = 2");
  await db.query("update things set level = 3");
  await db.query("update things set level = 2");
  expect((await heard.received(2)).map((event) => event.new)).toMatchObject([{ level: 2 }, { level: 2 }]);
});

test("a delete is told by what identified the row, which is all of it under REPLICA IDENTITY FULL", async () => {
  const byKey = await listen(person.client, { table: "things", filter: `id=eq.${A}` });
  const byOther = await listen(person.client, { table: "things", filter: "level=is.null", event: "DELETE" });
  const whole = await listen(person.client, { table: "kept", filter: "name=eq.x", event: "DELETE" });
  await db.query("insert into things (id) values ($1), ($2)", [A, B]);
  await db.query("insert into kept values (1, 'x'), (2, 'y')");
  await db.query("delete from things");
  await db.query("delete from kept");
  expect((await whole.received(1)).map(({ old }) => old)).toEqual([{ id: 1, name: "x" }]);
  expect((await byKey.received(2)).map(({ eventType, old }) => [eventType, old])).toEqual([
    ["INSERT", {}],
    ["DELETE", { id: A }],
  ]);
  expect(byOther.events).toEqual([]);
});

test("one that fails, since its column has changed, hides the row from its own subscription alone", async () => {
  await db.query(
    "create table public.bent (id int primary key, a int); alter publication supabase_realtime add table bent",
  );
  const [bent, plain] = await Promise.all([
    listen(person.client, { table: "bent", filter: "a=eq.1" }),
    listen(person.client, { table: "bent", filter: "id=eq.1" }),
  ]);
  await db.query("alter table bent rename a to b");
  await db.query("insert into bent values (1, 1)");
  await plain.received(1);
  expect(bent.events).toEqual([]);
});

test("regular expressions that take for ever hold up nobody else's rows for long", async () => {
  await db.query(
    "create table public.slow (id int primary key, a text); alter publication supabase_realtime add table slow",
  );
  const slow = Array.from({ length: 30 }, (_, n) => ({
    table: "slow",
    filter: `a=match.^(.*)\\1(.*)\\2(.*)\\3(.*)\\4$|z${n}`,
  }));
  const [all, filtered] = await Promise.all([
    listen(person.client, { table: "slow" }),
    listen(person.client, { table: "slow", filter: "id=eq.1" }),
    listen(person.client, ...slow),
  ]);
  await db.query("insert into slow values (1, repeat('a', 3000) || '!')");
  await Promise.all([all.received(1), filtered.received(1)]);
});

describe("what is refused", () => {
  const hundred = Array.from({ length: 100 }, (_, n) => n);
  test.each([
    ["nothing=eq.1", "invalid column for filter nothing"],
    [`level=in.(${[...hundred, 100]})`, "too many values for `in` filter. Maximum 100"],
    ["level=is.maybe", "invalid value for is filter: must be null, true, false, or unknown"],
    ["level=is.true", "is true filter requires a boolean column, got integer"],
    ["level=like.1%", "operator like requires a text-compatible column type, got integer"],
    ["level=imatch.1", "operator imatch requires a text-compatible column type, got integer"],
    [
      "name=match.(",
      "invalid regular expression for match filter: invalid regular expression: parentheses () not balanced",
    ],
    ["level=eq.one", 'ERROR 22P02 (invalid_text_representation) invalid input syntax for type integer: "one"'],
    ["mood=eq.middling", 'invalid input value for enum hidden.mood: "middling"'],
  ])("%s", async (filter, message) => {
    const heard = await listen(person.client, { table: "things", filter });
    expect(heard.system[0]).toMatchObject({ status: "error", message: expect.stringContaining(message) });
  });

  test("a hundred values are not too many", async () => {
    const heard = await listen(person.client, { table: "things", filter: `level=in.(${hundred})` });
    expect(heard.system[0]).toMatchObject({ status: "ok" });
  });
});
