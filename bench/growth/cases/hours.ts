import type { Scene } from "../scene.ts";
import { type Case, pair } from "./case.ts";

/** $1 school, $2 and $3 the year's days, $4 the year; `people` says whose hours. */
export const hours = (people: string): string => `with people as materialized (
    select m.id, m.role from public.memberships m
    where m.school_id = $1 and m.role in ('admin', 'leader', 'teacher') and m.deleted_at is null and m.starts_on <= $3::date and coalesce(m.ends_on, 'infinity') >= $2::date and ${people}
  ), asked as materialized (
    select r.role, r.category_id, r.hours from public.pd_requirements r where r.school_id = $1 and r.academic_year_id = $4 and r.deleted_at is null
  ), done as materialized (
    select h.membership_id, h.category_id, sum(h.hours) filter (where h.status = 'approved') as approved, sum(h.hours) filter (where h.status in ('pending', 'endorsed')) as pending
    from people p join public.pd_hours h on h.membership_id = p.id where h.done_on between $2::date and $3::date and h.deleted_at is null group by h.membership_id, h.category_id
  ), lines as materialized (
    select l.id, l.category_id, sum(l.required) as required, sum(l.approved) as approved, sum(l.pending) as pending
    from (
      select p.id, a.category_id, case when a.category_id is not null then a.hours else 0 end as required, 0 as approved, 0 as pending from people p join asked a on a.role = p.role
      union all
      select d.membership_id, d.category_id, 0, coalesce(d.approved, 0), coalesce(d.pending, 0) from done d) l
    group by l.id, l.category_id
  ), totals as (
    select l.id, sum(l.required) as by_category, sum(l.approved) as approved, sum(l.pending) as pending, sum(greatest(l.required - l.approved, 0)) as missing,
      jsonb_agg(jsonb_build_object('category_id', l.category_id, 'code', c.code, 'name', c.name, 'required', l.required, 'approved', l.approved, 'pending', l.pending, 'missing', greatest(l.required - l.approved, 0))
        order by c.code nulls last) as categories
    from lines l left join public.pd_categories c on c.school_id = $1 and c.id = l.category_id and c.deleted_at is null group by l.id
  )
  select p.id as membership, p.role, greatest(coalesce(a.hours, 0), coalesce(t.by_category, 0)) as required, coalesce(t.approved, 0) as approved, coalesce(t.pending, 0) as pending,
    greatest(coalesce(a.hours, 0) - coalesce(t.approved, 0), coalesce(t.missing, 0), 0) as missing, coalesce(t.categories, '[]') as categories
  from people p left join totals t on t.id = p.id left join asked a on a.role = p.role and a.category_id is null
  order by p.id`;

export function hoursOfPeople({ school, year, startsOn, endsOn, principal, leader }: Scene): Case[] {
  const page = "pd_summary";
  const asUser = "select * from public.pd_summary($1)";
  const values = [school, startsOn, endsOn, year];
  const ofTeam = hours("(m.user_id = $5 or m.role = 'teacher' and m.department_id = $6)");
  return [
    { page, who: "principal", user: principal.user, ...pair(asUser, [school], hours("true"), values) },
    {
      page,
      who: "department's leader",
      user: leader.user,
      ...pair(asUser, [school], ofTeam, [...values, leader.user, leader.department ?? ""]),
    },
  ];
}
