import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADA, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.close());

async function until(check: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await check()) return;
    await sleep(100);
  }
  throw new Error("Cannot see the expected state within 10 seconds");
}

test("DDL is seen after the notice, and statements prepared before it still run", async () => {
  const select = () => stack.service.from("later").select();
  expect((await select()).error?.code).toBe("PGRST205");
  await stack.sql(
    "create table public.later (id int); insert into public.later values (1); notify pgrst, 'reload schema'",
  );
  await stack.sql("grant all on public.later to service_role");
  await until(async () => (await select()).status === 200);
  await stack.sql("alter table public.later alter column id type text using 'x' || id; notify pgrst");
  await until(async () => {
    const { data } = await stack.service.from("later").select().eq("id", "x1");
    return data?.length === 1;
  });
});

test("anon is stopped after three seconds, a user after eight", async () => {
  const started = performance.now();
  const { status, error } = await stack.anon.rpc("slow", { seconds: 20 });
  expect([status, error?.code]).toEqual([500, "57014"]);
  expect(performance.now() - started).toBeLessThan(5000);
});

test("a function's own limit counts from the start of its request", async () => {
  const started = performance.now();
  expect((await stack.service.rpc("hurried")).error?.code).toBe("57014");
  expect(performance.now() - started).toBeLessThan(2000);
});

test("the authenticator's pgrst settings are honoured after a reload", async () => {
  await stack.sql(
    `create function public.gate() returns void language plpgsql set search_path = '' as $$
    begin
      if current_setting('request.headers', true)::json->>'x-block' = 'yes' then
        raise sqlstate 'PT429' using message = 'slow down';
      end if;
    end $$`,
  );
  await stack.sql(
    `alter role authenticator set pgrst.db_pre_request = 'public.gate';
    alter role authenticator set pgrst.db_max_rows = '2';
    alter role authenticator set pgrst.db_schemas = 'public, hidden';
    grant usage on schema hidden to service_role; grant select on hidden.vault to service_role;
    notify pgrst, 'reload config'`,
    "supabase_admin",
  );
  await until(async () => (await (await stack.raw("/visits")).json()).length === 2);
  const blocked = await stack.raw("/visits", { headers: { "x-block": "yes" } });
  expect([blocked.status, (await blocked.json()).message]).toEqual([429, "slow down"]);
  const hidden = await stack.raw("/vault", { headers: { "accept-profile": "hidden" } });
  expect([hidden.status, hidden.headers.get("content-profile")]).toEqual([200, "hidden"]);
  await stack.sql("alter role authenticator reset all; notify pgrst", "supabase_admin");
  await until(async () => (await (await stack.raw("/visits")).json()).length === 4);
});

test("while Postgres is away requests are 503, then all recovers, reloads included", async () => {
  const ada = await stack.as(ADA);
  await stack.stopDatabase();
  const down = await stack.raw("/visits");
  expect([down.status, (await down.json()).code]).toEqual([503, "PGRST001"]);
  await stack.startDatabase();
  await until(async () => (await ada.from("visits").select("id")).status === 200);
  await stack.sql(
    "create table public.after_restart (id int); grant all on public.after_restart to service_role; notify pgrst",
  );
  await until(async () => (await stack.service.from("after_restart").select()).status === 200);
});

test("a plan is shown only where the settings allow it", async () => {
  const plan = (init: RequestInit = {}) =>
    stack.raw("/visits?select=id&id=eq.1", { ...init, headers: { accept: "application/vnd.pgrst.plan+json" } });
  expect((await plan()).status).toBe(406);
  await stack.sql("alter role authenticator set pgrst.db_plan_enabled = 'true'; notify pgrst", "supabase_admin");
  await until(async () => (await plan()).status === 200);
  expect((await (await plan()).json())[0].Plan["Node Type"]).toBeTypeOf("string");
  expect((await plan({ method: "DELETE" })).status).toBe(200);
  expect(await stack.sql("select 1 from public.visits where id = 1 and school_id = 1")).toHaveLength(1);
});
