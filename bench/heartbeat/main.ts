import { type Kysely, sql } from "kysely";
import { command } from "../../scripts/options.ts";
import { openBenchDatabase } from "../support/bench-database.ts";
import { type Database, openKysely } from "../support/database.ts";
import { benchOptions } from "../support/options.ts";
import { milliseconds, printTable, saveResults } from "../support/results.ts";
import { median } from "../support/statistics.ts";
import { Pair } from "./clients.ts";
import { makeSessions, type OpenSession, openSessions } from "./sessions.ts";

const CONNECTIONS = 4;
const SLICE_MS = 500;
const MINUTE_MS = 60_000;

/** Calls `work` over and over until the time is up. */
async function repeat(milliseconds: number, work: () => Promise<void>): Promise<void> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) await work();
}

async function compare(pair: Pair, slices: number): Promise<{ ping: number[]; bare: number[] }> {
  const times = { ping: [] as number[], bare: [] as number[] };
  for (let slice = -1; slice < slices; slice++) {
    for (const kind of ["ping", "bare"] as const) {
      await repeat(SLICE_MS, async () => {
        const time = await pair[kind]();
        if (slice >= 0) times[kind].push(time);
      });
    }
  }
  return times;
}

async function sizeOf(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ size: string }>`select pg_total_relation_size('public.user_sessions') as size`.execute(
    db,
  );
  return Number(rows[0]?.size);
}

/** Everybody's heartbeats for a minute, as fast as they go. */
async function fullRate(pairs: Pair[], sessions: OpenSession[]): Promise<number> {
  let sent = 0;
  await Promise.all(
    pairs.map((pair) =>
      repeat(MINUTE_MS, async () => {
        const session = sessions[sent++ % sessions.length];
        if (session) await pair.pingAs(session);
      }),
    ),
  );
  return sent;
}

await command(async () => {
  const options = benchOptions();
  const slices = options.runs ?? 20;
  await using database = await openBenchDatabase(options);
  await using db = openKysely(database.target, "supabase_admin");
  await using stack = new AsyncDisposableStack();
  await makeSessions(db);
  const sessions = await openSessions(db);
  const pairs: Pair[] = [];
  for (const session of sessions.slice(0, CONNECTIONS))
    pairs.push(stack.use(await Pair.open(database.target, session)));

  const [first] = pairs;
  if (first === undefined) throw new Error("Cannot find an open session in the generated data");
  const times = await compare(first, slices);
  const [ping, bare] = [median(times.ping), median(times.bare)];
  const before = await sizeOf(db);
  const sent = await fullRate(pairs, sessions);
  const after = await sizeOf(db);

  printTable(
    `A heartbeat, ms a statement over one connection, median`,
    ["heartbeat", "bare update", "ratio", "at most"],
    [{ cells: [milliseconds(ping), milliseconds(bare), (ping / bare).toFixed(2), "2.00"], within: ping <= 2 * bare }],
  );
  printTable(
    `A minute of ${sent.toLocaleString("en")} heartbeats, bytes of user_sessions with its indexes`,
    ["before", "after"],
    [{ cells: [before.toLocaleString("en"), after.toLocaleString("en")], within: after <= before }],
  );
  saveResults("heartbeat", {
    heartbeat_ms: ping,
    bare_update_ms: bare,
    calls: { heartbeat: times.ping.length, bare: times.bare.length },
    full_rate: { connections: CONNECTIONS, heartbeats: sent, bytes_before: before, bytes_after: after },
  });
  return 0;
});
