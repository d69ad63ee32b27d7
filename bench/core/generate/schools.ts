import { type Kysely, sql } from "kysely";
import type { Database } from "../../support/database.ts";

export const STUDENTS = 1125;
export const HOMEROOMS = 40;
const DEPARTMENTS = 6;
/** School days so far, each with a register for every student but where it was not taken. */
export const DAYS = 92;

/** Schools alike in size, so that a smaller total is fewer schools and nothing else. Their triggers make levels and frameworks. */
export async function generateSchools(db: Kysely<Database>, schools: number): Promise<void> {
  await sql`
    create function bench.id(p_name text) returns uuid language sql immutable parallel safe as $$ select md5('bench ' || p_name)::uuid $$`.execute(
    db,
  );
  await sql`
    create table bench.schools as
    select rank, bench.id('school ' || rank) as id, 1 + (rank - 1) / 10 as district, 38 - rank % 2 as teachers
    from generate_series(1, ${sql.lit(schools)}) rank`.execute(db);
  // Sunday to Thursday. Day 0 is the newest whose registers are taken; those below it are to come.
  await sql`
    create table bench.days as
    select row_number() over (order by d desc) - 1 as n, d::date as day
    from generate_series(current_date - 200, current_date - 1, interval '1 day') d where extract(dow from d) < 5 order by d desc limit ${sql.lit(DAYS)}`.execute(
    db,
  );
  await sql`
    insert into bench.days
    select -row_number() over (order by d), d::date
    from generate_series(current_date, current_date + 20, interval '1 day') d where extract(dow from d) < 5 order by d limit 10`.execute(
    db,
  );
  await sql`
    insert into public.districts (id, code, name)
    select bench.id('district ' || n), 'BENCH-' || n, 'District ' || n from generate_series(1, (select max(district) from bench.schools)) n`.execute(
    db,
  );
  await sql`
    insert into public.schools (id, district_id, code, name, status)
    select id, bench.id('district ' || district), 'BENCH-' || rank, 'School ' || rank, 'active' from bench.schools`.execute(
    db,
  );
  await sql`
    insert into public.campuses (school_id, id, code, name)
    select id, bench.id('campus ' || rank), 'MAIN', 'Main campus' from bench.schools`.execute(db);
  await sql`
    insert into public.departments (school_id, id, code, name)
    select s.id, bench.id(format('department %s %s', s.rank, n)), 'D-' || n, 'Department ' || n
    from bench.schools s, generate_series(1, ${sql.lit(DEPARTMENTS)}) n`.execute(db);
  await sql`
    insert into public.academic_years (school_id, id, code, name, starts_on, ends_on, is_current)
    select id, bench.id('year ' || rank), 'Y-1', 'This year', current_date - 200, current_date + 150, true from bench.schools`.execute(
    db,
  );
  await sql`
    insert into public.subjects (school_id, id, grade_level_id, code, name)
    select s.id, bench.id(format('subject %s %s %s', s.rank, l.position, n)), l.id, format('S-%s-%s', l.position, n), format('Subject %s of %s', n, l.code)
    from bench.schools s join public.grade_levels l on l.school_id = s.id, generate_series(1, 2) n`.execute(db);
}
