-- Growth: the pages of a teacher and of a team. All of it runs as the caller, over the tables under their policies, and counts
-- submitted evaluations and walkthroughs alone: a leader's own drafts and own coaching are in no number either.

create function private.board_year(p_school_id uuid, p_academic_year_id uuid, out id uuid, out starts_on date, out ends_on date, out since timestamptz, out until timestamptz, out today date)
language plpgsql stable set search_path = ''
as $$
begin
  select y.id, y.starts_on, y.ends_on, y.starts_on::timestamp at time zone s.timezone, (y.ends_on + 1)::timestamp at time zone s.timezone, (now() at time zone s.timezone)::date
  into board_year.id, board_year.starts_on, board_year.ends_on, board_year.since, board_year.until, board_year.today
  from public.academic_years y join public.schools s on s.id = y.school_id
  where y.school_id = p_school_id and (y.id = p_academic_year_id or p_academic_year_id is null and y.is_current);
end
$$;
comment on function private.board_year is 'The year of a board, the current one by default, with its bounds as moments and today at the school.';
grant execute on function private.board_year to authenticated;

-- Four helpers go one step past the policies. Those on ratings and steps ask for the observation of each row, some thirteen thousand times in a year
-- of two hundred teachers, and in one page they would ask sixty times who leads whom, which alone takes half as long as the page. Each helper asks
-- once, by conditions narrower than the policies; a test compares every number of it with what the policies give to each role. What is read per
-- observation comes once and is not worth remembering (enable_memoize).

-- definer: as above.
create function private.observations_led(p_school_id uuid, p_teacher_ids uuid[], p_since timestamptz, p_until timestamptz)
returns table (observation_id uuid, teacher_id uuid, framework_id uuid, status text, observed_at timestamptz, ratings bigint, levels bigint)
language plpgsql stable security definer rows 2000 set search_path = '' set enable_memoize = off
as $$
begin
  return query
  select o.id, o.teacher_id, o.framework_id, o.status, o.observed_at, n.ratings, n.levels
  from unnest(p_teacher_ids) t (id)
  -- Offset 0: teacher by teacher. A plan for any span of time expects five observations in it, and would read the school's.
  cross join lateral (
    select x.school_id, x.id, x.teacher_id, x.framework_id, x.status, x.observed_at, x.version from public.observations x
    where x.school_id = p_school_id and x.teacher_id = t.id and x.observed_at >= p_since and x.observed_at < p_until and x.status <> 'draft' and x.kind <> 'coaching' and x.deleted_at is null
    offset 0) o
  cross join lateral (
    select count(*) as ratings, sum(r.level) as levels from public.observation_ratings r
    where r.school_id = o.school_id and r.observation_id = o.id and r.version = o.version and r.level is not null and r.deleted_at is null) n
  where p_school_id = any (array(select private.schools_with('observations.read'))) or t.id = any (array(select private.team_with('observations.read')));
end
$$;
comment on function private.observations_led is 'Submitted evaluations and walkthroughs that the caller reads by leading, each with how many levels were given in its version in force and their sum; "not observed" in neither.';
grant execute on function private.observations_led to authenticated;

-- definer: as above.
create function private.levels_led(p_school_id uuid, p_teacher_ids uuid[], p_since timestamptz, p_until timestamptz)
returns table (teacher_id uuid, framework_id uuid, domain_id uuid, level smallint, times bigint)
language plpgsql stable security definer rows 2000 set search_path = '' set enable_memoize = off
as $$
begin
  return query
  select t.id, g.*
  from unnest(p_teacher_ids) t (id)
  cross join lateral (
    select r.framework_id, r.domain_id, r.level, count(*)
    from (
      select x.school_id, x.id, x.version from public.observations x
      where x.school_id = p_school_id and x.teacher_id = t.id and x.observed_at >= p_since and x.observed_at < p_until and x.status <> 'draft' and x.kind <> 'coaching' and x.deleted_at is null
      offset 0) o
    join public.observation_ratings r on r.school_id = o.school_id and r.observation_id = o.id and r.version = o.version and r.deleted_at is null
    group by r.framework_id, r.domain_id, r.level) g
  where p_school_id = any (array(select private.schools_with('observations.read'))) or t.id = any (array(select private.team_with('observations.read')));
