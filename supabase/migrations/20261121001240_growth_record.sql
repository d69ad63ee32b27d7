-- A year of professional development in numbers, and the whole growth record of one person for themselves.

-- One plan serves one person and a school of two hundred: planned for the year and the people of each call, it would plan the policies' helpers along, at each call.
create function public.pd_summary(school_id uuid, academic_year_id uuid default null, membership_id uuid default null)
returns table (membership uuid, role text, required numeric, approved numeric, pending numeric, missing numeric, categories jsonb)
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_year public.academic_years;
  v_people uuid[];
  v_roles text[];
begin
  select y.* into v_year from public.academic_years y
  where y.school_id = pd_summary.school_id and (y.id = pd_summary.academic_year_id or pd_summary.academic_year_id is null and y.is_current);
  select array_agg(m.id), array_agg(m.role) into v_people, v_roles from public.memberships m
  where m.school_id = v_year.school_id and m.role in ('admin', 'leader', 'teacher') and (pd_summary.membership_id is null or m.id = pd_summary.membership_id)
    and m.starts_on <= v_year.ends_on and coalesce(m.ends_on, 'infinity') >= v_year.starts_on
    -- Whose hours one does not read would stand here with none.
    and (m.id = any (array(select private.my_record())) or m.id = any (array(select private.team_with('pd_hours.read')))
      or m.school_id = any (array(select private.schools_with('pd_hours.read'))));
  return query
  with people as (
    select * from unnest(v_people, v_roles) p (id, role)
  ), asked as materialized (
    select r.role, r.category_id, r.hours from public.pd_requirements r where r.school_id = v_year.school_id and r.academic_year_id = v_year.id
  ), lines as (
    select x.id, x.category_id, coalesce(sum(x.hours) filter (where x.status = 'asked'), 0) as required, coalesce(sum(x.hours) filter (where x.status = 'approved'), 0) as approved,
      coalesce(sum(x.hours) filter (where x.status in ('pending', 'endorsed')), 0) as pending
    from (
      select p.id, a.category_id, case when a.category_id is not null then a.hours end as hours, 'asked' as status from people p join asked a on a.role = p.role
      union all
      select h.membership_id, h.category_id, h.hours, h.status from public.pd_hours h
      where h.school_id = v_year.school_id and h.membership_id = any (v_people) and h.done_on between v_year.starts_on and v_year.ends_on) x
    group by x.id, x.category_id
  ), totals as materialized (
    select l.id, sum(l.required) as by_category, sum(l.approved) as approved, sum(l.pending) as pending, sum(greatest(l.required - l.approved, 0)) as missing,
      jsonb_agg(jsonb_build_object('category_id', l.category_id, 'code', c.code, 'name', c.name, 'required', l.required, 'approved', l.approved, 'pending', l.pending,
        'missing', greatest(l.required - l.approved, 0)) order by c.code nulls last) as categories
    from lines l left join public.pd_categories c on c.school_id = v_year.school_id and c.id = l.category_id
    group by l.id
  )
  select p.id, p.role, greatest(coalesce(a.hours, 0), coalesce(t.by_category, 0)), coalesce(t.approved, 0), coalesce(t.pending, 0),
    greatest(coalesce(a.hours, 0) - coalesce(t.approved, 0), coalesce(t.missing, 0), 0), coalesce(t.categories, '[]')
  from people p
  left join asked a on a.role = p.role and a.category_id is null
  left join totals t on t.id = p.id
  order by p.id;
end
$$;
comment on function public.pd_summary is
  'Hours of professional development in a year (the current one by default) of everybody whose hours the caller reads, or of one membership: required (the larger of the requirement in all and the sum of those by category), approved, pending (endorsed included), missing (what is still to be approved: in all or by category, whichever is more), and the same by category; a category of null is what has none.';
grant execute on function public.pd_summary to authenticated;

-- definer: because nobody may write the log. No line, no export.
create function private.log_growth_export(p_school_id uuid, p_format text) returns uuid[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_memberships uuid[];
  v_membership uuid;
begin
  if p_format not in ('json', 'pdf') or p_format is null then
    perform private.reject('export the growth record', 'A format is json or pdf.');
  end if;
  v_memberships := array(select m.id from public.memberships m where m.school_id = p_school_id and m.role in ('admin', 'leader', 'teacher') and m.id = any (array(select private.my_record())) order by m.id);
  if cardinality(v_memberships) = 0 then
    perform private.refuse('export the growth record');
  end if;
  foreach v_membership in array v_memberships loop
    perform private.log_event(p_school_id, 'EXPORT', 'memberships', v_membership, v_membership, jsonb_build_object('what', 'growth record', 'format', p_format));
  end loop;
  return v_memberships;
end
$$;
grant execute on function private.log_growth_export to authenticated;

-- Each part of the record is one function of these parameters, run as the caller: rights are those of the tables.
create function private.growth_record_observations(p_school_id uuid, p_memberships uuid[]) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', o.id, 'kind', o.kind, 'coaching', o.kind = 'coaching', 'status', o.status, 'version', o.version, 'observed_at', o.observed_at,
    'framework', (select f.name from public.frameworks f where (f.school_id, f.id) = (o.school_id, o.framework_id)),
    'observer', (select d.display_name from public.directory_cards d where (d.school_id, d.membership_id) = (o.school_id, o.observer_id)),
    'focus', o.focus, 'notes', o.notes,
    'average_level', (select s.average_level from public.observation_summaries s where (s.school_id, s.observation_id) = (o.school_id, o.id)),
    'ratings', (select coalesce(jsonb_agg(jsonb_build_object('domain', d.name, 'level', r.level, 'level_name', l.name, 'evidence', r.evidence) order by d.position, d.code), '[]')
      from public.observation_ratings r
      join public.framework_domains d on (d.school_id, d.id) = (r.school_id, r.domain_id)
      left join public.framework_levels l on (l.school_id, l.framework_id, l.level) = (r.school_id, r.framework_id, r.level)
      where (r.school_id, r.observation_id, r.version) = (o.school_id, o.id, o.version)),
    'feedback', (select jsonb_build_object('teacher_reflection', f.teacher_reflection, 'discussion_met_on', f.discussion_met_on)
      from public.observation_feedback f where (f.school_id, f.observation_id) = (o.school_id, o.id)),
    'action_steps', (select coalesce(jsonb_agg(jsonb_build_object('description', a.description, 'due_on', a.due_on, 'done_at', a.done_at, 'evidence', a.evidence) order by a.created_at, a.id), '[]')
      from public.action_steps a where (a.school_id, a.observation_id) = (o.school_id, o.id))) order by o.observed_at desc, o.id), '[]')
  from public.observations o
  where o.school_id = p_school_id and o.teacher_id = any (p_memberships) and o.status <> 'draft'
