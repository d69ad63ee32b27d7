import { createHash } from "node:crypto";
import type pg from "pg";
import { EMPTY, type Query } from "./query.ts";
import { asUser, timeQuery } from "./session.ts";
import { median } from "./statistics.ts";

/** One of several statements that are measured in turn. */
export interface Side {
  client: pg.Client;
  role: string;
  userId: string;
  query: Query;
}

const WARM_UP = 10;

export function nameOf(query: Query): string {
  return createHash("md5").update(query.text).digest("hex");
}

/** Median milliseconds of database time of each side: its round trip less that of an empty statement. */
export async function interleave(sides: Side[], runs: number, prepare: boolean): Promise<number[]> {
  const name = (query: Query) => (prepare ? nameOf(query) : undefined);
  const times = sides.map((side) => ({ ...side, taken: [] as number[] }));
  // One for all sides, so that a busy machine does not tell them apart by it.
  const empty: number[] = [];
  for (let run = -WARM_UP; run < runs; run++) {
    // Back and forth: who comes second finds in the processor's cache what the first has read.
    for (const { client, role, userId, query, taken } of run % 2 === 0 ? times : times.toReversed()) {
      const [whole, nothing] = await asUser(client, role, userId, async () => [
        await timeQuery(client, query, name(query)),
        await timeQuery(client, EMPTY, name(EMPTY)),
      ]);
      if (run < 0 || whole === undefined || nothing === undefined) continue;
      taken.push(whole);
      empty.push(nothing);
    }
  }
  return times.map(({ taken }) => median(taken) - median(empty));
}