end
$$;
comment on function private.levels_led is 'How often each level was given to a teacher in a domain, in the submitted evaluations and walkthroughs that the caller reads by leading; a level of null is "not observed".';
grant execute on function private.levels_led to authenticated;

-- definer: as above.
create function private.visits_led(p_school_id uuid, p_teacher_ids uuid[], p_academic_year_id uuid, p_today date)
returns table (teacher_id uuid, planned bigint, done bigint, overdue bigint, next_due_on date)
language plpgsql stable security definer rows 200 set search_path = ''
as $$
begin
  return query
  select p.teacher_id, count(*), count(o.id), count(*) filter (where o.id is null and p.due_on < p_today), min(p.due_on) filter (where o.id is null)
  from public.observation_plans l
  join public.planned_observations p on (p.school_id, p.plan_id) = (l.school_id, l.id)
  left join public.observations o on (o.school_id, o.planned_observation_id) = (p.school_id, p.id) and o.status <> 'draft' and o.kind <> 'coaching' and o.deleted_at is null
  where l.school_id = p_school_id and l.academic_year_id = p_academic_year_id and p.teacher_id = any (p_teacher_ids) and p.status <> 'cancelled' and p.kind <> 'coaching'
    and (p_school_id = any (array(select private.schools_with('observations.read'))) or p.teacher_id = any (array(select private.team_with('observations.read'))))
  group by p.teacher_id;
end
$$;
comment on function private.visits_led is 'Visits of a year, as observation_coverage counts them, to teachers whom the caller leads; coaching in none.';
grant execute on function private.visits_led to authenticated;

-- definer: as above.
create function private.work_led(p_school_id uuid, p_today date) returns table (teacher_id uuid, unacknowledged bigint, steps_open bigint, steps_overdue bigint)
language plpgsql stable security definer rows 200 set search_path = ''
as $$
begin
  return query
  select w.teacher_id, sum(w.unread), sum(w.step), sum(w.late)
  from (
    select o.teacher_id, 1 as unread, 0 as step, 0 as late from public.observations o
    where o.school_id = p_school_id and o.status = 'submitted' and o.kind <> 'coaching' and o.deleted_at is null
    union all
    select o.teacher_id, 0, 1, (coalesce(a.due_on < p_today, false))::integer
    from public.action_steps a join public.observations o on (o.school_id, o.id) = (a.school_id, a.observation_id)
    where a.school_id = p_school_id and a.done_at is null and a.deleted_at is null and o.status <> 'draft' and o.kind <> 'coaching' and o.deleted_at is null) w
  where p_school_id = any (array(select private.schools_with('observations.read'))) or w.teacher_id = any (array(select private.team_with('observations.read')))
  group by w.teacher_id;
end
$$;
comment on function private.work_led is 'What waits, of any year, for each teacher in the submitted evaluations and walkthroughs that the caller reads by leading: observations to acknowledge, steps open and overdue.';
grant execute on function private.work_led to authenticated;

create function private.growth_figures(p_school_id uuid, p_academic_year_id uuid)
returns table (teacher_id uuid, department_id uuid, planned bigint, done bigint, overdue bigint, next_due_on date, observations bigint, acknowledged bigint, last_observed_at timestamptz, unacknowledged bigint,
  steps_open bigint, steps_overdue bigint, ratings bigint, position_sum numeric, latest_average numeric, latest_position numeric, trend numeric,
  goals_open bigint, goals_achieved bigint, goals_progress numeric, hours_required numeric, hours_approved numeric, hours_missing numeric)
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_year record;
  v_team uuid[];
  v_departments uuid[];
  v_goals boolean[];
  v_hours boolean[];
