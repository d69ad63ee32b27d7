import { setImmediate as turn } from "node:timers/promises";
import type pg from "pg";
import type { RowChange } from "../replication/row-change.ts";
import type { DeliverChange } from "../types.ts";
import { withGeneratedColumns } from "./generated-columns.ts";
import { JsonValues } from "./json-values.ts";
import { changeJson, refusalJson, valuesOf } from "./payload.ts";
import { findRecipients, type Recipient, type RecipientDeps } from "./recipients.ts";
import { isExpired, type Listener, type Subscription } from "./subscription.ts";
import { loadTables, type Table } from "./tables.ts";

interface DispatcherDeps extends RecipientDeps {
  catalogPool: pg.Pool;
  deliver: DeliverChange;
  /** Subscriptions of a table. */
  subscriptionsOf(table: number): Iterable<Subscription>;
  isCurrent(listener: Listener): boolean;
}

/** Frames after which other work gets its turn. */
const TURN = 2000;
/** A channel whose rights change during every check gets nothing of the batch. */
const ATTEMPTS = 3;

/** Finds out who may hear of rows and tells them, in commit order. One batch at a time. */
export class Dispatcher {
  private readonly deps: DispatcherDeps;
  private readonly json: JsonValues;

  constructor(deps: DispatcherDeps) {
    this.deps = deps;
    this.json = new JsonValues(deps.catalogPool, deps.log);
  }

  async dispatch(changes: RowChange[]): Promise<void> {
    let only: Set<Listener> | null = null;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const changed: Set<Listener> = await this.attempt(changes, only);
      if (changed.size === 0) return;
      only = changed;
    }
  }

  /** Returns listeners whose rights have changed meanwhile, for whom nothing was decided. */
  private async attempt(batch: RowChange[], only: Set<Listener> | null): Promise<Set<Listener>> {
    const subscriptions = this.subscriptions(batch, only);
    const all = [...subscriptions.values()].flat();
    if (all.length === 0) return new Set();
    const revisions = new Map(all.map(({ listener }) => [listener, listener.revision]));
    const roles = [...new Set(all.map(({ listener }) => listener.role))];
    const tables = await loadTables(this.deps.catalogPool, [...subscriptions.keys()], roles);
    const changes = await withGeneratedColumns({ pool: this.deps.catalogPool, log: this.deps.log }, tables, batch);

    const recipients = new Map<RowChange, Recipient[]>();
    for (const [oid, ofTable] of subscriptions) {
      const table = tables.get(oid);
      if (!table) continue;
      const rows = changes.filter(({ relation }) => relation.oid === oid);
      const found = await findRecipients(this.deps, table, rows, ofTable);
      rows.forEach((row, index) => {
        recipients.set(row, found[index] ?? []);
      });
    }
    const told = changes.filter((change) => recipients.get(change)?.some(({ refusal }) => refusal === null));
    await this.json.prepare(told.flatMap((change) => [...valuesOf(change)]));

    const changed = new Set<Listener>();
    const mayHear = (listener: Listener) => {
      if (!this.deps.isCurrent(listener) || isExpired(listener)) return false;
      if (revisions.get(listener) === listener.revision) return true;
      changed.add(listener);
      return false;
    };
    let sent = 0;
    for (const change of changes) {
      const table = tables.get(change.relation.oid);
      const audience = (recipients.get(change) ?? []).filter(({ subscription }) => mayHear(subscription.listener));
      if (table) sent += this.tell(change, table, audience);
      if (sent < TURN) continue;
      sent = 0;
      await turn();
    }
    return changed;
  }

  private subscriptions(changes: RowChange[], only: Set<Listener> | null): Map<number, Subscription[]> {
    const oids = new Set(changes.map(({ relation }) => relation.oid));
    const found = new Map<number, Subscription[]>();
    for (const oid of oids) {
      const ofTable = [...this.deps.subscriptionsOf(oid)].filter(
        ({ listener }) => !isExpired(listener) && (!only || only.has(listener)),
      );
      if (ofTable.length > 0) found.set(oid, ofTable);
    }
    return found;
  }

  /** One frame for each channel and choice of columns. */
  private tell(change: RowChange, table: Table, audience: Recipient[]): number {
    const texts = new Map<string, string>();
    const frames = new Map<string, { channelId: string; ids: number[]; data: string }>();
    for (const { subscription, refusal } of audience) {
      const { listener, select, id } = subscription;
      const { role } = listener;
      const view = JSON.stringify([role, select, refusal]);
      const make = () =>
        refusal === null ? changeJson(change, table, { role, select }, this.json) : refusalJson(change, refusal);
      const data = texts.get(view) ?? make();
      texts.set(view, data);
      const name = `${listener.id} ${view}`;
      const frame = frames.get(name) ?? { channelId: listener.id, ids: [], data };
      if (!frame.ids.includes(id)) frame.ids.push(id);
      frames.set(name, frame);
    }
    for (const { channelId, ids, data } of frames.values()) this.deps.deliver(channelId, { ids, data });
    return frames.size;
  }
}
