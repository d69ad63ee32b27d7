import type { Scene } from "../scene.ts";
import { type Case, OPEN, pair } from "./case.ts";

/** $1 the district. No school of this district is small, so that hiding any is left out. */
const byHand = `with schools as materialized (
    select s.id, s.name, y.id as year_id, y.starts_on, y.ends_on, y.starts_on::timestamp at time zone s.timezone as since, (y.ends_on + 1)::timestamp at time zone s.timezone as until, (now() at time zone s.timezone)::date as today
    from public.schools s join public.academic_years y on y.school_id = s.id and (now() at time zone s.timezone)::date between y.starts_on and y.ends_on and y.deleted_at is null
    where s.district_id = $1 and s.deleted_at is null
  ), team as materialized (
    select m.id, s.id as school_id, s.since, s.until
    from schools s join public.memberships m on m.school_id = s.id and m.role = 'teacher' and m.deleted_at is null and m.starts_on <= s.ends_on and coalesce(m.ends_on, 'infinity') >= s.starts_on
  ), visits as materialized (
    select p.school_id, count(*) as planned, count(o.id) as done, count(*) filter (where o.id is null and p.due_on < s.today) as overdue
    from schools s join public.observation_plans l on l.school_id = s.id and l.academic_year_id = s.year_id
    join public.planned_observations p on p.school_id = l.school_id and p.plan_id = l.id and p.status <> 'cancelled' and p.kind <> 'coaching'
    left join public.observations o on o.school_id = p.school_id and o.planned_observation_id = p.id and o.status <> 'draft' and o.deleted_at is null
    where exists (select from team t where t.id = p.teacher_id) group by p.school_id
  ), rated as materialized (
    select t.school_id, o.teacher_id, o.status, n.ratings, (n.levels::numeric / nullif(n.ratings, 0) - k.lowest) / k.width * n.ratings as position_sum
    from team t join public.observations o on o.teacher_id = t.id and o.observed_at >= t.since and o.observed_at < t.until and ${OPEN}
    cross join lateral (select count(*) as ratings, sum(r.level) as levels from public.observation_ratings r
      where r.school_id = o.school_id and r.observation_id = o.id and r.version = o.version and r.level is not null and r.deleted_at is null) n
    join (select l.framework_id, min(l.level) as lowest, max(l.level) - min(l.level) as width from public.framework_levels l group by l.framework_id) k on k.framework_id = o.framework_id
  ), sums as materialized (
    select r.school_id, count(distinct r.teacher_id) filter (where r.ratings > 0) as teachers_rated, count(*) as observations, count(*) filter (where r.status = 'acknowledged') as acknowledged,
      sum(r.ratings)::bigint as ratings, sum(r.position_sum) as position_sum
    from rated r group by r.school_id
  ), lines as materialized (
    select s.id, s.name::text as name, coalesce(u.teachers_rated, 0) as teachers_rated, coalesce(u.observations, 0) as observations, coalesce(u.acknowledged, 0) as acknowledged,
      coalesce(v.planned, 0) as planned, coalesce(v.done, 0) as done, coalesce(v.overdue, 0) as overdue, coalesce(u.ratings, 0) as ratings, u.position_sum
    from schools s left join sums u on u.school_id = s.id left join visits v on v.school_id = s.id
  )
  select l.id as school_id, l.name as school_name, false as hidden, l.teachers_rated, l.observations, l.acknowledged, l.planned, l.done, l.overdue, l.ratings, round(l.position_sum / nullif(l.ratings, 0), 4) as average_position
  from lines l
  union all
  select null, null, false, sum(l.teachers_rated)::bigint, sum(l.observations)::bigint, sum(l.acknowledged)::bigint, sum(l.planned)::bigint, sum(l.done)::bigint, sum(l.overdue)::bigint, sum(l.ratings)::bigint,
    round(sum(l.position_sum) / nullif(sum(l.ratings), 0), 4)
  from lines l
  order by 2 nulls last, 1`;

export const districtBoard = ({ district, chief }: Scene): Case[] => [
  {
    page: "district_board",
    who: "district's leader",
    user: chief,
    ...pair("select * from public.district_board($1)", [district], byHand, [district]),
  },
];
