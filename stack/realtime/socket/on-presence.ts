import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Incoming } from "../frames.ts";
import { isJsonObject } from "../json-object.ts";
import { jsonMessage } from "../messages.ts";
import type { PresenceDiff } from "../presence.ts";
import { broadcastPresence } from "../rooms.ts";
import type { Channel } from "./channel.ts";

const call = z.object({ event: z.string().toLowerCase(), payload: z.unknown().default({}) });

function announce(channel: Channel, diff: PresenceDiff): void {
  const { room, topic, hub } = channel;
  hub.rates.presence.add(broadcastPresence(room, jsonMessage(topic, "presence_diff", diff)));
}

/** False, and the channel closed, when a limit of presence is passed. */
export function withinPresenceRate({ hub }: Channel): boolean {
  if (hub.rates.presence.perSecond() > hub.limits.presenceEventsPerSecond) return false;
  hub.rates.presence.add(1);
  return true;
}

function withinClientRate(channel: Channel): boolean {
  const { calls, windowMs } = channel.hub.limits.clientPresence;
  const now = Date.now();
  if (now > channel.presenceCalls.until) channel.presenceCalls = { count: 0, until: now + windowMs };
  channel.presenceCalls.count++;
  return channel.presenceCalls.count <= calls;
}

function track(channel: Channel, { ref, payload }: Incoming, tracked: unknown): void {
  const { hub, room, presenceKey } = channel;
  if (channel.rights.write?.presence !== true) {
    channel.reply(ref, "error", {});
    return;
  }
  if (!isJsonObject(tracked)) {
    channel.reply(ref, "error", { reason: "Presence track payload must be a map" });
    return;
  }
  if (!isDeepStrictEqual(channel.tracked, tracked)) {
    if (payload.kind === "json" && payload.bytes > hub.limits.payloadBytes) {
      channel.shutdown("Track message size exceeded");
      return;
    }
    if (!withinPresenceRate(channel)) {
      channel.shutdown("Too many presence messages per second");
      return;
    }
    channel.tracked = tracked;
    announce(channel, room.presence.track(channel, presenceKey, tracked));
  }
  channel.reply(ref, "ok", {});
}

async function askRights(channel: Channel): Promise<void> {
  const { authorizer } = channel.hub;
  const { asker, rights } = channel;
  const read = rights.read.presence === null ? await authorizer.read(asker, true) : rights.read;
  const write = await authorizer.write(asker);
  channel.rights = { read, write };
}

function untrack(channel: Channel, ref: Incoming["ref"]): void {
  const diff = channel.room.presence.untrack(channel, channel.presenceKey);
  channel.tracked = null;
  if (diff !== null) announce(channel, diff);
  channel.reply(ref, "ok", {});
}

export function onPresence(channel: Channel, message: Incoming): undefined | Promise<void> {
  const { hub, rights, subTopic } = channel;
  const { ref, payload } = message;
  const parsed = call.safeParse(payload.kind === "json" ? payload.value : undefined);
  if (!parsed.success) {
    channel.reply(ref, "ok", {});
    return;
  }
  if (!withinClientRate(channel)) {
    channel.shutdown("Client presence rate limit exceeded");
    return;
  }
  const { event, payload: given } = parsed.data;
  if (event === "untrack") {
    untrack(channel, ref);
    return;
  }
  if (event !== "track") {
    channel.reply(ref, "error", {});
    return;
  }
  if (rights.write !== null) {
    track(channel, message, given);
    return;
  }
  return askRights(channel).then(
    () => {
      if (!channel.closed) track(channel, message, given);
    },
    (error: unknown) => {
      hub.log.error({ err: error, topic: subTopic }, "Cannot ask who may be present in a channel");
      channel.reply(ref, "error", {});
    },
  );
}
