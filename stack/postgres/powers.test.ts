import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestDatabase, type TestDatabase } from "../testing/database.ts";
import { attempt } from "./testing/attempt.ts";

let database: TestDatabase;
let postgres: Awaited<ReturnType<TestDatabase["connect"]>>;

beforeAll(async () => {
  database = await startTestDatabase("powers", { exposeNewTables: false });
  postgres = await database.connect();
  await postgres.query(`
    create table public.notes (id bigint primary key, user_id uuid references auth.users (id));
    create function public.tg_users__copy() returns trigger language plpgsql as $$ begin return new; end $$;
  `);
});
afterAll(() => database.stop());

const denied = [
  "alter table storage.objects disable row level security",
  "alter table storage.objects enable row level security",
  "alter table storage.objects add column x int",
  "alter table storage.objects owner to postgres",
  "create index on storage.objects (name)",
  "create rule r as on delete to storage.objects do instead nothing",
  "drop table auth.users",
  "drop table auth.users cascade",
  "drop schema auth cascade",
  "drop schema storage cascade",
  "truncate realtime.subscription, auth.users cascade",
  "create table auth.mine (id int)",
  "create function auth.mine() returns int language sql as 'select 1'",
  "create or replace function auth.uid() returns uuid language sql as 'select null::uuid'",
  "create table storage.mine (id int)",
  "create table realtime.mine (id int)",
  "create table public.child () inherits (auth.users)",
  "drop function auth.uid() cascade",
  "grant supabase_admin to postgres",
  "grant supabase_auth_admin to postgres",
  "grant supabase_storage_admin to postgres",
  "grant stack_table_lender to postgres",
  "alter role postgres superuser",
  "alter role authenticator superuser",
  "alter role supabase_admin password 'x'",
  "alter role supabase_auth_admin set search_path = public",
  "create role root superuser",
  "set role supabase_admin",
  "set role supabase_storage_admin",
  "set session authorization supabase_admin",
  "copy (select 1) to program 'true'",
  "copy public.notes from program 'true'",
  "copy (select 1) to '/tmp/stolen'",
  "select lo_import('/etc/passwd')",
  "select pg_read_file('vault.key')",
  "select pg_read_file('/etc/passwd')",
  "select pg_ls_dir('.')",
  "create function public.c() returns int language c as 'libc', 'getpid'",
  "create function public.i() returns int language internal as 'pg_backend_pid'",
  "create extension plpython3u",
  "create extension file_fdw",
  "alter database postgres set session_preload_libraries = 'x'",
  "set event_triggers = off",
  "create event trigger mine on ddl_command_start execute function extensions.pgrst_ddl_watch()",
  "drop event trigger stack_lend_tables",
  "alter event trigger stack_lend_tables disable",
  "drop function _stack.lend_tables() cascade",
  "delete from _stack.service_triggers where true",
  "create publication everything for all tables",
  "update pg_catalog.pg_authid set rolsuper = true where rolname = 'postgres'",
  "drop policy nothing on auth.schema_migrations",
  "alter default privileges for role supabase_storage_admin grant all on tables to anon",
  "drop owned by supabase_storage_admin",
  "reassign owned by supabase_storage_admin to postgres",
  "insert into cron.job (schedule, command, username) values ('* * * * *', 'select 1', 'supabase_admin')",
];

describe("postgres is refused", () => {
  beforeAll(() => postgres.query("create extension pg_cron"));

  test.each(denied)("%s", async (sql) => {
    expect(["42501", "2BP01", "0LP01", "42939", "42704"]).toContain(await attempt(postgres, sql));
  });
});

test("postgres is refused alter system, which no transaction can hold", async () => {
  await expect(postgres.query("alter system set log_statement = 'all'")).rejects.toMatchObject({ code: "42501" });
});

