import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { applyBaseline } from "../postgres/baseline.ts";
import { topicPolicies } from "./testing/policies.ts";
import { type Person, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let person: Person;
beforeAll(async () => {
  stack = await startTestStack();
  await stack.admin.query(topicPolicies);
  person = await stack.person();
});
afterAll(() => stack?.stop());

const event = (name: string) => ({ type: "broadcast", event: name, payload: {} });
const isPrivate = { private: true };

test("without the database sockets stay, private joins say why, and all of it recovers by itself", async () => {
  const [joined, asker] = [await stack.raw(), await stack.raw()];
  await joined.join("realtime:room:open:1", { ...isPrivate, broadcast: { ack: true, self: true } }, person.token);
  await joined.ask("realtime:room:open:1", "broadcast", event("before"));
  await joined.event("realtime:room:open:1", "broadcast");
  await stack.database.stopServer();

  expect(await asker.join("realtime:room:1", isPrivate, person.token)).toEqual({
    status: "error",
    response: { reason: "UnableToConnectToProject: Realtime was unable to connect to the project database" },
  });
  // What was permitted before needs no database.
  await joined.ask("realtime:room:open:1", "broadcast", event("meanwhile"));
  expect((await joined.event("realtime:room:open:1", "broadcast")).payload).toEqual(event("meanwhile"));

  await stack.database.startServer();
  expect(await asker.join("realtime:room:1", isPrivate, person.token)).toMatchObject({ status: "ok" });
  const listener = await stack.raw();
  const config = { ...isPrivate, broadcast: { replication_ready: true } };
  await listener.join("realtime:room:open:1", config, person.token);
  await listener.event("realtime:room:open:1", "system");
  await stack.admin.query("select realtime.send('{}', 'after', 'room:open:1', true)");
  expect((await listener.event("realtime:room:open:1", "broadcast")).payload).toMatchObject({ event: "after" });
});

test("a database that crashes while it is asked fails the join, not the stack", async () => {
  await stack.admin.query(
    `create function public.ponder() returns boolean language plpgsql as $$ begin perform pg_sleep(20); return true; end $$;
     create policy "slow" on realtime.messages for select to anon using ((select realtime.topic()) = 'slow' and public.ponder())`,
  );
  const socket = await stack.raw();
  const refused = socket.join("realtime:slow", isPrivate);
  const asking = await vi.waitFor(async () => {
    const { rows } = await stack.admin.query("select pid from pg_stat_activity where wait_event = 'PgSleep'");
    expect(rows).toHaveLength(1);
    return rows[0].pid;
  });
  process.kill(asking, "SIGKILL");
  const reason = "UnableToConnectToProject: Realtime was unable to connect to the project database";
  expect(await refused).toEqual({ status: "error", response: { reason } });
  await vi.waitFor(
    async () => {
      expect(await socket.join("realtime:room:1", isPrivate, person.token)).toMatchObject({ status: "ok" });
    },
    { timeout: 20_000 },
  );
});

test("without today's partition a private join says so", async () => {
  const { rows } = await stack.admin.query<{ name: string }>(
    `select 'realtime.messages_' || to_char(now() at time zone 'utc', 'YYYY_MM_DD') as name`,
  );
  await stack.admin.query(`alter table realtime.messages detach partition ${rows[0]?.name}`);
  const socket = await stack.raw();
  const reason = "MissingPartition: Realtime was unable to find the expected messages partition";
  expect(await socket.join("realtime:room:1", isPrivate, person.token)).toEqual({
    status: "error",
    response: { reason },
  });
  await stack.admin.query(`drop table ${rows[0]?.name}`);
  await stack.admin.query("select _stack.maintain_message_partitions()");
  expect(await socket.join("realtime:room:1", isPrivate, person.token)).toMatchObject({ status: "ok" });
});

test("after a long stop the partitions are those of these days, and the old ones are gone", async () => {
  const partitions = async () => {
    const { rows } = await stack.admin.query<{ day: number }>(
      `select to_date(right(c.relname, 10), 'YYYY_MM_DD') - (now() at time zone 'utc')::date as day
       from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'realtime.messages'::regclass order by day`,
    );
    return rows.map(({ day }) => day);
  };
  await stack.admin.query(`do $$ declare v_day date; begin
    for v_day in select (now() at time zone 'utc')::date + n from generate_series(0, 3) as n loop
      execute format('drop table realtime.%I', 'messages_' || to_char(v_day, 'YYYY_MM_DD'));
    end loop;
    for v_day in select (now() at time zone 'utc')::date + n from generate_series(-12, -9) as n loop
      execute format('create table realtime.%I partition of realtime.messages for values from (%L) to (%L)',
        'messages_' || to_char(v_day, 'YYYY_MM_DD'), v_day, v_day + 1);
    end loop;
  end $$`);
  expect(await partitions()).toEqual([-12, -11, -10, -9, -1]);
  await applyBaseline(await stack.database.connect("supabase_admin"), { exposeNewTables: true });
  expect(await partitions()).toEqual([-1, 0, 1, 2, 3]);
  const socket = await stack.raw();
  expect(await socket.join("realtime:room:1", isPrivate, person.token)).toMatchObject({ status: "ok" });
});
