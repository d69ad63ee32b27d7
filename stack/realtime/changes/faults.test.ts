import { readFileSync } from "node:fs";
import path from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startReplication } from "../replication/reader.ts";
import { startTestStack, type TestStack } from "../testing/stack.ts";
import { createChanges } from "./service.ts";
import { listen, PATIENCE } from "./testing/listen.ts";

let stack: TestStack;
let db: pg.Client;

beforeAll(async () => {
  stack = await startTestStack();
  db = await stack.database.connect();
  await db.query(`
    create table public.diary (id bigint primary key, owner uuid);
    alter table public.diary enable row level security;
    create policy own on public.diary for select to authenticated using (owner = (select auth.uid()));
    alter publication supabase_realtime add table diary`);
});

afterAll(() => stack?.stop());

/** Writes rows for both until told to stop, whatever happens to the server. */
function writer(owners: string[]) {
  let next = 1;
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      try {
        const client = await stack.database.connect();
        while (!stopped) {
          await client.query("insert into diary values ($1, $2), ($3, $4)", [next, owners[0], next + 1, owners[1]]);
          next += 2;
        }
      } catch {
        // The server is away.
        next += 2;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  })();
  return {
    async stop() {
      stopped = true;
      await running;
      return next;
    },
  };
}

test("a killed database loses what was under way, and shows nobody another's row before or after", async () => {
  const [ann, bob] = [await stack.person(), await stack.person()];
  const hers = await listen(ann.client, { table: "diary", event: "INSERT" });
  const his = await listen(bob.client, { table: "diary", event: "INSERT" });
  const writing = writer([ann.id, bob.id]);
  for (let round = 1; round <= 2; round++) {
    const [heard] = [hers.events.length];
    await hers.received(heard + 20);
    const [pid] = readFileSync(path.join(stack.database.dir, "data/postmaster.pid"), "utf8").split("\n");
    process.kill(Number(pid), "SIGKILL");
    await stack.database.stopServer();
    // Asked for while there is no database: it waits.
    const joining = listen(ann.client, { table: "diary", event: "INSERT" });
    await stack.database.startServer();
    const late = await joining;
    expect(late.system[0]).toMatchObject({ status: "ok" });
    await late.received(20);
    const since = hers.events.length;
    await hers.received(since + 20);
    await his.received(his.events.length + 20);
    await late.channel.unsubscribe();
  }
  await writing.stop();
  for (const [heard, owner] of [
    [hers, ann.id],
    [his, bob.id],
  ] as const) {
    const rows = heard.events.map((event) => event.new);
    expect(rows.filter((row) => !("owner" in row) || row.owner !== owner)).toEqual([]);
    const ids = rows.map((row) => ("id" in row ? Number(row.id) : 0));
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  }
});

test("closing leaves neither slot nor subscription behind", async () => {
  const looking = await stack.database.connect("supabase_admin");
  const look = async () => {
    const slots = await looking.query("select 1 from pg_replication_slots");
    const rows = await looking.query("select 1 from realtime.subscription where claims ->> 'sub' = 'closing'");
    return { slots: slots.rowCount, rows: rows.rowCount };
  };
  const { slots } = await look();
  const changes = createChanges(stack.ctx, () => undefined);
  const { onChanges, onReady } = changes;
  const replication = startReplication(stack.ctx, { onMessageRow: () => undefined, onChanges, onReady });
  const claims = { role: "authenticated", sub: "closing" };
  const { settled } = changes.subscribe({ id: "one", topic: "x", role: claims.role, claims }, [{ table: "diary" }]);
  expect(await settled).toMatchObject([{ status: "ok" }]);
  expect(await look()).toEqual({ slots: (slots ?? 0) + 1, rows: 1 });
  await replication.close();
  await changes.close();
  await expect.poll(() => look(), PATIENCE).toEqual({ slots, rows: 0 });
});
