import type { Claims } from "../context.ts";

/** One entry of `config.postgres_changes` of a join, as the client wrote it; it is echoed verbatim, with an id. */
export interface PostgresChangesConfig {
  event?: unknown;
  schema?: unknown;
  table?: unknown;
  filter?: unknown;
  select?: unknown;
  [other: string]: unknown;
}

/** Payload of a `system` event. */
export interface SystemMessage {
  extension: "system" | "postgres_changes";
  status: "ok" | "error";
  message: string;
  /** The topic without `realtime:`. */
  channel: string;
}

/** A row inserted into realtime.messages. */
export interface MessageRow {
  id: string;
  topic: string;
  event: string | null;
  extension: string;
  private: boolean;
  /** Text of the jsonb; null when the payload is binary or absent. */
  payload: string | null;
  binaryPayload: Buffer | null;
  /** As Postgres prints it: a timestamp in UTC without a zone. */
  insertedAt: string;
}

/** A joined channel, as far as postgres_changes must know it. */
export interface ChangesChannel {
  /** Unique among all channels of all sockets. */
  id: string;
  claims: Claims;
  role: string;
  /** The topic without `realtime:`. */
  topic: string;
}

/** What goes out as the payload of one `postgres_changes` frame. */
export interface ChangesDelivery {
  /** Ids of the channel's subscriptions that match. */
  ids: number[];
  /** JSON text, made once for all channels it goes to; parsing it would round bigints and numerics. */
  data: string;
}

export interface Subscribed {
  /** One per configuration, in order; never 0. */
  ids: number[];
  /** Resolves, never rejects, once the subscriptions are in place or refused. */
  settled: Promise<SystemMessage[]>;
}

export interface ChangesService {
  subscribe(channel: ChangesChannel, configs: PostgresChangesConfig[]): Subscribed;
  unsubscribe(channelId: string): void;
  /** The channel's token was replaced; its role comes from the new claims. Resolves, never rejects, as `settled` does. */
  reauthorize(channelId: string, claims: Claims): Promise<SystemMessage[]>;
  close(): Promise<void>;
}

/** Hands a change to the socket of a channel; a channel that is gone meanwhile is passed over. */
export type DeliverChange = (channelId: string, delivery: ChangesDelivery) => void;

/** The running reader of the write-ahead log. */
export interface Replication {
  close(): Promise<void>;
  /** Whether the stream is established at this moment. */
  readonly ready: boolean;
}