begin
  select * into v_year from private.board_year(p_school_id, p_academic_year_id);
  select array_agg(m.id), array_agg(m.department_id), array_agg(m.shows_goals), array_agg(m.shows_hours) into v_team, v_departments, v_goals, v_hours
  from (
    select m.id, m.department_id, m.id = any (array(select private.team_with('goals.read'))) or m.school_id = any (array(select private.schools_with('goals.read'))) as shows_goals,
      m.id = any (array(select private.team_with('pd_hours.read'))) or m.school_id = any (array(select private.schools_with('pd_hours.read'))) as shows_hours
    from public.memberships m
    where m.school_id = p_school_id and m.role = 'teacher' and m.starts_on <= v_year.ends_on and coalesce(m.ends_on, 'infinity') >= v_year.starts_on
      and (m.id = any (array(select private.team_with('observations.read'))) or m.school_id = any (array(select private.schools_with('observations.read'))))) m;
  -- Each part is materialized: a plan that serves every school expects few teachers, and would compute a part again for each of them.
  return query
  with team as (
    select * from unnest(v_team, v_departments, v_goals, v_hours) t (id, department_id, shows_goals, shows_hours)
  ), coverage as materialized (
    select * from private.visits_led(p_school_id, v_team, v_year.id, v_year.today)
  ), scales as materialized (
    select l.framework_id, min(l.level) as lowest, nullif(max(l.level) - min(l.level), 0) as width from public.framework_levels l where l.school_id = p_school_id group by l.framework_id
  ), placed as materialized (
    select o.observation_id, o.teacher_id, o.status, o.observed_at, o.ratings, o.levels::numeric / nullif(o.ratings, 0) as average, (o.levels::numeric / nullif(o.ratings, 0) - k.lowest) / k.width as position
    from private.observations_led(p_school_id, v_team, v_year.since, v_year.until) o left join scales k on k.framework_id = o.framework_id
  ), observed as materialized (
    select p.teacher_id, count(*) as observations, count(*) filter (where p.status = 'acknowledged') as acknowledged, sum(p.ratings)::bigint as ratings, sum(p.position * p.ratings) as position_sum, max(p.observed_at) as last_observed_at,
      (array_agg(p.average order by p.observed_at desc, p.observation_id) filter (where p.ratings > 0))[1] as latest_average,
      (array_agg(p.position order by p.observed_at desc, p.observation_id) filter (where p.position is not null))[1] as latest_position,
      case when count(p.position) >= 3 then regr_slope(p.position::double precision, extract(epoch from p.observed_at)::double precision / 2592000) end as trend
    from placed p group by p.teacher_id
  ), waiting as materialized (
    select * from private.work_led(p_school_id, v_year.today)
  ), asked as materialized (
    select r.category_id, r.hours from public.pd_requirements r where r.school_id = p_school_id and r.academic_year_id = v_year.id and r.role = 'teacher'
  ), asked_in_all as materialized (
    select coalesce(sum(a.hours) filter (where a.category_id is null), 0) as overall, coalesce(sum(a.hours) filter (where a.category_id is not null), 0) as by_category from asked a
  )
  select t.id, t.department_id, coalesce(c.planned, 0), coalesce(c.done, 0), coalesce(c.overdue, 0), c.next_due_on, coalesce(o.observations, 0), coalesce(o.acknowledged, 0),
    coalesce(o.last_observed_at, (select max(x.observed_at) from public.observations x where x.teacher_id = t.id and x.observed_at < v_year.until and x.status <> 'draft' and x.kind <> 'coaching')),
    coalesce(w.unacknowledged, 0), coalesce(w.steps_open, 0), coalesce(w.steps_overdue, 0), coalesce(o.ratings, 0), o.position_sum,
    round(o.latest_average, 2), round(o.latest_position, 4), round(o.trend::numeric, 4),
    case when t.shows_goals then coalesce(g.goals_open, 0) end, case when t.shows_goals then coalesce(g.goals_achieved, 0) end, case when t.shows_goals then round(g.goals_progress, 1) end,
    case when t.shows_hours then greatest(q.overall, q.by_category) end, case when t.shows_hours then coalesce(h.approved, 0) end,
    case when t.shows_hours then greatest(q.overall - coalesce(h.approved, 0), q.by_category - coalesce(h.by_category, 0), 0) end
  from team t
  cross join asked_in_all q
  left join coverage c on c.teacher_id = t.id
  left join observed o on o.teacher_id = t.id
  left join waiting w on w.teacher_id = t.id
  left join lateral (
    select count(*) filter (where x.status = 'open') as goals_open, count(*) filter (where x.status = 'achieved') as goals_achieved,
      avg(coalesce(case x.progress_method
        when 'stated' then x.stated_progress
        when 'updates' then (select u.progress from public.goal_updates u where u.goal_id = x.id and u.progress is not null order by u.created_at desc, u.id desc limit 1)
        else private.progress_of_goal(x.school_id, x.id) end, 0)) filter (where x.status = 'open') as goals_progress
    from public.goals x where x.teacher_id = t.id) g on true
  left join lateral (
    select sum(y.hours) as approved, sum(least(y.hours, a.hours)) filter (where a.hours is not null) as by_category
    from (select x.category_id, sum(x.hours) as hours from public.pd_hours x
      where x.membership_id = t.id and x.done_on between v_year.starts_on and v_year.ends_on and x.status = 'approved' group by x.category_id) y
    left join asked a on a.category_id = y.category_id) h on true;
