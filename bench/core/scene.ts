import { type Kysely, sql } from "kysely";
import type { Database } from "../support/database.ts";

/** Who asks for what, in one school. The names are the same at either size, so each asks for as much. */
export interface Scene {
  school: string;
  /** The newest day with registers, and the month up to it. */
  day: string;
  month: string;
  teacher: { user: string; membership: string; homeroom: string; session: string; sessionDay: string };
  /** Leads a department. */
  leader: { user: string; department: string };
  principal: { user: string };
  admin: { user: string };
  parent: { user: string; child: string };
  /** The class of forty, whose teacher takes a register. */
  forty: { user: string; membership: string; class: string; students: string[] };
}

export async function findScene(db: Kysely<Database>): Promise<Scene> {
  const { rows } = await sql<{ scene: Scene }>`
    select jsonb_build_object('school', bench.id('school 2'), 'day', d.day, 'month', d.day - 30,
      'teacher', jsonb_build_object('user', bench.id('teacher 2 5 user'), 'membership', bench.id('teacher 2 5'), 'homeroom', s.class_id,
        'session', s.id, 'sessionDay', s.day),
      'leader', jsonb_build_object('user', bench.id('leader 2 1 user'), 'department', bench.id('department 2 1')),
      'principal', jsonb_build_object('user', bench.id('leader of all 2 1 user')),
      'admin', jsonb_build_object('user', bench.id('admin 2 1 user')),
      'parent', jsonb_build_object('user', bench.id('parent 2 4 user'), 'child', bench.id('pupil 2 4')),
      'forty', jsonb_build_object('user', bench.id(format('teacher 2 %s user', c.teacher)), 'membership', bench.id(format('teacher 2 %s', c.teacher)), 'class', c.id,
        'students', (select jsonb_agg(e.student_id order by e.roll_number) from public.enrollments e where e.class_id = c.id))) as scene
    from (select day from bench.days where n = 0) d, (select * from bench.classes where rank = 2 and subject = 3) c, (
      select s.id, s.class_id, s.day from public.class_sessions s
      where s.class_id = bench.id('class 2 0 5') and s.register_taken_at is not null order by s.day desc limit 1) s
    where exists (select from public.academic_years y where y.school_id = bench.id('school 2') and current_date between y.starts_on and y.ends_on)`.execute(
    db,
  );
  const [found] = rows;
  if (found === undefined) throw new Error("Cannot find the school in this year: with --fresh it is made again");
  return found.scene;
}
