-- Growth: planning visits, binding them to lessons, answering before them; and how far a plan has come.

insert into public.notification_kinds (kind, name_en, name_he) values
  ('observation_planned', 'visits to make', 'תצפיות לביצוע'),
  ('observation_scheduled', 'visits announced', 'תצפיות שנקבעו'),
  ('observation_unscheduled', 'visits to schedule again', 'תצפיות לקביעה מחדש'),
  ('observation_cancelled', 'visits cancelled', 'תצפיות שבוטלו'),
  ('observation_answered', 'answers before visits', 'תשובות לקראת תצפיות'),
  ('observation_due', 'visits due soon', 'תצפיות שמועדן קרב'),
  ('observation_overdue', 'visits overdue', 'תצפיות שמועדן עבר'),
  ('observation_submitted', 'observations to read', 'תצפיות לעיון'),
  ('observation_unacknowledged', 'observations to acknowledge', 'תצפיות לאישור קריאה'),
  ('observation_acknowledged', 'observations acknowledged', 'תצפיות שאושרו'),
  ('observation_reflected', 'reflections on observations', 'רפלקציות על תצפיות'),
  ('observation_amended', 'observations amended', 'תצפיות שתוקנו'),
  ('action_step_done', 'action steps done', 'צעדי פעולה שבוצעו');

-- definer: because neither table has a write grant; every visit is checked against whom the caller leads.
create function private.plan_observations(p_school_id uuid, p_academic_year_id uuid, p_name text, p_visits jsonb, p_plan_id uuid) returns public.observation_plans
language plpgsql security definer set search_path = ''
as $$
declare
  v_plan public.observation_plans;
  v_author uuid;
  v_from date;
  v_to date;
  v_team uuid[] := array(select private.team_in_force('observations.plan'));
  v_observed uuid[] := array(select private.team_in_force('observations.create'));
  v_mine uuid[] := array(select private.my_memberships('{admin,leader}'));
