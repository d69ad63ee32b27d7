import type { Leader, Scene } from "../scene.ts";
import { type Case, OPEN, pair } from "./case.ts";

/** $1 school, $2 and $3 the bounds as moments; `team` narrows whose teachers they are. */
export const components = (team: string): string => `with given as materialized (
    select r.framework_id, r.domain_id, r.level, o.teacher_id, count(*) as times
    from public.memberships m join public.observations o on o.teacher_id = m.id
    join public.observation_ratings r on r.school_id = o.school_id and r.observation_id = o.id and r.version = o.version and r.deleted_at is null
    where m.school_id = $1 and m.role = 'teacher' and m.deleted_at is null${team} and o.observed_at >= $2 and o.observed_at < $3 and ${OPEN}
    group by r.framework_id, r.domain_id, r.level, o.teacher_id
  ), counts as materialized (
    select g.domain_id, g.level, sum(g.times) as times from given g group by g.domain_id, g.level
  ), sums as (
    select g.framework_id, g.domain_id, count(distinct g.teacher_id) filter (where g.level is not null) as teachers, coalesce(sum(g.times) filter (where g.level is not null), 0) as ratings,
      coalesce(sum(g.times) filter (where g.level is null), 0) as not_observed, sum(g.times * g.level) as total
    from given g group by g.framework_id, g.domain_id
  )
  select s.framework_id, f.code::text as framework_code, f.version as framework_version, s.domain_id, d.code::text as domain_code, d.name::text as domain_name, s.teachers, s.ratings::bigint as ratings,
    s.not_observed::bigint as not_observed, round(s.total / nullif(s.ratings, 0), 2) as average_level, round((s.total / nullif(s.ratings, 0) - k.lowest) / nullif(k.highest - k.lowest, 0), 4) as average_position, k.levels
  from sums s
  join public.frameworks f on f.school_id = $1 and f.id = s.framework_id and f.deleted_at is null
  join public.framework_domains d on d.school_id = $1 and d.id = s.domain_id and d.deleted_at is null
  cross join lateral (
    select min(l.level) as lowest, max(l.level) as highest, jsonb_agg(jsonb_build_object('level', l.level, 'code', l.code, 'name', l.name,
      'ratings', coalesce((select c.times from counts c where c.domain_id = s.domain_id and c.level = l.level), 0)) order by l.level) as levels
    from public.framework_levels l where l.school_id = $1 and l.framework_id = s.framework_id) k
  order by f.code, f.version, d.position, d.code`;

function caseOf(who: string, scene: Scene, { user, department }: Leader): Case {
  const { school, startsOn, endsOn, since, until } = scene;
  return {
    page: "team_components",
    who,
    user,
    ...pair(
      "select * from public.team_components($1, $2, $3)",
      [school, startsOn, endsOn],
      components(` and m.user_id <> $4${department === null ? "" : " and m.department_id = $5"}`),
      [school, since, until, user, ...(department === null ? [] : [department])],
    ),
  };
}

export const teamComponents = (scene: Scene): Case[] => [
  caseOf("principal", scene, scene.principal),
  caseOf("department's leader", scene, scene.leader),
];
