import { randomUUID } from "node:crypto";
import type { Claims, StackContext } from "../../context.ts";
import { API_ROLES } from "../../rest/rest-config.ts";
import type { RowChange } from "../replication/row-change.ts";
import type {
  ChangesChannel,
  ChangesService,
  DeliverChange,
  PostgresChangesConfig,
  Subscribed,
  SystemMessage,
} from "../types.ts";
import { Dispatcher } from "./dispatcher.ts";
import { ParamsError } from "./filter-grammar.ts";
import { FilterMatcher } from "./filter-matcher.ts";
import { Listeners } from "./listeners.ts";
import { parseParams, subscriptionId } from "./params.ts";
import type { Listener, Wish } from "./subscription.ts";
import { report } from "./subscription-table.ts";

export interface Changes extends ChangesService {
  /** Rows in commit order; resolves when everybody who may know has been told. */
  onChanges(changes: RowChange[]): Promise<void>;
  onReady(ready: boolean): void;
}

function claimsKey(claims: Claims): string {
  return JSON.stringify(claims);
}

function isApiRole(role: string): boolean {
  return API_ROLES.some((each) => each === role);
}

/** Tells channels of rows that were inserted, updated or deleted, as far as their role and its policies let them know. */
export function createChanges(ctx: StackContext, deliver: DeliverChange): Changes {
  const log = ctx.log.child({ service: "realtime" });
  const catalogPool = ctx.pool("postgres");
  const listeners = new Listeners(catalogPool, log);
  const dispatcher = new Dispatcher({
    log,
    catalogPool,
    filters: new FilterMatcher(catalogPool, log),
    policyPool: ctx.pool("authenticator"),
    deliver,
    subscriptionsOf: (table) => listeners.ofTable(table),
    isCurrent: (listener) => listeners.isCurrent(listener),
  });

  function subscribe(channel: ChangesChannel, configs: PostgresChangesConfig[]): Subscribed {
    const ids = configs.map(subscriptionId);
    const refuse = (error: Error) => ({ ids, settled: Promise.resolve(report(channel.topic, error)) });
    let wishes: Wish[];
    try {
      wishes = configs.map((config, at) => ({
        id: ids[at] ?? subscriptionId(config),
        uuid: randomUUID(),
        params: parseParams(config),
      }));
    } catch (error) {
      if (error instanceof ParamsError) return refuse(error);
      throw error;
    }
    const { id, topic, claims } = channel;
    const { role } = claims;
    if (!isApiRole(role)) return refuse(new Error(`role "${role}" may not subscribe to changes`));
    const listener: Listener = {
      id,
      topic,
      claims,
      role,
      claimsKey: claimsKey(claims),
      wishes,
      subscriptions: [],
      revision: 0,
    };
    return { ids, settled: listeners.add(listener) };
  }

  async function reauthorize(channelId: string, claims: Claims): Promise<SystemMessage[]> {
    const listener = listeners.get(channelId);
    if (!listener) return [];
    if (isApiRole(claims.role)) return listeners.replaceClaims(listener, claims, claimsKey(claims));
    listeners.remove(channelId);
    return report(listener.topic, new Error(`role "${claims.role}" may not subscribe to changes`));
  }

  return {
    subscribe,
    reauthorize,
    unsubscribe: (channelId) => listeners.remove(channelId),
    async onChanges(changes) {
      await listeners.learnTables(changes.map(({ relation }) => relation));
      await dispatcher.dispatch(changes);
    },
    onReady: (ready) => listeners.setReady(ready),
    close: () => listeners.close(),
  };
}
