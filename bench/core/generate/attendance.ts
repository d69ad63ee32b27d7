import { type Kysely, sql } from "kysely";
import type { Database } from "../../support/database.ts";

/** Day by day and register by register, so that those of one school lie scattered over the whole table. */
export async function generateEntries(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ day: string }>`select day::text from bench.days where n >= 0 order by n desc`.execute(
    db,
  );
  for (const { day } of rows) {
    await sql`
      insert into public.attendance_entries (school_id, session_id, class_id, student_id, day, status, created_at, updated_at)
      select s.school_id, s.id, s.class_id, e.student_id, s.day, case when c.chance < 92 then 'present' when c.chance < 94 then 'late'
        when c.chance < 97 then 'excused' when c.chance < 99 then 'unexcused' else 'left_early' end, s.register_taken_at, s.register_taken_at
      from public.class_sessions s
      join public.enrollments e on e.class_id = s.class_id
      cross join lateral (select ((uuid_hash(e.student_id) # uuid_hash(s.id)) & 2147483647) % 100 as chance) c
      where s.day = ${day}::date and s.register_taken_at is not null
      order by s.starts_at, s.id, e.roll_number`.execute(db);
  }
}

/** Marks of the newest tenth alone: no query that is measured reads older ones, and they would double what lies on the disk. */
export async function generateMarks(db: Kysely<Database>): Promise<void> {
  await sql`
    insert into public.attendance_marks (school_id, session_id, student_id, status, marked_by, marked_at, created_at, updated_at)
    select e.school_id, e.session_id, e.student_id, e.status, s.held_by, e.created_at, e.created_at, e.created_at
    from public.attendance_entries e join public.class_sessions s on (s.school_id, s.id) = (e.school_id, e.session_id)
    where e.day >= (select day from bench.days where n = 8)
    order by e.created_at, s.id`.execute(db);
}
