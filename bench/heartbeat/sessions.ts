import { type Kysely, sql } from "kysely";
import type { Database } from "../support/database.ts";
import { withoutTriggers } from "../support/without-triggers.ts";

export interface OpenSession {
  school_id: string;
  id: string;
  session_id: string;
  user_id: string;
}

const HISTORY = 10;

/**
 * One open session for each teacher at work and some that have ended, and beside them a plain table of the same shape,
 * rows and indexes, without triggers, keys to other tables or policies.
 */
export async function makeSessions(db: Kysely<Database>): Promise<void> {
  await sql`truncate public.user_sessions`.execute(db);
  await withoutTriggers(db, ["public.user_sessions"], async () => {
    await sql`
      insert into public.user_sessions (school_id, id, membership_id, session_id, started_at, last_seen_at, ended_at, end_reason)
      select m.school_id, bench.id(format('session %s %s', m.id, n)), m.id, bench.id(format('sign-in %s %s', m.id, n)),
        now() - interval '1 day' * n - interval '1 hour', now() - interval '1 day' * n, case when n > 0 then now() - interval '1 day' * n end,
        case when n > 0 then 'ended' end
      from public.memberships m, generate_series(0, ${sql.lit(HISTORY)}) n
      where m.role = 'teacher' and m.active`.execute(db);
  });
  await sql`drop table if exists bench.plain_sessions`.execute(db);
  await sql`create table bench.plain_sessions (like public.user_sessions including all) with (fillfactor = 60)`.execute(
    db,
  );
  await sql`
    insert into bench.plain_sessions (school_id, id, membership_id, session_id, started_at, last_seen_at, ended_at, end_reason, created_at, updated_at)
    select school_id, id, membership_id, session_id, started_at, last_seen_at, ended_at, end_reason, created_at, updated_at from public.user_sessions`.execute(
    db,
  );
  await sql`grant usage on schema bench to postgres`.execute(db);
  await sql`grant select, update on bench.plain_sessions to postgres`.execute(db);
  await sql`vacuum (analyze) public.user_sessions, bench.plain_sessions`.execute(db);
}

export async function openSessions(db: Kysely<Database>): Promise<OpenSession[]> {
  const { rows } = await sql<OpenSession>`
    select s.school_id, s.id, s.session_id, m.user_id from public.user_sessions s join public.memberships m on m.id = s.membership_id
    where s.ended_at is null order by s.id`.execute(db);
  return rows;
}
