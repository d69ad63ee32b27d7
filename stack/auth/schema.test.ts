import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
}, 60_000);
afterAll(() => stack?.stop());

async function column(sql: string): Promise<unknown[]> {
  const { rows } = await stack.admin.query<unknown[]>({ text: sql, rowMode: "array" });
  return rows.map(([value]) => value);
}

const tables = "from pg_class where relnamespace = 'auth'::regnamespace and relkind = 'r'";

test("schema.sql can run again", async () => {
  const sql = readFileSync(new URL("./schema.sql", import.meta.url), "utf8");
  await expect(stack.admin.query(sql)).resolves.toBeDefined();
});

test("tables belong to supabase_auth_admin, the schema to supabase_admin, and every table has row security", async () => {
  expect(await column(`select distinct pg_get_userbyid(relowner) ${tables}`)).toEqual(["supabase_auth_admin"]);
  expect(await column("select pg_get_userbyid(nspowner) from pg_namespace where nspname = 'auth'")).toEqual([
    "supabase_admin",
  ]);
  expect(await column(`select relname ${tables} and not relrowsecurity`)).toEqual([]);
  expect(await column(`select count(*)::int ${tables}`)).toEqual([23]);
});

test("the API roles have no right to any table", async () => {
  const allowed = await column(`
    select r.role || ' ' || p.privilege || ' ' || c.relname
    from pg_class c, unnest(array['anon', 'authenticated', 'service_role']) as r (role),
         unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p (privilege)
    where c.relnamespace = 'auth'::regnamespace and c.relkind = 'r'
      and has_table_privilege(r.role, c.oid, p.privilege)`);
  expect(allowed).toEqual([]);
});

test("postgres can seed users, refer to them and put a trigger on them", async () => {
  await stack.admin.query(`
    set role postgres;
    create table public.people (id uuid primary key references auth.users (id) on delete cascade, email text);
    create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as
      $$ begin insert into public.people values (new.id, new.email); return new; end $$;
    create trigger on_auth_user_created after insert on auth.users
      for each row execute function public.handle_new_user();
    insert into auth.users (id, aud, role, email, confirmation_token, recovery_token, email_change_token_new, email_change)
      values (gen_random_uuid(), 'authenticated', 'authenticated', 'seed@example.test', '', '', '', '');
    reset role`);
  expect(await column("select email from public.people")).toEqual(["seed@example.test"]);
  const server = await stack.serve();
  const { data } = await server.client().auth.signUp({ email: "trigger@example.test", password: "correct horse" });
  expect(await column("select email from public.people where email like 'trigger%'")).toEqual(["trigger@example.test"]);
  expect(data.session).not.toBeNull();
});

test("a project's trigger that refuses a user leaves nothing and tells nothing", async () => {
  await stack.admin.query(`create or replace function public.handle_new_user() returns trigger language plpgsql as
    $$ begin raise exception 'a secret of the project'; end $$`);
  const server = await stack.serve();
  const answer = await server.post("/signup", { email: "refused@example.test", password: "correct horse" });
  expect([answer.status, await answer.json()]).toEqual([
    500,
    { code: "unexpected_failure", message: "Database error saving new user" },
  ]);
  expect(await column("select email from auth.users where email = 'refused@example.test'")).toEqual([]);
});

test("a user seeded with a pgcrypto password signs in", async () => {
  await stack.admin.query("drop trigger on_auth_user_created on auth.users");
  await stack.admin.query(`
    insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, created_at, updated_at,
      raw_app_meta_data, raw_user_meta_data, confirmation_token, recovery_token, email_change_token_new, email_change)
    values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', 'crypt@example.test',
      extensions.crypt('Growth-Hub-2026!', extensions.gen_salt('bf')), now(), now(), now(),
      '{"provider": "email", "providers": ["email"]}', '{}', '', '', '', '')`);
  const server = await stack.serve();
  const { error } = await server
    .client()
    .auth.signInWithPassword({ email: "crypt@example.test", password: "Growth-Hub-2026!" });
  expect(error).toBeNull();
});
