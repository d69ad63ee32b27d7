import { randomUUID } from "node:crypto";
import { beforeAll, expect, vi } from "vitest";
import { ownerConnection } from "../support/database.ts";
import { newcomer, server, visitor } from "./clients.ts";
import { proves } from "./proof.ts";
import { closeSockets, joined, listening, privateRooms } from "./rooms.ts";

const room = "client-channel";
privateRooms(room);
closeSockets();

const patience = { timeout: 20_000 };
const newTopic = (kind = "open") => `${room}:${kind}:${randomUUID()}`;
const secret = { config: { private: true, broadcast: { ack: true, self: true } } };
let member: Awaited<ReturnType<typeof newcomer>>;
let other: typeof member;
beforeAll(async () => {
  [member, other] = await Promise.all([newcomer("member"), newcomer("other")]);
});

/** A client of its own with the session of this user, so that no test meets another's sockets. */
async function userClient({ client }: typeof member) {
  const fresh = listening(visitor());
  const { session } = (await client.auth.getSession()).data;
  if (session) await fresh.auth.setSession(session);
  return fresh;
}

/** Hears every broadcast of a topic. */
async function listener(topic: string, client = listening(visitor()), config = {}) {
  const heard: unknown[] = [];
  const channel = client.channel(topic, { config });
  channel.on("broadcast", { event: "*" }, ({ event, payload }) => void heard.push([event, payload]));
  return { heard, channel: await joined(channel) };
}

proves("channel.subscribe", "joins a public topic, and a private one that policies let this user read", async () => {
  const channel = await joined(listening(visitor()).channel(newTopic()));
  expect(channel.state).toBe("joined");
  const topic = newTopic();
  const user = await userClient(member);
  expect((await joined(user.channel(topic, secret))).state).toBe("joined");
  await expect(joined(listening(visitor()).channel(topic, secret))).rejects.toThrow("Unauthorized");
});

proves("channel.on", "hears the events it named: broadcasts, and those alone", async () => {
  const topic = newTopic();
  const seen: unknown[] = [];
  const channel = listening(visitor()).channel(topic);
  channel.on("broadcast", { event: "wanted" }, ({ payload }) => void seen.push(payload));
  await joined(channel);
  const sender = await joined(listening(visitor()).channel(topic));
  await sender.send({ type: "broadcast", event: "other", payload: { n: 1 } });
  await sender.send({ type: "broadcast", event: "wanted", payload: { n: 2 } });
  await vi.waitUntil(() => seen.length > 0, patience);
  expect(seen).toEqual([{ n: 2 }]);
});

proves(
  "channel.send",
  "reaches everybody in the topic in order, oneself only when asked, and is acknowledged",
  async () => {
    const topic = newTopic();
    const [first, second] = [
      await listener(topic),
      await listener(topic, undefined, { broadcast: { self: true, ack: true } }),
    ];
    for (const n of [1, 2, 3]) {
      expect(await second.channel.send({ type: "broadcast", event: "count", payload: { n } })).toBe("ok");
    }
    const all = [1, 2, 3].map((n) => ["count", { n }]);
    await vi.waitFor(() => expect(first.heard).toEqual(all), patience);
    await vi.waitFor(() => expect(second.heard).toEqual(all), patience);
    await first.channel.send({ type: "broadcast", event: "last", payload: {} });
    await vi.waitFor(() => expect(second.heard).toHaveLength(4), patience);
    expect(first.heard).toEqual(all);
  },
);

proves("channel.send", "is dropped where no policy lets this user write, also over HTTP before joining", async () => {
  const topic = newTopic("quiet");
  const { heard, channel } = await listener(topic, await userClient(member), {
    private: true,
    broadcast: { self: true },
  });
  await channel.send({ type: "broadcast", event: "forbidden", payload: {} });
  const unjoined = (await userClient(other)).channel(topic, secret);
  await unjoined.send({ type: "broadcast", event: "forbidden", payload: {} });
  const allowed = server().channel(topic, secret);
  expect(await allowed.httpSend("allowed", {})).toEqual({ success: true });
  await vi.waitUntil(() => heard.length > 0, patience);
  expect(heard).toEqual([["allowed", {}]]);
});

proves(
  "channel.httpSend",
  "sends without a socket, JSON or bytes; private topics only by policy, else it throws `Unauthorized`",
  async () => {
    const topic = newTopic();
    const user = await userClient(member);
    const { heard } = await listener(topic, user, { private: true });
    const sender = (await userClient(other)).channel(topic, secret);
    expect(await sender.httpSend("json", { hello: "there" })).toEqual({ success: true });
    expect(await sender.httpSend("bytes", new Uint8Array([1, 2, 3]))).toEqual({ success: true });
    await vi.waitUntil(() => heard.length === 2, patience);
    expect(heard[0]).toEqual(["json", { hello: "there" }]);
    expect(heard[1]).toEqual(["bytes", new Uint8Array([1, 2, 3]).buffer]);
    const quiet = (await userClient(other)).channel(newTopic("quiet"), secret);
    await expect(quiet.httpSend("json", {})).rejects.toThrow("Unauthorized");
  },
);

