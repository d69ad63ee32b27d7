import { type Kysely, sql } from "kysely";
import type { Database } from "../support/database.ts";

/**
 * Observations in the order of their dates, so that those of one school lie scattered over the whole table as they would
 * after years of use. Teachers have between half and twice the average; one visit in twenty is a draft, one in ten is
 * coaching, and a district's leader made one in twenty.
 */
export async function generateObservations(db: Kysely<Database>, size: number): Promise<void> {
  await sql`
    insert into public.observations (school_id, id, teacher_id, observer_id, framework_id, kind, status, observed_at, focus, notes,
      submitted_at, acknowledged_at, created_at, updated_at)
    with weighted as (
      select p.school_id, p.id, p.rank, p.department, 0.5 + 1.5 * (hashtext(p.id::text) & 1023) / 1023.0 as weight
      from bench.people p where p.role = 'teacher'
    ), counted as (
      select w.*, sum(weight) over (order by id) as upto, sum(weight) over () as total from weighted w
    ), visits as (
      select c.school_id, c.id as teacher_id, c.rank, c.department, v.n, hashtext(c.id::text || v.n) & 2147483647 as chance
      from counted c, generate_series(1, (floor(${sql.lit(size)} * upto / total + 1e-6) - floor(${sql.lit(size)} * (upto - weight) / total + 1e-6))::integer) v (n)
    ), dated as (
      select v.*, now() - interval '5 years' * (v.chance / 2147483648.0) - interval '1 hour' as at, v.chance % 20 as twentieth, v.chance / 20 % 20 as observer
      from visits v
    )
    select d.school_id, bench.id(format('observation %s %s', d.teacher_id, d.n)), d.teacher_id,
      case when d.observer = 0 then m.id when d.observer < 6 then bench.id('principal ' || d.rank)
        else bench.id(format('leader %s %s', d.rank, d.department)) end,
      f.id, case when d.chance / 400 % 10 = 0 then 'coaching' when d.chance / 400 % 10 < 4 then 'walkthrough' else 'evaluation' end,
      case when d.twentieth = 0 then 'draft' when d.twentieth < 5 then 'submitted' else 'acknowledged' end,
      d.at, 'Open questions ' || d.n, repeat('The lesson opened with a short discussion of the homework. ', 1 + d.chance % 5),
      case when d.twentieth > 0 then d.at + interval '1 day' end, case when d.twentieth >= 5 then d.at + interval '3 days' end, d.at, d.at
    from dated d
    join public.frameworks f on f.school_id = d.school_id and f.code = 'GROWTH-' || 4 + d.chance % 2
    join public.memberships m on m.school_id = d.school_id and m.role = 'leader' and m.via_district_membership_id is not null
    order by d.at`.execute(db);
}
