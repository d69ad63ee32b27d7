import { beforeAll, expect } from "vitest";
import { newcomer, server, visitor } from "./clients.ts";
import { proves } from "./proof.ts";
import { databaseFixture } from "./schema.ts";

const table = "client_notes";
databaseFixture({
  table,
  down: `drop table if exists public.${table}`,
  up: `
    create table public.${table} (
      id int primary key, owner_id uuid not null default auth.uid(), text text not null check (text <> 'forbidden'),
      stars int not null default 1
    );
    alter table public.${table} enable row level security;
    create policy "owners read" on public.${table} for select to authenticated using (owner_id = (select auth.uid()));
    create policy "owners write" on public.${table} for insert to authenticated
      with check (owner_id = (select auth.uid()));
    create policy "owners change" on public.${table} for update to authenticated
      using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
    create policy "owners remove" on public.${table} for delete to authenticated
      using (owner_id = (select auth.uid()));
    grant select, insert, update, delete on public.${table} to authenticated, service_role`,
});

type Newcomer = Awaited<ReturnType<typeof newcomer>>;
let owner: Newcomer;
let stranger: Newcomer;
beforeAll(async () => {
  [owner, stranger] = await Promise.all([newcomer("owner"), newcomer("stranger")]);
});

const notes = () => owner.client.from(table);
const stored = async (...ids: number[]) =>
  (await server().from(table).select("id, text, stars").in("id", ids).order("id")).data;

proves("from.insert", "stores rows with their defaults, and returns them when asked", async () => {
  const answer = await notes()
    .insert([{ id: 1, text: "one" }])
    .select();
  expect(answer).toMatchObject({ status: 201, data: [{ id: 1, owner_id: owner.userId, text: "one", stars: 1 }] });
  expect(await notes().insert({ id: 2, text: "two" })).toMatchObject({ status: 201, data: null, error: null });
  expect(await stored(1, 2)).toHaveLength(2);
});

proves("from.insert", "refuses all rows when one is refused: `23505`, `23514`, by a policy `42501`", async () => {
  const rows = (last: object) => notes().insert([{ id: 11, text: "fine" }, last]);
  expect(await rows({ id: 11, text: "again" })).toMatchObject({ status: 409, error: { code: "23505" } });
  expect(await rows({ id: 12, text: "forbidden" })).toMatchObject({ status: 400, error: { code: "23514" } });
  const foreign = { id: 12, text: "not mine", owner_id: stranger.userId };
  expect(await rows(foreign)).toMatchObject({ status: 403, error: { code: "42501" } });
  const unknown = await visitor().from(table).insert({ id: 13, text: "nobody" });
  expect(unknown).toMatchObject({ status: 401, error: { code: "42501" } });
  expect(await stored(11, 12, 13)).toEqual([]);
});

proves("from.upsert", "inserts or changes by a key, or leaves what is there", async () => {
  await notes().insert({ id: 21, text: "old" });
  const rows = [
    { id: 21, text: "new" },
    { id: 22, text: "new" },
  ];
  expect((await notes().upsert(rows, { ignoreDuplicates: true }).select("id")).data).toEqual([{ id: 22 }]);
  expect(await stored(21)).toMatchObject([{ text: "old" }]);
  expect((await notes().upsert(rows, { onConflict: "id" })).error).toBeNull();
  expect(await stored(21)).toMatchObject([{ text: "new" }]);
});

proves("from.upsert", "changes no row of another owner: `42501`; without a unique key `42P10`", async () => {
  await notes().insert({ id: 23, text: "mine" });
  const taken = await stranger.client.from(table).upsert({ id: 23, text: "taken" });
  expect(taken).toMatchObject({ status: 403, error: { code: "42501" } });
  expect(await stored(23)).toMatchObject([{ text: "mine" }]);
  const keyless = await notes().upsert({ id: 23, text: "x" }, { onConflict: "text" });
  expect(keyless).toMatchObject({ error: { code: "42P10" } });
});

proves("from.update", "changes the rows that match, and none that a policy hides", async () => {
  await notes().insert([
    { id: 31, text: "a" },
    { id: 32, text: "b" },
  ]);
  const answer = await notes().update({ stars: 5 }, { count: "exact" }).in("id", [31, 32]).select("id, stars");
  expect(answer).toMatchObject({ count: 2, data: [{ stars: 5 }, { stars: 5 }] });
  expect((await stranger.client.from(table).update({ stars: 0 }).eq("id", 31).select()).data).toEqual([]);
  expect(await stored(31)).toMatchObject([{ stars: 5 }]);
});

proves("from.update", "refuses to change every row at once: `21000`", async () => {
  expect(await notes().update({ stars: 9 })).toMatchObject({ status: 400, error: { code: "21000" } });
});

proves(
  "from.delete",
  "removes the rows that match, and none that a policy hides; every row at once is `21000`",
  async () => {
    await notes().insert({ id: 41, text: "a" });
    expect((await stranger.client.from(table).delete().eq("id", 41).select()).data).toEqual([]);
    expect(await notes().delete()).toMatchObject({ status: 400, error: { code: "21000" } });
    expect(await stored(41)).toHaveLength(1);
    expect(await notes().delete().eq("id", 41)).toMatchObject({ status: 204, error: null });
    expect(await stored(41)).toEqual([]);
  },
);

proves("from.maxAffected", "refuses a change of more rows with `PGRST124` and changes none", async () => {
  await notes().insert([
    { id: 51, text: "a" },
    { id: 52, text: "b" },
  ]);
  const update = () => notes().update({ stars: 2 }).in("id", [51, 52]);
  expect(await update().maxAffected(1)).toMatchObject({ status: 400, error: { code: "PGRST124" } });
  expect(await stored(51)).toMatchObject([{ stars: 1 }]);
  expect(await update().maxAffected(2)).toMatchObject({ error: null });
  expect(await stored(51)).toMatchObject([{ stars: 2 }]);
});

proves("from.rollback", "is not honoured, as in a hosted project: the row stays", async () => {
  expect(await notes().insert({ id: 61, text: "kept" }).rollback()).toMatchObject({ status: 201, error: null });
  expect(await stored(61)).toHaveLength(1);
});
