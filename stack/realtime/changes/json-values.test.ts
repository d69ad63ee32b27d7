import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testContext } from "../../testing/context.ts";
import { startTestDatabase, type TestDatabase } from "../../testing/database.ts";
import { JsonValues } from "./json-values.ts";

let database: TestDatabase;
let db: pg.Client;
let json: JsonValues;
let closePools: () => Promise<void>;

beforeAll(async () => {
  database = await startTestDatabase("json-values");
  db = await database.connect();
  await db.query(`
    create extension if not exists hstore schema extensions;
    create extension if not exists citext schema extensions;
    create schema hidden;
    create type hidden.mood as enum ('sad', 'very "happy"');
    create type public.pair as (a int, "b c" text, at timestamptz);
    create domain public.positive as int check (value > 0);
    create domain public.positives as public.positive[];
    create domain public.stamp as timestamptz;
    create domain hidden.nested as public.pair;
    create type public.span as range (subtype = float8)`);
  const made = testContext(database);
  closePools = made.closePools;
  json = new JsonValues(made.ctx.pool("postgres"), database.log);
});

afterAll(async () => {
  await closePools?.();
  await database?.stop();
});

const samples: Record<string, string[]> = {
  bool: ["true", "false"],
  int2: ["-32768", "0"],
  int4: ["2147483647"],
  int8: ["9223372036854775807", "-9007199254740993"],
  float4: ["1.5", "-0", "3.4e38", "1e-37", "NaN", "Infinity", "-Infinity"],
  float8: ["0.1", "-0", "1e20", "1.7976931348623157e308", "5e-324", "NaN", "Infinity", "-Infinity"],
  numeric: ["1.50", "-0.000", "123456789012345678901234567890.123456789", "NaN", "Infinity", "-Infinity"],
  money: ["12.34"],
  oid: ["4294967295"],
  regclass: ["pg_class"],
  text: ["", " a ", 'q"\\\n\t\u0001', "\ufeffmark", "ünï😀"],
  varchar: ["x"],
  bpchar: ["ab  "],
  "char(5)": ["ab"],
  '"char"': ["c"],
  name: ["n"],
  uuid: ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
  date: ["2026-11-21", "infinity", "-infinity", "0044-03-15 BC", "12026-01-01"],
  time: ["04:05:06.789012", "24:00:00"],
  timetz: ["04:05:06+05:30"],
  timestamp: ["2026-11-21 10:11:12.123456", "2026-11-21", "infinity", "-infinity", "0044-03-15 10:00:00 BC"],
  timestamptz: [
    "2026-11-21 10:11:12.123456+00",
    "2026-11-21 10:11:12+05:30",
    "infinity",
    "-infinity",
    "0044-03-15 10:00:00+00 BC",
    "12026-01-01 00:00:00+00",
  ],
  interval: ["1 year 2 days 03:04:05.6", "-1 mon"],
  json: ['{"b": 1.10, "a": [1, null, "x"]}', "9007199254740993", '"s"', "null", '{"a":1,"a":2}'],
  jsonb: ['{"b": 1.10, "a": [1, null, "x"]}', "9007199254740993", '"s"', "null"],
  jsonpath: ["$.a[*]"],
  xml: ["<a>b</a>"],
  inet: ["10.0.0.1/8"],
  cidr: ["10.0.0.0/8"],
  macaddr: ["08:00:2b:01:02:03"],
  macaddr8: ["08:00:2b:01:02:03:04:05"],
  bit: ["1"],
  varbit: ["101"],
  point: ["(1,2)"],
  line: ["{1,2,3}"],
  lseg: ["[(1,2),(3,4)]"],
  box: ["(3,4),(1,2)"],
  path: ["((1,2),(3,4))"],
  polygon: ["((1,2),(3,4))"],
  circle: ["<(1,2),3>"],
  tsvector: ["'a':1 'b'"],
  tsquery: ["'a' & 'b'"],
  pg_lsn: ["1/A0"],
  xid: ["7"],
  xid8: ["7"],
  tid: ["(1,2)"],
  txid_snapshot: ["10:20:10,14"],
  int2vector: ["1 2 3"],
  oidvector: ["1 2"],
  int4range: ["[1,5)", "empty"],
  tstzrange: ['["2026-01-01 00:00:00+00","2026-02-01 00:00:00+00")'],
  int4multirange: ["{[1,3),[5,7)}"],
  "int4[]": ["{}", "{1,2,null}", "{{1,2},{3,4}}", "[2:3]={1,2}"],
  "int8[]": ["{9223372036854775807}"],
  "numeric[]": ["{1.50,NaN}"],
  "text[]": ['{a,"b,c",null,"null","q\\"\\\\"}'],
  "bool[]": ["{t,f}"],
  "timestamptz[]": ['{"2026-11-21 10:11:12.123456+00"}'],
  "jsonb[]": ['{"{\\"a\\": 1.10}"}'],
  "bytea[]": ['{"\\\\xdead"}'],
  "float8[]": ["{0.1,NaN}"],
  "hidden.mood": ["sad", 'very "happy"'],
  "hidden.mood[]": ['{sad,"very \\"happy\\""}'],
  "public.pair": ['(1,"x, ""y""","2026-11-21 10:11:12+00")', "(,,)"],
  "public.pair[]": ['{"(1,x,)"}'],
  "public.positive": ["5"],
  "public.positives": ["{5,6}"],
  "public.stamp": ["2026-11-21 10:11:12+00"],
  "hidden.nested": ["(1,x,)"],
  "public.span": ["[1.5,2.5)"],
  "extensions.hstore": ['"a"=>"1", "b"=>NULL'],
  "extensions.citext": ["MiXed"],
};

