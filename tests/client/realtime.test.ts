import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { beforeAll, expect, vi } from "vitest";
import { env } from "../support/env.ts";
import { newcomer, visitor } from "./clients.ts";
import { proves } from "./proof.ts";
import { closeSockets, joined, listening, privateRooms } from "./rooms.ts";

const room = "client-realtime";
privateRooms(room);
closeSockets();

const patience = { timeout: 20_000 };
const newTopic = () => `${room}:open:${randomUUID()}`;
let token: string;
beforeAll(async () => {
  const { client } = await newcomer("token");
  token = String((await client.auth.getSession()).data.session?.access_token);
});

/** A client whose socket is open. */
async function connected(options?: Parameters<typeof visitor>[0]) {
  const client = listening(visitor(options));
  client.realtime.connect();
  await vi.waitUntil(() => client.realtime.isConnected(), patience);
  return client;
}

proves("removeChannel", "leaves a channel and forgets it, the others stay", async () => {
  const client = listening(visitor());
  const [gone, kept] = [await joined(client.channel(newTopic())), await joined(client.channel(newTopic()))];
  expect(await client.removeChannel(gone)).toBe("ok");
  expect(client.getChannels()).toEqual([kept]);
  expect([gone.state, kept.state]).toEqual(["closed", "joined"]);
});

proves("removeAllChannels", "leaves every channel and closes the socket", async () => {
  const client = listening(visitor());
  const channels = [await joined(client.channel(newTopic())), await joined(client.channel(newTopic()))];
  expect(await client.removeAllChannels()).toEqual(["ok", "ok"]);
  expect(channels.map(({ state }) => state)).toEqual(["closed", "closed"]);
  expect(client.realtime.isConnected()).toBe(false);
});

proves("realtime.connect", "opens the socket; with a key that is none no channel is joined", async () => {
  expect((await connected()).realtime.connectionState()).toBe("open");
  const nobody = listening(
    createClient(env.SUPABASE_URL, "sb_publishable_of_nobody", { auth: { persistSession: false } }),
  );
  await expect(joined(nobody.channel(newTopic()))).rejects.toThrow();
  expect(nobody.realtime.isConnected()).toBe(false);
});

proves("realtime.isConnecting", "is true between asking and having", async () => {
  const { realtime } = listening(visitor());
  expect(realtime.isConnecting()).toBe(false);
  realtime.connect();
  expect(realtime.isConnecting()).toBe(true);
  await vi.waitUntil(() => realtime.isConnected(), patience);
  expect(realtime.isConnecting()).toBe(false);
});

proves("realtime.isConnected", "is true while the socket is open", async () => {
  const { realtime } = await connected();
  expect(realtime.isConnected()).toBe(true);
  await realtime.disconnect();
  expect(realtime.isConnected()).toBe(false);
});

proves("realtime.isDisconnecting", "is true between leaving and being gone", async () => {
  const { realtime } = await connected();
  const leaving = realtime.disconnect();
  expect(realtime.isDisconnecting()).toBe(true);
  await leaving;
  expect(realtime.isDisconnecting()).toBe(false);
});

proves("realtime.connectionState", "names what the socket does", async () => {
  const { realtime } = listening(visitor());
  const seen = [realtime.connectionState()];
  realtime.connect();
  seen.push(realtime.connectionState());
  await vi.waitUntil(() => realtime.isConnected(), patience);
  seen.push(realtime.connectionState());
  expect(seen).toEqual(["closed", "connecting", "open"]);
});

proves("realtime.disconnect", "closes the socket and with it every channel", async () => {
  const client = listening(visitor());
  const channel = await joined(client.channel(newTopic()));
  expect(await client.realtime.disconnect()).toBe("ok");
  expect(client.realtime.isConnected()).toBe(false);
  expect(channel.state).not.toBe("joined");
});

