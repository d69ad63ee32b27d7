/** The two serializers of the protocol. */
export type Version = 1 | 2;
export type Ref = string | number | null;

/** A frame as it goes onto the wire; one buffer serves all who receive the same message. */
export interface Frame {
  data: Buffer;
  binary: boolean;
}

/** What a client sends in a binary frame of its own event: passed on without being looked into. */
export interface UserPayload {
  event: string;
  encoding: "json" | "binary";
  bytes: Buffer;
}

export type Payload =
  | { kind: "json"; value: unknown; bytes: number }
  | { kind: "bytes"; bytes: Buffer }
  | ({ kind: "user" } & UserPayload);

export interface Incoming {
  joinRef: Ref;
  ref: Ref;
  topic: string;
  event: string;
  payload: Payload;
}

/** First byte of a binary frame. */
export const KIND = { push: 0, reply: 1, broadcast: 2, userPush: 3, userBroadcast: 4 } as const;

/** `vsn` of the handshake; absent means the first. */
export function versionOf(vsn: string | null): Version | null {
  if (vsn === null || /^1\.0\.\d+$/.test(vsn)) return 1;
  return /^2\.0\.\d+$/.test(vsn) ? 2 : null;
}