begin
  select c.membership_id, greatest(y.starts_on, c.today), y.ends_on into v_author, v_from, v_to
  from private.current_permissions c
  join public.academic_years y on y.school_id = c.school_id and y.id = p_academic_year_id and y.deleted_at is null
  where c.school_id = p_school_id and c.permission = 'observations.plan' and c.scope in ('team', 'school')
  order by private.scope_rank(c.scope) desc, c.membership_id limit 1;
  if v_author is null then
    perform private.refuse('plan the observations');
  end if;
  if jsonb_typeof(p_visits) is distinct from 'array' or jsonb_array_length(p_visits) not between 1 and 500 then
    perform private.reject('plan the observations', 'Visits are 1 to 500 objects {observer_id, teacher_id, kind, due_on, times, framework_id}.');
  end if;
  if exists (select from jsonb_to_recordset(p_visits) v (observer_id uuid, teacher_id uuid) where v.observer_id = v.teacher_id) then
    perform private.reject('plan the observations', 'Nobody observes themselves.');
  end if;
  if exists (
    select from jsonb_to_recordset(p_visits) v (observer_id uuid, teacher_id uuid, kind text, framework_id uuid)
    where (v.teacher_id = any (v_team) and exists (select from public.memberships t where (t.school_id, t.id) = (p_school_id, v.teacher_id))
      and (exists (select from private.teams t where (t.school_id, t.leader_id, t.teacher_id) = (p_school_id, v.observer_id, v.teacher_id))
        or v.observer_id = any (v_mine) and v.teacher_id = any (v_observed) and exists (select from public.memberships o where (o.school_id, o.id) = (p_school_id, v.observer_id)))
      and (v.kind <> 'coaching' or v.observer_id = any (v_mine))
      and (v.framework_id is null or exists (select from public.frameworks f where (f.school_id, f.id, f.status) = (p_school_id, v.framework_id, 'published') and f.deleted_at is null))) is not true) then
    perform private.refuse('plan the observations', 'A teacher is not of your team, an observer does not lead the teacher, a framework is not published here, or coaching is planned for somebody else.');
  end if;
  if exists (
    select from jsonb_to_recordset(p_visits) v (due_on date, times integer, kind text)
    where (v.due_on between v_from and v_to and coalesce(v.times, 1) between 1 and 20 and v.kind in ('evaluation', 'walkthrough', 'coaching')) is not true) then
    perform private.reject('plan the observations', format('Each visit is due from %s to %s, 1 to 20 times; a kind is evaluation, walkthrough or coaching.', v_from, v_to));
  end if;
  insert into public.observation_plans as p (school_id, id, academic_year_id, author_id, name)
  values (p_school_id, coalesce(p_plan_id, gen_random_uuid()), p_academic_year_id, v_author, p_name)
  on conflict (school_id, id) do nothing
  returning p.* into v_plan;
  if v_plan.id is null then
    -- Sent again, or another's id.
    select p.* into v_plan from public.observation_plans p where (p.school_id, p.id) = (p_school_id, p_plan_id) and p.author_id = any (v_mine);
    if v_plan.id is null then
      perform private.refuse('plan the observations');
    end if;
    return v_plan;
  end if;
  insert into public.planned_observations (school_id, plan_id, observer_id, teacher_id, kind, framework_id, due_on)
  select p_school_id, v_plan.id, v.observer_id, v.teacher_id, v.kind, v.framework_id,
    v_from + ceil((v.due_on - v_from)::numeric * n / coalesce(v.times, 1))::integer
  from jsonb_to_recordset(p_visits) v (observer_id uuid, teacher_id uuid, kind text, due_on date, times integer, framework_id uuid)
  cross join lateral generate_series(1, coalesce(v.times, 1)) n;
  perform private.notify(p_school_id, array(select distinct p.observer_id from public.planned_observations p where (p.school_id, p.plan_id) = (p_school_id, v_plan.id) and p.observer_id <> v_author),
    'observation_planned', 'observation_plans', v_plan.id);
  return v_plan;
exception when invalid_text_representation or invalid_datetime_format or datetime_field_overflow or numeric_value_out_of_range or check_violation or not_null_violation or invalid_parameter_value then
  perform private.reject('plan the observations', 'A name of 1 to 200 characters, and visits {observer_id, teacher_id, kind, due_on, times, framework_id}.');
end
$$;
grant execute on function private.plan_observations to authenticated;

create function public.plan_observations(school_id uuid, academic_year_id uuid, name text, visits jsonb, plan_id uuid default null) returns public.observation_plans
language sql set search_path = ''
as $$ select private.plan_observations(plan_observations.school_id, plan_observations.academic_year_id, plan_observations.name, plan_observations.visits, plan_observations.plan_id) $$;
comment on function public.plan_observations is
  'Plans visits of a year, a leader for the team, the principal and the office for the school: [{observer_id, teacher_id, kind: evaluation | walkthrough | coaching, due_on, times (1), framework_id}]. Several times are spread evenly from today, or the year''s beginning, to due_on. Coaching is planned by its own observer alone. With a plan_id of one''s own making it may be sent again. Returns the plan. PT404, PT422.';
grant execute on function public.plan_observations to authenticated;

-- definer: because the columns have no grant; the lesson is locked before the visit, so that it cannot be cancelled beside it.
create function private.schedule_observation(p_school_id uuid, p_planned_id uuid, p_session_id uuid, p_starts_at timestamptz, p_ends_at timestamptz) returns public.planned_observations
language plpgsql security definer set search_path = ''
as $$
declare
  v_session public.class_sessions;
  v_visit public.planned_observations;
  v_clash text;
