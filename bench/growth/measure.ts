import { connect, type Target } from "../support/database.ts";
import { interleave, type Side } from "../support/interleave.ts";
import { asUser as signedIn, timeQuery } from "../support/session.ts";
import { answerOf, planOf } from "../support/side.ts";
import { median } from "../support/statistics.ts";
import type { Case, Pair } from "./cases/case.ts";

/** Milliseconds: medians of database time, all interleaved, and the first call of a new connection. */
export interface Found {
  asUser: number;
  byHand: number;
  firstAsUser: number;
  firstByHand: number;
  aggregate?: { asUser: number; byHand: number };
  plans: string;
}

const SESSIONS = 5;

async function firstCall(target: Target, side: Omit<Side, "client">): Promise<number> {
  const times: number[] = [];
  for (let session = 0; session < SESSIONS; session++) {
    const client = await connect(target, side.role === "authenticated" ? "authenticator" : "postgres");
    try {
      times.push(await signedIn(client, side.role, side.userId, () => timeQuery(client, side.query, undefined)));
    } finally {
      await client.end();
    }
  }
  return median(times);
}

async function sameAnswer(what: string, mine: Side, hand: Side): Promise<void> {
  if ((await answerOf(mine)) !== (await answerOf(hand)))
    throw new Error(`The two queries of "${what}" answer different rows`);
}

export async function measure(target: Target, each: Case, runs: number): Promise<Found> {
  const user = await connect(target, "authenticator");
  const owner = await connect(target, "postgres");
  const sidesOf = ({ asUser, byHand }: Pair): [Side, Side] => [
    { client: user, role: "authenticated", userId: each.user, query: asUser },
    { client: owner, role: "postgres", userId: each.user, query: byHand },
  ];
  try {
    const page = sidesOf(each);
    const aggregate = each.aggregate ? sidesOf(each.aggregate) : [];
    const sides = [...page, ...aggregate];
    await sameAnswer(`${each.page}, ${each.who}`, ...page);
    if (each.aggregate) await sameAnswer(`the aggregate, ${each.who}`, ...sidesOf(each.aggregate));
    const [asUser, byHand, ...rest] = (await interleave(sides, runs, true)) as [number, number, ...number[]];
    const titles = ["As the user", "By hand", "The aggregate as the user", "The aggregate by hand"];
    const plans: string[] = [];
    for (const [i, side] of sides.entries()) plans.push(`${titles[i]}\n\n${await planOf(side)}`);
    const [firstAsUser, firstByHand] = [await firstCall(target, page[0]), await firstCall(target, page[1])];
    const [aggregateAsUser, aggregateByHand] = rest;
    return {
      ...{ asUser, byHand, firstAsUser, firstByHand, plans: plans.join("\n\n") },
      ...(aggregateAsUser === undefined || aggregateByHand === undefined
        ? {}
        : { aggregate: { asUser: aggregateAsUser, byHand: aggregateByHand } }),
    };
  } finally {
    await Promise.all([user.end(), owner.end()]);
  }
}
