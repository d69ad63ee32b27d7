-- Growth: the pages of a school and of a district, as the caller and over the tables under their policies, as the others are.

create function public.school_board(school_id uuid, academic_year_id uuid default null) returns jsonb
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_school uuid := school_board.school_id;
  v_year record;
begin
  select * into v_year from private.board_year(v_school, school_board.academic_year_id);
  if v_year.id is null or (v_school = any (array(select private.schools_with('observations.read')))) is not true then
    return null;
  end if;
  return (
    with figures as materialized (
      select * from private.growth_figures(v_school, v_year.id)
    ), sums as (
      select grouping(f.department_id) = 1 as whole, f.department_id,
        jsonb_build_object('teachers', count(*), 'teachers_observed', count(*) filter (where f.observations > 0), 'planned', sum(f.planned), 'done', sum(f.done), 'overdue', sum(f.overdue),
          'observations', sum(f.observations), 'acknowledged', sum(f.acknowledged), 'unacknowledged', sum(f.unacknowledged), 'steps_open', sum(f.steps_open), 'steps_overdue', sum(f.steps_overdue),
          'average_position', round(sum(f.position_sum) / nullif(sum(f.ratings), 0), 4), 'goals_open', sum(f.goals_open), 'goals_achieved', sum(f.goals_achieved),
          'hours_required', sum(f.hours_required), 'hours_approved', sum(f.hours_approved), 'hours_missing', sum(f.hours_missing)) as value
      from figures f group by grouping sets ((f.department_id), ())
    ), months as (
      select generate_series(date_trunc('month', v_year.starts_on), v_year.ends_on, interval '1 month')::date as month
    ), due as (
      select date_trunc('month', p.due_on)::date as month, count(*) as planned from public.planned_observations p
      join public.observation_plans l on (l.school_id, l.id) = (p.school_id, p.plan_id)
      where p.school_id = v_school and l.academic_year_id = v_year.id and p.kind <> 'coaching' and p.status <> 'cancelled' group by 1
    ), seen as (
      select date_trunc('month', o.observed_at at time zone s.timezone)::date as month, count(*) as observations, count(*) filter (where o.status = 'acknowledged') as acknowledged,
        count(distinct o.teacher_id) as teachers_observed, round(sum((o.levels - o.ratings * k.lowest)::numeric / k.width) / nullif(sum(o.ratings) filter (where k.width is not null), 0), 4) as average_position
      from private.observations_led(v_school, array(select f.teacher_id from figures f), v_year.since, v_year.until) o
      join public.schools s on s.id = v_school
      left join (select l.framework_id, min(l.level) as lowest, nullif(max(l.level) - min(l.level), 0) as width from public.framework_levels l where l.school_id = v_school group by l.framework_id) k on k.framework_id = o.framework_id
      group by 1
    )
    select jsonb_build_object(
      'academic_year_id', v_year.id,
      'totals', (select s.value from sums s where s.whole),
      'departments', (select coalesce(jsonb_agg(jsonb_build_object('department_id', s.department_id, 'name', d.name) || s.value order by d.name, s.department_id), '[]')
        from sums s left join public.departments d on d.school_id = v_school and d.id = s.department_id where not s.whole),
      'months', (select jsonb_agg(jsonb_build_object('month', m.month, 'planned', coalesce(d.planned, 0), 'observations', coalesce(o.observations, 0), 'acknowledged', coalesce(o.acknowledged, 0),
          'teachers_observed', coalesce(o.teachers_observed, 0), 'average_position', o.average_position) order by m.month)
        from months m left join due d on d.month = m.month left join seen o on o.month = m.month),
      'components', (select coalesce(jsonb_agg(to_jsonb(c) order by c.framework_code, c.framework_version), '[]') from public.team_components(v_school, v_year.starts_on, v_year.ends_on) c)));
end
$$;
comment on function public.school_board is
  'The school''s page of a year (the current one by default), for whoever reads the observations of the whole school (office, principal; null for others, and without such a year): {academic_year_id, totals, departments [{department_id, name, …}], months [{month, planned (visits due), observations, acknowledged, teachers_observed, average_position}], components (as team_components, over the days of the year)}. totals and each department: {teachers, teachers_observed, planned, done, overdue, observations, acknowledged, unacknowledged, steps_open, steps_overdue, average_position, goals_open, goals_achieved, hours_required, hours_approved, hours_missing}, the sums of what team_board shows of each teacher, averages over all ratings. A department is the teacher''s present one, null without. Components leave the caller''s own rows out, the rest holds every teacher. Submitted evaluations and walkthroughs alone; coaching and drafts in nothing.';
grant execute on function public.school_board to authenticated;

