import { createClient } from "@supabase/supabase-js";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Person, startTestStack, type TestStack } from "../testing/stack.ts";
import { listen, PATIENCE } from "./testing/listen.ts";

let stack: TestStack;
let db: pg.Client;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  stack = await startTestStack();
  db = await stack.database.connect();
  await db.query(`
    create extension if not exists citext schema extensions;
    create table public.diary (id int primary key, owner uuid, text text);
    alter table public.diary enable row level security;
    create policy own on public.diary for select to authenticated using (owner = (select auth.uid()));
    create table public.staff (id int primary key, name text, salary int);
    alter table public.staff replica identity full;
    revoke all on public.staff from anon, authenticated;
    grant select (id, name) on public.staff to authenticated;
    grant select (name) on public.staff to anon;
    create table public.secrets (id int primary key);
    revoke all on public.secrets from anon, authenticated;
    create table public.open (id int primary key);
    alter publication supabase_realtime add table diary, staff, secrets, open`);
  ann = await stack.person();
  bob = await stack.person();
});

afterAll(() => stack?.stop());
beforeEach(() => db.query("truncate diary, staff, secrets, open"));

const rows = (events: { new: object }[]) => events.map((event) => event.new);

describe("row-level security", () => {
  test("shows inserts and updates to those who may read the row, and only them", async () => {
    const [hers, his, anons, service] = await Promise.all(
      [ann.client, bob.client, stack.anon(), stack.service()].map((client) => listen(client, { table: "diary" })),
    );
    await db.query("insert into diary values (1, $1, 'ann'), (2, $2, 'bob'), (3, null, 'nobody')", [ann.id, bob.id]);
    await service?.received(3);
    await db.query("update diary set text = text || '!'");
    expect(rows((await service?.received(6)) ?? [])).toHaveLength(6);
    expect(rows((await hers?.received(2)) ?? [])).toEqual([
      { id: 1, owner: ann.id, text: "ann" },
      { id: 1, owner: ann.id, text: "ann!" },
    ]);
    expect(rows((await his?.received(2)) ?? [])).toEqual([
      { id: 2, owner: bob.id, text: "bob" },
      { id: 2, owner: bob.id, text: "bob!" },
    ]);
    expect(anons?.events).toEqual([]);
  });

  test("is asked about the row as it is now, and a row that is gone is not told", async () => {
    const [hers, his] = await Promise.all([
      listen(ann.client, { table: "diary" }, { table: "open" }),
      listen(bob.client, { table: "diary" }, { table: "open" }),
    ]);
    await db.query("begin");
    await db.query("insert into diary values (1, $1, 'first'), (2, $1, 'gone')", [ann.id]);
    await db.query("update diary set owner = $1 where id = 1", [bob.id]);
    await db.query("delete from diary where id = 2");
    await db.query("insert into open values (1)");
    await db.query("commit");
    const seen = (await his.received(4)).map(({ eventType, table }) => `${eventType} ${table}`);
    expect(seen).toEqual(["INSERT diary", "UPDATE diary", "DELETE diary", "INSERT open"]);
    expect((await hers.received(2)).map(({ eventType }) => eventType)).toEqual(["DELETE", "INSERT"]);
  });

  test("holds for each row of a burst, for each of many users, whatever they share", async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => stack.person()));
    const [first] = people;
    const twin = stack.client(stack.publishableKey, first?.token);
    const heard = await Promise.all(
      [...people.map(({ client }) => client), twin].map((client) => listen(client, { table: "diary" })),
    );
    const count = 200;
    await db.query(`insert into diary select n, ($1::uuid[])[1 + n % 12], n::text from generate_series(0, $2 - 1) n`, [
      people.map(({ id }) => id),
      count,
    ]);
    for (const [index, each] of heard.entries()) {
      const number = index % 12;
      const expected = Array.from({ length: count }, (_, n) => n).filter((n) => n % 12 === number);
      expect((await each.received(expected.length)).map((event) => "id" in event.new && event.new.id)).toEqual(
        expected,
      );
    }
  });

  test("a policy's function cannot pass on to one user what it remembered of another", async () => {
    await db.query(`
      create table public.cached (id int primary key, owner uuid);
      alter table public.cached enable row level security;
      create function public.me() returns uuid language plpgsql as $$
      begin
        if coalesce(current_setting('app.me', true), '') = '' then
          perform set_config('app.me', auth.uid()::text, true);
        end if;
        return current_setting('app.me')::uuid;
      end $$;
      create policy own on public.cached for select to authenticated using (owner = public.me());
      alter publication supabase_realtime add table cached`);
    const heard = await Promise.all([ann.client, bob.client].map((client) => listen(client, { table: "cached" })));
    await db.query("insert into cached values (1, $1), (2, $2), (3, $1)", [ann.id, bob.id]);
    const seen = await Promise.all(heard.map((each, at) => each.received(2 - at)));
    expect(seen.map((events) => events.map((event) => "id" in event.new && event.new.id))).toEqual([[1, 3], [2]]);
  });

  test("a policy's function may rely on the search_path of the API", async () => {
    await db.query(`
      create table public.circles (member uuid);
      insert into public.circles values ('${ann.id}');
      create table public.shared (id int primary key, name extensions.citext);
      alter table public.shared enable row level security;
      create function public.is_member() returns boolean language sql security definer as
        'select exists (select from circles where member = auth.uid())';
      create policy members on public.shared for select to authenticated using (public.is_member());
      alter publication supabase_realtime add table shared`);
    const [hers, his] = await Promise.all([
      listen(ann.client, { table: "shared" }, { table: "open" }),
      listen(bob.client, { table: "shared" }, { table: "open" }),
    ]);
    await db.query("insert into shared values (1, 'x'); insert into open values (1)");
    expect((await hers.received(2)).map(({ table }) => table)).toEqual(["shared", "open"]);
    expect((await his.received(1)).map(({ table }) => table)).toEqual(["open"]);
  });

  test("a policy that fails for one user hides the row from that user alone", async () => {
    await db.query(`
      create table public.fragile (id int primary key);
      alter table public.fragile enable row level security;
      create policy fails on public.fragile for select to authenticated
        using (case when auth.uid() = '${ann.id}' then 1 / (id - id) = 1 else true end);
      alter publication supabase_realtime add table fragile`);
    const [hers, his] = await Promise.all([
      listen(ann.client, { table: "fragile" }, { table: "open" }),
      listen(bob.client, { table: "fragile" }, { table: "open" }),
    ]);
    await db.query("insert into fragile values (1); insert into open values (1)");
    await his.received(2);
    expect((await hers.received(1)).map(({ table }) => table)).toEqual(["open"]);
  });

  test("cannot be stepped around by a policy's function that takes back the role", async () => {
    await db.query(`
      create table public.sly (id int primary key, who text);
      alter table public.sly enable row level security;
      create function public.climb() returns boolean language plpgsql as $$
      begin
        perform set_config('role', 'supabase_admin', true);
        return true;
      exception when others then return false;
      end $$;
      create policy climbs on public.sly for select to authenticated using (public.climb());
      alter publication supabase_realtime add table sly`);
    const heard = await listen(ann.client, { table: "sly" }, { table: "open" });
    await db.query("insert into sly values (1); insert into open values (1)");
    expect((await heard.received(1)).map(({ table }) => table)).toEqual(["open"]);
  });
});

