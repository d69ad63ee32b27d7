import { type Kysely, sql } from "kysely";
import type { Database } from "../support/database.ts";

export const SCHOOLS = 200;
export const DISTRICTS = 20;
export const TEACHERS = 8_000;

/**
 * Districts, schools, campuses and departments, and how many teachers each school has. Sizes fall with the square root
 * of a school's rank: the largest has about fourteen times the teachers of the smallest.
 */
export async function generateTenancy(db: Kysely<Database>): Promise<void> {
  await sql`
    create function bench.id(p_name text) returns uuid language sql immutable parallel safe as $$ select md5('bench ' || p_name)::uuid $$`.execute(
    db,
  );
  await sql`
    create table bench.schools as
    with weighted as (
      select rank, 1 / sqrt(rank) as weight, sum(1 / sqrt(rank)) over (order by rank) as upto, sum(1 / sqrt(rank)) over () as total
      from generate_series(1, ${sql.lit(SCHOOLS)}) rank
    ), sized as (
      select rank, (floor(${sql.lit(TEACHERS)} * upto / total + 1e-6) - floor(${sql.lit(TEACHERS)} * (upto - weight) / total + 1e-6))::integer as teachers
      from weighted
    )
    select rank, bench.id('school ' || rank) as id, 1 + (rank - 1) % ${sql.lit(DISTRICTS)} as district, teachers,
      least(12, greatest(3, teachers / 10)) as departments
    from sized`.execute(db);
  await sql`
    insert into public.districts (id, code, name)
    select bench.id('district ' || n), 'BENCH-' || n, 'District ' || n from generate_series(1, ${sql.lit(DISTRICTS)}) n`.execute(
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
    from bench.schools s, generate_series(1, s.departments) n`.execute(db);
}
