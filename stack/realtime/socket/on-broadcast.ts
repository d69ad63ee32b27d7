import type { Incoming, Payload } from "../frames.ts";
import { isJsonObject } from "../json-object.ts";
import { bytesMessage, jsonMessage, type RoomMessage, userMessage } from "../messages.ts";
import { broadcast } from "../rooms.ts";
import type { Channel } from "./channel.ts";

/** Null when receivers could not read it. */
function messageOf(topic: string, payload: Payload): RoomMessage | null {
  switch (payload.kind) {
    case "user":
      return userMessage(topic, payload);
    case "bytes":
      return bytesMessage(topic, "broadcast", payload.bytes);
    case "json":
      return isJsonObject(payload.value) ? jsonMessage(topic, "broadcast", payload.value) : null;
  }
}

function publish(channel: Channel, { ref, payload }: Incoming): void {
  const { hub, config, rights, room, topic, subTopic } = channel;
  if (rights.write?.broadcast !== true) return;
  const bytes = payload.kind === "json" ? payload.bytes : payload.bytes.length;
  if (bytes > hub.limits.payloadBytes) {
    if (config.ack) channel.reply(ref, "error", "payload_size_exceeded");
    return;
  }
  const message = messageOf(topic, payload);
  if (message === null) hub.log.warn({ topic: subTopic }, "a broadcast was dropped: its payload is not JSON");
  else hub.rates.events.add(1 + broadcast(room, message, config.self ? undefined : channel));
  if (config.ack) channel.reply(ref, "ok", {});
  if (hub.rates.events.perSecond() > hub.limits.eventsPerSecond) channel.shutdown("Too many messages per second");
}

/** Without permission nothing is sent and nothing is answered. Only the first message of a token asks the database. */
export function onBroadcast(channel: Channel, message: Incoming): undefined | Promise<void> {
  if (channel.rights.write !== null) {
    publish(channel, message);
    return;
  }
  const { hub, asker, subTopic } = channel;
  return hub.authorizer.write(asker).then(
    (write) => {
      if (channel.closed) return;
      channel.rights = { ...channel.rights, write };
      publish(channel, message);
    },
    (error: unknown) => hub.log.error({ err: error, topic: subTopic }, "Cannot ask who may send to a channel"),
  );
}
