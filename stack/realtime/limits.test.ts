import { once } from "node:events";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RealtimeLimits } from "./limits.ts";
import { startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
const lines: string[] = [];
const log = pino({ level: "warn" }, { write: (line: string) => lines.push(line) });
const start = async (limits: Partial<RealtimeLimits> = {}) => {
  stack = await startTestStack({ limits, log });
};
beforeEach(() => {
  lines.length = 0;
});
afterEach(() => stack?.stop());

const ok = { status: "ok", response: {} };
const joined = { status: "ok", response: { postgres_changes: [] } };
const reason = (text: string) => ({ status: "error", response: { reason: text } });

test("the hundred-and-first channel of a socket is refused, and the socket lives on", async () => {
  await start();
  const socket = await stack.raw();
  for (let n = 1; n <= 100; n++) expect(await socket.join(`realtime:c${n}`)).toEqual(joined);
  expect(await socket.join("realtime:c101")).toEqual(reason("ChannelRateLimitReached: Too many channels"));
  expect(await socket.ask("realtime:c1", "phx_leave", {})).toEqual(ok);
  expect(await socket.join("realtime:c101")).toEqual(joined);
  // A channel that is joined again is not one more.
  expect(await socket.join("realtime:c101")).toEqual(joined);
});

test("a join that asks for too many changes is refused, and the socket lives on", async () => {
  await start({ changesPerChannel: 2 });
  const socket = await stack.raw();
  const changes = (count: number) => ({
    postgres_changes: Array.from({ length: count }, () => ({ table: "nothing" })),
  });
  expect(await socket.join("realtime:a", changes(3))).toEqual(
    reason("Too many postgres_changes: a channel may ask for 2"),
  );
  expect(await socket.join("realtime:a", changes(2))).toMatchObject({ status: "ok" });
});

test("joins that come too fast end the socket", async () => {
  await start({ joinsPerSecond: 1 });
  const socket = await stack.raw();
  for (let n = 0; n < 6; n++) await socket.join(`realtime:${n}`);
  expect(await socket.join("realtime:7")).toEqual(reason("ClientJoinRateLimitReached: Too many joins per second"));
  expect(await socket.closed).toBe(1000);
});

test("messages that come too fast end the channel", async () => {
  await start({ eventsPerSecond: 1 });
  const socket = await stack.raw();
  await socket.join("realtime:a", { broadcast: { self: true } });
  for (let n = 0; n < 3; n++) socket.push("realtime:a", "broadcast", { event: "e" });
  expect((await socket.event("realtime:a", "system")).payload).toMatchObject({
    message: "Too many messages per second",
  });
  await socket.event("realtime:a", "phx_close");
  const response = await fetch(`${stack.url}/realtime/v1/api/ping`);
  expect([response.status, await response.json()]).toEqual([429, { message: "Too many requests" }]);
});

describe("what is not of the protocol", () => {
  test("is dropped with a line in the log, and the socket lives on", async () => {
    await start();
    const socket = await stack.raw();
    const noise = ["", "null", "[]", "{}", "[1,2,3,4,5]", '[null,null,"realtime:a","phx_join"]', '"'.repeat(100)];
    for (const frame of noise) socket.ws.send(frame);
    for (let kind = 0; kind < 256; kind++) socket.ws.send(Buffer.from([kind, 255, 255, 255, 255, 255, 255, 1]));
    socket.ws.send(Buffer.alloc(0));
    socket.ws.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect(await socket.ask("phoenix", "heartbeat", {})).toEqual(ok);
    expect(lines.filter((line) => line.includes("a malformed frame was dropped")).length).toBeGreaterThan(250);
    expect(socket.frames).toEqual([]);
  });

  test("in a join counts as absent", async () => {
    await start();
    const socket = await stack.raw();
    const odd = [
      null,
      7,
      [],
      { config: 7 },
      { config: { broadcast: 7, presence: [], postgres_changes: {}, private: "maybe" } },
    ];
    for (const payload of odd) expect(await socket.ask("realtime:odd", "phx_join", payload)).toEqual(joined);
    expect(await socket.join("realtime:odd", { private: "FALSE", presence: { enabled: "True", key: 7 } })).toEqual(
      joined,
    );
    await socket.event("realtime:odd", "presence_state");
  });

  test("on a topic nobody joined is answered as such", async () => {
    await start();
    const socket = await stack.raw();
    const unmatched = reason("unmatched topic");
    expect(await socket.ask("realtime:nowhere", "broadcast", {})).toEqual(unmatched);
    expect(await socket.ask("other:topic", "phx_join", {})).toEqual(unmatched);
    expect(await socket.ask("realtime:nowhere", "phx_leave", {})).toEqual(ok);
    expect(await socket.join("realtime:")).toEqual(reason("TopicNameRequired: You must provide a topic name"));
  });

  test("a frame too large ends the socket", async () => {
    await start({ frameBytes: 1000 });
    const socket = await stack.raw();
    socket.push("realtime:a", "phx_join", { config: {}, padding: "x".repeat(1000) });
    expect(await socket.closed).toBe(1009);
  });
});

test("a second join of a topic replaces the first", async () => {
  await start();
  const socket = await stack.raw();
  await socket.ask("realtime:a", "phx_join", {}, "first");
  await socket.ask("realtime:a", "phx_join", {}, "second");
  expect(await socket.event("realtime:a", "phx_close")).toMatchObject({ joinRef: "first", ref: "first" });
  const other = await stack.raw();
  await other.join("realtime:a", { broadcast: { ack: true } });
  await other.ask("realtime:a", "broadcast", { event: "once" });
  await socket.ask("phoenix", "heartbeat", {});
  expect(socket.frames.map((frame) => frame.event)).toEqual(["broadcast"]);
});

test("a join that is replaced while its refusal waits is never answered", async () => {
  await start({ joinErrorMs: 300 });
  const socket = await stack.raw();
  const secret = { config: { private: true } };
  const first = socket.push("realtime:a", "phx_join", secret, "first");
  expect(await socket.ask("realtime:a", "phx_join", {}, "second")).toEqual(joined);
  await socket.event("realtime:a", "phx_close");
  expect(await socket.ask("realtime:b", "phx_join", secret)).toMatchObject({ status: "error" });
  expect(socket.frames.filter(({ ref }) => ref === first)).toEqual([]);
  expect(await socket.ask("realtime:a", "phx_leave", {})).toEqual(ok);
});

test("a consumer that does not read is cut off, and the others are served", async () => {
  await start({ outgoingBytes: 1_000_000 });
  const [slow, quick, speaker] = [await stack.raw(), await stack.raw(), await stack.raw()];
  for (const socket of [slow, quick, speaker]) await socket.join("realtime:a", { broadcast: { ack: true } });
  slow.ws.pause();
  let sent = 0;
  await vi.waitFor(
    async () => {
      expect(await speaker.ask("realtime:a", "broadcast", { event: "e", payload: "x".repeat(1_000_000) })).toEqual(ok);
      sent++;
      expect(lines.join()).toContain("does not read what it is sent");
    },
    { timeout: 20_000, interval: 1 },
  );
  slow.ws.resume();
  await slow.closed;
  for (let n = 0; n < sent; n++) await quick.event("realtime:a", "broadcast");
});

test("a socket that says nothing is closed; one with heartbeats is not", async () => {
  await start({ idleMs: 400 });
  const [silent, lively] = [await stack.raw(), await stack.raw()];
  const beat = setInterval(() => lively.push("phoenix", "heartbeat", {}), 50);
  try {
    expect(await silent.closed).toBe(1000);
    expect(lively.ws.readyState).toBe(lively.ws.OPEN);
  } finally {
    clearInterval(beat);
  }
});

test("sockets are told when the gateway closes", async () => {
  await start();
  const socket = await stack.raw();
  await socket.join("realtime:a");
  const closing = stack.closeGateway();
  expect(await socket.closed).toBe(1001);
  await closing;
});

test("a client that vanishes leaves its rooms", async () => {
  await start();
  const [gone, watcher] = [await stack.raw(), await stack.raw()];
  await watcher.join("realtime:a", { presence: { enabled: true } });
  await gone.join("realtime:a", { presence: { key: "gone" } });
  await gone.ask("realtime:a", "presence", { event: "track" });
  gone.ws.terminate();
  await once(gone.ws, "close");
  const diff = async () => (await watcher.event("realtime:a", "presence_diff")).payload;
  expect(await diff()).toMatchObject({ joins: { gone: {} } });
  expect(await diff()).toMatchObject({ leaves: { gone: {} } });
});