begin
  select s.* into v_session from public.class_sessions s
  where (s.school_id, s.id) = (p_school_id, p_session_id) and s.deleted_at is null
    and exists (select from public.planned_observations p where (p.school_id, p.id) = (p_school_id, p_planned_id) and p.observer_id = any (array(select private.my_memberships())))
  for share;
  select p.* into v_visit from public.planned_observations p
  where (p.school_id, p.id) = (p_school_id, p_planned_id) and p.status <> 'cancelled' and p.observer_id = any (array(select private.my_memberships()))
    and not exists (select from public.observations o where (o.school_id, o.planned_observation_id) = (p.school_id, p.id) and o.status <> 'draft' and o.deleted_at is null)
  for no key update;
  if v_visit.id is null then
    perform private.refuse('schedule the visit');
  end if;
  if p_session_id is not null then
    if v_session.id is null or v_session.held_by <> v_visit.teacher_id then
      perform private.reject('schedule the visit', 'It is not a session that the teacher holds.');
    elsif v_session.status = 'cancelled' then
      perform private.reject('schedule the visit', 'The session is cancelled.');
    end if;
    p_starts_at := v_session.starts_at;
    p_ends_at := v_session.ends_at;
  end if;
  if (p_starts_at > now() and p_ends_at > p_starts_at) is not true then
    perform private.reject('schedule the visit', 'Name a session of the teacher, or a time, that has not begun.');
  end if;
  select format('You hold session %s from %s to %s.', s.id, to_char(s.starts_at at time zone z.timezone, 'YYYY-MM-DD HH24:MI'), to_char(s.ends_at at time zone z.timezone, 'HH24:MI')) into v_clash
  from public.memberships o
  join public.memberships m on m.school_id = o.school_id and m.user_id = o.user_id
  join public.class_sessions s on s.held_by = m.id and s.status = 'scheduled' and s.deleted_at is null and tstzrange(s.starts_at, s.ends_at) && tstzrange(p_starts_at, p_ends_at)
  join public.schools z on z.id = o.school_id
  where (o.school_id, o.id) = (p_school_id, v_visit.observer_id)
  order by s.starts_at limit 1;
  if v_clash is not null then
    raise exception using errcode = 'PT409', message = 'Cannot schedule the visit', hint = v_clash;
  end if;
  update public.planned_observations p set status = 'scheduled', class_session_id = p_session_id, starts_at = p_starts_at, ends_at = p_ends_at
  where (p.school_id, p.id) = (p_school_id, p_planned_id)
  returning p.* into v_visit;
  if v_visit.kind <> 'walkthrough' then
    perform private.notify(p_school_id, array[v_visit.teacher_id], 'observation_scheduled', 'planned_observations', p_planned_id);
  end if;
  return v_visit;
exception
  when exclusion_violation then
    select format('You make visit %s from %s to %s.', p.id, to_char(p.starts_at at time zone z.timezone, 'YYYY-MM-DD HH24:MI'), to_char(p.ends_at at time zone z.timezone, 'HH24:MI')) into v_clash
    from public.planned_observations p join public.schools z on z.id = p.school_id
    where p.observer_id = v_visit.observer_id and p.school_id = p_school_id and p.status = 'scheduled' and p.id <> p_planned_id and tstzrange(p.starts_at, p.ends_at) && tstzrange(p_starts_at, p_ends_at)
    order by p.starts_at limit 1;
    raise exception using errcode = 'PT409', message = 'Cannot schedule the visit', hint = coalesce(v_clash, 'You make another visit in that time.');
  when check_violation then
    perform private.reject('schedule the visit', 'It lasts a day at most.');
end
$$;
grant execute on function private.schedule_observation to authenticated;

create function public.schedule_observation(school_id uuid, planned_observation_id uuid, class_session_id uuid default null, starts_at timestamptz default null, ends_at timestamptz default null) returns public.planned_observations
language sql set search_path = ''
as $$
  select private.schedule_observation(schedule_observation.school_id, schedule_observation.planned_observation_id, schedule_observation.class_session_id, schedule_observation.starts_at, schedule_observation.ends_at)
