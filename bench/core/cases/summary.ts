import { asRequest } from "../../support/query.ts";
import type { Scene } from "../scene.ts";
import type { Case } from "./case.ts";

/** What attendance_summary reckons, for one who may read the whole school. */
const byHand = (homeroom: string | null) => `with r as materialized (
    select private.setting($1, 'half_days')::boolean as half_days, private.setting($1, 'chronic_absence_percent')::integer as chronic_percent, private.setting($1, 'chronic_absence_days')::integer as chronic_days)
  select s.student_id, coalesce(d.days, 0)::integer as days, coalesce(d.absent_days, 0) as absent_days, coalesce(d.sessions, 0)::integer as sessions, coalesce(d.absent, 0)::integer as absent_sessions,
    (d.days - d.absent_days) / nullif(d.days, 0) as rate, case when d.days >= r.chronic_days then 100 * d.absent_days >= r.chronic_percent * d.days end as chronic
  from (
    select distinct n.student_id from public.enrollments n
    where n.school_id = $1 and n.deleted_at is null and n.starts_on <= $3 and n.ends_on >= $2${homeroom ? " and n.class_id = $4" : ""}) s
  left join (
    select x.student_id, count(*) as days, sum(case when x.absent = x.sessions then 1 when r.half_days and 2 * x.absent >= x.sessions then 0.5 else 0 end) as absent_days,
      sum(x.sessions) as sessions, sum(x.absent) as absent
    from (
      select e.student_id, e.day, count(*) as sessions, count(*) filter (where e.status in ('excused', 'unexcused')) as absent
      from public.attendance_entries e
      join public.enrollments n on (n.school_id, n.student_id, n.class_id) = (e.school_id, e.student_id, e.class_id) and e.day between n.starts_on and n.ends_on and n.deleted_at is null
      where e.school_id = $1 and e.day between $2 and $3${homeroom ? " and e.class_id = $4" : ""}
      group by e.student_id, e.day) x
    cross join r
    group by x.student_id) d on d.student_id = s.student_id
  cross join r
  order by s.student_id`;

const asUser = (homeroom: string | null) =>
  `select r.* from public.attendance_summary(school_id := $1, from_day := $2, to_day := $3${homeroom ? ", class_id := $4" : ""}) r order by r.student_id`;

/** Whoever is missed too often, of a class and of the whole school. */
export function summaryCases({ school, month, day, teacher, principal }: Scene): Case[] {
  return [
    { who: "teacher", what: "a class's month by student", user: teacher.user, homeroom: teacher.homeroom },
    { who: "principal", what: "the school's month by student", user: principal.user, homeroom: null },
  ].map(({ who, what, user, homeroom }) => {
    const values = [school, month, day, ...(homeroom ? [homeroom] : [])];
    return {
      who,
      what,
      user,
      asUser: asRequest(asUser(homeroom), values),
      byHand: asRequest(byHand(homeroom), values),
    };
  });
}