test.each(Object.entries(samples))("values of %s become what to_jsonb makes of them", async (type, values) => {
  const { rows } = await db.query<{ typeOid: number; text: string; expected: string }>(
    `select '${type}'::regtype::oid as "typeOid", format('%s', v::${type}) as text, to_jsonb(v::${type})::text as expected
     from unnest($1::text[]) v`,
    [values],
  );
  expect(rows).toHaveLength(values.length);
  await json.prepare(rows);
  for (const { expected, ...value } of rows) {
    const { rows: compared } = await db.query<{ made: string }>("select $1::jsonb::text as made", [json.get(value)]);
    expect(compared[0]?.made).toBe(expected);
  }
});

test("bytes are bare hex digits, as Supabase tells them", () => {
  expect(json.get({ typeOid: 17, text: "\\xdead" })).toBe('"dead"');
});

test("every built-in type of a column is among them", async () => {
  const { rows } = await db.query<{ name: string }>(`
    select format_type(oid, -1) as name from pg_type
    where typtype in ('b', 'r', 'm') and typcategory <> 'A' and typnamespace = 'pg_catalog'::regnamespace
      and typname !~ '^(reg|pg_(node_tree|ndistinct|dependencies|mcv_list|brin|ddl|snapshot)|aclitem|refcursor|gtsvector|cid$)'`);
  const { rows: known } = await db.query<{ name: string }>(
    "select format_type(t::regtype, -1) as name from unnest($1::text[]) t",
    [[...Object.keys(samples), "bytea"]],
  );
  const names = new Set(known.map(({ name }) => name));
  const alike = ["int8range", "numrange", "daterange", "tsrange", "int8multirange", "nummultirange", "datemultirange"];
  const rest = [...alike, "tsmultirange", "tstzmultirange"];
  expect(rows.map(({ name }) => name).filter((name) => !names.has(name) && !rest.includes(name))).toEqual([]);
});

test("a value whose type can no longer read it stays a string", async () => {
  await db.query("create type public.gone as enum ('a')");
  const { rows } = await db.query<{ oid: number }>("select 'public.gone[]'::regtype::oid as oid");
  const value = { typeOid: rows[0]?.oid ?? 0, text: "{a}" };
  await json.prepare([value]);
  expect(json.get(value)).toBe('["a"]');
  await db.query("drop type public.gone");
  await json.prepare([value]);
  expect(json.get(value)).toBe('"{a}"');
});