$$;
comment on function public.schedule_observation is
  'Binds a planned visit to a session that its teacher holds, or to a time, by its observer; again, it moves it. An announced kind tells the teacher. When the session is cancelled, moved or covered the visit is open again and its observer told. PT404; PT409 names the session or visit of the observer that clashes; PT422 for a session that is cancelled, begun or another''s.';
grant execute on function public.schedule_observation to authenticated;

-- definer: because the column has no grant.
create function private.cancel_planned_observation(p_school_id uuid, p_planned_id uuid) returns public.planned_observations
language plpgsql security definer set search_path = ''
as $$
declare
  v_visit public.planned_observations;
  v_announced boolean;
begin
  select p.status = 'scheduled' and p.kind <> 'walkthrough' into v_announced from public.planned_observations p
  where (p.school_id, p.id) = (p_school_id, p_planned_id) and p.status <> 'cancelled'
    and (p.observer_id = any (array(select private.my_memberships('{admin,leader}')))
      or p.kind <> 'coaching' and p.teacher_id = any (array(select private.team_in_force('observations.plan')))
      or p.kind <> 'coaching' and p.school_id = any (array(select private.schools_with('observations.plan'))))
    and not exists (select from public.observations o where (o.school_id, o.planned_observation_id) = (p.school_id, p.id) and o.status <> 'draft' and o.deleted_at is null)
  for no key update;
  if v_announced is null then
    perform private.refuse('cancel the visit');
  end if;
  update public.planned_observations p set status = 'cancelled', class_session_id = null, starts_at = null, ends_at = null
  where (p.school_id, p.id) = (p_school_id, p_planned_id)
  returning p.* into v_visit;
  perform private.notify(p_school_id, array(select m from unnest(array[v_visit.observer_id, case when v_announced then v_visit.teacher_id end]) m where m <> all (array(select private.all_my_memberships()))),
    'observation_cancelled', 'planned_observations', p_planned_id);
  return v_visit;
end
$$;
grant execute on function private.cancel_planned_observation to authenticated;

create function public.cancel_planned_observation(school_id uuid, planned_observation_id uuid) returns public.planned_observations
language sql set search_path = ''
as $$ select private.cancel_planned_observation(cancel_planned_observation.school_id, cancel_planned_observation.planned_observation_id) $$;
comment on function public.cancel_planned_observation is 'Takes a visit that has not been made out of its plan: its observer, or who plans for its teacher. Its observer is told, and the teacher of one that was announced. PT404.';
grant execute on function public.cancel_planned_observation to authenticated;

-- definer: because whoever changes a session may not see the visits bound to it.
create function private.tg_class_sessions__release_visits() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_visit record;
begin
  for v_visit in
    update public.planned_observations p set status = 'planned', class_session_id = null, starts_at = null, ends_at = null
    where (p.school_id, p.class_session_id) = (new.school_id, new.id) and p.starts_at > now()
    returning p.id, p.observer_id
  loop
    perform private.notify(new.school_id, array[v_visit.observer_id], 'observation_unscheduled', 'planned_observations', v_visit.id);
  end loop;
  return null;
end
$$;
create trigger _600_release_visits after update of status, starts_at, ends_at, cover_teacher_id, teacher_id, deleted_at on public.class_sessions for each row
  when ((old.status, old.starts_at, old.ends_at, old.held_by, old.deleted_at) is distinct from (new.status, new.starts_at, new.ends_at, new.held_by, new.deleted_at))
  execute function private.tg_class_sessions__release_visits();

-- definer: because answers have no write grant; only the teacher's own visit is answered, before it.
create function private.answer_pre_observation(p_school_id uuid, p_planned_id uuid, p_answers jsonb) returns setof public.pre_observation_answers
language plpgsql security definer set search_path = ''
as $$
declare
  v_visit public.planned_observations;