describe("column privileges", () => {
  test("cut columns, new and old values to what the role may select", async () => {
    const heard = await listen(ann.client, { table: "staff" });
    await db.query("insert into staff values (1, 'n', 100)");
    await heard.received(1);
    await db.query("update staff set salary = 200");
    await heard.received(2);
    await db.query("delete from staff");
    expect((await heard.received(3)).map((event) => [event.new, event.old])).toEqual([
      [{ id: 1, name: "n" }, {}],
      [
        { id: 1, name: "n" },
        { id: 1, name: "n" },
      ],
      [{}, { id: 1, name: "n" }],
    ]);
  });

  test("a role that may not select the key is told that it is unauthorized", async () => {
    const heard = await listen(stack.anon(), { table: "staff" }, { table: "secrets" });
    await db.query("insert into staff values (1, 'n', 100); insert into secrets values (1)");
    const errors = ["Error 401: Unauthorized"];
    expect(await heard.received(2)).toEqual([
      expect.objectContaining({ table: "staff", eventType: "INSERT", new: {}, errors }),
      expect.objectContaining({ table: "secrets", eventType: "INSERT", new: {}, errors }),
    ]);
  });

  test.each([
    [{ filter: "salary=gt.100" }, "invalid column for filter salary"],
    [{ select: ["name", "salary"] }, "invalid column for select salary"],
  ])("%j names a column that the role may not select", async (wanted, message) => {
    const refused = await listen(ann.client, { table: "staff", ...wanted });
    expect(refused.system[0]).toMatchObject({ status: "error", message: expect.stringContaining(message) });
    const allowed = await listen(stack.service(), { table: "staff", ...wanted });
    expect(allowed.system[0]).toMatchObject({ status: "ok" });
  });

  test("a grant that is taken back counts from the next row", async () => {
    await db.query(
      "create table public.fading (id int primary key, a text); alter publication supabase_realtime add table fading",
    );
    const heard = await listen(ann.client, { table: "fading" });
    await db.query("insert into fading values (1, 'x')");
    await heard.received(1);
    await db.query("revoke all on fading from authenticated; grant select (id) on fading to authenticated");
    await db.query("insert into fading values (2, 'y')");
    await heard.received(2);
    await db.query("revoke all (id) on fading from authenticated; insert into fading values (3, 'z')");
    expect(rows(await heard.received(3))).toEqual([{ id: 1, a: "x" }, { id: 2 }, {}]);
  });
});