const allowed = [
  `create policy "own files" on storage.objects for select to authenticated using (owner_id = (select auth.uid()::text));
   alter policy "own files" on storage.objects using (false);
   drop policy "own files" on storage.objects`,
  "create policy topics on realtime.messages for select to authenticated using ((select realtime.topic()) = 'a')",
  "create policy own on auth.users for select to authenticated using (true)",
  "create policy own on public.notes using (true)",
  "drop policy if exists absent on storage.objects",
  `create trigger copy after insert on auth.users for each row execute function public.tg_users__copy();
   create or replace trigger copy after insert on auth.users for each row execute function public.tg_users__copy();
   drop trigger copy on auth.users`,
  "alter role authenticator set pgrst.db_pre_request = 'public.check_request'",
  "alter role authenticated set statement_timeout = '5s'",
  "alter database postgres set app.settings.jwt_exp = '60'",
  "set local session_replication_role = replica",
  "set local role anon",
  "set local role service_role",
  "create role reporter login password 'x'",
  "create extension if not exists moddatetime with schema extensions",
  "create extension if not exists pg_net with schema extensions",
  "create extension if not exists pgmq",
  "create extension if not exists pgtap with schema extensions; set local search_path = public, extensions; select plan(1)",
  "create extension if not exists btree_gist with schema extensions",
  'create extension if not exists "uuid-ossp" with schema extensions',
  "create extension if not exists supabase_vault with schema vault",
  "alter publication supabase_realtime add table public.notes",
  "create schema private",
  "select extensions.crypt('x', extensions.gen_salt('bf', 4))",
  "select * from extensions.pg_stat_statements limit 1",
  "delete from auth.users where false",
];

describe("postgres may", () => {
  test.each(allowed)("%s", async (sql) => {
    expect(await attempt(postgres, sql)).toBe("ok");
  });
});

describe("the loan of managed tables", () => {
  test("ends with the statement that needed it", async () => {
    await postgres.query("begin; create policy p on storage.objects using (true)");
    const { rows } = await postgres.query("select pg_has_role('postgres', 'stack_table_lender', 'member') as lent");
    expect(rows).toEqual([{ lent: false }]);
    await expect(postgres.query("alter table storage.objects disable row level security")).rejects.toThrow(
      "must be owner",
    );
    await postgres.query("rollback");
  });

  test("refuses a command that hides inside the one it was given for", async () => {
    const attack = `
      create function public.evil(int) returns boolean language plpgsql as $$
        begin execute 'alter table storage.objects disable row level security'; return true; end $$;
      create domain public.trap as int check (public.evil(value));
      create policy p on storage.objects using ('{1}'::public.trap[] is not null);`;
    expect(await attempt(postgres, attack)).toBe("42501");
  });

  test("does not cover other tables, nor the triggers of the service", async () => {
    expect(await attempt(postgres, "create policy p on auth.schema_migrations using (true)")).toBe("42501");
    const admin = await database.connect("supabase_admin");
    const { rows } = await admin.query<{ sql: string }>(
      "select format('drop trigger %I on %I.%I', trigger_name, schema_name, table_name) as sql from _stack.service_triggers",
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { sql } of rows) expect(await attempt(postgres, sql)).toBe("42501");
  });

  test("cannot be switched off by replica mode", async () => {
    const sql = "set local session_replication_role = replica; create policy p on auth.schema_migrations using (true)";
    expect(await attempt(postgres, sql)).toBe("42501");
  });

  test("a migration that fails leaves nothing lent", async () => {
    expect(await attempt(postgres, "create policy p on storage.objects using (no_such_column)")).toBe("42703");
    const { rows } = await postgres.query("select pg_has_role('postgres', 'stack_table_lender', 'member') as lent");
    expect(rows).toEqual([{ lent: false }]);
  });
});

describe("API roles", () => {
  test("get nothing on new tables of postgres when the project is strict", async () => {
    const { rows } = await postgres.query(`
      select r as role, has_table_privilege(r, 'public.notes', 'select') as readable
      from unnest(array['anon', 'authenticated', 'service_role']) as r`);
    expect(rows.map(({ readable }) => readable)).toEqual([false, false, false]);
  });

  test.each(["anon", "authenticated"])("%s reads no secret", async (role) => {
    await postgres.query("select vault.create_secret('hidden', 'powers-' || $1)", [role]);
    for (const sql of [
      "select * from vault.decrypted_secrets",
      "select * from vault.secrets",
      "select vault.create_secret('a')",
      "select vault._root_key()",
    ]) {
      expect(await attempt(postgres, `set local role ${role}; ${sql}`)).toBe("42501");
    }
  });
});

describe("schema changes", () => {
  test("tell the REST service", async () => {
    const heard: string[] = [];
    const listener = await database.connect("authenticator");
    listener.on("notification", ({ payload }) => heard.push(payload ?? ""));
    await listener.query("listen pgrst");
    await postgres.query("create table public.announced (id int); drop table public.announced");
    await expect.poll(() => heard).toContain("reload schema");
  });
});
