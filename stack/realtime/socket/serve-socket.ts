import { setTimeout as delay } from "node:timers/promises";
import type { RawData, WebSocket } from "ws";
import { decode, MalformedFrame } from "../decode.ts";
import type { Incoming, Ref, Version } from "../frames.ts";
import type { Hub } from "../hub.ts";
import type { Channel } from "./channel.ts";
import { createConnection } from "./connection.ts";
import { join } from "./join.ts";
import { createMailbox, type Mailbox } from "./mailbox.ts";
import { onAccessToken } from "./on-access-token.ts";
import { onBroadcast } from "./on-broadcast.ts";
import { onPresence } from "./on-presence.ts";
import { JoinRefused, joinReason } from "./refusal.ts";

export interface SocketOptions {
  version: Version;
  /** What the socket's key stands for. */
  token: string;
  /** The handshake's x-* headers, for policies. */
  headers: Record<string, string>;
}

/** A topic of this socket, from the moment a join asks for it. */
interface Slot {
  joinRef: Ref;
  channel: Channel | null;
  mailbox: Mailbox;
  /** Aborted when the socket no longer has the topic, or joins it anew. */
  gone: AbortController;
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** Speaks the protocol on one open socket until it closes. */
export function serveSocket(hub: Hub, ws: WebSocket, { version, token, headers }: SocketOptions): void {
  const connection = createConnection(ws, version, hub);
  const slots = new Map<string, Slot>();
  let waitingBytes = 0;

  function unmatched({ joinRef, ref, topic }: Incoming): void {
    connection.reply({ joinRef, ref, topic }, "error", { reason: "unmatched topic" });
  }

  /** Not reading is what slows the client down, so that little waits here. */
  function waiting(bytes: number): void {
    waitingBytes += bytes;
    if (ws.readyState !== ws.OPEN) return;
    if (waitingBytes > hub.limits.incomingBytes) ws.pause();
    else if (ws.isPaused) ws.resume();
  }

  function toChannel(slot: Slot, message: Incoming): undefined | Promise<void> {
    const { channel } = slot;
    if (channel === null || channel.closed) {
      unmatched(message);
      return;
    }
    switch (message.event) {
      case "broadcast":
        return onBroadcast(channel, message);
      case "presence":
        return onPresence(channel, message);
      case "access_token":
        return onAccessToken(channel, message);
      case "phx_leave":
        channel.reply(message.ref, "ok", {});
        channel.close();
    }
  }

  function drop(topic: string, slot: Slot): void {
    slot.gone.abort();
    if (slots.get(topic) === slot) slots.delete(topic);
  }

  async function admit(slot: Slot, message: Incoming): Promise<void> {
    const { topic, ref, joinRef, payload } = message;
    const { signal } = slot.gone;
    try {
      slot.channel = await join(hub, {
        connection,
        joinRef,
        ref,
        topic,
        payload: payload.kind === "json" ? payload.value : undefined,
        token,
        headers,
        others: slots.size - 1,
        forget: () => {
          if (slot.channel !== null) drop(topic, slot);
        },
        abandoned: () => signal.aborted,
      });
      if (slot.channel.closed) drop(topic, slot);
    } catch (error) {
      if (signal.aborted) return;
      const reason = joinReason(error, topic.slice(topic.indexOf(":") + 1));
      hub.log.warn({ err: error, topic }, `a join was refused: ${reason}`);
      await delay(hub.limits.joinErrorMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      drop(topic, slot);
      connection.reply({ joinRef, ref, topic }, "error", { reason });
      if (error instanceof JoinRefused && error.disconnect) ws.close(1000);
    }
  }

  function onJoin(message: Incoming): void {
    const { topic, joinRef } = message;
    const old = slots.get(topic);
    if (old !== undefined) {
      drop(topic, old);
      if (old.channel === null) connection.push({ joinRef: old.joinRef, ref: old.joinRef, topic }, "phx_close", {});
      else old.channel.close();
    }
    const slot: Slot = {
      joinRef,
      channel: null,
      gone: new AbortController(),
      mailbox: createMailbox({
        handle: (next) => toChannel(slot, next),
        waiting,
        failed: (error) => {
          hub.log.error({ err: error, topic }, "Cannot handle a message of a channel");
          slot.channel?.leave();
          connection.push({ joinRef, ref: joinRef, topic }, "phx_error", {});
        },
      }),
    };
    slots.set(topic, slot);
    slot.mailbox.hold(admit(slot, message));
  }

  function receive(message: Incoming): void {
    const { joinRef, ref, topic, event } = message;
    if (topic === "phoenix" && event === "heartbeat") {
      connection.reply({ joinRef, ref, topic }, "ok", {});
      return;
    }
    if (event === "phx_join" && topic.startsWith("realtime:")) {
      onJoin(message);
      return;
    }
    const slot = slots.get(topic);
    if (slot !== undefined) slot.mailbox.put(message);
    else if (event === "phx_leave") connection.reply({ joinRef, ref, topic }, "ok", {});
    else unmatched(message);
  }

  ws.on("message", (data: RawData, binary) => {
    try {
      receive(decode(version, bytesOf(data), binary));
    } catch (error) {
      if (error instanceof MalformedFrame) hub.log.warn({ err: error }, "a malformed frame was dropped");
      else hub.log.error({ err: error }, "Cannot handle a frame");
    }
  });
  ws.on("close", () => {
    for (const [topic, slot] of slots) {
      drop(topic, slot);
      slot.channel?.leave();
    }
  });
}