end
$$;
comment on function private.growth_figures is 'What the boards of team and school show, per teacher who worked there in the year and whose observations the caller reads by leading; by the caller''s own rights.';
grant execute on function private.growth_figures to authenticated;

create function public.team_board(school_id uuid, academic_year_id uuid default null)
returns table (teacher_id uuid, display_name text, department_id uuid, planned bigint, done bigint, overdue bigint, next_due_on date, observations bigint, last_observed_at timestamptz, unacknowledged bigint,
  steps_open bigint, steps_overdue bigint, latest_average numeric, latest_position numeric, average_position numeric, trend numeric,
  goals_open bigint, goals_achieved bigint, goals_progress numeric, hours_approved numeric, hours_missing numeric)
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select f.teacher_id, d.display_name::text, f.department_id, f.planned, f.done, f.overdue, f.next_due_on, f.observations, f.last_observed_at, f.unacknowledged,
    f.steps_open, f.steps_overdue, f.latest_average, f.latest_position, round(f.position_sum / f.ratings, 4), f.trend,
    f.goals_open, f.goals_achieved, f.goals_progress, f.hours_approved, f.hours_missing
  from private.growth_figures(team_board.school_id, team_board.academic_year_id) f
  left join public.directory_cards d on d.school_id = team_board.school_id and d.membership_id = f.teacher_id
  where f.teacher_id <> all (array(select private.all_my_memberships()))
  order by d.display_name, f.teacher_id;
end
$$;
comment on function public.team_board is
  'A leader''s team page: a row per teacher whom the caller leads (principal and office: the school), never the caller, who worked there in the year (the current one by default). Of the year: planned, done, overdue visits and next_due_on (as observation_coverage), observations, average_position, trend, hours_approved and hours_missing (as pd_summary). latest_average is the mean level of the latest rated observation, latest_position the same on its framework''s scale, average_position the mean over all ratings of (level - lowest) / (highest - lowest), 0 to 1, trend the least-squares slope of the observations'' mean positions over time, per 30 days, null for fewer than three. As it stands now, whatever year it is from: last_observed_at (to the year''s end), unacknowledged, steps_open and steps_overdue, goals_open and goals_achieved, and goals_progress, the mean percent of the open goals (without progress yet: 0). Only submitted evaluations and walkthroughs count, in their version in force, "not observed" in no mean; coaching and drafts in nothing. Goals and hours that the caller may not read are null. Nothing for whoever leads nobody, and without such a year.';
grant execute on function public.team_board to authenticated;

create function public.team_components(school_id uuid, since date default null, until date default null)
returns table (framework_id uuid, framework_code text, framework_version integer, domain_id uuid, domain_code text, domain_name text, teachers bigint, ratings bigint, not_observed bigint,
  average_level numeric, average_position numeric, levels jsonb)
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_timezone text := (select s.timezone from public.schools s where s.id = team_components.school_id);
  -- A day beyond what a timestamp holds is as good as none.
  v_since timestamptz := case when team_components.since < '9999-12-31' then team_components.since::timestamp at time zone v_timezone when team_components.since is null then '-infinity' else 'infinity' end;
  v_until timestamptz := case when team_components.until < '9999-12-31' then (team_components.until + 1)::timestamp at time zone v_timezone else 'infinity' end;
  v_team uuid[] := array(
    select m.id from public.memberships m
    where m.school_id = team_components.school_id and m.role = 'teacher' and m.id <> all (array(select private.all_my_memberships()))
      and (m.id = any (array(select private.team_with('observations.read'))) or m.school_id = any (array(select private.schools_with('observations.read')))));
