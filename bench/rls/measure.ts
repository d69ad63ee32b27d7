import { createHash } from "node:crypto";
import type pg from "pg";
import { connect, type Target } from "../support/database.ts";
import { median } from "../support/statistics.ts";
import type { Case, Query } from "./cases.ts";
import { asUser, explain, timeQuery } from "./session.ts";

export interface Measured {
  persona: string;
  filter: string;
  rows: number;
  prepared: Pair;
  planned: Pair;
  plans: { asUser: string; byHand: string };
}

/** Median milliseconds of database time: the statement's round trip less that of an empty statement. */
export interface Pair {
  asUser: number;
  byHand: number;
}

const EMPTY: Query = { text: "select null", values: [] };
const WARM_UP = 10;

function nameOf(query: Query): string {
  return createHash("md5").update(query.text).digest("hex");
}

async function interleave(
  each: Case,
  user: pg.Client,
  owner: pg.Client,
  runs: number,
  prepare: boolean,
): Promise<Pair> {
  const name = (query: Query) => (prepare ? nameOf(query) : undefined);
  const times = { asUser: [] as number[], byHand: [] as number[], empty: [] as number[] };
  for (let run = -WARM_UP; run < runs; run++) {
    const [mine, empty] = await asUser(user, "authenticated", each.user.user_id, async () => [
      await timeQuery(user, each.asUser, name(each.asUser)),
      await timeQuery(user, EMPTY, name(EMPTY)),
    ]);
    const hand = await asUser(owner, "postgres", each.user.user_id, () =>
      timeQuery(owner, each.byHand, name(each.byHand)),
    );
    if (run < 0 || mine === undefined || empty === undefined) continue;
    times.asUser.push(mine);
    times.byHand.push(hand);
    times.empty.push(empty);
  }
  const empty = median(times.empty);
  return { asUser: median(times.asUser) - empty, byHand: median(times.byHand) - empty };
}

async function pageOf(client: pg.Client, query: Query): Promise<string> {
  const { rows } = await client.query<{ body: string }>(query.text, query.values);
  return rows[0]?.body ?? "[]";
}

/** Times a case on two connections of its own, after making sure that both queries answer the same page. */
export async function measure(target: Target, each: Case, runs: number): Promise<Measured> {
  const user = await connect(target, "authenticator");
  const owner = await connect(target, "postgres");
  try {
    const { user_id } = each.user;
    const mine = await asUser(user, "authenticated", user_id, () => pageOf(user, each.asUser));
    const hand = await asUser(owner, "postgres", user_id, () => pageOf(owner, each.byHand));
    if (mine !== hand && !each.informative) {
      throw new Error(`The two queries of "${each.persona}, ${each.filter}" answer different pages`);
    }
    const prepared = await interleave(each, user, owner, runs, true);
    const planned = await interleave(each, user, owner, runs, false);
    const plans = {
      asUser: await asUser(user, "authenticated", user_id, () => explain(user, each.asUser, nameOf(each.asUser))),
      byHand: await asUser(owner, "postgres", user_id, () => explain(owner, each.byHand, nameOf(each.byHand))),
    };
    return { persona: each.persona, filter: each.filter, rows: JSON.parse(mine).length, prepared, planned, plans };
  } finally {
    await Promise.all([user.end(), owner.end()]);
  }
}