proves("channel.on", "hears what the database sends; a private channel replays what was sent before", async () => {
  const topic = newTopic();
  const owner = await ownerConnection();
  const send = (n: number) => owner.query("select realtime.send($1, 'sent', $2, true)", [{ n }, topic]);
  const { heard } = await listener(topic, await userClient(member), { private: true });
  await send(1);
  await vi.waitUntil(() => heard.length > 0, patience);
  expect(heard).toEqual([["sent", { n: 1, id: expect.any(String) }]]);
  const broadcast = { replay: { since: Date.now() - 600_000 } };
  const late = await listener(topic, await userClient(other), { private: true, broadcast });
  await send(2);
  await vi.waitUntil(() => late.heard.length > 1, patience);
  expect(late.heard).toMatchObject([
    ["sent", { n: 1 }],
    ["sent", { n: 2 }],
  ]);
  await owner.end();
});

proves("channel.track", "shows who is here to everybody in the topic, until they leave", async () => {
  const topic = newTopic();
  const watcher = listening(visitor()).channel(topic);
  const joins: string[] = [];
  const leaves: string[] = [];
  watcher.on("presence", { event: "join" }, ({ key }) => void joins.push(key));
  watcher.on("presence", { event: "leave" }, ({ key }) => void leaves.push(key));
  await joined(watcher);
  const client = listening(visitor());
  const guest = await joined(client.channel(topic, { config: { presence: { key: "guest" } } }));
  expect(await guest.track({ mood: "fine" })).toBe("ok");
  await vi.waitUntil(() => joins.includes("guest"), patience);
  await client.realtime.disconnect();
  await vi.waitUntil(() => leaves.includes("guest"), patience);
});

proves("channel.presenceState", "answers who is here, also those who came before", async () => {
  const topic = newTopic();
  const config = (key: string) => ({ config: { presence: { key } } });
  const early = await joined(listening(visitor()).channel(topic, config("early")));
  await early.track({ seat: 1 });
  const late = listening(visitor()).channel(topic, config("late"));
  late.on("presence", { event: "sync" }, () => undefined);
  expect(late.presenceState()).toEqual({});
  await joined(late);
  await vi.waitFor(() => expect(late.presenceState()).toMatchObject({ early: [{ seat: 1 }] }), patience);
});

proves("channel.untrack", "takes oneself off the list again", async () => {
  const topic = newTopic();
  const watcher = listening(visitor()).channel(topic);
  watcher.on("presence", { event: "sync" }, () => undefined);
  await joined(watcher);
  const guest = await joined(listening(visitor()).channel(topic, { config: { presence: { key: "guest" } } }));
  await guest.track({ mood: "fine" });
  await vi.waitUntil(() => "guest" in watcher.presenceState(), patience);
  expect(await guest.untrack()).toBe("ok");
  await vi.waitUntil(() => !("guest" in watcher.presenceState()), patience);
});

proves("channel.unsubscribe", "leaves the topic, which then is heard no more", async () => {
  const topic = newTopic();
  const [leaver, stayer] = [await listener(topic), await listener(topic)];
  expect(await leaver.channel.unsubscribe()).toBe("ok");
  expect(leaver.channel.state).toBe("closed");
  expect(await server().channel(topic).httpSend("late", {})).toEqual({ success: true });
  await vi.waitUntil(() => stayer.heard.length > 0, patience);
  expect(leaver.heard).toEqual([]);
});

proves("channel.updateJoinPayload", "changes what the next join says: another token, another right", async () => {
  const topic = newTopic();
  const channel = listening(visitor()).channel(topic, secret);
  const token = (await member.client.auth.getSession()).data.session?.access_token;
  const statuses: string[] = [];
  channel.subscribe((status) => void statuses.push(status));
  await vi.waitUntil(() => statuses.includes("CHANNEL_ERROR"), patience);
  channel.updateJoinPayload({ access_token: token });
  await vi.waitUntil(() => statuses.includes("SUBSCRIBED"), patience);
});

proves("channel.teardown", "stops a channel's timers and forgets it", async () => {
  const channel = await joined(listening(visitor()).channel(newTopic()));
  channel.teardown();
  expect(channel.state).toBe("closed");
});

proves("channel.copyBindings", "listens for what another channel listens for; not once it is joined", async () => {
  const topic = newTopic();
  const heard: string[] = [];
  const pattern = visitor().channel(topic);
  pattern.on("broadcast", { event: "ping" }, ({ event }) => void heard.push(event));
  const copy = listening(visitor()).channel(topic);
  copy.copyBindings(pattern);
  await joined(copy);
  expect(() => copy.copyBindings(pattern)).toThrow("joined channel");
  await server().channel(topic).httpSend("ping", {});
  await vi.waitUntil(() => heard.includes("ping"), patience);
});