begin
  return query
  with given as materialized (
    select * from private.levels_led(team_components.school_id, v_team, v_since, v_until)
  ), counts as materialized (
    select g.domain_id, g.level, sum(g.times) as times from given g group by g.domain_id, g.level
  ), sums as (
    select g.framework_id, g.domain_id, count(distinct g.teacher_id) filter (where g.level is not null) as teachers, coalesce(sum(g.times) filter (where g.level is not null), 0) as ratings,
      coalesce(sum(g.times) filter (where g.level is null), 0) as not_observed, sum(g.times * g.level) as total
    from given g group by g.framework_id, g.domain_id
  )
  select s.framework_id, f.code::text, f.version, s.domain_id, d.code::text, d.name::text, s.teachers, s.ratings::bigint, s.not_observed::bigint, round(s.total / nullif(s.ratings, 0), 2),
    round((s.total / nullif(s.ratings, 0) - k.lowest) / nullif(k.highest - k.lowest, 0), 4), k.levels
  from sums s
  join public.frameworks f on f.school_id = team_components.school_id and f.id = s.framework_id
  join public.framework_domains d on d.school_id = team_components.school_id and d.id = s.domain_id
  cross join lateral (
    select min(l.level) as lowest, max(l.level) as highest, jsonb_agg(jsonb_build_object('level', l.level, 'code', l.code, 'name', l.name,
      'ratings', coalesce((select c.times from counts c where c.domain_id = s.domain_id and c.level = l.level), 0)) order by l.level) as levels
    from public.framework_levels l where l.school_id = team_components.school_id and l.framework_id = s.framework_id) k
  order by f.code, f.version, d.position, d.code;
end
$$;
comment on function public.team_components is
  'The team by component: a row per domain of a framework''s version that was looked at from since to until (days at the school, both included, open where null), over the teachers whom the caller leads (principal and office: the school), never the caller. teachers rated, ratings, not_observed (in no mean), average_level, the unweighted mean to two decimals, average_position, the same as (level - lowest) / (highest - lowest), and levels: each level of the version, ascending, as {level, code, name, ratings}. Submitted evaluations and walkthroughs in their version in force; coaching and drafts in nothing.';
grant execute on function public.team_components to authenticated;

create function public.teacher_board(school_id uuid, teacher_id uuid default null) returns jsonb
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_school uuid := teacher_board.school_id;
  v_teacher uuid;
  v_year record;
  v_timezone text := (select s.timezone from public.schools s where s.id = teacher_board.school_id);
