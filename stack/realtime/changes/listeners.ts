import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "pino";
import type { Claims } from "../../context.ts";
import { createTurnstile } from "../authorization/turnstile.ts";
import type { Relation } from "../replication/row-change.ts";
import type { SystemMessage } from "../types.ts";
import type { Listener, Subscription } from "./subscription.ts";
import { deleteAllWishes, deleteWishes, RefusedError, report, storeWishes } from "./subscription-table.ts";

const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5000;
const SWEEP_EVERY = 500;
/** At the same time: rows are delivered over connections of the same pool, and must not wait for those who join. */
const STORING = 4;
const STORING_WAIT = 60_000;

interface SettleOptions {
  next?: Listener;
  /** Without trying again. */
  once?: boolean;
}

/** The channels that listen, what they listen to, and its mirror in realtime.subscription. */
export class Listeners {
  private readonly pool: pg.Pool;
  private readonly log: Logger;
  private readonly byChannel = new Map<string, Listener>();
  private readonly byTable = new Map<number, Set<Subscription>>();
  private readonly turns = new WeakMap<Listener, Promise<void>>();
  private readonly knownTables = new Set<number>();
  private readonly turnstile = createTurnstile(STORING, STORING_WAIT);
  private readonly closing = new AbortController();
  private readonly cleared: Promise<void>;
  private readonly sweeper: NodeJS.Timeout;
  private leftovers: string[] = [];
  private sweeping: Promise<void> = Promise.resolve();
  private isReady = false;
  private whenReady = Promise.withResolvers<void>();

  constructor(pool: pg.Pool, log: Logger) {
    this.pool = pool;
    this.log = log;
    this.cleared = this.persist(
      "clear old subscriptions",
      () => true,
      () => deleteAllWishes(pool),
    ).then(() => undefined);
    this.sweeper = setInterval(() => {
      this.sweeping = this.sweeping.then(() => this.sweep());
    }, SWEEP_EVERY);
  }

  get(channelId: string): Listener | undefined {
    return this.byChannel.get(channelId);
  }

  isCurrent(listener: Listener): boolean {
    return this.byChannel.get(listener.id) === listener;
  }

  ofTable(table: number): Iterable<Subscription> {
    return this.byTable.get(table) ?? [];
  }

  setReady(ready: boolean): void {
    if (ready === this.isReady) return;
    this.isReady = ready;
    if (ready) this.whenReady.resolve();
    else this.whenReady = Promise.withResolvers<void>();
  }

  /** Resolves when the subscriptions stand, and the stream with them, or are refused. */
  add(listener: Listener): Promise<SystemMessage[]> {
    this.remove(listener.id);
    this.byChannel.set(listener.id, listener);
    return this.settle(listener);
  }

  /** The old claims count until the database has accepted the new ones for these subscriptions. */
  replaceClaims(listener: Listener, claims: Claims, claimsKey: string): Promise<SystemMessage[]> {
    const next: Listener = { ...listener, claims, claimsKey, role: claims.role, subscriptions: [] };
    return this.settle(listener, { next });
  }

  remove(channelId: string): void {
    const listener = this.byChannel.get(channelId);
    if (!listener) return;
    this.byChannel.delete(channelId);
    this.replaceSubscriptions(listener, []);
    this.forget(listener);
  }

  /** A table that was published after the channels had joined concerns those whose wishes name it. */
  async learnTables(relations: Relation[]): Promise<void> {
    const fresh = new Map(relations.filter(({ oid }) => !this.knownTables.has(oid)).map((each) => [each.oid, each]));
    for (const { oid, schema, table } of fresh.values()) {
      this.knownTables.add(oid);
      const concerned = [...this.byChannel.values()].filter(
        ({ wishes, subscriptions }) =>
          !subscriptions.some((each) => each.table === oid) &&
          wishes.some(({ params }) => ["*", schema].includes(params.schema) && ["*", table].includes(params.table)),
      );
      try {
        for (const listener of concerned) await this.settle(listener, { once: true });
      } catch (error) {
        this.knownTables.delete(oid);
        throw error;
      }
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.whenReady.resolve();
    clearInterval(this.sweeper);
    for (const id of [...this.byChannel.keys()]) this.remove(id);
    await this.cleared;
    await this.sweeping;
    await this.sweep();
  }

  private forget({ wishes }: Listener): void {
    this.leftovers = this.leftovers.concat(wishes.map(({ uuid }) => uuid));
  }

  private replaceSubscriptions(listener: Listener, next: Subscription[]): void {
    for (const subscription of listener.subscriptions) {
      const ofTable = this.byTable.get(subscription.table);
      ofTable?.delete(subscription);
      if (ofTable?.size === 0) this.byTable.delete(subscription.table);
    }
    listener.subscriptions = next;
    for (const subscription of next) {
      const ofTable = this.byTable.get(subscription.table) ?? new Set();
      this.byTable.set(subscription.table, ofTable.add(subscription));
    }
  }

  /** One at a time for each listener: claims must not be overtaken by older ones. */
  private settle(listener: Listener, options: SettleOptions = {}): Promise<SystemMessage[]> {
    const settled = (this.turns.get(listener) ?? this.cleared).then(() => this.settleNow(listener, options));
    this.turns.set(
      listener,
      settled.then(
        () => undefined,
        () => undefined,
      ),
    );
    return settled;
  }

  /** Stores the wishes with the rights of `next`, which then become the listener's. */
  private async settleNow(listener: Listener, { next = listener, once }: SettleOptions): Promise<SystemMessage[]> {
    const isWanted = () => this.isCurrent(listener);
    const store = () => storeWishes(this.pool, next);
    const storeInTurn = () => this.turnstile.run(store);
    try {
      const stored = await (once ? store() : this.persist("store subscriptions", isWanted, storeInTurn));
      if (!isWanted() || !stored) {
        this.forget(listener);
        return [];
      }
      if (next !== listener) listener.revision += 1;
      Object.assign(listener, { claims: next.claims, claimsKey: next.claimsKey, role: next.role });
      this.replaceSubscriptions(
        listener,
        stored.map((subscription) => ({ ...subscription, listener })),
      );
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      listener.revision += 1;
      this.replaceSubscriptions(listener, []);
      this.forget(listener);
      return isWanted() ? report(listener.topic, error) : [];
    }
    await this.whenReady.promise;
    return isWanted() ? report(listener.topic) : [];
  }

  /** Tries until it works, is refused, or is no longer wanted: a database that restarts must not end a subscription. */
  private async persist<T>(what: string, isWanted: () => boolean, work: () => Promise<T>): Promise<T | null> {
    for (
      let pause = FIRST_PAUSE;
      isWanted() && !this.closing.signal.aborted;
      pause = Math.min(pause * 2, LONGEST_PAUSE)
    ) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof RefusedError) throw error;
        this.log.warn({ err: error }, `Cannot ${what}; trying again`);
      }
      await sleep(pause, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
    return null;
  }

  /** Rows of channels that are gone. */
  private async sweep(): Promise<void> {
    const gone = this.leftovers;
    if (gone.length === 0) return;
    this.leftovers = [];
    try {
      await deleteWishes(this.pool, gone);
    } catch (error) {
      this.leftovers = gone.concat(this.leftovers);
      this.log.debug({ err: error }, "Cannot remove subscriptions; trying again");
    }
  }
}
