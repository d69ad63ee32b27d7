import { OPEN, SCALES } from "./case.ts";

/**
 * The parts of the pages of a team and of a school, a row of "figures" per teacher, as a careful engineer would write them: $1 school, $2 and $3 the
 * year's bounds as moments, $4 the year; `team` narrows whose they are.
 */
export const figures = (team: string): string => `team as materialized (
    select m.id, m.department_id from public.memberships m
    where m.school_id = $1 and m.role = 'teacher' and m.deleted_at is null and m.starts_on < $3::timestamptz and coalesce(m.ends_on, 'infinity') >= $2::timestamptz${team}
  ), planned as materialized (
    select p.school_id, p.id, p.teacher_id, p.due_on from public.observation_plans l join public.planned_observations p on p.school_id = l.school_id and p.plan_id = l.id
    where l.school_id = $1 and l.academic_year_id = $4 and p.status <> 'cancelled' and p.kind <> 'coaching'
  ), coverage as materialized (
    select p.teacher_id, count(*) as planned, count(o.id) as done, count(*) filter (where o.id is null and p.due_on < current_date) as overdue, min(p.due_on) filter (where o.id is null) as next_due_on
    from planned p join team t on t.id = p.teacher_id
    left join public.observations o on o.school_id = p.school_id and o.planned_observation_id = p.id and o.status <> 'draft' and o.deleted_at is null
    group by p.teacher_id
  ), rated as materialized (
    select o.id, o.teacher_id, o.status, o.observed_at, n.ratings, n.levels::numeric / nullif(n.ratings, 0) as average, (n.levels::numeric / nullif(n.ratings, 0) - k.lowest) / k.width as position
    from team t join public.observations o on o.teacher_id = t.id
    cross join lateral (select count(*) as ratings, sum(r.level) as levels from public.observation_ratings r
      where r.school_id = o.school_id and r.observation_id = o.id and r.version = o.version and r.level is not null and r.deleted_at is null) n
    join (${SCALES}) k on k.framework_id = o.framework_id
    where o.observed_at >= $2 and o.observed_at < $3 and ${OPEN}
  ), observed as materialized (
    select p.teacher_id, count(*) as observations, count(*) filter (where p.status = 'acknowledged') as acknowledged, max(p.observed_at) as last_observed_at, sum(p.ratings) as ratings, sum(p.position * p.ratings) as position_sum,
      (array_agg(p.average order by p.observed_at desc, p.id) filter (where p.average is not null))[1] as latest_average,
      (array_agg(p.position order by p.observed_at desc, p.id) filter (where p.position is not null))[1] as latest_position,
      case when count(p.position) >= 3 then regr_slope(p.position::double precision, extract(epoch from p.observed_at)::double precision / 2592000) end as trend
    from rated p group by p.teacher_id
  ), waiting as materialized (
    select o.teacher_id, count(*) as unacknowledged from public.observations o where o.school_id = $1 and o.status = 'submitted' and o.kind <> 'coaching' and o.deleted_at is null group by o.teacher_id
  ), steps as materialized (
    select o.teacher_id, count(*) as steps_open, count(*) filter (where a.due_on < current_date) as steps_overdue
    from public.action_steps a join public.observations o on o.school_id = a.school_id and o.id = a.observation_id
    where a.school_id = $1 and a.done_at is null and a.deleted_at is null and ${OPEN} group by o.teacher_id
  ), asked as materialized (
    select r.category_id, r.hours from public.pd_requirements r where r.school_id = $1 and r.academic_year_id = $4 and r.role = 'teacher' and r.deleted_at is null
  ), asked_in_all as materialized (
    select coalesce(sum(a.hours) filter (where a.category_id is null), 0) as overall, coalesce(sum(a.hours) filter (where a.category_id is not null), 0) as by_category from asked a
  ), figures as materialized (
    select t.id as teacher_id, t.department_id, coalesce(c.planned, 0) as planned, coalesce(c.done, 0) as done, coalesce(c.overdue, 0) as overdue, c.next_due_on,
      coalesce(o.observations, 0) as observations, coalesce(o.acknowledged, 0) as acknowledged,
      coalesce(o.last_observed_at, (select max(o.observed_at) from public.observations o where o.teacher_id = t.id and o.observed_at < $3 and ${OPEN})) as last_observed_at,
      coalesce(w.unacknowledged, 0) as unacknowledged, coalesce(s.steps_open, 0) as steps_open, coalesce(s.steps_overdue, 0) as steps_overdue, coalesce(o.ratings, 0) as ratings, o.position_sum,
      round(o.latest_average, 2) as latest_average, round(o.latest_position, 4) as latest_position, round(o.trend::numeric, 4) as trend,
      g.goals_open, g.goals_achieved, round(g.goals_progress, 1) as goals_progress, greatest(q.overall, q.by_category) as hours_required, coalesce(h.approved, 0) as hours_approved,
      greatest(q.overall - coalesce(h.approved, 0), q.by_category - coalesce(h.by_category, 0), 0) as hours_missing
    from team t
    cross join asked_in_all q
    left join coverage c on c.teacher_id = t.id
    left join observed o on o.teacher_id = t.id
    left join waiting w on w.teacher_id = t.id
    left join steps s on s.teacher_id = t.id
    left join lateral (
      select count(*) filter (where x.status = 'open') as goals_open, count(*) filter (where x.status = 'achieved') as goals_achieved,
        avg(coalesce(case x.progress_method when 'stated' then x.stated_progress
          else (select u.progress from public.goal_updates u where u.goal_id = x.id and u.progress is not null order by u.created_at desc, u.id desc limit 1) end, 0)) filter (where x.status = 'open') as goals_progress
      from public.goals x where x.teacher_id = t.id and x.deleted_at is null) g on true
    left join lateral (
      select sum(y.hours) as approved, sum(least(y.hours, a.hours)) filter (where a.hours is not null) as by_category
      from (select x.category_id, sum(x.hours) as hours from public.pd_hours x where x.membership_id = t.id and x.done_on >= $2::timestamptz and x.done_on < $3::timestamptz and x.status = 'approved' and x.deleted_at is null group by x.category_id) y
      left join asked a on a.category_id = y.category_id) h on true
  )`;
