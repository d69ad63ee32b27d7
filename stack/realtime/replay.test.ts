import { afterAll, beforeAll, expect, test } from "vitest";
import { topicPolicies } from "./testing/policies.ts";
import { type Person, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let person: Person;
beforeAll(async () => {
  stack = await startTestStack();
  await stack.admin.query(topicPolicies);
  person = await stack.person();
  await stack.admin.query(
    `insert into realtime.messages (topic, event, extension, private, payload, inserted_at)
     select 'room:1', 'n', 'broadcast', true, to_jsonb(n), (now() at time zone 'utc') - make_interval(secs => 100 - n)
     from generate_series(1, 40) as n`,
  );
  await stack.admin.query(
    `insert into realtime.messages (topic, event, extension, private, payload) values
     ('room:1', 'public', 'broadcast', false, '0'), ('room:1', 'presence', 'presence', true, '0'),
     ('room:2', 'elsewhere', 'broadcast', true, '0')`,
  );
});
afterAll(() => stack?.stop());

const config = (replay: unknown) => ({ private: true, broadcast: { replay } });
const refused = (reason: string) => ({ status: "error", response: { reason } });

test("a join may ask for what was sent before, oldest first", async () => {
  const channel = person.client.channel("room:1", {
    config: { private: true, broadcast: { replay: { since: Date.now() - 3_600_000, limit: 3 } } },
  });
  const heard: unknown[] = [];
  await new Promise<void>((resolve) => {
    channel.on("broadcast", { event: "n" }, (message) => {
      heard.push(message);
      if (heard.length === 3) resolve();
    });
    channel.subscribe();
  });
  expect(heard).toEqual(
    [38, 39, 40].map((payload) => ({
      type: "broadcast",
      event: "n",
      payload,
      meta: { replayed: true, id: expect.any(String) },
    })),
  );
});

test("at most 25 come, and none from before the time", async () => {
  const socket = await stack.raw();
  await socket.join("realtime:room:1", config({ since: 0, limit: 1000 }), person.token);
  const first = await socket.event("realtime:room:1", "broadcast");
  expect(first.payload).toMatchObject({ payload: 16 });
  for (let n = 17; n <= 40; n++)
    expect((await socket.event("realtime:room:1", "broadcast")).payload).toMatchObject({ payload: n });
  const later = await stack.raw();
  const { rows } = await stack.admin.query(
    "select floor(extract(epoch from inserted_at) * 1000)::float8 as since from realtime.messages where payload = '39'",
  );
  await later.join("realtime:room:1", config(rows[0]), person.token);
  expect((await later.event("realtime:room:1", "broadcast")).payload).toMatchObject({ payload: 39 });
});

test("bytes are replayed where they can be expressed", async () => {
  await stack.admin.query(String.raw`select realtime.send_binary('\x0102', 'raw', 'room:bytes', true)`);
  const replay = config({ since: 0 });
  const socket = await stack.raw();
  await socket.join("realtime:room:bytes", replay, person.token);
  expect((await socket.event("realtime:room:bytes", "broadcast")).payload).toMatchObject({
    event: "raw",
    payload: Buffer.from([1, 2]),
    meta: { replayed: true },
  });
  const old = await stack.raw(stack.publishableKey, "1.0.0");
  await old.join("realtime:room:bytes", replay, person.token);
  expect(await old.ask("phoenix", "heartbeat", {})).toMatchObject({ status: "ok" });
  expect(old.frames).toEqual([]);
});

test("what is replayed is not delivered a second time", async () => {
  const socket = await stack.raw();
  const plain = await stack.raw();
  await plain.join("realtime:room:twice", { private: true, broadcast: { replication_ready: true } }, person.token);
  await plain.event("realtime:room:twice", "system");
  // The row is there to be replayed before the log brings it: the join and the insert go at the same time.
  for (let n = 0; n < 10; n++) {
    const inserted = stack.admin.query("select realtime.send(to_jsonb($1::int), 'n', 'room:twice', true)", [n]);
    await inserted;
    await socket.ask("realtime:room:twice", "phx_leave", {});
    await socket.join("realtime:room:twice", config({ since: Date.now() - 60_000 }), person.token);
  }
  for (let n = 0; n < 10; n++) await plain.event("realtime:room:twice", "broadcast");
  await socket.ask("phoenix", "heartbeat", {});
  // Each join was replayed all so far; only the last one could have heard its newest a second time.
  const replayed = socket.frames.filter(({ event }) => event === "broadcast").map(({ payload }) => payload);
  expect(replayed.slice(-10)).toMatchObject(
    Array.from({ length: 10 }, (_, n) => ({ payload: n, meta: { replayed: true } })),
  );
});

test("only private channels replay, and only with parameters that make sense", async () => {
  const socket = await stack.raw();
  const ask = (given: unknown) => socket.join("realtime:room:1", config(given), person.token);
  const invalid = refused("UnableToReplayMessages: Replay params are not valid");
  for (const given of [{}, { since: "yesterday" }, { since: 1.5 }, { since: 1e18 }, { since: 0, limit: "x" }, 7]) {
    expect(await ask(given)).toEqual(invalid);
  }
  expect(await socket.join("realtime:room:1", { broadcast: { replay: { since: 0 } } })).toEqual(
    refused("UnableToReplayMessages: Replay is not allowed for public channels"),
  );
});

test("who may not read the topic is replayed nothing", async () => {
  const socket = await stack.raw();
  const reason = "Unauthorized: You do not have permissions to read from this Channel topic: own:x";
  expect(await socket.join("realtime:own:x", config({ since: 0 }), person.token)).toEqual(refused(reason));
  const presence = { ...config({ since: 0 }), presence: { enabled: true } };
  expect(await socket.join("realtime:lobby:1", presence, person.token)).toEqual(
    refused(reason.replace("own:x", "lobby:1")),
  );
});
