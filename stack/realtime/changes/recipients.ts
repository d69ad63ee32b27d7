import type pg from "pg";
import type { Logger } from "pino";
import type { RowChange } from "../replication/row-change.ts";
import type { FilterMatcher } from "./filter-matcher.ts";
import { filterKey } from "./filters.ts";
import { refusalOf } from "./payload.ts";
import type { Subscription } from "./subscription.ts";
import type { Table } from "./tables.ts";
import { type Asker, type Key, visibleKeys } from "./visibility.ts";

export interface Recipient {
  subscription: Subscription;
  /** Told instead of the row. */
  refusal: string | null;
}

export interface RecipientDeps {
  filters: FilterMatcher;
  /** Asks the policies. */
  policyPool: pg.Pool;
  log: Logger;
}

interface Group {
  role: string;
  claims: Asker["claims"];
  members: { subscription: Subscription; rows: number[] }[];
}

function keyOf({ relation, record }: RowChange, names: string[]): Key {
  return names.map((name) => record?.[relation.columns.findIndex((column) => column.name === name)] ?? "");
}

/** Who shares role and claims is asked for once. */
function groupByClaims(matched: Map<Subscription, number[]>): Group[] {
  const groups = new Map<string, Group>();
  for (const [subscription, rows] of matched) {
    if (rows.length === 0) continue;
    const { role, claims, claimsKey } = subscription.listener;
    const group = groups.get(claimsKey) ?? { role, claims, members: [] };
    group.members.push({ subscription, rows });
    groups.set(claimsKey, group);
  }
  return [...groups.values()];
}

/** Leaves of `matched` what the table's policies show to each subscriber now. Deleted rows stay: there is nothing to ask. */
async function keepVisible(
  deps: RecipientDeps,
  table: Table,
  rows: RowChange[],
  matched: Map<Subscription, number[]>,
): Promise<void> {
  const names = table.columns.filter((column) => column.isPrimaryKey).map(({ name }) => name);
  const keys = rows.map((row) => keyOf(row, names));
  const keyTexts = keys.map((key) => JSON.stringify(key));
  const byRole = Map.groupBy(groupByClaims(matched), ({ role }) => role);
  for (const [role, groups] of byRole) {
    const asked = groups.flatMap((group) => {
      const distinct = new Map<string, Key>();
      for (const index of group.members.flatMap((member) => member.rows)) {
        const key = keys[index];
        const text = keyTexts[index];
        if (key && text !== undefined && rows[index]?.type !== "DELETE") distinct.set(text, key);
      }
      return distinct.size === 0 ? [] : [{ ...group, distinct }];
    });
    const askers = asked.map(({ claims, distinct }) => ({ claims, keys: [...distinct.values()] }));
    const seen = await visibleKeys({ pool: deps.policyPool, log: deps.log }, table, role, askers);
    asked.forEach(({ members, distinct }, at) => {
      const visible = new Set([...distinct.keys()].filter((_, n) => seen[at]?.has(n)));
      for (const member of members) {
        matched.set(
          member.subscription,
          member.rows.filter((index) => rows[index]?.type === "DELETE" || visible.has(keyTexts[index] ?? "")),
        );
      }
    });
  }
}

/** By a column that the role may not read (any more) its values could be guessed. */
function mayFilter(table: Table, { filters, listener }: Subscription): boolean {
  return filters.every((filter) =>
    table.columns.some(({ name, readers }) => name === filter.column && readers.includes(listener.role)),
  );
}

/** Who is told of each row; all rows are of this table. */
export async function findRecipients(
  deps: RecipientDeps,
  table: Table,
  rows: RowChange[],
  subscriptions: Subscription[],
): Promise<Recipient[][]> {
  const recipients = rows.map((): Recipient[] => []);
  const matched = new Map<Subscription, number[]>();
  const sets = new Map<string, Subscription["filters"]>();
  for (const subscription of subscriptions) {
    const wanted: number[] = [];
    const isAllowed = mayFilter(table, subscription);
    rows.forEach((row, index) => {
      if (subscription.action !== "*" && subscription.action !== row.type) return;
      const refusal = refusalOf(row, table, subscription.listener.role);
      if (refusal === null && isAllowed) wanted.push(index);
      if (refusal !== null) recipients[index]?.push({ subscription, refusal });
    });
    matched.set(subscription, wanted);
    if (wanted.length > 0 && subscription.filters.length > 0) {
      sets.set(filterKey(subscription.filters), subscription.filters);
    }
  }
  if (sets.size > 0) {
    const passed = await deps.filters.match(table, rows, sets);
    for (const [subscription, wanted] of matched) {
      if (subscription.filters.length === 0) continue;
      const set = passed.get(filterKey(subscription.filters));
      matched.set(
        subscription,
        wanted.filter((index) => set?.has(index)),
      );
    }
  }
  if (table.hasRls) await keepVisible(deps, table, rows, matched);
  for (const [subscription, indexes] of matched) {
    for (const index of indexes) recipients[index]?.push({ subscription, refusal: null });
  }
  return recipients;
}
