import { type Kysely, sql } from "kysely";
import type { Database } from "../../support/database.ts";

/** Twelve a year and teacher, ten of them planned: half walkthroughs, a third evaluations, the rest coaching. */
export async function generateObservations(db: Kysely<Database>): Promise<void> {
  await sql`
    create table bench.visits as
    select p.school_id, p.rank, p.id as teacher_id, y.n as year, v, bench.id(format('visit %s %s %s', p.id, y.n, v)) as id,
      bench.id(case when v % 2 = 0 then format('leader %s %s', p.rank, p.department) else format('principal %s 1', p.rank) end) as observer_id,
      case when v % 6 = 0 then 'coaching' when v % 2 = 0 then 'walkthrough' when v % 3 = 0 then 'evaluation' when v = 1 then 'evaluation' when v = 5 then 'evaluation' else 'walkthrough' end as kind,
      y.starts_on + v * case y.n when 1 then 15 else 28 end as day, bench.chance(format('state %s %s %s', p.id, y.n, v)) as chance
    from bench.people p, bench.years y, generate_series(1, 12) v where p.kind = 'teacher'`.execute(db);
  await sql`
    insert into public.observation_plans (school_id, id, academic_year_id, author_id, name)
    select s.id, bench.id(format('plan %s %s', s.rank, y.n)), bench.id(format('year %s %s', s.rank, y.n)), bench.id(format('principal %s 1', s.rank)), 'Plan' from bench.schools s, bench.years y`.execute(
    db,
  );
  await sql`
    insert into public.planned_observations (school_id, id, plan_id, observer_id, teacher_id, kind, due_on)
    select v.school_id, bench.id(v.id || ' planned'), bench.id(format('plan %s %s', v.rank, v.year)), v.observer_id, v.teacher_id, v.kind, v.day from bench.visits v where v.v <= 10 order by v.year desc, v.day, v.id`.execute(
    db,
  );
  await sql`
    insert into public.observations (school_id, id, teacher_id, observer_id, framework_id, planned_observation_id, kind, status, observed_at, submitted_at, acknowledged_at)
    select v.school_id, v.id, v.teacher_id, v.observer_id, bench.id('framework ' || v.rank), case when v.v <= 10 and v.chance < 85 then bench.id(v.id || ' planned') end, v.kind, s.status,
      v.day + interval '9 hours', case when s.status <> 'draft' then v.day + interval '1 day' end, case when s.status = 'acknowledged' then v.day + interval '2 days' end
    from bench.visits v, lateral (select case when v.year > 1 or v.chance < 85 then 'acknowledged' when v.chance < 95 then 'submitted' else 'draft' end as status) s
    order by v.year desc, v.day, v.id`.execute(db);
  await sql`
    insert into public.observation_ratings (school_id, observation_id, framework_id, domain_id, level)
    select v.school_id, v.id, bench.id('framework ' || v.rank), bench.id(format('domain %s %s', v.rank, d)), case when c.chance >= 5 then 1 + c.chance % 4 end
    from bench.visits v, generate_series(1, 6 + v.chance % 3) d, lateral (select bench.chance(format('level %s %s', v.id, d)) as chance) c
    order by v.year desc, v.day, v.id`.execute(db);
  await sql`
    insert into public.action_steps (school_id, observation_id, description, due_on, done_at, evidence)
    select v.school_id, v.id, 'Next step', v.day + 21, case when s.done then v.day + interval '20 days' end, case when s.done then 'Shown' end
    from bench.visits v, lateral (select v.chance % 10 < case v.year when 1 then 6 else 10 end as done) s where v.chance < 60 order by v.year desc, v.day, v.id`.execute(
    db,
  );
}

/** Two goals a year and teacher with three updates each, and eight claims of hours. */
export async function generateGoalsAndHours(db: Kysely<Database>): Promise<void> {
  await sql`
    insert into public.goals (school_id, id, teacher_id, title, due_on, progress_method, stated_progress, status, created_at)
    select p.school_id, bench.id(format('goal %s %s %s', p.id, y.n, g)), p.id, 'Goal', y.ends_on, case g when 1 then 'updates' else 'stated' end, case g when 2 then 40 end,
      case when y.n = 1 then 'open' else 'achieved' end, y.starts_on
    from bench.people p, bench.years y, generate_series(1, 2) g where p.kind = 'teacher'`.execute(db);
  await sql`
    insert into public.goal_updates (school_id, goal_id, progress_method, author_id, progress, created_at)
    select p.school_id, bench.id(format('goal %s %s 1', p.id, y.n)), 'updates', p.id, 25 * u, y.starts_on + 30 * u
    from bench.people p, bench.years y, generate_series(1, 3) u where p.kind = 'teacher'`.execute(db);
  await sql`
    insert into public.pd_requirements (school_id, academic_year_id, role, category_id, hours)
    select s.id, bench.id(format('year %s %s', s.rank, y.n)), 'teacher', c.id, r.hours
    from bench.schools s, bench.years y, (values (null, 30), ('SUBJECT', 10)) r (code, hours) left join public.pd_categories c on c.code = r.code
    where c.id is null or c.school_id = s.id`.execute(db);
  await sql`
    insert into public.pd_hours (school_id, membership_id, category_id, activity, done_on, hours, status, approver_id, approved_at)
    select p.school_id, p.id, c.id, 'Course ' || h, y.starts_on + 20 * h, 1 + h % 4, case when h < 7 then 'approved' else 'pending' end,
      case when h < 7 then bench.id(format('principal %s 1', p.rank)) end, case when h < 7 then now() end
    from bench.people p, bench.years y, generate_series(1, 8) h
    join lateral (values (0, 'SUBJECT'), (1, 'PEDAGOGY'), (2, 'SCHOOL')) k (place, code) on k.place = h % 3
    join public.pd_categories c on c.code = k.code where p.kind = 'teacher' and c.school_id = p.school_id order by y.n desc, h`.execute(
    db,
  );
}
