import { asRequest } from "../../support/query.ts";
import type { Leader, Scene } from "../scene.ts";
import { type Case, OPEN, type Pair, pair } from "./case.ts";
import { figures } from "./figures.ts";

/** The year's ratings by teacher, as a client may word it; by hand with its conditions. */
function ratings(values: string[], team: string, valuesByHand: string[]): Pair {
  const worded = (live: string, scope: string) =>
    `select o.teacher_id, count(r.level) as ratings, round(avg(r.level), 2) as average
    from public.observations o
    join public.observation_ratings r on r.school_id = o.school_id and r.observation_id = o.id and r.version = o.version and r.level is not null${live}
    where o.school_id = $1 and o.observed_at >= $2 and o.observed_at < $3 and ${OPEN}${scope}
    group by o.teacher_id order by o.teacher_id`;
  return {
    asUser: asRequest(worded("", ""), values),
    byHand: asRequest(worded(" and r.deleted_at is null", team), valuesByHand),
  };
}

function caseOf(who: string, { school, year, since, until }: Scene, { user, department }: Leader): Case {
  const bounds = [school, since, until];
  const own = department === null ? [] : [department];
  const ofTeam =
    department === null
      ? ""
      : " and o.teacher_id in (select m.id from public.memberships m where m.school_id = $1 and m.department_id = $4 and m.role = 'teacher' and m.deleted_at is null)";
  const byHand = `with ${figures(` and m.user_id <> $5${department === null ? "" : " and m.department_id = $6"}`)}
    select f.teacher_id, d.display_name::text as display_name, f.department_id, f.planned, f.done, f.overdue, f.next_due_on, f.observations, f.last_observed_at, f.unacknowledged, f.steps_open, f.steps_overdue,
      f.latest_average, f.latest_position, round(f.position_sum / f.ratings, 4) as average_position, f.trend, f.goals_open, f.goals_achieved, f.goals_progress, f.hours_approved, f.hours_missing
    from figures f left join public.directory_cards d on d.school_id = $1 and d.membership_id = f.teacher_id and d.deleted_at is null
    order by d.display_name, f.teacher_id`;
  return {
    page: "team_board",
    who,
    user,
    ...pair("select * from public.team_board($1)", [school], byHand, [...bounds, year, user, ...own]),
    aggregate: ratings(bounds, ofTeam, [...bounds, ...own]),
  };
}

export const teamBoard = (scene: Scene): Case[] => [
  caseOf("principal", scene, scene.principal),
  caseOf("department's leader", scene, scene.leader),
];
