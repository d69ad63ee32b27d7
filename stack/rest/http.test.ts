import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;

const SCHEMA = `
  create view public.visit_counts as select school_id, count(*) as n from public.visits group by 1;
  create view public.names as select id, name from public.schools;
  create function public.varying() returns int language plpgsql stable set search_path = '' as $$
  begin
    perform set_config('response.headers', '[{"Vary": "X-Own"}]', true);
    return 1;
  end $$;
  grant select on public.visit_counts, public.names to service_role`;

beforeAll(async () => {
  stack = await startTestStack({ schema: SCHEMA });
});
afterAll(() => stack?.close());

test.each([
  ["/people", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"],
  ["/names", "OPTIONS,GET,HEAD,POST,PATCH,DELETE"],
  ["/visit_counts", "OPTIONS,GET,HEAD"],
  ["/rpc/add", "OPTIONS,GET,HEAD,POST"],
  ["/rpc/log_word", "OPTIONS,POST"],
  ["/", "OPTIONS,GET,HEAD"],
])("OPTIONS %s answers what can be done there", async (path, allowed) => {
  const response = await stack.raw(path, { method: "OPTIONS" });
  expect([response.status, response.headers.get("allow")]).toEqual([200, allowed]);
});

test("OPTIONS of a table that is not there is refused", async () => {
  const response = await stack.raw("/nowhere", { method: "OPTIONS" });
  expect([response.status, (await response.json()).code]).toEqual([404, "PGRST205"]);
});

test("every answer tells caches what it depends on, and functions have the last word", async () => {
  const vary = async (path: string, method = "GET") => (await stack.raw(path, { method })).headers.get("vary");
  expect(await vary("/schools")).toBe("Accept, Prefer, Range");
  expect(await vary("/nowhere")).toBe("Accept, Prefer, Range");
  expect(await vary("/schools", "OPTIONS")).toBe("Accept, Prefer, Range");
  expect(await vary("/rpc/varying")).toBe("X-Own");
});

test("a time zone is a name or an offset, and one that Postgres does not know is an error however it is handled", async () => {
  const ask = (prefer: string) => stack.raw("/rpc/whoami", { headers: { prefer } });
  for (const zone of ["America/Los_Angeles", "+05:30", "-4"]) {
    const answer = await ask(`timezone=${zone}`);
    expect([answer.status, answer.headers.get("preference-applied")]).toEqual([200, `timezone=${zone}`]);
  }
  for (const handling of ["", "handling=strict, ", "handling=lenient, "]) {
    const refused = await ask(`${handling}timezone=Invalid/Timezone`);
    expect([refused.status, await refused.json()]).toEqual([
      400,
      {
        code: "22023",
        details: null,
        hint: null,
        message: 'invalid value for parameter "TimeZone": "Invalid/Timezone"',
      },
    ]);
  }
});

test("what is embedded under another name is filtered, ordered and limited by either name", async () => {
  const rows = async (name: string) => {
    const path = `/people?select=id,v:visits!visits_teacher_fkey(id)&school_id=eq.1&id=eq.1&${name}.id=gt.0&${name}.order=id.desc&${name}.limit=1`;
    return (await stack.raw(path)).json();
  };
  expect(await rows("v")).toEqual([{ id: 1, v: [{ id: 2 }] }]);
  expect(await rows("visits")).toEqual([{ id: 1, v: [{ id: 2 }] }]);
});

test("a row limit of config.toml holds for tables, embeds and functions, and counts are not cut", async () => {
  const limited = await startTestStack({ config: { api: { max_rows: 2 } } });
  try {
    const rows = async (path: string) => (await limited.raw(path)).json();
    expect(await rows("/visits")).toHaveLength(2);
    expect(await rows("/visits?limit=3")).toHaveLength(2);
    expect(await rows("/rpc/numbers?up_to=9")).toHaveLength(2);
    const [school] = await rows("/people?select=id,visits!visits_teacher_fkey(id)&school_id=eq.1&order=id&limit=1");
    expect(school.visits.length).toBeLessThanOrEqual(2);
    const counted = await limited.raw("/visits", { headers: { prefer: "count=exact" } });
    expect([counted.status, counted.headers.get("content-range")]).toEqual([206, "0-1/4"]);
  } finally {
    await limited.close();
  }
});
