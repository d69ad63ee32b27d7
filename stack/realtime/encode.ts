import { type Frame, KIND, type Ref, type UserPayload, type Version } from "./frames.ts";

export interface Outgoing {
  joinRef: Ref;
  ref: Ref;
  topic: string;
  event: string;
  /** Already JSON. */
  json: string;
}

/** Longest string whose length fits into a binary frame's header. */
const SHORT = 255;

export function encode(version: Version, { joinRef, ref, topic, event, json }: Outgoing): Frame {
  const quote = JSON.stringify;
  const text =
    version === 2
      ? `[${quote(joinRef)},${quote(ref)},${quote(topic)},${quote(event)},${json}]`
      : `{"ref":${quote(ref)},"payload":${json},"topic":${quote(topic)},"event":${quote(event)}}`;
  return { data: Buffer.from(text), binary: false };
}

/** A binary frame to many: lengths and strings, then the bytes; null when a string is too long for its length byte. */
function binaryFrame(kind: number, strings: string[], flags: number[], bytes: Buffer): Frame | null {
  const parts = strings.map((each) => Buffer.from(each));
  if (parts.some((part) => part.length > SHORT)) return null;
  const header = Buffer.from([kind, ...parts.map((part) => part.length), ...flags]);
  return { data: Buffer.concat([header, ...parts, bytes]), binary: true };
}

export function encodeBytes(topic: string, event: string, bytes: Buffer): Frame | null {
  return binaryFrame(KIND.broadcast, [topic, event], [], bytes);
}

export function encodeUserBroadcast(topic: string, payload: UserPayload, meta: string): Frame | null {
  const encoding = payload.encoding === "json" ? 1 : 0;
  return binaryFrame(KIND.userBroadcast, [topic, payload.event, meta], [encoding], payload.bytes);
}
