import { type Kysely, sql } from "kysely";
import type { Database } from "../support/database.ts";

/**
 * Everybody of every school, with a sign-in. One teacher in 25 teaches in a second school under the same sign-in; one in
 * twenty has left. Students and parents have no rows to read here, but the membership table has its real size through them.
 */
export async function generatePeople(db: Kysely<Database>): Promise<void> {
  await sql`
    create table bench.people as
    select s.id as school_id, bench.id(format('teacher %s %s', s.rank, n)) as id,
      bench.id(case when n % 25 = 0 and n <= 200 then format('teacher %s 1 user', 1 + (s.rank + n) % (select count(*) from bench.schools))
        else format('teacher %s %s user', s.rank, n) end) as user_id,
      'teacher' as role, null as team_scope, 1 + (n - 1) % s.departments as department, 'T-' || n as teacher_code, n % 20 <> 0 as active, s.rank
    from bench.schools s, generate_series(1, s.teachers) n
    union all
    select s.id, bench.id(format('leader %s %s', s.rank, n)), bench.id(format('leader %s %s user', s.rank, n)), 'leader', 'department', n, null, true, s.rank
    from bench.schools s, generate_series(1, s.departments) n
    union all
    select s.id, bench.id('principal ' || s.rank), bench.id(format('principal %s user', s.rank)), 'leader', 'school', null, null, true, s.rank
    from bench.schools s
    union all
    select s.id, bench.id(format('%s %s %s', r.role, s.rank, n)), bench.id(format('%s %s %s user', r.role, s.rank, n)), r.role, null, null, null, true, s.rank
    from bench.schools s, (values ('admin', 0, 2), ('student', 10, 0), ('parent', 7, 0)) r (role, per_teacher, fixed),
      generate_series(1, r.per_teacher * s.teachers + r.fixed) n`.execute(db);
  await sql`
    insert into auth.users (id, instance_id, aud, role, email, created_at, updated_at)
    select u.id, '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', u.id || '@bench.example.test', now(), now()
    from (
      select user_id from bench.people
      union
      select bench.id(format('district %s %s user', role, n))
      from generate_series(1, (select max(district) from bench.schools)) n, unnest(array['admin', 'leader']) role
    ) u (id)`.execute(db);
  await sql`
    insert into public.memberships (school_id, id, user_id, role, team_scope, campus_id, department_id, teacher_code, starts_on, ends_on, active)
    select school_id, id, user_id, role, team_scope, bench.id('campus ' || rank), bench.id(format('department %s %s', rank, department)), teacher_code,
      '2020-09-01', case when not active then date '2024-06-30' end, active
    from bench.people`.execute(db);
  await sql`
    insert into public.supervisions (school_id, id, supervisor_id, teacher_id, starts_on)
    select l.school_id, bench.id(format('supervision %s', l.id)), l.id, t.id, '2024-09-01'
    from bench.people l join bench.people t on t.school_id = l.school_id and t.role = 'teacher' and t.teacher_code = 'T-' || (l.department + 1)
    where l.team_scope = 'department' and l.department % 5 = 1`.execute(db);
}

/** A district's admin and leader; the trigger makes their memberships in each of its schools. */
export async function generateDistrictPeople(db: Kysely<Database>): Promise<void> {
  await sql`
    insert into public.district_memberships (id, district_id, user_id, role, starts_on)
    select bench.id(format('district %s %s', role, n)), bench.id('district ' || n), bench.id(format('district %s %s user', role, n)), role, '2020-09-01'
    from generate_series(1, (select max(district) from bench.schools)) n, unnest(array['admin', 'leader']) role`.execute(
    db,
  );
}
