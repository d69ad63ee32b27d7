import type pg from "pg";
import { connect, type Target } from "../support/database.ts";
import { interleave, type Side } from "../support/interleave.ts";
import { answerOf, planOf } from "../support/side.ts";
import type { Case } from "./cases/case.ts";

/** One database with its two connections: what is measured must not move between backends. */
export interface Place extends AsyncDisposable {
  target: Target;
  user: pg.Client;
  owner: pg.Client;
}

export async function openPlace(target: Target): Promise<Place> {
  const [user, owner] = [await connect(target, "authenticator"), await connect(target, "postgres")];
  // As search_people sets it for itself.
  await owner.query("set pg_trgm.word_similarity_threshold = 0.5");
  const close = async () => {
    await Promise.all([user.end(), owner.end()]);
  };
  return { target, user, owner, [Symbol.asyncDispose]: close };
}

/** Median milliseconds of database time, and the plans. */
export interface Found {
  rows: number;
  asUser: number;
  byHand: number;
  plans: { asUser: string; byHand: string };
}

function sidesOf({ user, owner }: Place, { user: userId, asUser, byHand }: Case): { mine: Side; hand: Side } {
  return {
    mine: { client: user, role: "authenticated", userId, query: asUser },
    hand: { client: owner, role: "postgres", userId, query: byHand },
  };
}

/** The case at every place in turn, as the user and by hand, after making sure that both answer the same. */
export async function measure(places: Place[], cases: Case[], runs: number): Promise<Found[]> {
  const sides = places.map((place, i) => {
    const each = cases[i];
    if (each === undefined) throw new Error("Cannot measure a place without its case");
    return { ...sidesOf(place, each), each };
  });
  const rows: number[] = [];
  for (const { mine, hand, each } of sides) {
    const body = await answerOf(mine);
    if (body !== (await answerOf(hand)))
      throw new Error(`The two queries of "${each.who}, ${each.what}" answer different rows`);
    rows.push(JSON.parse(body).length);
  }
  const times = await interleave(
    sides.flatMap(({ mine, hand }) => [mine, hand]),
    runs,
    true,
  );
  const found: Found[] = [];
  for (const [i, { mine, hand }] of sides.entries()) {
    const [asUser = Number.NaN, byHand = Number.NaN] = times.slice(2 * i);
    const plans = { asUser: await planOf(mine), byHand: await planOf(hand) };
    found.push({ rows: rows[i] ?? 0, asUser, byHand, plans });
  }
  return found;
}
