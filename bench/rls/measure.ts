import { connect, type Target } from "../support/database.ts";
import { interleave } from "../support/interleave.ts";
import { answerOf, planOf } from "../support/side.ts";
import type { Case } from "./cases.ts";

export interface Measured {
  persona: string;
  filter: string;
  rows: number;
  prepared: Pair;
  planned: Pair;
  plans: { asUser: string; byHand: string };
}

/** Median milliseconds of database time. */
export interface Pair {
  asUser: number;
  byHand: number;
}

/** Times a case on two connections of its own, after making sure that both queries answer the same page. */
export async function measure(target: Target, each: Case, runs: number): Promise<Measured> {
  const user = await connect(target, "authenticator");
  const owner = await connect(target, "postgres");
  try {
    const userId = each.user.user_id;
    const mine = { client: user, role: "authenticated", userId, query: each.asUser };
    const hand = { client: owner, role: "postgres", userId, query: each.byHand };
    const body = await answerOf(mine);
    if (body !== (await answerOf(hand)) && !each.informative) {
      throw new Error(`The two queries of "${each.persona}, ${each.filter}" answer different pages`);
    }
    const time = async (prepare: boolean): Promise<Pair> => {
      const [asUser = Number.NaN, byHand = Number.NaN] = await interleave([mine, hand], runs, prepare);
      return { asUser, byHand };
    };
    const prepared = await time(true);
    const planned = await time(false);
    const plans = { asUser: await planOf(mine), byHand: await planOf(hand) };
    return { persona: each.persona, filter: each.filter, rows: JSON.parse(body).length, prepared, planned, plans };
  } finally {
    await Promise.all([user.end(), owner.end()]);
  }
}
