import { isUtf8 } from "node:buffer";
import { encode, encodeBytes, encodeUserBroadcast } from "./encode.ts";
import type { Frame, UserPayload, Version } from "./frames.ts";

/** A message to everybody in a room, encoded at most once for each serializer. */
export interface RoomMessage {
  /** Of the row in realtime.messages, by which a replayed message is known when it comes a second time. */
  id: string | null;
  /** Null when the serializer cannot express it. */
  frame(version: Version): Frame | null;
}

export interface Meta {
  id?: string;
  replayed?: boolean;
}

function shared(id: string | null, encodeFor: (version: Version) => Frame | null): RoomMessage {
  const made = new Map<Version, Frame | null>();
  return {
    id,
    frame(version) {
      let frame = made.get(version);
      if (frame === undefined) {
        frame = encodeFor(version);
        made.set(version, frame);
      }
      return frame;
    },
  };
}

const toAll = (topic: string, event: string, json: string) => ({ joinRef: null, ref: null, topic, event, json });

/** Any event whose payload is JSON. */
export function jsonMessage(topic: string, event: string, payload: object, id: string | null = null): RoomMessage {
  return shared(id, (version) => encode(version, toAll(topic, event, JSON.stringify(payload))));
}

/** Bytes pushed as they are; only the second serializer knows them. */
export function bytesMessage(topic: string, event: string, bytes: Buffer): RoomMessage {
  return shared(null, (version) => (version === 2 ? encodeBytes(topic, event, bytes) : null));
}

function isJson(bytes: Buffer): boolean {
  if (!isUtf8(bytes)) return false;
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

/** A client's own event. Null when its payload claims to be JSON and is not: a receiver could not read the frame. */
export function userMessage(topic: string, payload: UserPayload, meta?: Meta): RoomMessage | null {
  if (payload.encoding === "json" && !isJson(payload.bytes)) return null;
  const metaJson = meta === undefined ? "" : JSON.stringify(meta);
  const asText = (version: Version) => {
    if (payload.encoding === "binary") return null;
    const json = `{"event":${JSON.stringify(payload.event)},"payload":${payload.bytes.toString()},"type":"broadcast"${
      metaJson === "" ? "" : `,"meta":${metaJson}`
    }}`;
    return encode(version, toAll(topic, "broadcast", json));
  };
  return shared(meta?.id ?? null, (version) =>
    version === 1 ? asText(version) : (encodeUserBroadcast(topic, payload, metaJson) ?? asText(version)),
  );
}
