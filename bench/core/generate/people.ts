import { type Kysely, sql } from "kysely";
import type { Database } from "../../support/database.ts";
import { hebrew, latin } from "./names.ts";
import { HOMEROOMS, STUDENTS } from "./schools.ts";

/**
 * Pupils with names (every seventh family writes Latin), their level and homeroom. Every fifth is the sibling of the one
 * before. The upper levels sign in themselves.
 */
async function generatePupils(db: Kysely<Database>): Promise<void> {
  await sql`
    create function bench.pick(p_words text[], p_seed text) returns text language sql immutable parallel safe
    as $$ select p_words[1 + floor(cardinality(p_words) * power((hashtext(p_seed) & 2147483647) / 2147483648.0, 1.5))::integer] $$`.execute(
    db,
  );
  await sql`
    create function bench.full_name(p_seed text, p_family text, out given text, out family text) language sql immutable parallel safe
    as $$ select case when n.latin then bench.pick(${sql.lit(`{${latin.given}}`)}, p_seed) else bench.pick(${sql.lit(`{${hebrew.given}}`)}, p_seed) end,
      case when n.latin then bench.pick(${sql.lit(`{${latin.family}}`)}, p_family) else bench.pick(${sql.lit(`{${hebrew.family}}`)}, p_family) end
      from (select hashtext('script' || p_family) % 7 = 0 as latin) n $$`.execute(db);
  await sql`
    create table bench.pupils as
    select s.id as school_id, s.rank, n, bench.id(format('pupil %s %s', s.rank, n)) as id, 1 + (n - 1) % ${sql.lit(HOMEROOMS)} as homeroom,
      1 + (n - 1) % ${sql.lit(HOMEROOMS)} % 12 as level, (n - 1) / ${sql.lit(HOMEROOMS)} as seat, n - case when n % 5 = 0 then 1 else 0 end as family
    from bench.schools s, generate_series(1, ${sql.lit(STUDENTS)}) n`.execute(db);
}

/** Parents: one for each family, a second for three students in ten. */
async function generateMembers(db: Kysely<Database>): Promise<void> {
  await sql`
    create table bench.people as
    select s.id as school_id, s.rank, r.role, r.team_scope, n, r.role || case r.team_scope when 'school' then ' of all' else '' end as kind,
      case when r.departments then 1 + (n - 1) % 6 end as department
    from bench.schools s, lateral (values ('teacher', null, s.teachers, true), ('leader', 'department', 6, true), ('leader', 'school', 1, false),
      ('admin', null, 2, false)) r (role, team_scope, people, departments), generate_series(1, r.people) n
    union all
    select p.school_id, p.rank, 'student', null, p.n, 'student', null from bench.pupils p where p.level > 6
    union all
    select p.school_id, p.rank, 'parent', null, p.n, 'parent', null from bench.pupils p where p.n = p.family
    union all
    select p.school_id, p.rank, 'parent', null, p.n, 'second parent', null from bench.pupils p where p.n % 10 < 3`.execute(
    db,
  );
  await sql`
    insert into auth.users (id, instance_id, aud, role, email, created_at, updated_at)
    select u.id, '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', u.id || '@bench.example.test', now(), now()
    from (select bench.id(format('%s %s %s user', kind, rank, n)) from bench.people) u (id)`.execute(db);
  await sql`
    insert into public.memberships (school_id, id, user_id, role, team_scope, campus_id, department_id, teacher_code, starts_on)
    select school_id, bench.id(format('%s %s %s', kind, rank, n)), bench.id(format('%s %s %s user', kind, rank, n)), role, team_scope,
      case when role <> 'parent' and team_scope is distinct from 'school' then bench.id('campus ' || rank) end, bench.id(format('department %s %s', rank, department)),
      case role when 'teacher' then 'T-' || n end, current_date - 400
    from bench.people`.execute(db);
}

export async function generatePeople(db: Kysely<Database>): Promise<void> {
  await generatePupils(db);
  await generateMembers(db);
  await sql`
    insert into public.students (school_id, id, membership_id, student_number, given_name, family_name)
    select p.school_id, p.id, case when p.level > 6 then bench.id(format('student %s %s', p.rank, p.n)) end, (100000 + p.n)::text, f.given, f.family
    from bench.pupils p cross join lateral bench.full_name(format('%s %s', p.rank, p.n), format('%s %s', p.rank, p.family)) f`.execute(
    db,
  );
  await sql`
    insert into public.guardianships (school_id, id, student_id, guardian_id, starts_on)
    select p.school_id, bench.id(format('guardianship %s %s %s', p.rank, p.n, k.kind)), p.id,
      bench.id(format('%s %s %s', k.kind, p.rank, case k.kind when 'parent' then p.family else p.n end)), current_date - 400
    from bench.pupils p join (values ('parent'), ('second parent')) k (kind) on k.kind = 'parent' or p.n % 10 < 3`.execute(
    db,
  );
  await sql`
    insert into public.directory_cards (school_id, id, membership_id, display_name)
    select p.school_id, bench.id(format('card %s %s %s', p.kind, p.rank, p.n)), bench.id(format('%s %s %s', p.kind, p.rank, p.n)), f.given || ' ' || f.family
    from bench.people p cross join lateral bench.full_name(format('%s %s %s', p.kind, p.rank, p.n), format('%s %s %s', p.kind, p.n, p.rank)) f
    where p.role in ('teacher', 'leader', 'admin')`.execute(db);
}

/** As the triggers would have filled it. */
export async function generateSearchable(db: Kysely<Database>): Promise<void> {
  await sql`
    insert into private.searchable_people (school_id, kind, person_id, words)
    select school_id, 'student', id, private.search_text(concat_ws(' ', given_name, family_name, preferred_name, student_number)) from public.students
    union all
    select school_id, 'staff', membership_id, private.search_text(display_name) from public.directory_cards`.execute(
    db,
  );
}
