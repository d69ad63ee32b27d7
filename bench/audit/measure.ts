import type pg from "pg";
import { connect, type Target } from "../support/database.ts";
import { median, timed } from "../support/statistics.ts";
import { insertSql, type Kind, updateSql } from "./batch.ts";

export interface Measured {
  rows: number;
  kind: Kind;
  insert: Pair;
  update: Pair;
}

/** Median milliseconds of the statement. */
export interface Pair {
  audited: number;
  bare: number;
}

const TRIGGERS = ["_900_audit_created", "_900_audit_changed"];
const CONTEXT = "select set_config('request.jwt.claims', $1, true), set_config('request.headers', $2, true)";
const HEADERS = JSON.stringify({ "x-request-id": "bench", "x-forwarded-for": "192.0.2.1", "user-agent": "bench" });

/**
 * One write of each kind in a transaction that is rolled back. What a backend plans once, it plans in the warm-up: the
 * side whose triggers were just disabled would otherwise pay for it inside the measured statement.
 */
async function write(client: pg.Client, actor: string, kind: Kind, rows: number, audited: boolean) {
  const claims = { sub: actor, role: "authenticated", session_id: "5e551011-0000-4000-8000-000000000000" };
  await client.query("begin");
  try {
    await client.query(CONTEXT, [JSON.stringify(claims), HEADERS]);
    for (const name of audited ? [] : TRIGGERS)
      await client.query(`alter table public.observations disable trigger ${name}`);
    await client.query(insertSql(kind, 0, 0));
    await client.query(updateSql(kind, 0, 0));
    const insert = await timed(() => client.query(insertSql(kind, 1, rows)));
    const update = await timed(() => client.query(updateSql(kind, 1, rows)));
    return { insert, update };
  } finally {
    await client.query("rollback");
  }
}

/** The same statements with and without the audit triggers, in turn; `tidy` runs after each pair. */
export async function measure(
  target: Target,
  {
    actor,
    kind,
    rows,
    runs,
    tidy,
  }: { actor: string; kind: Kind; rows: number; runs: number; tidy: () => Promise<void> },
): Promise<Measured> {
  const [audited, bare] = [await connect(target, "postgres"), await connect(target, "postgres")];
  const insert = { audited: [] as number[], bare: [] as number[] };
  const update = { audited: [] as number[], bare: [] as number[] };
  try {
    for (let run = -1; run < runs; run++) {
      for (const [side, client] of Object.entries({ audited, bare }) as ["audited" | "bare", pg.Client][]) {
        const times = await write(client, actor, kind, rows, side === "audited");
        if (run < 0) continue;
        insert[side].push(times.insert);
        update[side].push(times.update);
      }
      await tidy();
    }
  } finally {
    await Promise.all([audited.end(), bare.end()]);
  }
  const medians = (times: typeof insert) => ({ audited: median(times.audited), bare: median(times.bare) });
  return { rows, kind, insert: medians(insert), update: medians(update) };
}
