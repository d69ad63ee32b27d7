import { type Kysely, sql } from "kysely";
import type { Database } from "../../support/database.ts";
import { HOMEROOMS } from "./schools.ts";

/**
 * Homerooms with a lead teacher each; two subjects, each in as many groups of a level as it has homerooms, which mix them;
 * and one class of forty. A teacher has three or four classes.
 */
export async function generateClasses(db: Kysely<Database>): Promise<void> {
  const homerooms = sql.lit(HOMEROOMS);
  await sql`
    create table bench.classes as
    select s.id as school_id, s.rank, k.subject, g as number, bench.id(format('class %s %s %s', s.rank, k.subject, g)) as id,
      case when k.subject = 0 then 'homeroom' else 'subject' end as kind, 1 + (g - 1) % 12 as level,
      1 + (g - 1 + 13 * k.subject) % s.teachers as teacher, 8 + (g - 1 + 13 * k.subject) / s.teachers as hour
    from bench.schools s, (values (0, ${homerooms}), (1, ${homerooms}), (2, ${homerooms}), (3, 1)) k (subject, classes), generate_series(1, k.classes) g`.execute(
    db,
  );
  await sql`
    insert into public.classes (school_id, id, academic_year_id, grade_level_id, kind, subject_id, code, name)
    select c.school_id, c.id, bench.id('year ' || c.rank), l.id, c.kind,
      case when c.subject > 0 then bench.id(format('subject %s %s %s', c.rank, c.level, least(c.subject, 2))) end,
      format('C-%s-%s', c.subject, c.number), format('Class %s of subject %s', c.number, c.subject)
    from bench.classes c join public.grade_levels l on l.school_id = c.school_id and l.position = c.level`.execute(db);
  await sql`
    insert into public.class_teachers (school_id, id, class_id, teacher_id, lead, starts_on)
    select c.school_id, bench.id('teaches ' || c.id), c.id, bench.id(format('teacher %s %s', c.rank, c.teacher)), c.kind = 'homeroom', current_date - 200
    from bench.classes c`.execute(db);
}

export async function generateEnrollments(db: Kysely<Database>): Promise<void> {
  await sql`
    insert into public.enrollments (school_id, id, student_id, class_id, kind, roll_number, starts_on, ends_on)
    select a.school_id, bench.id(format('enrollment %s %s', a.student_id, a.class_id)), a.student_id, a.class_id, a.kind,
      row_number() over (partition by a.class_id order by a.n), current_date - 200, current_date + 150
    from (
      select p.school_id, p.n, p.id as student_id, c.id as class_id, c.kind
      from bench.pupils p
      join (values (0), (1), (2), (3)) k (subject) on k.subject < 3 or p.n <= 40
      join bench.classes c on c.school_id = p.school_id and c.subject = k.subject and c.number = case k.subject
        when 0 then p.homeroom when 3 then 1 else p.level + 12 * ((p.seat + k.subject) % case when p.level <= 4 then 4 else 3 end) end) a
    order by a.school_id, a.n`.execute(db);
}
