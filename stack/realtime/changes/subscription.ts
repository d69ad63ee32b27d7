import type { Claims } from "../../context.ts";
import type { Filter } from "./filter-grammar.ts";
import type { Params } from "./params.ts";

/** One entry of a channel's configuration. */
export interface Wish {
  /** The client's number for it. */
  id: number;
  /** Of its rows in realtime.subscription. */
  uuid: string;
  params: Params;
}

/** A channel that listens to changes of the database. */
export interface Listener {
  id: string;
  topic: string;
  claims: Claims;
  role: string;
  /** Listeners with the same role and claims have the same. */
  claimsKey: string;
  wishes: Wish[];
  subscriptions: Subscription[];
  /** Grows when the rights change. */
  revision: number;
}

/** A wish that applies to one table. */
export interface Subscription {
  listener: Listener;
  id: number;
  table: number;
  action: Params["action"];
  filters: Filter[];
  select: string[] | null;
}

export function isExpired({ claims }: Listener): boolean {
  return claims.exp !== undefined && claims.exp * 1000 <= Date.now();
}
