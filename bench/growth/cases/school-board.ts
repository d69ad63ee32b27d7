import type { Scene } from "../scene.ts";
import { type Case, pair } from "./case.ts";
import { components } from "./components.ts";
import { figures } from "./figures.ts";

/** $5 and $6 are the year's days, $7 who asks. */
const byHand = `with ${figures("")}, sums as (
    select grouping(f.department_id) = 1 as whole, f.department_id,
      jsonb_build_object('teachers', count(*), 'teachers_observed', count(*) filter (where f.observations > 0), 'planned', sum(f.planned), 'done', sum(f.done), 'overdue', sum(f.overdue),
        'observations', sum(f.observations), 'acknowledged', sum(f.acknowledged), 'unacknowledged', sum(f.unacknowledged), 'steps_open', sum(f.steps_open), 'steps_overdue', sum(f.steps_overdue),
        'average_position', round(sum(f.position_sum) / nullif(sum(f.ratings), 0), 4), 'goals_open', sum(f.goals_open), 'goals_achieved', sum(f.goals_achieved),
        'hours_required', sum(f.hours_required), 'hours_approved', sum(f.hours_approved), 'hours_missing', sum(f.hours_missing)) as value
    from figures f group by grouping sets ((f.department_id), ())
  ), months as (
    select generate_series(date_trunc('month', $5::date), $6::date, interval '1 month')::date as month
  ), due as (
    select date_trunc('month', p.due_on)::date as month, count(*) as planned from planned p group by 1
  ), seen as (
    select date_trunc('month', r.observed_at at time zone s.timezone)::date as month, count(*) as observations, count(*) filter (where r.status = 'acknowledged') as acknowledged,
      count(distinct r.teacher_id) as teachers_observed, round(sum(r.position * r.ratings) / nullif(sum(r.ratings), 0), 4) as average_position
    from rated r join public.schools s on s.id = $1 group by 1
  )
  select jsonb_build_object(
    'academic_year_id', $4::uuid,
    'totals', (select s.value from sums s where s.whole),
    'departments', (select coalesce(jsonb_agg(jsonb_build_object('department_id', s.department_id, 'name', d.name) || s.value order by d.name, s.department_id), '[]')
      from sums s left join public.departments d on d.school_id = $1 and d.id = s.department_id and d.deleted_at is null where not s.whole),
    'months', (select jsonb_agg(jsonb_build_object('month', m.month, 'planned', coalesce(d.planned, 0), 'observations', coalesce(o.observations, 0), 'acknowledged', coalesce(o.acknowledged, 0),
        'teachers_observed', coalesce(o.teachers_observed, 0), 'average_position', o.average_position) order by m.month)
      from months m left join due d on d.month = m.month left join seen o on o.month = m.month),
    'components', (select coalesce(jsonb_agg(to_jsonb(c) order by c.framework_code, c.framework_version), '[]') from (${components(" and m.user_id <> $7")}) c)) as board`;

export const schoolBoard = ({ school, year, since, until, startsOn, endsOn, principal }: Scene): Case[] => [
  {
    page: "school_board",
    who: "principal",
    user: principal.user,
    ...pair("select public.school_board($1) as board", [school], byHand, [
      ...[school, since, until, year, startsOn, endsOn],
      principal.user,
    ]),
  },
];