begin
  select p.* into v_visit from public.planned_observations p
  where (p.school_id, p.id) = (p_school_id, p_planned_id) and p.status <> 'cancelled' and p.kind <> 'walkthrough' and (p.starts_at is null or p.starts_at > now())
    and p.teacher_id = any (array(select private.my_memberships()))
    and not exists (select from public.observations o where (o.school_id, o.planned_observation_id) = (p.school_id, p.id) and o.status <> 'draft' and o.deleted_at is null)
  for no key update;
  if v_visit.id is null then
    perform private.refuse('answer before the visit');
  end if;
  if jsonb_typeof(p_answers) is distinct from 'array' or exists (select from jsonb_array_elements(p_answers) a where jsonb_typeof(a -> 'answer') is distinct from 'string')
    or exists (select from jsonb_array_elements(p_answers) a group by a ->> 'question_id' having count(*) > 1)
    or exists (select from jsonb_array_elements(p_answers) a where not exists (select from public.pre_observation_questions q
      where (q.school_id, q.id) = (p_school_id, private.uuid_or_null(a ->> 'question_id')) and (q.framework_id is null or q.framework_id = v_visit.framework_id) and q.deleted_at is null)) then
    perform private.reject('answer before the visit', 'Answers are an array of {question_id, answer}; each names a question of the school or of the visit''s framework, once.');
  end if;
  insert into public.pre_observation_answers as x (school_id, planned_observation_id, question_id, question, answer)
  select p_school_id, p_planned_id, q.id, q.question, a ->> 'answer'
  from jsonb_array_elements(p_answers) a
  join public.pre_observation_questions q on (q.school_id, q.id) = (p_school_id, private.uuid_or_null(a ->> 'question_id'))
  on conflict (school_id, planned_observation_id, question_id) do update set question = excluded.question, answer = excluded.answer;
  perform private.notify(p_school_id, array[v_visit.observer_id], 'observation_answered', 'planned_observations', p_planned_id);
  return query select x.* from public.pre_observation_answers x where (x.school_id, x.planned_observation_id) = (p_school_id, p_planned_id) order by x.created_at, x.id;
exception when check_violation then
  perform private.reject('answer before the visit', 'An answer is at most 20,000 characters.');
end
$$;
grant execute on function private.answer_pre_observation to authenticated;

create function public.answer_pre_observation(school_id uuid, planned_observation_id uuid, answers jsonb) returns setof public.pre_observation_answers
language sql set search_path = ''
as $$ select * from private.answer_pre_observation(answer_pre_observation.school_id, answer_pre_observation.planned_observation_id, answer_pre_observation.answers) $$;
comment on function public.answer_pre_observation is
  'Answers questions before an announced visit, by its teacher, until it begins: [{question_id, answer}]; again, it rewrites those named. Returns all answers of the visit. PT404, PT422.';
grant execute on function public.answer_pre_observation to authenticated;

-- Coverage -----------------------------------------------------------------------------------------------------------------

create view public.observation_coverage with (security_invoker = true) as
select p.school_id, l.academic_year_id, p.teacher_id, p.observer_id, p.kind, count(*) as planned, count(o.id) as done,
  count(*) filter (where o.id is null and p.due_on < (now() at time zone s.timezone)::date) as overdue,
  min(p.due_on) filter (where o.id is null) as next_due_on
from public.planned_observations p
join public.observation_plans l on (l.school_id, l.id) = (p.school_id, p.plan_id)
join public.schools s on s.id = p.school_id
left join public.observations o on (o.school_id, o.planned_observation_id) = (p.school_id, p.id) and o.status <> 'draft' and o.deleted_at is null
where p.status <> 'cancelled'
group by p.school_id, l.academic_year_id, p.teacher_id, p.observer_id, p.kind;
grant select on public.observation_coverage to authenticated;
comment on view public.observation_coverage is 'Planned visits by year, teacher, observer and kind, of those that the reader sees: how many are planned, done (an observation of the visit was submitted) and overdue (not done, due before today at the school), and when the next is due. Cancelled ones count in none.';