create function public.district_board(district_id uuid, on_day date default null)
returns table (school_id uuid, school_name text, hidden boolean, teachers_rated bigint, observations bigint, acknowledged bigint, planned bigint, done bigint, overdue bigint, ratings bigint, average_position numeric)
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  with schools as materialized (
    select s.id, s.name, y.id as year_id, y.starts_on, y.ends_on, y.starts_on::timestamp at time zone s.timezone as since, (y.ends_on + 1)::timestamp at time zone s.timezone as until,
      (now() at time zone s.timezone)::date as today, coalesce(x.value::integer, d.maximum) as minimum
    from public.schools s
    join public.academic_years y on y.school_id = s.id and coalesce(district_board.on_day, (now() at time zone s.timezone)::date) between y.starts_on and y.ends_on
    join public.setting_definitions d on d.key = 'comparison_minimum'
    left join lateral (select g.value from public.settings(s.id) g where g.key = d.key) x on true
    where s.district_id = district_board.district_id and s.id = any (array(select private.schools_with('observations.read')))
  ), scales as materialized (
    select l.framework_id, min(l.level) as lowest, nullif(max(l.level) - min(l.level), 0) as width from public.framework_levels l group by l.framework_id
  ), groups as materialized (
    select s.id, s.name, s.minimum, o.*, v.*
    from schools s
    cross join lateral (
      select array_agg(m.id) as ids from public.memberships m
      where m.school_id = s.id and m.role = 'teacher' and m.starts_on <= s.ends_on and coalesce(m.ends_on, 'infinity') >= s.starts_on) t
    cross join lateral (
      select count(distinct o.teacher_id) filter (where o.ratings > 0) as teachers_rated, count(*) as observations, count(*) filter (where o.status = 'acknowledged') as acknowledged, coalesce(sum(o.ratings), 0)::bigint as ratings,
        sum((o.levels - o.ratings * k.lowest)::numeric / k.width) as position_sum
      from private.observations_led(s.id, t.ids, s.since, s.until) o left join scales k on k.framework_id = o.framework_id) o
    cross join lateral (
      select coalesce(sum(v.planned), 0)::bigint as planned, coalesce(sum(v.done), 0)::bigint as done, coalesce(sum(v.overdue), 0)::bigint as overdue
      from private.visits_led(s.id, t.ids, s.year_id, s.today) v) v
  ), placed as (
    select g.*, g.teachers_rated < g.minimum as small,
      -- What is hidden before this one, the small ones first, then the smallest: whether they cover each other.
      coalesce(count(*) filter (where g.teachers_rated > 0) over w, 0) as groups_before, coalesce(sum(g.teachers_rated) over w, 0) as teachers_before,
      bool_or(g.teachers_rated < g.minimum and g.observations + g.planned > 0) over () as any_small, max(g.minimum) over () as highest_minimum
    from groups g
    window w as (order by g.teachers_rated < g.minimum desc, g.teachers_rated, g.id rows between unbounded preceding and 1 preceding)
  ), lines as materialized (
    select p.*, p.small or p.any_small and (p.groups_before < 2 or p.teachers_before < p.highest_minimum) as hides from placed p
  ), hidden as (
    select count(*) filter (where l.hides and l.teachers_rated > 0) as groups, coalesce(sum(l.teachers_rated) filter (where l.hides), 0) as teachers, max(l.minimum) as minimum, bool_or(l.any_small) as any_small from lines l
  )
  select l.id, l.name::text, l.hides, case when not l.hides then l.teachers_rated end, case when not l.hides then l.observations end, case when not l.hides then l.acknowledged end,
    case when not l.hides then l.planned end, case when not l.hides then l.done end, case when not l.hides then l.overdue end, case when not l.hides then l.ratings end,
    case when not l.hides then round(l.position_sum / nullif(l.ratings, 0), 4) end
  from lines l
  union all
  select null, null, false, sum(l.teachers_rated)::bigint, sum(l.observations)::bigint, sum(l.acknowledged)::bigint, sum(l.planned)::bigint, sum(l.done)::bigint, sum(l.overdue)::bigint, sum(l.ratings)::bigint,
    round(sum(l.position_sum) / nullif(sum(l.ratings), 0), 4)
  from lines l cross join hidden h
  where not h.any_small or h.groups >= 2 and h.teachers >= h.minimum
  having count(*) > 1
  order by 2 nulls last, 1;
end
$$;
comment on function public.district_board is
  'Schools of a district beside each other, each in its academic year on a day (today by default): whole years, so that no two periods differ by a few visits. A row per school over which the caller reads observations, and a last one over all of them with school_id null. Of submitted evaluations and walkthroughs (coaching and drafts in nothing): teachers_rated, observations, acknowledged, planned, done and overdue visits, ratings, average_position (mean of (level - lowest) / (highest - lowest) over all ratings, "not observed" in none). A school with fewer teachers rated than its setting comparison_minimum is hidden: its numbers are null. So that nobody subtracts it from the whole, the smallest of the others are hidden with it until two groups or more with together no fewer teachers than the highest minimum are; where there are not enough, the row over all is left out.';
grant execute on function public.district_board to authenticated;
