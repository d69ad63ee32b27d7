import { type Kysely, sql } from "kysely";
import type { Database } from "../../support/database.ts";

const AROUND = 20;
const TEACHERS_AROUND = 40;
const DEPARTMENTS = 8;
export const YEARS = 5;

/** The school that is measured is the first; the others stand around it. Their triggers make levels and categories. */
export async function generateSchools(db: Kysely<Database>, teachers: number): Promise<void> {
  await sql`
    create function bench.id(p_name text) returns uuid language sql immutable parallel safe as $$ select md5('bench ' || p_name)::uuid $$`.execute(
    db,
  );
  await sql`
    create function bench.chance(p_name text) returns integer language sql immutable parallel safe as $$ select (hashtext(p_name) & 2147483647) % 100 $$`.execute(
    db,
  );
  await sql`
    create table bench.schools as
    select rank, bench.id('school ' || rank) as id, case rank when 1 then ${sql.lit(teachers)} else ${sql.lit(TEACHERS_AROUND)} end as teachers
    from generate_series(1, ${sql.lit(AROUND + 1)}) rank`.execute(db);
  await sql`
    create table bench.years as
    select n, current_date - 200 - 365 * (n - 1) as starts_on, current_date + 164 - 365 * (n - 1) as ends_on from generate_series(1, ${sql.lit(YEARS)}) n`.execute(
    db,
  );
  await sql`insert into public.districts (id, code, name) values (bench.id('district'), 'BENCH', 'District')`.execute(
    db,
  );
  await sql`
    insert into public.schools (id, district_id, code, name, status)
    select id, bench.id('district'), 'BENCH-' || rank, 'School ' || rank, 'active' from bench.schools`.execute(db);
  await sql`
    insert into public.departments (school_id, id, code, name)
    select s.id, bench.id(format('department %s %s', s.rank, n)), 'D-' || n, 'Department ' || n from bench.schools s, generate_series(1, ${sql.lit(DEPARTMENTS)}) n`.execute(
    db,
  );
  await sql`
    insert into public.academic_years (school_id, id, code, name, starts_on, ends_on, is_current)
    select s.id, bench.id(format('year %s %s', s.rank, y.n)), 'Y-' || y.n, 'Year ' || y.n, y.starts_on, y.ends_on, y.n = 1 from bench.schools s, bench.years y`.execute(
    db,
  );
  await sql`
    insert into public.frameworks (school_id, id, code, name, status)
    select s.id, bench.id('framework ' || s.rank), 'BENCH', 'Framework of eight domains', 'published' from bench.schools s`.execute(
    db,
  );
  await sql`
    insert into public.framework_levels (school_id, framework_id, level, code, name)
    select s.id, bench.id('framework ' || s.rank), n, 'L-' || n, 'Level ' || n from bench.schools s, generate_series(1, 4) n`.execute(
    db,
  );
  await sql`
    insert into public.framework_domains (school_id, id, framework_id, position, code, name)
    select s.id, bench.id(format('domain %s %s', s.rank, n)), bench.id('framework ' || s.rank), n, 'D-' || n, 'Domain ' || n from bench.schools s, generate_series(1, 8) n`.execute(
    db,
  );
}

/** Teachers by department in turn, a leader of each department, a principal. */
export async function generatePeople(db: Kysely<Database>): Promise<void> {
  await sql`
    create table bench.people as
    select s.id as school_id, s.rank, r.kind, n, bench.id(format('%s %s %s', r.kind, s.rank, n)) as id, case when r.kind <> 'principal' then 1 + (n - 1) % ${sql.lit(DEPARTMENTS)} end as department
    from bench.schools s, lateral (values ('teacher', s.teachers), ('leader', ${sql.lit(DEPARTMENTS)}), ('principal', 1)) r (kind, people), generate_series(1, r.people) n`.execute(
    db,
  );
  await sql`
    insert into auth.users (id, instance_id, aud, role, email, created_at, updated_at)
    select bench.id(p.id || ' user'), '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', p.id || '@bench.example.test', now(), now() from bench.people p`.execute(
    db,
  );
  await sql`
    insert into public.memberships (school_id, id, user_id, role, team_scope, department_id, starts_on)
    select p.school_id, p.id, bench.id(p.id || ' user'), case p.kind when 'teacher' then 'teacher' else 'leader' end,
      case p.kind when 'leader' then 'department' when 'principal' then 'school' end, bench.id(format('department %s %s', p.rank, p.department)), current_date - 365 * ${sql.lit(YEARS)} - 200
    from bench.people p`.execute(db);
  await sql`
    insert into public.directory_cards (school_id, id, membership_id, display_name)
    select p.school_id, bench.id(p.id || ' card'), p.id, format('%s %s %s', initcap(p.kind), p.rank, p.n) from bench.people p`.execute(
    db,
  );
}

/** Whose memberships in the schools come of the district's by its triggers. */
export async function generateChief(db: Kysely<Database>): Promise<void> {
  await sql`
    insert into auth.users (id, instance_id, aud, role, email, created_at, updated_at)
    values (bench.id('chief'), '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', 'chief@bench.example.test', now(), now())`.execute(
    db,
  );
  await sql`
    insert into public.district_memberships (district_id, user_id, role, starts_on) values (bench.id('district'), bench.id('chief'), 'leader', current_date - 365)`.execute(
    db,
  );
}
