import { expect } from "vitest";
import { newcomer, server, visitor } from "./clients.ts";
import { proves } from "./proof.ts";
import { databaseFixture } from "./schema.ts";

const table = "client_rpc_rows";
databaseFixture({
  table,
  down: `
    drop function if exists public.client_add(int, int);
    drop function if exists public.client_rows(int);
    drop function if exists public.client_touch();
    drop function if exists public.client_whoami();
    drop function if exists public.client_refuse();
    drop table if exists public.${table}`,
  up: `
    create table public.${table} (id int primary key, name text not null);
    alter table public.${table} enable row level security;
    create policy "all read" on public.${table} for select to anon, authenticated using (true);
    grant select on public.${table} to anon, authenticated, service_role;
    insert into public.${table} values (1, 'one'), (2, 'two'), (3, 'three');
    create function public.client_add(a int, b int default 10) returns int language sql stable
      set search_path = '' as $$ select a + b $$;
    create function public.client_rows(above int) returns setof public.${table} language sql stable
      set search_path = '' as $$ select * from public.${table} where id > above order by id $$;
    create function public.client_touch() returns void language sql volatile set search_path = '' as $$ $$;
    create function public.client_whoami() returns json language sql stable
      set search_path = '' as $$ select json_build_object('role', current_user, 'id', auth.uid()) $$;
    create function public.client_refuse() returns void language plpgsql set search_path = '' as $$
      begin
        raise sqlstate 'PT409' using message = 'Already done', detail = 'twice', hint = 'once';
      end $$;
    revoke execute on function public.client_add(int, int), public.client_rows(int), public.client_touch(),
      public.client_whoami(), public.client_refuse() from public;
    grant execute on function public.client_add(int, int), public.client_rows(int), public.client_whoami(),
      public.client_refuse() to anon, authenticated;
    grant execute on function public.client_touch() to authenticated`,
});

proves("rpc", "calls a function with named arguments and its defaults, by POST, GET or HEAD", async () => {
  const client = visitor();
  expect(await client.rpc("client_add", { a: 1, b: 2 })).toMatchObject({ data: 3, status: 200 });
  expect(await client.rpc("client_add", { a: 1 })).toMatchObject({ data: 11 });
  expect(await client.rpc("client_add", { a: 1, b: 2 }, { get: true })).toMatchObject({ data: 3 });
  const counted = await client.rpc("client_rows", { above: 1 }, { head: true, count: "exact" });
  expect(counted).toMatchObject({ data: null, count: 2, error: null });
});

proves("rpc", "filters, sorts and limits the rows of a function as those of a table", async () => {
  const answer = await visitor().rpc("client_rows", { above: 0 }).neq("id", 2).order("id", { ascending: false });
  expect(answer.data).toEqual([
    { id: 3, name: "three" },
    { id: 1, name: "one" },
  ]);
  expect((await visitor().rpc("client_rows", { above: 1 }).select("name").limit(1).single()).data).toEqual({
    name: "two",
  });
});

proves("rpc", "runs as who is signed in", async () => {
  const { client, userId } = await newcomer("caller");
  expect((await client.rpc("client_whoami")).data).toEqual({ role: "authenticated", id: userId });
  expect((await visitor().rpc("client_whoami")).data).toEqual({ role: "anon", id: null });
  expect(await client.rpc("client_touch")).toMatchObject({ data: null, status: 204, error: null });
});

proves(
  "rpc",
  "refuses: unknown `PGRST202`, not granted `42501`, of another type `22P02`, its own error as it is",
  async () => {
    const client = visitor();
    expect(await client.rpc("client_nothing")).toMatchObject({ status: 404, error: { code: "PGRST202" } });
    expect(await client.rpc("client_add", { c: 1 })).toMatchObject({ status: 404, error: { code: "PGRST202" } });
    expect(await client.rpc("client_touch")).toMatchObject({ status: 401, error: { code: "42501" } });
    expect(await client.rpc("client_add", { a: "many" })).toMatchObject({ status: 400, error: { code: "22P02" } });
    const error = { code: "PT409", message: "Already done", details: "twice", hint: "once" };
    expect(await client.rpc("client_refuse")).toMatchObject({ status: 409, error });
  },
);

proves("schema.rpc", "calls a function of an exposed schema; another schema is `PGRST106`", async () => {
  expect(await visitor().schema("public").rpc("client_add", { a: 1, b: 2 })).toMatchObject({ data: 3 });
  expect(await server().schema("vault").rpc("client_add", { a: 1 })).toMatchObject({ error: { code: "PGRST106" } });
});
