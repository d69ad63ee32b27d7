import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runPipeline } from "./pipeline.ts";
import { startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let client: pg.Client;

beforeAll(async () => {
  stack = await startTestStack({ poolSize: 1 });
  client = await stack.ctx.connect("postgres");
});
afterAll(async () => {
  await client?.end();
  await stack?.close();
});

const one = (text: string, ...values: string[]) => ({ text, values });

test("statements share one transaction, and its settings end with it", async () => {
  const setting = one("select current_setting('my.word', true)");
  const [, inside] = await runPipeline(client, [one("select set_config('my.word', $1, true)", "here"), setting], 1);
  expect(inside).toEqual([["here"]]);
  const [outside] = await runPipeline(client, [setting], 1);
  expect(outside?.[0]?.[0] || null).toBeNull();
});

test("an error in any statement undoes those before it, and the connection goes on", async () => {
  const insert = one("insert into public.logs (word) values ('undone')");
  await expect(runPipeline(client, [insert, one("select 1 / 0")], 1)).rejects.toMatchObject({ code: "22012" });
  await expect(runPipeline(client, [insert, one("select nonsense")], 1)).rejects.toMatchObject({ code: "42703" });
  const [rows] = await runPipeline(client, [one("select count(*) from public.logs where word = 'undone'")], 1);
  expect(rows).toEqual([["0"]]);
});

test("a constraint checked at the end of the transaction fails the request", async () => {
  await stack.sql(`create table public.deferred (id int primary key, other int
    constraint deferred_fkey references public.deferred (id) on delete restrict deferrable initially deferred)`);
  const insert = one("insert into public.deferred values (1, 2)");
  await expect(runPipeline(client, [insert], 1)).rejects.toMatchObject({ code: "23503" });
});

test("more statements than a connection keeps prepared come and go", async () => {
  for (let round = 0; round < 2; round += 1) {
    for (let n = 0; n < 450; n += 1) {
      const [rows] = await runPipeline(client, [one(`select ${n} + $1::int`, "1")], 1);
      expect(rows).toEqual([[String(n + 1)]]);
    }
  }
  const [kept] = await runPipeline(client, [one("select count(*) from pg_prepared_statements")], 1);
  expect(Number(kept?.[0]?.[0])).toBeLessThanOrEqual(200);
});

test("a statement prepared before its table changed is made anew in the next generation", async () => {
  await stack.sql("create table public.shifting (id int)");
  const select = one("select id from public.shifting where id = $1", "1");
  await runPipeline(client, [select], 1);
  await stack.sql("alter table public.shifting alter column id type text");
  await expect(runPipeline(client, [select], 2)).resolves.toEqual([[]]);
});

test("requests wait their turn on one connection", async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => stack.raw(`/topics?select=id&limit=${n % 3}`)),
  );
  const sizes = await Promise.all(answers.map(async (answer) => (await answer.json()).length));
  expect(sizes).toEqual(Array.from({ length: 50 }, (_, n) => n % 3));
});