begin
  select m.id into v_teacher from public.memberships m
  where m.school_id = v_school and m.role = 'teacher' and (teacher_board.teacher_id is null or m.id = teacher_board.teacher_id)
    and (m.id = any (array(select private.my_record())) or teacher_board.teacher_id is not null
      and (m.id = any (array(select private.team_with('observations.read'))) or m.school_id = any (array(select private.schools_with('observations.read')))));
  if v_teacher is null then
    return null;
  end if;
  select * into v_year from private.board_year(v_school, null);
  -- Each table once: every mention of one asks its policy's helpers again.
  return (
    with seen as materialized (
      select o.id, o.kind, o.status, o.observed_at, o.framework_id, o.version from public.observations o
      where o.teacher_id = v_teacher and o.status <> 'draft' and o.kind <> 'coaching'
    ), rated as materialized (
      select o.id, o.framework_id, o.observed_at, r.domain_id, r.level
      from seen o join public.observation_ratings r on (r.school_id, r.observation_id, r.version) = (v_school, o.id, o.version) where r.level is not null
    ), averages as materialized (
      select r.id, round(avg(r.level), 2) as average_level from rated r group by r.id
    ), scales as materialized (
      select l.framework_id, min(l.level) as lowest, nullif(max(l.level) - min(l.level), 0) as width from public.framework_levels l where l.school_id = v_school group by l.framework_id
    ), growth as (
      select f.code as framework_code, d.code as domain_code, date_trunc('month', r.observed_at at time zone v_timezone)::date as month, count(*) as ratings, round(avg(r.level), 2) as average_level,
        round(avg((r.level - k.lowest)::numeric / k.width), 4) as average_position
      from rated r
      join public.frameworks f on f.school_id = v_school and f.id = r.framework_id
      join public.framework_domains d on d.school_id = v_school and d.id = r.domain_id
      left join scales k on k.framework_id = r.framework_id
      group by f.code, d.code, month
    )
    select jsonb_build_object(
      'teacher_id', v_teacher,
      'academic_year_id', v_year.id,
      'visits', (select jsonb_build_object('planned', coalesce(sum(c.planned), 0), 'done', coalesce(sum(c.done), 0), 'overdue', coalesce(sum(c.overdue), 0), 'next_due_on', min(c.next_due_on))
        from public.observation_coverage c where c.teacher_id = v_teacher and c.academic_year_id = v_year.id and c.kind <> 'coaching'),
      'unacknowledged', (select count(*) from seen o where o.status = 'submitted'),
      'observations', (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'kind', o.kind, 'status', o.status, 'observed_at', o.observed_at, 'framework_id', o.framework_id, 'average_level', r.average_level)
          order by o.observed_at desc, o.id), '[]')
        from (select * from seen x order by x.observed_at desc limit 20) o left join averages r on r.id = o.id),
      'growth', (select coalesce(jsonb_agg(jsonb_build_object('framework_code', g.framework_code, 'domain_code', g.domain_code, 'month', g.month, 'ratings', g.ratings,
          'average_level', g.average_level, 'average_position', g.average_position) order by g.framework_code, g.domain_code, g.month), '[]') from growth g),
      'action_steps', (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'observation_id', a.observation_id, 'description', a.description, 'due_on', a.due_on, 'overdue', coalesce(a.due_on < v_year.today, false))
          order by a.due_on, a.id), '[]')
        from seen o join public.action_steps a on (a.school_id, a.observation_id) = (v_school, o.id) where a.done_at is null),
      'goals', (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'title', g.title, 'status', g.status, 'due_on', g.due_on, 'approved', g.approved_at is not null, 'progress', case g.progress_method
            when 'stated' then round(g.stated_progress, 1)
            when 'updates' then (select round(u.progress, 1) from public.goal_updates u where u.goal_id = g.id and u.progress is not null order by u.created_at desc, u.id desc limit 1)
            else (select p.progress from public.goal_progress(v_school, array[g.id]) p) end) order by g.created_at desc, g.id), '[]')
        from public.goals g where g.teacher_id = v_teacher and g.status <> 'abandoned'),
      'hours', (select jsonb_build_object('required', h.required, 'approved', h.approved, 'pending', h.pending, 'missing', h.missing, 'categories', h.categories) from public.pd_summary(v_school, v_year.id, v_teacher) h)));
end
$$;
comment on function public.teacher_board is
  'A teacher''s growth page, the caller''s own by default, one from before a change of roles too, else of a teacher whom the caller leads: {teacher_id, academic_year_id, visits {planned, done, overdue, next_due_on} and hours {required, approved, pending, missing, categories} of the current year (as observation_coverage and pd_summary; null where there is none), unacknowledged, observations [the latest 20: {id, kind, status, observed_at, framework_id, average_level}], growth [{framework_code, domain_code, month, ratings, average_level, average_position}] (as domain_growth), action_steps [open: {id, observation_id, description, due_on, overdue}], goals [{id, title, status, due_on, approved, progress}] (as goal_progress)}. Submitted evaluations and walkthroughs alone: coaching, shared or not, is on no page, and a walkthrough that is planned is on the leader''s only. Null for whoever is neither.';
grant execute on function public.teacher_board to authenticated;
