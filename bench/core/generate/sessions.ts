import { type Kysely, sql } from "kysely";
import type { Database } from "../../support/database.ts";

/** One lesson of each student on each day: the homeroom's, or the group's of one of the subjects. One register in 33 was not taken. */
export async function generateSessions(db: Kysely<Database>): Promise<void> {
  await sql`
    insert into public.class_sessions (school_id, id, class_id, subject_id, teacher_id, day, starts_at, ends_at, register_taken_at, created_at, updated_at)
    select s.school_id, s.id, s.class_id, k.subject_id, s.teacher_id, s.day, s.at, s.at + interval '45 minutes',
      case when s.n >= 0 and hashtext(s.id::text) % 33 <> 0 then s.at + interval '5 minutes' end, now() - interval '150 days', least(now(), s.at)
    from (
      select c.school_id, bench.id(format('session %s %s', c.id, d.n)) as id, c.id as class_id, bench.id(format('teacher %s %s', c.rank, c.teacher)) as teacher_id,
        d.n, d.day, (d.day + make_time(case c.subject when 3 then 12 else c.hour end, 0, 0)) at time zone 'Asia/Jerusalem' as at
      from bench.days d
      join bench.classes c on case c.subject when 0 then (d.n + 20) % 2 = 0 when 1 then (d.n + 20) % 4 = 1 when 2 then (d.n + 20) % 4 = 3 else (d.n + 20) % 5 = 0 end) s
    join public.classes k on (k.school_id, k.id) = (s.school_id, s.class_id)
    order by s.n desc, s.at, s.id`.execute(db);
}