proves("realtime.endpointURL", "is the socket's address, with key and version of the serializer", () => {
  const url = new URL(visitor().realtime.endpointURL());
  expect(url.pathname).toBe("/realtime/v1/websocket");
  expect(url.searchParams.get("vsn")).toBe("2.0.0");
  expect(url.searchParams.get("apikey")).toMatch(/^sb_publishable_|^ey/);
});

proves("realtime.channel", "opens a channel, once per topic, with both serializers", async () => {
  for (const vsn of ["1.0.0", "2.0.0"]) {
    const { realtime } = listening(visitor({ realtime: { vsn } }));
    const topic = newTopic();
    const channel = realtime.channel(topic);
    expect(realtime.channel(topic)).toBe(channel);
    expect((await joined(channel)).state).toBe("joined");
  }
});

proves("realtime.getChannels", "lists the client's channels", () => {
  const { realtime } = visitor();
  const channels = [realtime.channel(newTopic()), realtime.channel(newTopic())];
  expect(realtime.getChannels()).toEqual(channels);
});

proves("realtime.removeChannel", "leaves a channel and forgets it", async () => {
  const { realtime } = listening(visitor());
  const channel = await joined(realtime.channel(newTopic()));
  expect(await realtime.removeChannel(channel)).toBe("ok");
  expect(realtime.getChannels()).toEqual([]);
});

proves("realtime.removeAllChannels", "leaves every channel and closes the socket", async () => {
  const { realtime } = listening(visitor());
  await joined(realtime.channel(newTopic()));
  expect(await realtime.removeAllChannels()).toEqual(["ok"]);
  expect(realtime.isConnected()).toBe(false);
});

proves("realtime.setAuth", "gives open channels another token; one that the server refuses closes them", async () => {
  const topic = newTopic();
  const secret = { config: { private: true } };
  const { realtime } = listening(visitor());
  await realtime.setAuth(token);
  const channel = await joined(realtime.channel(topic, secret));
  const closed: unknown[] = [];
  channel.on("system", {}, (message) => void closed.push(message));
  await realtime.setAuth(`${token.slice(0, -8)}AAAAAAAA`);
  await vi.waitUntil(() => closed.length > 0, patience);
  expect(closed[0]).toMatchObject({ extension: "system", status: "error" });
});

proves("realtime.sendHeartbeat", "asks the server for a sign of life, and gets it", async () => {
  const { realtime } = await connected();
  const beats: string[] = [];
  realtime.onHeartbeat((status) => void beats.push(status));
  await realtime.sendHeartbeat();
  await vi.waitUntil(() => beats.includes("ok"), patience);
});

proves(
  "realtime.onHeartbeat",
  "tells each heartbeat that is sent and answered, in time of the client's choice",
  async () => {
    const { realtime } = listening(visitor({ realtime: { heartbeatIntervalMs: 100 } }));
    const beats: string[] = [];
    realtime.onHeartbeat((status) => void beats.push(status));
    realtime.connect();
    await vi.waitUntil(() => beats.filter((status) => status === "ok").length > 1, patience);
    expect(beats.slice(0, 2)).toEqual(["sent", "ok"]);
  },
);

proves("realtime.push", "sends a frame as it is; the server answers a heartbeat on `phoenix`", async () => {
  const seen: string[] = [];
  const logger = (_kind: string, text: string) => void seen.push(text);
  const { realtime } = await connected({ realtime: { logger } });
  realtime.push({ topic: "phoenix", event: "heartbeat", payload: {}, ref: "own-1" });
  await vi.waitUntil(() => seen.some((text) => text.includes("own-1")), patience);
});

proves("realtime.log", "hands a line to the client's logger", () => {
  const lines: unknown[] = [];
  const { realtime } = visitor({ realtime: { logger: (...line) => void lines.push(line) } });
  realtime.log("kind", "text", { a: 1 });
  expect(lines).toContainEqual(["kind", "text", { a: 1 }]);
});

proves("realtime.hasLogger", "says whether there is one", () => {
  expect(visitor().realtime.hasLogger()).toBe(false);
  expect(visitor({ realtime: { logger: () => undefined } }).realtime.hasLogger()).toBe(true);
});
