import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KIND } from "./frames.ts";
import { startTestStack, subscribed, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ limits: { payloadBytes: 10_000 } });
});
afterAll(() => stack?.stop());

const ok = { status: "ok", response: {} };
const joined = { status: "ok", response: { postgres_changes: [] } };
const event = (name: string, payload: unknown = {}) => ({ type: "broadcast" as const, event: name, payload });

describe("with supabase-js", () => {
  test("everybody in the room but the sender receives, in order", async () => {
    const heard: unknown[] = [];
    const own: unknown[] = [];
    const speaker = stack.anon().channel("talk");
    const listener = stack.anon().channel("talk");
    speaker.on("broadcast", { event: "*" }, ({ payload }) => own.push(payload));
    const done = new Promise<void>((resolve) => {
      listener.on("broadcast", { event: "word" }, ({ payload }) => {
        heard.push(payload.n);
        if (payload.n === 499) resolve();
      });
    });
    await Promise.all([subscribed(speaker), subscribed(listener)]);
    for (let n = 0; n < 500; n++) await speaker.send(event("word", { n }));
    await done;
    expect(heard).toEqual(Array.from({ length: 500 }, (_, n) => n));
    expect(own).toEqual([]);
  });

  test("the sender receives as well when it asks to, and an acknowledgement", async () => {
    const channel = stack.anon().channel("echo", { config: { broadcast: { self: true, ack: true } } });
    const heard = new Promise((resolve) => channel.on("broadcast", { event: "say" }, resolve));
    await subscribed(channel);
    expect(await channel.send({ type: "broadcast", event: "say", payload: { text: "grüezi" } })).toBe("ok");
    expect(await heard).toEqual(event("say", { text: "grüezi" }));
  });

  test("bytes arrive as they were sent", async () => {
    const [from, to] = [stack.anon().channel("bytes"), stack.anon().channel("bytes")];
    const heard = new Promise<ArrayBuffer>((resolve) =>
      to.on("broadcast", { event: "raw" }, ({ payload }) => resolve(payload)),
    );
    await Promise.all([subscribed(from), subscribed(to)]);
    const bytes = randomBytes(300);
    await from.send({
      type: "broadcast",
      event: "raw",
      payload: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 300),
    });
    expect(Buffer.from(await heard)).toEqual(bytes);
  });

  test("channels that are left receive nothing more", async () => {
    const client = stack.anon();
    const [leaver, speaker] = [
      client.channel("leave"),
      stack.anon().channel("leave", { config: { broadcast: { ack: true } } }),
    ];
    let heard = 0;
    leaver.on("broadcast", { event: "*" }, () => heard++);
    await Promise.all([subscribed(leaver), subscribed(speaker)]);
    expect(await leaver.unsubscribe()).toBe("ok");
    expect(await speaker.send(event("late"))).toBe("ok");
    expect(heard).toBe(0);
  });
});

