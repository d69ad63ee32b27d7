import { beforeAll, expect, vi } from "vitest";
import { newcomer, server, type visitor } from "./clients.ts";
import { proves } from "./proof.ts";
import { closeSockets, listening } from "./rooms.ts";
import { databaseFixture } from "./schema.ts";

const table = "client_events";
databaseFixture({
  table,
  down: `drop table if exists public.${table}`,
  up: `
    create table public.${table} (id int primary key, owner_id uuid not null, kind text not null, secret text);
    alter table public.${table} enable row level security;
    create policy "owners read" on public.${table} for select to authenticated using (owner_id = (select auth.uid()));
    grant select (id, owner_id, kind) on public.${table} to authenticated;
    grant all on public.${table} to service_role;
    alter publication supabase_realtime add table public.${table}`,
});
closeSockets();

const patience = { timeout: 20_000 };
const api = server();
let owner: Awaited<ReturnType<typeof newcomer>>;
let stranger: typeof owner;
beforeAll(async () => {
  [owner, stranger] = await Promise.all([newcomer("owner"), newcomer("stranger")]);
});

type Change = { eventType: string; new: Record<string, unknown>; old: Record<string, unknown> };

/** What this user hears of the table once the server says that it listens. */
async function watching({ client }: { client: ReturnType<typeof visitor> }, filter?: string) {
  const changes: Change[] = [];
  const told: string[] = [];
  const channel = listening(client).channel(`changes-${crypto.randomUUID()}`);
  channel
    .on("postgres_changes", { event: "*", schema: "public", table, filter }, (change) => void changes.push(change))
    .on("system", {}, ({ extension, status }) => void told.push(`${extension} ${status}`))
    .subscribe();
  await vi.waitUntil(() => told.length > 0, patience);
  return { changes, told, channel };
}

const insert = (id: number, owner_id: string, kind = "note") =>
  api.from(table).insert({ id, owner_id, kind, secret: "hidden" }).throwOnError();

proves("channel.on", "hears changes of tables as policies and column grants let this user see them", async () => {
  const [mine, theirs] = [await watching(owner), await watching(stranger)];
  await insert(1, owner.userId);
  await insert(2, stranger.userId);
  await api.from(table).update({ kind: "changed" }).eq("id", 1).throwOnError();
  // A row that is gone before it is looked at is shown to nobody.
  await vi.waitUntil(() => mine.changes.length === 2, patience);
  await api.from(table).delete().eq("id", 1).throwOnError();
  await vi.waitUntil(() => mine.changes.length === 3, patience);
  const row = { id: 1, owner_id: owner.userId, kind: "note" };
  expect(mine.changes.map(({ eventType }) => eventType)).toEqual(["INSERT", "UPDATE", "DELETE"]);
  expect(mine.changes.map((change) => change.new)).toEqual([row, { ...row, kind: "changed" }, {}]);
  expect(mine.changes[2]?.old).toEqual({ id: 1 });
  await vi.waitUntil(() => theirs.changes.length === 2, patience);
  expect(theirs.changes.map((change) => change.new.id ?? change.old.id)).toEqual([2, 1]);
});

proves("channel.on", "hears only the changes that a filter names; one of an unknown column is an error", async () => {
  const { changes } = await watching(owner, "kind=eq.wanted");
  await insert(11, owner.userId);
  await insert(12, owner.userId, "wanted");
  await vi.waitUntil(() => changes.length > 0, patience);
  expect(changes.map((change) => change.new.id)).toEqual([12]);
  expect((await watching(stranger, "colour=eq.red")).told[0]).toBe("postgres_changes error");
});
