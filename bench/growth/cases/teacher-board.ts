import type { Scene } from "../scene.ts";
import { type Case, OPEN, pair, SCALES } from "./case.ts";
import { hours } from "./hours.ts";

/** $1 school, $2 and $3 the year's days, $4 the year, $5 the teacher; of visits, their own page leaves out walkthroughs to come. */
const byHand = (visits: string): string => `select jsonb_build_object(
    'teacher_id', $5::uuid,
    'academic_year_id', $4::uuid,
    'visits', (select jsonb_build_object('planned', count(*), 'done', count(o.id), 'overdue', count(*) filter (where o.id is null and p.due_on < current_date), 'next_due_on', min(p.due_on) filter (where o.id is null))
      from public.planned_observations p join public.observation_plans l on l.school_id = p.school_id and l.id = p.plan_id and l.academic_year_id = $4
      left join public.observations o on o.school_id = p.school_id and o.planned_observation_id = p.id and o.status <> 'draft' and o.deleted_at is null
      where p.teacher_id = $5 and p.status <> 'cancelled' and p.kind <> 'coaching'${visits}),
    'unacknowledged', (select count(*) from public.observations o where o.teacher_id = $5 and o.status = 'submitted' and ${OPEN}),
    'observations', (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'kind', o.kind, 'status', o.status, 'observed_at', o.observed_at, 'framework_id', o.framework_id,
        'average_level', (select round(avg(r.level), 2) from public.observation_ratings r where r.observation_id = o.id and r.version = o.version and r.deleted_at is null)) order by o.observed_at desc, o.id), '[]')
      from (select * from public.observations o where o.teacher_id = $5 and ${OPEN} order by o.observed_at desc limit 20) o),
    'growth', (select coalesce(jsonb_agg(jsonb_build_object('framework_code', g.framework_code, 'domain_code', g.domain_code, 'month', g.month, 'ratings', g.ratings,
        'average_level', g.average_level, 'average_position', g.average_position) order by g.framework_code, g.domain_code, g.month), '[]')
      from (select f.code as framework_code, d.code as domain_code, date_trunc('month', o.observed_at at time zone s.timezone)::date as month, count(r.level) as ratings, round(avg(r.level), 2) as average_level,
          round(avg((r.level - k.lowest)::numeric / k.width), 4) as average_position
        from public.observations o
        join public.schools s on s.id = o.school_id
        join public.frameworks f on f.school_id = o.school_id and f.id = o.framework_id and f.deleted_at is null
        join public.observation_ratings r on r.school_id = o.school_id and r.observation_id = o.id and r.version = o.version and r.level is not null and r.deleted_at is null
        join public.framework_domains d on d.school_id = r.school_id and d.id = r.domain_id and d.deleted_at is null
        join (${SCALES}) k on k.framework_id = o.framework_id
        where o.teacher_id = $5 and ${OPEN} group by f.code, d.code, month) g),
    'action_steps', (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'observation_id', a.observation_id, 'description', a.description, 'due_on', a.due_on, 'overdue', coalesce(a.due_on < current_date, false)) order by a.due_on, a.id), '[]')
      from public.observations o join public.action_steps a on a.school_id = o.school_id and a.observation_id = o.id and a.done_at is null and a.deleted_at is null where o.teacher_id = $5 and ${OPEN}),
    'goals', (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'title', g.title, 'status', g.status, 'due_on', g.due_on, 'approved', g.approved_at is not null, 'progress',
        round(case g.progress_method when 'stated' then g.stated_progress else (select u.progress from public.goal_updates u where u.goal_id = g.id and u.progress is not null order by u.created_at desc, u.id desc limit 1) end, 1))
        order by g.created_at desc, g.id), '[]')
      from public.goals g where g.teacher_id = $5 and g.status <> 'abandoned' and g.deleted_at is null),
    'hours', (select jsonb_build_object('required', h.required, 'approved', h.approved, 'pending', h.pending, 'missing', h.missing, 'categories', h.categories) from (${hours("m.id = $5")}) h)) as board`;

export function teacherBoard({ school, year, startsOn, endsOn, teacher, leader }: Scene): Case[] {
  const page = "teacher_board";
  const values = [school, startsOn, endsOn, year, teacher.id];
  const own = pair(
    "select public.teacher_board($1) as board",
    [school],
    byHand(" and p.kind <> 'walkthrough'"),
    values,
  );
  const led = pair("select public.teacher_board($1, $2) as board", [school, teacher.id], byHand(""), values);
  return [
    { page, who: "the teacher", user: teacher.user, ...own },
    { page, who: "department's leader", user: leader.user, ...led },
  ];
}
