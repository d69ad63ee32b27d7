import { type Kysely, sql } from "kysely";
import type pg from "pg";
import { connect, type Database } from "../support/database.ts";
import { asUser } from "../support/session.ts";
import { median, timed } from "../support/statistics.ts";
import type { Place } from "./measure.ts";
import type { Scene } from "./scene.ts";

/** Median milliseconds of the statement, rolled back. */
export interface Register {
  /** rpc mark_attendance as the teacher. */
  call: number;
  /** One insert of as many rows into attendance_entries by its owner, who is under no policy: its keys, indexes and triggers. */
  insert: number;
  /** The same insert into an empty table with its keys and indexes, and without foreign keys and triggers. */
  bare: number;
}

const SIDES = ["call", "insert", "bare"] as const;
const WARM_UP = 10;

export async function makeBareTable(db: Kysely<Database>): Promise<void> {
  await sql`drop table if exists bench.bare_entries`.execute(db);
  await sql`create table bench.bare_entries (like public.attendance_entries including all)`.execute(db);
  await sql`grant usage on schema bench to postgres`.execute(db);
  await sql`grant all on bench.bare_entries to postgres`.execute(db);
}

/** A lesson that has just begun and whose register nobody has taken. */
async function beginSession(client: pg.Client, { school, forty }: Scene): Promise<{ id: string; day: string }> {
  const { rows } = await client.query<{ id: string; day: string }>({
    name: "begin",
    text: `insert into public.class_sessions (school_id, class_id, teacher_id, day, starts_at, ends_at)
      values ($1, $2, $3, (now() at time zone 'Asia/Jerusalem')::date, now() - interval '5 minutes', now() + interval '40 minutes') returning id, day::text`,
    values: [school, forty.class, forty.membership],
  });
  const [session] = rows;
  if (session === undefined) throw new Error("Cannot begin a session");
  return session;
}

function statementOf(side: (typeof SIDES)[number], { school, forty }: Scene, session: { id: string; day: string }) {
  if (side === "call") {
    const entries = JSON.stringify(forty.students.map((student_id) => ({ student_id, status: "present" })));
    return {
      name: side,
      text: "select public.mark_attendance(school_id := $1, session_id := $2, entries := $3) as body",
      values: [school, session.id, entries],
    };
  }
  const table = side === "insert" ? "public.attendance_entries" : "bench.bare_entries";
  const rows = forty.students.map((_, i) => `($1, $2, $3, $${i + 5}, $4, 'present')`);
  return {
    name: side,
    text: `insert into ${table} (school_id, session_id, class_id, student_id, day, status) values ${rows.join(", ")}`,
    values: [school, session.id, forty.class, session.day, ...forty.students],
  };
}

async function takeOnce(client: pg.Client, side: (typeof SIDES)[number], scene: Scene): Promise<number> {
  return await asUser(client, "postgres", scene.forty.user, async () => {
    const session = await beginSession(client, scene);
    if (side === "call") await client.query("select set_config('role', 'authenticated', true)");
    return await timed(() => client.query(statementOf(side, scene, session)));
  });
}

/** A register of forty in one call beside one insert of forty rows, at every place in turn. */
export async function measureRegister(places: Place[], scenes: Scene[], runs: number): Promise<Register[]> {
  const all = places.map((place, i) => {
    const scene = scenes[i];
    if (scene === undefined) throw new Error("Cannot measure a place without its school");
    return { place, scene, times: { call: [] as number[], insert: [] as number[], bare: [] as number[] } };
  });
  const clients = new Map<Place, pg.Client>();
  try {
    for (const { place } of all) clients.set(place, await connect(place.target, "postgres"));
    for (let run = -WARM_UP; run < runs; run++) {
      for (const { place, scene, times } of all) {
        const client = clients.get(place);
        if (client === undefined) continue;
        for (const side of run % 2 === 0 ? SIDES : SIDES.toReversed()) {
          const taken = await takeOnce(client, side, scene);
          if (run >= 0) times[side].push(taken);
        }
      }
    }
  } finally {
    await Promise.all([...clients.values()].map((client) => client.end()));
  }
  return all.map(({ times }) => ({ call: median(times.call), insert: median(times.insert), bare: median(times.bare) }));
}
