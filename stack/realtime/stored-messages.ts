import type { Hub } from "./hub.ts";
import { userMessage } from "./messages.ts";
import { broadcast } from "./rooms.ts";
import type { MessageRow } from "./types.ts";

/** Sends to its room what SQL has put into realtime.messages; who may read was decided when they joined. */
export function broadcastRow({ rooms, rates, limits, log }: Hub, row: MessageRow): void {
  const { id, topic, event, payload, binaryPayload } = row;
  const room = rooms.find(topic, row.private);
  const bytes = binaryPayload ?? (payload === null ? null : Buffer.from(payload));
  if (room === undefined || event === null || bytes === null) return;
  if (bytes.length > limits.payloadBytes) {
    log.warn({ topic, id }, "a message of the database was not broadcast: its payload is too large");
    return;
  }
  const encoding = binaryPayload === null ? "json" : "binary";
  const message = userMessage(room.topic, { event, encoding, bytes }, { id });
  if (message !== null) rates.events.add(1 + broadcast(room, message));
}