describe("between serializers", () => {
  test("each receives in its own form, whoever sent", async () => {
    const [one, two] = [await stack.raw(stack.publishableKey, "1.0.0"), await stack.raw()];
    expect(await one.join("realtime:mixed")).toEqual(joined);
    expect(await two.join("realtime:mixed")).toEqual(joined);

    one.push("realtime:mixed", "broadcast", event("a", { n: 1 }));
    expect(await two.event("realtime:mixed", "broadcast")).toMatchObject({
      joinRef: null,
      ref: null,
      payload: event("a", { n: 1 }),
    });

    two.userPush("realtime:mixed", "b", Buffer.from('{"n": 12345678901234567890}'), 1);
    expect((await one.event("realtime:mixed", "broadcast")).payload).toMatchObject({ type: "broadcast", event: "b" });

    const third = await stack.raw();
    await third.join("realtime:mixed");
    two.userPush("realtime:mixed", "c", Buffer.from([1, 2]), 0);
    expect(await third.event("realtime:mixed", "broadcast")).toMatchObject({
      kind: KIND.userBroadcast,
      payload: event("c", Buffer.from([1, 2])),
    });
    third.push("realtime:mixed", "broadcast", event("last"));
    // The bytes were nothing for the first serializer.
    expect((await one.event("realtime:mixed", "broadcast")).payload).toEqual(event("last"));
  });

  test("a push of bytes goes out as one", async () => {
    const [from, to] = [await stack.raw(), await stack.raw()];
    await from.join("realtime:push");
    await to.join("realtime:push");
    const parts = ["join", "9", "realtime:push", "broadcast"].map((part) => Buffer.from(part));
    from.ws.send(
      Buffer.concat([Buffer.from([KIND.push, ...parts.map((part) => part.length)]), ...parts, Buffer.from("x")]),
    );
    expect(await to.event("realtime:push", "broadcast")).toMatchObject({
      kind: KIND.broadcast,
      payload: Buffer.from("x"),
    });
  });

  test("an event too long for a binary frame's header goes as text", async () => {
    const [from, to] = [await stack.raw(), await stack.raw()];
    const topic = `realtime:${"t".repeat(300)}`;
    await from.join(topic);
    await to.join(topic);
    from.push(topic, "broadcast", event("e".repeat(300), 1));
    expect((await to.event(topic, "broadcast")).payload).toEqual(event("e".repeat(300), 1));
  });
});

test("a payload over the limit is dropped, and said so to whom asks for acknowledgements", async () => {
  const [from, to] = [await stack.raw(), await stack.raw()];
  await from.join("realtime:large", { broadcast: { ack: true } });
  await to.join("realtime:large");
  const large = event("large", "x".repeat(10_000));
  expect(await from.ask("realtime:large", "broadcast", large)).toEqual({
    status: "error",
    response: "payload_size_exceeded",
  });
  const ref = from.userPush("realtime:large", "large", Buffer.alloc(10_001, "1"), 1);
  expect((await from.next((frame) => frame.ref === ref)).payload).toMatchObject({ status: "error" });
  expect(await from.ask("realtime:large", "broadcast", event("small"))).toEqual(ok);
  expect((await to.event("realtime:large", "broadcast")).payload).toEqual(event("small"));
});

test("what calls itself JSON and is not reaches nobody", async () => {
  const [from, to] = [await stack.raw(), await stack.raw()];
  await from.join("realtime:bad", { broadcast: { ack: true } });
  await to.join("realtime:bad");
  from.userPush("realtime:bad", "bad", Buffer.from("{nope"), 1);
  from.userPush("realtime:bad", "bad", Buffer.from([0x22, 0xff, 0x22]), 1);
  expect(await from.ask("realtime:bad", "broadcast", ["no", "object"])).toEqual(ok);
  expect(await from.ask("realtime:bad", "broadcast", event("good"))).toEqual(ok);
  expect((await to.event("realtime:bad", "broadcast")).payload).toEqual(event("good"));
});

describe("from the database", () => {
  test("realtime.send reaches the room of its privacy, with the row's id", async () => {
    const socket = await stack.raw();
    await socket.join("realtime:db", { broadcast: { replication_ready: true } });
    await socket.event("realtime:db", "system");
    await stack.admin.query(`select realtime.send('{"n": 1}', 'secret', 'db', true)`);
    await stack.admin.query(`select realtime.send('{"n": 2}', 'changed', 'db', false)`);
    const { rows } = await stack.admin.query("select id from realtime.messages where event = 'changed'");
    expect((await socket.event("realtime:db", "broadcast")).payload).toEqual({
      ...event("changed", { n: 2, id: rows[0].id }),
      meta: { id: rows[0].id },
    });
  });

  test("realtime.send_binary reaches it as bytes", async () => {
    const socket = await stack.raw();
    await socket.join("realtime:db-bytes", { broadcast: { replication_ready: true } });
    await socket.event("realtime:db-bytes", "system");
    await stack.admin.query(String.raw`select realtime.send_binary('\x00ff', 'raw', 'db-bytes', false)`);
    const { payload } = await socket.event("realtime:db-bytes", "broadcast");
    expect(payload).toMatchObject(event("raw", Buffer.from([0, 255])));
  });
});
