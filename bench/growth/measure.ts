import { connect, type Target } from "../support/database.ts";
import { interleave, type Side } from "../support/interleave.ts";
import type { Query } from "../support/query.ts";
import { answerOf, planOf } from "../support/side.ts";
import type { Case } from "./cases.ts";

/** Median milliseconds of database time, all four interleaved, and their plans. */
export interface Found {
  rows: number;
  page: number;
  byHand: number;
  aggregate: number;
  aggregateByHand: number;
  plans: string;
}

async function sameAnswer(what: string, mine: Side, hand: Side): Promise<string> {
  const body = await answerOf(mine);
  if (body !== (await answerOf(hand))) throw new Error(`The two queries of "${what}" answer different rows`);
  return body;
}

export async function measure(target: Target, each: Case, runs: number): Promise<Found> {
  const user = await connect(target, "authenticator");
  const owner = await connect(target, "postgres");
  try {
    const mine = (query: Query): Side => ({ client: user, role: "authenticated", userId: each.user, query });
    const hand = (query: Query): Side => ({ client: owner, role: "postgres", userId: each.user, query });
    const sides = [mine(each.page), hand(each.byHand), mine(each.aggregate), hand(each.aggregateByHand)] as const;
    const rows = JSON.parse(await sameAnswer(`${each.who}, page`, sides[0], sides[1])).length;
    await sameAnswer(`${each.who}, aggregate`, sides[2], sides[3]);
    const times = await interleave([...sides], runs, true);
    const [page = Number.NaN, byHand = Number.NaN, aggregate = Number.NaN, aggregateByHand = Number.NaN] = times;
    const titles = ["The page as the user", "The page by hand", "The aggregate as the user", "The aggregate by hand"];
    const plans: string[] = [];
    for (const [i, side] of sides.entries()) plans.push(`${titles[i]}\n\n${await planOf(side)}`);
    return { rows, page, byHand, aggregate, aggregateByHand, plans: plans.join("\n\n") };
  } finally {
    await Promise.all([user.end(), owner.end()]);
  }
}