describe("a filter", () => {
  test("by a column that the role may no longer select lets nothing through", async () => {
    await db.query(`
      create table public.guessed (id int primary key, note text, secret text);
      alter publication supabase_realtime add table guessed`);
    const guesses = await listen(ann.client, { table: "guessed", filter: "secret=like.1%" }, { table: "open" });
    await db.query("insert into guessed values (1, 'n', '123')");
    await guesses.received(1);
    await db.query("revoke all on guessed from authenticated; grant select (id, note) on guessed to authenticated");
    await db.query("insert into guessed values (2, 'n', '123'); insert into open values (1)");
    expect((await guesses.received(2)).map(({ table }) => table)).toEqual(["guessed", "open"]);
  });
});

describe("tokens", () => {
  test("a new token brings new rights, without a new join", async () => {
    let token: string | null = ann.token;
    const client = createClient(stack.url, stack.publishableKey, { accessToken: async () => token });
    const heard = await listen(client, { table: "diary" });
    await db.query("insert into diary values (1, $1, 'a'), (2, $2, 'b')", [ann.id, bob.id]);
    expect(rows(await heard.received(1))).toMatchObject([{ id: 1 }]);
    token = bob.token;
    await client.realtime.setAuth();
    await vi.waitUntil(() => heard.system.length === 2, PATIENCE);
    expect(heard.system[1]).toMatchObject({ status: "ok", message: "Subscribed to PostgreSQL" });
    await db.query("insert into diary values (3, $1, 'a'), (4, $2, 'b')", [ann.id, bob.id]);
    expect(rows(await heard.received(2))).toMatchObject([{ id: 1 }, { id: 4 }]);
    const { rows: stored } = await db.query("select 1 from realtime.subscription where claims ->> 'sub' = $1", [
      bob.id,
    ]);
    expect(stored.length).toBeGreaterThan(0);
    await client.realtime.disconnect();
  });

  test("a new token whose role may not ask for the filter ends the subscription, and says so", async () => {
    let token: string | null = await stack.sign({ role: "service_role" });
    const client = createClient(stack.url, stack.publishableKey, { accessToken: async () => token });
    const heard = await listen(client, { table: "staff", filter: "salary=gt.100" });
    await db.query("insert into staff values (1, 'n', 200)");
    await heard.received(1);
    token = ann.token;
    await client.realtime.setAuth();
    await vi.waitUntil(() => heard.system.length === 2, PATIENCE);
    expect(heard.system[1]).toMatchObject({
      status: "error",
      message: expect.stringContaining("invalid column for filter salary"),
    });
    const other = await listen(stack.service(), { table: "staff" });
    await db.query("insert into staff values (2, 'n', 200)");
    await other.received(1);
    expect(heard.events).toHaveLength(1);
    await client.realtime.disconnect();
  });

  test("an expired one hears nothing", async () => {
    const exp = Math.floor(Date.now() / 1000) + 3;
    const client = stack.client(stack.publishableKey, await stack.sign({ role: "authenticated", sub: ann.id }, exp));
    const heard = await listen(client, { table: "open" });
    const other = await listen(bob.client, { table: "open" });
    await vi.waitUntil(() => Date.now() > exp * 1000, PATIENCE);
    await db.query("insert into open values (1)");
    await other.received(1);
    expect(heard.events).toEqual([]);
  });

  test.each(["postgres", "supabase_admin", "authenticator", "nobody", 'authenticated" x'])(
    "the role %s hears nothing, although the token is signed",
    async (role) => {
      const token = await stack.sign({ role, sub: ann.id });
      const heard = await listen(stack.client(stack.publishableKey, token), { table: "open" }, { table: "diary" });
      expect(heard.system[0]).toMatchObject({ status: "error" });
      const other = await listen(bob.client, { table: "open" });
      await db.query("insert into open values (1)");
      await other.received(1);
      expect(heard.events).toEqual([]);
    },
  );
});
