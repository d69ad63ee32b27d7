import { randomUUID } from "node:crypto";
import type { Asker } from "../authorization/transaction.ts";
import type { Ref } from "../frames.ts";
import type { Hub } from "../hub.ts";
import { jsonMessage, type RoomMessage } from "../messages.ts";
import { broadcastPresence, type Member, type Room } from "../rooms.ts";
import type { ChangesDelivery, SystemMessage } from "../types.ts";
import type { Connection } from "./connection.ts";
import type { JoinConfig } from "./join-config.ts";

/** What a channel may do; null is not asked yet. */
export interface Rights {
  read: { broadcast: boolean; presence: boolean | null };
  write: { broadcast: boolean; presence: boolean } | null;
}

/** In a public channel nobody is asked. */
export const everything: Rights = {
  read: { broadcast: true, presence: true },
  write: { broadcast: true, presence: true },
};

export interface ChannelOptions {
  connection: Connection;
  joinRef: Ref;
  /** Without `realtime:`. */
  subTopic: string;
  config: JoinConfig;
  token: string;
  asker: Asker;
  rights: Rights;
  /** Takes the channel out of its socket. */
  forget(): void;
}

/** One joined topic of one socket. What it receives before its join is answered waits for `open`. */
export class Channel implements Member {
  readonly id: string = randomUUID();
  readonly hub: Hub;
  readonly joinRef: Ref;
  readonly topic: string;
  readonly subTopic: string;
  readonly config: JoinConfig;
  readonly presenceKey: string;
  readonly room: Room;
  rights: Rights;
  token: string;
  asker: Asker;
  /** What the channel tracks of itself. */
  tracked: Record<string, unknown> | null = null;
  presenceCalls = { count: 0, until: 0 };
  readonly #connection: Connection;
  readonly #forget: () => void;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #waiting: RoomMessage[] | null = [];
  #replayed: ReadonlySet<string> = new Set();
  #closed = false;

  constructor(hub: Hub, options: ChannelOptions) {
    this.hub = hub;
    this.joinRef = options.joinRef;
    this.subTopic = options.subTopic;
    this.topic = `realtime:${options.subTopic}`;
    this.config = options.config;
    this.presenceKey = options.config.presence.key || randomUUID();
    this.rights = options.rights;
    this.token = options.token;
    this.asker = options.asker;
    this.#connection = options.connection;
    this.#forget = options.forget;
    this.room = hub.rooms.enter(this.subTopic, this.config.private, this);
    hub.channels.set(this.id, this);
  }

  get closed(): boolean {
    return this.#closed;
  }

  mayReadBroadcasts(): boolean {
    return this.rights.read.broadcast;
  }

  mayReadPresence(): boolean {
    return this.rights.read.presence === true;
  }

  deliver(message: RoomMessage): void {
    if (this.#waiting !== null) {
      this.#waiting.push(message);
      return;
    }
    if (message.id !== null && this.#replayed.has(message.id)) return;
    const frame = message.frame(this.#connection.version);
    if (frame !== null) this.#connection.send(frame);
  }

  deliverChange({ ids, data }: ChangesDelivery): void {
    if (this.#closed) return;
    this.#connection.pushJson(this.#toAll, "postgres_changes", `{"ids":${JSON.stringify(ids)},"data":${data}}`);
  }

  /** The join is answered: first what was replayed, then what has arrived since. */
  open(replayed: RoomMessage[]): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const message of replayed) this.deliver(message);
    this.#replayed = new Set(replayed.flatMap(({ id }) => id ?? []));
    for (const message of waiting) this.deliver(message);
  }

  push(event: string, payload: unknown): void {
    if (!this.#closed) this.#connection.push(this.#toAll, event, payload);
  }

  reply(ref: Ref, status: "ok" | "error", response: unknown): void {
    this.#connection.reply({ joinRef: this.joinRef, ref, topic: this.topic }, status, response);
  }

  system(message: Omit<SystemMessage, "channel">): void {
    this.push("system", { ...message, channel: this.subTopic });
  }

  /** The outcomes of subscribing to changes, whenever they are known. */
  tell(outcomes: Promise<SystemMessage[]>): void {
    void outcomes.then((messages) => {
      for (const message of messages) this.push("system", message);
    });
  }

  /** Runs later, unless the channel closes first; one timer for each name. */
  after(name: string, ms: number, work: () => void): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.set(name, setTimeout(work, ms).unref());
  }

  /** Tells the client why, and closes. */
  shutdown(message: string): void {
    if (this.#closed) return;
    this.hub.log.warn({ topic: this.subTopic }, `a channel was closed: ${message}`);
    this.system({ extension: "system", status: "error", message });
    this.close();
  }

  /** Leaves the room and says so. */
  close(): void {
    if (this.#closed) return;
    this.leave();
    this.#connection.push({ joinRef: this.joinRef, ref: this.joinRef, topic: this.topic }, "phx_close", {});
  }

  /** Leaves the room without a word to the client. */
  leave(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.hub.channels.delete(this.id);
    if (this.config.postgresChanges.length > 0) this.hub.changes.unsubscribe(this.id);
    const gone = this.room.presence.untrack(this, this.presenceKey);
    this.hub.rooms.leave(this.subTopic, this.config.private, this);
    this.#forget();
    if (gone !== null) {
      this.hub.rates.presence.add(broadcastPresence(this.room, jsonMessage(this.topic, "presence_diff", gone)));
    }
  }

  get #toAll() {
    return { joinRef: null, ref: null, topic: this.topic };
  }
}