$$;
comment on function private.growth_record_observations is 'Submitted observations of the person, the person''s own coaching among them and marked; ratings of the version in force, and the action steps.';
grant execute on function private.growth_record_observations to authenticated;

create function private.growth_record_goals(p_school_id uuid, p_memberships uuid[]) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'title', g.title, 'description', g.description, 'due_on', g.due_on, 'status', g.status, 'approved', g.approved_at is not null,
    'serves', (select p.title from public.goals p where (p.school_id, p.id) = (g.school_id, g.parent_id)),
    'progress', (select n.progress from public.goal_progress(g.school_id, array[g.id]) n),
    'updates', (select coalesce(jsonb_agg(jsonb_build_object('at', u.created_at, 'progress', u.progress, 'note', u.note) order by u.created_at, u.id), '[]')
      from public.goal_updates u where (u.school_id, u.goal_id) = (g.school_id, g.id))) order by g.created_at desc, g.id), '[]')
  from public.goals g where g.school_id = p_school_id and g.teacher_id = any (p_memberships)
$$;
comment on function private.growth_record_goals is 'The person''s own goals with their progress and its history.';
grant execute on function private.growth_record_goals to authenticated;

create function private.growth_record_learning(p_school_id uuid, p_memberships uuid[]) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'trainings', (select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'title', e.title, 'topic', e.topic, 'type', e.type, 'starts_at', e.starts_at, 'ends_at', e.ends_at, 'hours', e.hours,
        'training_status', e.status, 'registration_status', r.status) order by e.starts_at desc, e.id), '[]')
      from public.training_registrations r join public.training_events e on (e.school_id, e.id) = (r.school_id, r.training_event_id)
      where r.school_id = p_school_id and r.membership_id = any (p_memberships) and r.status <> 'withdrawn'),
    'certificates', (select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'title', c.title, 'hours', c.hours, 'held_on', c.held_on, 'issued_at', c.issued_at,
        'verification_code', c.verification_code) order by c.held_on desc, c.id), '[]')
      from public.certificates c where c.school_id = p_school_id and c.membership_id = any (p_memberships) and c.revoked_at is null),
    'pd_hours', (select coalesce(jsonb_agg(jsonb_build_object('id', h.id, 'activity', h.activity, 'category', k.name, 'done_on', h.done_on, 'hours', h.hours, 'status', h.status,
        'credited_by_training', h.registration_id is not null) order by h.done_on desc, h.id), '[]')
      from public.pd_hours h left join public.pd_categories k on (k.school_id, k.id) = (h.school_id, h.category_id)
      where h.school_id = p_school_id and h.membership_id = any (p_memberships)))
$$;
comment on function private.growth_record_learning is 'Trainings, certificates in force and hours of the person.';
grant execute on function private.growth_record_learning to authenticated;

create function public.my_growth_record(school_id uuid, format text default 'json') returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_memberships uuid[] := private.log_growth_export(my_growth_record.school_id, my_growth_record.format);
begin
  return jsonb_build_object(
      'school', (select jsonb_build_object('id', s.id, 'name', s.name, 'locale', s.locale, 'timezone', s.timezone) from public.schools s where s.id = my_growth_record.school_id),
      'holder', (select jsonb_build_object('name', p.full_name, 'roles', (select jsonb_agg(m.role order by m.role) from public.memberships m where m.school_id = my_growth_record.school_id and m.id = any (v_memberships)))
        from public.profiles p),
      'exported_at', now(),
      'observations', private.growth_record_observations(my_growth_record.school_id, v_memberships),
      'goals', private.growth_record_goals(my_growth_record.school_id, v_memberships))
    || private.growth_record_learning(my_growth_record.school_id, v_memberships);
end
$$;
comment on function public.my_growth_record is
  'The caller''s own growth record in a school, of every role of staff that they have or had there, by the caller''s own rights: {school, holder, exported_at, observations with ratings and action steps (coaching marked), goals, trainings, certificates, pd_hours}. Each call writes EXPORT into the audit in the same transaction, with its format (json or pdf), or fails. PT404 not staff there; PT422 another format.';
grant execute on function public.my_growth_record to authenticated;
