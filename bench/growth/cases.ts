import { asRequest, type Query } from "../support/query.ts";
import type { Leader, Scene } from "./scene.ts";

export interface Case {
  who: string;
  user: string;
  /** rpc team_board. */
  page: Query;
  /** The same page without row-level security and without a function, for this very person. */
  byHand: Query;
  /** The largest of the aggregates that the page is made of, alone: the year's ratings by teacher. */
  aggregate: Query;
  /** The same without row-level security. */
  aggregateByHand: Query;
}

const OPEN = "o.status <> 'draft' and o.kind <> 'coaching'";

function ratings(team: string, values: string[], live: boolean): Query {
  return asRequest(
    `select o.teacher_id, count(r.level) as ratings, round(avg(r.level), 2) as average
    from public.observations o
    join public.observation_ratings r on r.school_id = o.school_id and r.observation_id = o.id and r.version = o.version and r.level is not null${live ? " and r.deleted_at is null" : ""}
    where o.school_id = $1 and o.observed_at >= $2 and o.observed_at < $3 and ${OPEN}${live ? ` and o.deleted_at is null and ${team}` : ""}
    group by o.teacher_id order by o.teacher_id`,
    values,
  );
}

/** As a careful engineer would write it; $1 school, $2 and $3 the year's bounds, $4 the year, $5 the leader, $6 the department where it is one. */
function pageByHand(team: string, values: string[]): Query {
  return asRequest(
    `with team as materialized (
      select m.id, m.department_id from public.memberships m
      where m.school_id = $1 and m.role = 'teacher' and m.deleted_at is null and m.starts_on < $3::timestamptz and coalesce(m.ends_on, 'infinity') >= $2::timestamptz and m.user_id <> $5${team}
    ), planned as materialized (
      select p.school_id, p.id, p.teacher_id, p.due_on from public.observation_plans l join public.planned_observations p on p.school_id = l.school_id and p.plan_id = l.id
      where l.school_id = $1 and l.academic_year_id = $4 and p.status <> 'cancelled' and p.kind <> 'coaching'
    ), coverage as materialized (
      select p.teacher_id, count(*) as planned, count(o.id) as done, count(*) filter (where o.id is null and p.due_on < current_date) as overdue, min(p.due_on) filter (where o.id is null) as next_due_on
      from planned p join team t on t.id = p.teacher_id
      left join public.observations o on o.school_id = p.school_id and o.planned_observation_id = p.id and o.status <> 'draft' and o.deleted_at is null
      group by p.teacher_id
    ), rated as materialized (
      select o.id, o.teacher_id, o.observed_at, n.ratings, n.levels::numeric / nullif(n.ratings, 0) as average, (n.levels::numeric / nullif(n.ratings, 0) - k.lowest) / k.width as position
      from team t join public.observations o on o.teacher_id = t.id
      cross join lateral (select count(*) as ratings, sum(r.level) as levels from public.observation_ratings r
        where r.school_id = o.school_id and r.observation_id = o.id and r.version = o.version and r.level is not null and r.deleted_at is null) n
      join (select l.framework_id, min(l.level) as lowest, max(l.level) - min(l.level) as width from public.framework_levels l where l.school_id = $1 group by l.framework_id) k on k.framework_id = o.framework_id
      where o.observed_at >= $2 and o.observed_at < $3 and ${OPEN} and o.deleted_at is null
    ), observed as materialized (
      select p.teacher_id, count(*) as observations, max(p.observed_at) as last_observed_at, sum(p.ratings) as ratings, sum(p.position * p.ratings) as position_sum,
        (array_agg(p.average order by p.observed_at desc, p.id) filter (where p.average is not null))[1] as latest_average,
        (array_agg(p.position order by p.observed_at desc, p.id) filter (where p.position is not null))[1] as latest_position,
        case when count(p.position) >= 3 then regr_slope(p.position::double precision, extract(epoch from p.observed_at)::double precision / 2592000) end as trend
      from rated p group by p.teacher_id
    ), waiting as materialized (
      select o.teacher_id, count(*) as unacknowledged from public.observations o where o.school_id = $1 and o.status = 'submitted' and o.kind <> 'coaching' and o.deleted_at is null group by o.teacher_id
    ), steps as materialized (
      select o.teacher_id, count(*) as steps_open, count(*) filter (where a.due_on < current_date) as steps_overdue
      from public.action_steps a join public.observations o on o.school_id = a.school_id and o.id = a.observation_id
      where a.school_id = $1 and a.done_at is null and a.deleted_at is null and ${OPEN} and o.deleted_at is null group by o.teacher_id
    ), asked as materialized (
      select r.category_id, r.hours from public.pd_requirements r where r.school_id = $1 and r.academic_year_id = $4 and r.role = 'teacher' and r.deleted_at is null
    ), asked_in_all as materialized (
      select coalesce(sum(a.hours) filter (where a.category_id is null), 0) as overall, coalesce(sum(a.hours) filter (where a.category_id is not null), 0) as by_category from asked a
    )
    select t.id as teacher_id, d.display_name::text as display_name, t.department_id, coalesce(c.planned, 0) as planned, coalesce(c.done, 0) as done, coalesce(c.overdue, 0) as overdue, c.next_due_on,
      coalesce(o.observations, 0) as observations,
      coalesce(o.last_observed_at, (select max(o.observed_at) from public.observations o where o.teacher_id = t.id and o.observed_at < $3 and ${OPEN} and o.deleted_at is null)) as last_observed_at,
      coalesce(w.unacknowledged, 0) as unacknowledged, coalesce(s.steps_open, 0) as steps_open, coalesce(s.steps_overdue, 0) as steps_overdue,
      round(o.latest_average, 2) as latest_average, round(o.latest_position, 4) as latest_position, round(o.position_sum / o.ratings, 4) as average_position, round(o.trend::numeric, 4) as trend,
      g.goals_open, g.goals_achieved, round(g.goals_progress, 1) as goals_progress, coalesce(h.approved, 0) as hours_approved,
      greatest(q.overall - coalesce(h.approved, 0), q.by_category - coalesce(h.by_category, 0), 0) as hours_missing
    from team t
    cross join asked_in_all q
    left join public.directory_cards d on d.school_id = $1 and d.membership_id = t.id and d.deleted_at is null
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
    order by d.display_name, t.id`,
    values,
  );
}

function caseOf(who: string, { school, year, since, until }: Scene, leader: Leader): Case {
  const bounds = [school, since, until];
  const department = leader.department === null ? [] : [leader.department];
  const ofTeam =
    leader.department === null
      ? "true"
      : "o.teacher_id in (select m.id from public.memberships m where m.school_id = $1 and m.department_id = $4 and m.role = 'teacher' and m.deleted_at is null)";
  return {
    who,
    user: leader.user,
    page: asRequest("select * from public.team_board($1)", [school]),
    byHand: pageByHand(leader.department === null ? "" : " and m.department_id = $6", [
      ...bounds,
      year,
      leader.user,
      ...department,
    ]),
    aggregate: ratings("", bounds, false),
    aggregateByHand: ratings(ofTeam, [...bounds, ...department], true),
  };
}

export const casesOf = (scene: Scene): Case[] => [
  caseOf("principal", scene, scene.principal),
  caseOf("department's leader", scene, scene.leader),
];
