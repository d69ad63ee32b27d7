import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestStack, type TestStack } from "./testing/stack.ts";

// Where the embedded REST answers otherwise than PostgREST does. A test that fails here is a gap closed: remove its line.
let stack: TestStack;

const SCHEMA = `
  create domain public.color as integer;
  create function public.json(public.color) returns json language sql immutable set search_path = '' as
    $$ select to_json('#' || lpad(to_hex($1), 6, '0')) $$;
  create cast (public.color as json) with function public.json(public.color) as implicit;
  create table public.paints (id int primary key, tone public.color);
  insert into public.paints values (1, 255);
  create domain public."text/shout" as text;
  create function public.yell() returns public."text/shout" language sql immutable set search_path = '' as
    $$ select 'HEY'::public."text/shout" $$;
  create function public.isolated() returns text language sql volatile set default_transaction_isolation = 'serializable' as
    $$ select current_setting('transaction_isolation') $$;
  create view public.topic_view as select id, name from public.topics;
  grant select on public.paints, public.topic_view to service_role`;

beforeAll(async () => {
  stack = await startTestStack({ schema: SCHEMA });
});
afterAll(() => stack?.close());

test("gap: GeoJSON needs PostGIS, which this database does not have", async () => {
  const response = await stack.raw("/topics", { headers: { accept: "application/geo+json" } });
  expect([response.status, (await response.json()).code]).toEqual([404, "42883"]);
});

test("gap: a domain's cast to JSON does not change how its column is represented", async () => {
  expect(await (await stack.raw("/paints?select=tone")).json()).toEqual([{ tone: 255 }]);
});

test("gap: a domain named as a media type makes no handler for it", async () => {
  const response = await stack.raw("/rpc/yell", { headers: { accept: "text/shout" } });
  expect([response.status, (await response.json()).code]).toEqual([406, "PGRST107"]);
});

test("gap: a function's default isolation level is not that of its transaction", async () => {
  expect(await (await stack.raw("/rpc/isolated", { method: "POST" })).json()).toBe("read committed");
});

test("gap: a filter on a table that is embedded under another name brings no deprecation warning", async () => {
  const response = await stack.raw("/people?select=id,v:visits!visits_teacher_fkey(id)&visits.id=eq.1");
  expect([response.status, response.headers.get("warning")]).toEqual([200, null]);
});

test("gap: the description of a view names no primary key", async () => {
  const { definitions } = await (await stack.raw("/")).json();
  expect(definitions.topic_view.properties.id.description).toBeUndefined();
});

test("beyond: two embeds of one table that would bear the same name are answered, not refused with 42712", async () => {
  const response = await stack.raw(
    "/visits?select=id,people!visits_teacher_fkey(id),other:people!visits_observer_fkey(id)&limit=1",
  );
  expect(response.status).toBe(200);
});
