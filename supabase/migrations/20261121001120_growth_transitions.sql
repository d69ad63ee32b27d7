-- Growth: every change of an observation's state. Each is one statement that checks scope, state and person, so that of two
-- at once one succeeds; absent, foreign and wrong state get the same answer.

-- definer: because status has no grant.
create function private.submit_observation(p_school_id uuid, p_observation_id uuid) returns public.observations
language plpgsql security definer set search_path = ''
as $$
declare
  v_observation public.observations;
  v_minimum integer := private.setting(p_school_id, 'calibration_minimum_percent')::integer;
begin
  update public.observations o set status = 'submitted', submitted_at = now()
  where o.school_id = p_school_id and o.id = p_observation_id and o.status = 'draft' and o.deleted_at is null
    and o.observer_id = any (array(select private.my_memberships()))
  returning o.* into v_observation;
  if v_observation.id is null then
    perform private.refuse('submit the observation');
  end if;
  if v_observation.observed_at > now() then
    perform private.reject('submit the observation', 'It is observed in the future.');
  end if;
  if v_observation.kind = 'evaluation' and not exists (select from public.observation_ratings r
      where r.school_id = p_school_id and r.observation_id = p_observation_id and r.level is not null and r.deleted_at is null) then
    perform private.reject('submit the observation', 'An evaluation rates at least one domain.');
  end if;
  if v_observation.kind = 'evaluation' and v_minimum > 0 and coalesce(private.calibration_of(p_school_id, v_observation.framework_id, array(select private.my_memberships('{admin,leader}'))) * 100 < v_minimum, true) then
    perform private.reject('submit the observation', format('Your school asks evaluators for a weighted kappa of %s percent in calibrations on this framework first.', v_minimum));
  end if;
  delete from private.draft_stamps d where (d.school_id, d.observation_id) = (p_school_id, p_observation_id);
  perform private.notify(p_school_id, array[v_observation.teacher_id], 'observation_submitted', 'observations', p_observation_id);
  return v_observation;
end
$$;
grant execute on function private.submit_observation to authenticated;

create function public.submit_observation(school_id uuid, observation_id uuid) returns public.observations
language sql set search_path = ''
as $$ select private.submit_observation(submit_observation.school_id, submit_observation.observation_id) $$;
comment on function public.submit_observation is
  'draft -> submitted, by its observer. The teacher, and unless it is coaching the leaders and admins, see it from now on; its ratings never change again. PT404; PT422 when it lies ahead, when an evaluation rates nothing, or when its observer is not calibrated as the school asks.';
grant execute on function public.submit_observation to authenticated;

-- definer: as above.
create function private.acknowledge_observation(p_school_id uuid, p_observation_id uuid, p_version integer) returns public.observations
language plpgsql security definer set search_path = ''
as $$
declare
  v_observation public.observations;
begin
  update public.observations o set status = 'acknowledged', acknowledged_at = now()
  where o.school_id = p_school_id and o.id = p_observation_id and o.status = 'submitted' and o.deleted_at is null
    and o.teacher_id = any (array(select private.my_memberships())) and (p_version is null or o.version = p_version)
  returning o.* into v_observation;
  if v_observation.id is null then
    perform private.refuse('acknowledge the observation');
  end if;
  perform private.notify(p_school_id, array[v_observation.observer_id], 'observation_acknowledged', 'observations', p_observation_id);
  return v_observation;
end
$$;
grant execute on function private.acknowledge_observation to authenticated;

create function public.acknowledge_observation(school_id uuid, observation_id uuid, version integer default null) returns public.observations
language sql set search_path = ''
as $$ select private.acknowledge_observation(acknowledge_observation.school_id, acknowledge_observation.observation_id, acknowledge_observation.version) $$;
comment on function public.acknowledge_observation is 'submitted -> acknowledged, by the teacher it is about and nobody else. It says "I have read it", not "I agree". version: the one that was read, for an amendment of the same moment not to be acknowledged unseen. PT404.';
grant execute on function public.acknowledge_observation to authenticated;

-- definer: because the column is the teacher's, in a row that the observer may have made.
create function private.reflect_on_observation(p_school_id uuid, p_observation_id uuid, p_reflection text) returns public.observation_feedback
language plpgsql security definer set search_path = ''
as $$
declare
  v_feedback public.observation_feedback;
begin
  insert into public.observation_feedback as f (school_id, observation_id, teacher_reflection)
  select o.school_id, o.id, p_reflection from public.observations o
  where o.school_id = p_school_id and o.id = p_observation_id and o.status <> 'draft' and o.deleted_at is null
    and o.teacher_id = any (array(select private.my_memberships()))
  on conflict (school_id, observation_id, deleted_at) do update set teacher_reflection = excluded.teacher_reflection
  returning f.* into v_feedback;
  if v_feedback.id is null then
    perform private.refuse('reflect on the observation');
  end if;
  perform private.notify(p_school_id, array(select o.observer_id from public.observations o where (o.school_id, o.id) = (p_school_id, p_observation_id)),
    'observation_reflected', 'observations', p_observation_id);
  return v_feedback;
end
$$;
grant execute on function private.reflect_on_observation to authenticated;

create function public.reflect_on_observation(school_id uuid, observation_id uuid, reflection text) returns public.observation_feedback
language sql set search_path = ''
as $$ select private.reflect_on_observation(reflect_on_observation.school_id, reflect_on_observation.observation_id, reflect_on_observation.reflection) $$;
comment on function public.reflect_on_observation is 'Writes the teacher''s reflection on a submitted observation (the teacher only; may be rewritten). PT404.';
grant execute on function public.reflect_on_observation to authenticated;

-- definer: as above.
create function private.record_discussion(p_school_id uuid, p_observation_id uuid, p_met_on date) returns public.observation_feedback
language plpgsql security definer set search_path = ''
as $$
declare
  v_feedback public.observation_feedback;
begin
  insert into public.observation_feedback as f (school_id, observation_id, discussion_met_on)
  select o.school_id, o.id, p_met_on from public.observations o
  where o.school_id = p_school_id and o.id = p_observation_id and o.status <> 'draft' and o.deleted_at is null
    and o.observer_id = any (array(select private.my_memberships()))
  on conflict (school_id, observation_id, deleted_at) do update set discussion_met_on = excluded.discussion_met_on
  returning f.* into v_feedback;
  if v_feedback.id is null then
    perform private.refuse('record the discussion');
  end if;
  if exists (select from public.observations o join public.schools s on s.id = o.school_id where (o.school_id, o.id) = (p_school_id, p_observation_id)
      and p_met_on not between (o.observed_at at time zone s.timezone)::date and private.today(p_school_id)) then
    perform private.reject('record the discussion', 'It took place on the day of the visit or after, and not on a day to come at the school.');
  end if;
  return v_feedback;
end
$$;
grant execute on function private.record_discussion to authenticated;

create function public.record_discussion(school_id uuid, observation_id uuid, met_on date) returns public.observation_feedback
language sql set search_path = ''
as $$ select private.record_discussion(record_discussion.school_id, record_discussion.observation_id, record_discussion.met_on) $$;
comment on function public.record_discussion is 'Records the day on which observer and teacher met to discuss a submitted observation (the observer). PT404; PT422 for a day to come, or before the visit.';
grant execute on function public.record_discussion to authenticated;

-- definer: because a submitted rating has no write path; the next version is added beside it.
create function private.amend_observation(p_school_id uuid, p_observation_id uuid, p_reason text, p_notes text, p_ratings jsonb) returns public.observations
language plpgsql security definer set search_path = ''
as $$
declare
  v_observation public.observations;
begin
  if coalesce(trim(p_reason), '') = '' then
    perform private.reject('amend the observation', 'Give a reason; both versions are kept.');
  end if;
  update public.observations o set version = o.version + 1, status = 'submitted', acknowledged_at = null
  where o.school_id = p_school_id and o.id = p_observation_id and o.status <> 'draft' and o.locked_at is null and o.deleted_at is null
    and o.observer_id = any (array(select private.my_memberships()))
  returning o.* into v_observation;
  if v_observation.id is null then
    perform private.refuse('amend the observation');
  end if;
  if exists (select from jsonb_array_elements(p_ratings) c group by c ->> 'domain_id' having count(*) > 1)
    or exists (select from jsonb_array_elements(p_ratings) c where not exists (select from public.framework_domains d
      where d.school_id = p_school_id and d.framework_id = v_observation.framework_id and d.id = private.uuid_or_null(c ->> 'domain_id') and d.deleted_at is null)) then
    perform private.reject('amend the observation', 'Each rating names a domain of the observation''s own framework, once.');
  end if;
  insert into public.observation_amendments (school_id, observation_id, version, reason, notes)
  values (p_school_id, p_observation_id, v_observation.version, p_reason, p_notes);
  insert into public.observation_ratings (school_id, observation_id, framework_id, domain_id, version, level, evidence)
  select p_school_id, p_observation_id, v_observation.framework_id, d.id, v_observation.version,
    case when c.value ? 'level' then (c.value ->> 'level')::smallint else r.level end,
    case when c.value ? 'evidence' then c.value ->> 'evidence' else r.evidence end
  from public.framework_domains d
  left join public.observation_ratings r on r.school_id = d.school_id and r.observation_id = p_observation_id and r.domain_id = d.id
    and r.version = v_observation.version - 1 and r.deleted_at is null
  left join jsonb_array_elements(p_ratings) c (value) on private.uuid_or_null(c.value ->> 'domain_id') = d.id
  where d.school_id = p_school_id and d.framework_id = v_observation.framework_id and (r.id is not null or c.value is not null);
  if v_observation.kind = 'evaluation' and (
      select bool_or(r.version < v_observation.version) and not bool_or(r.version = v_observation.version) from public.observation_ratings r
      where (r.school_id, r.observation_id) = (p_school_id, p_observation_id) and r.version >= v_observation.version - 1 and r.level is not null and r.deleted_at is null) then
    perform private.reject('amend the observation', 'An evaluation rates at least one domain.');
  end if;
  perform private.notify(p_school_id, array[v_observation.teacher_id], 'observation_amended', 'observations', p_observation_id);
  return v_observation;
exception when foreign_key_violation or invalid_text_representation or numeric_value_out_of_range or invalid_parameter_value then
  perform private.reject('amend the observation', 'Ratings are an array of {domain_id, level, evidence}; a level is one of the framework''s, or null for not observed.');
end
$$;
grant execute on function private.amend_observation to authenticated;

create function public.amend_observation(school_id uuid, observation_id uuid, reason text, notes text default null, ratings jsonb default '[]') returns public.observations
language sql set search_path = ''
as $$ select private.amend_observation(amend_observation.school_id, amend_observation.observation_id, amend_observation.reason, amend_observation.notes, amend_observation.ratings) $$;
comment on function public.amend_observation is
  'Adds a version to a submitted observation that is not locked (its observer): reason, new notes, and the ratings that change as [{domain_id, level, evidence}]; the others carry over. The earlier version stays, and the teacher acknowledges anew. PT404, PT422.';
grant execute on function public.amend_observation to authenticated;

-- definer: because the date has no grant.
create function private.lock_observation(p_school_id uuid, p_observation_id uuid) returns public.observations
language plpgsql security definer set search_path = ''
as $$
declare
  v_observation public.observations;
begin
  update public.observations o set locked_at = now()
  where o.school_id = p_school_id and o.id = p_observation_id and o.status = 'acknowledged' and o.locked_at is null and o.deleted_at is null
    and o.observer_id = any (array(select private.my_memberships()))
  returning o.* into v_observation;
  if v_observation.id is null then
    perform private.refuse('lock the observation');
  end if;
  return v_observation;
end
$$;
grant execute on function private.lock_observation to authenticated;

create function public.lock_observation(school_id uuid, observation_id uuid) returns public.observations
language sql set search_path = ''
as $$ select private.lock_observation(lock_observation.school_id, lock_observation.observation_id) $$;
comment on function public.lock_observation is 'Closes an acknowledged observation, by its observer: it is not amended again. The job growth_lock_observations does so after the setting observation_lock_days. PT404.';
grant execute on function public.lock_observation to authenticated;

create function private.lock_observations() returns integer
language plpgsql set search_path = ''
as $$
declare
  v_count integer;
begin
  update public.observations o set locked_at = now()
  from (select s.id, make_interval(days => private.setting(s.id, 'observation_lock_days')::integer) as open_for from public.schools s offset 0) s
  where o.school_id = s.id and o.status = 'acknowledged' and o.locked_at is null and o.deleted_at is null and o.acknowledged_at < now() - s.open_for;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.lock_observations is 'Locks what was acknowledged longer ago than each school''s observation_lock_days; returns how many.';
select cron.schedule('growth_lock_observations', '20 * * * *', 'select private.lock_observations()');

-- Break-glass: an admin opens a coaching observation in an emergency; its participants see that it was done ---------------

create table public.break_glass_grants (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  admin_id uuid not null,
  observation_id uuid not null,
  teacher_id uuid not null,
  observer_id uuid not null,
  reason private.note_text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint break_glass_grants_admin_fkey foreign key (school_id, admin_id) references public.memberships (school_id, id) on delete restrict,
  constraint break_glass_grants_teacher_fkey foreign key (school_id, teacher_id) references public.memberships (school_id, id) on delete restrict,
  constraint break_glass_grants_observer_fkey foreign key (school_id, observer_id) references public.memberships (school_id, id) on delete restrict,
  constraint break_glass_grants_observation_fkey foreign key (school_id, observation_id) references public.observations (school_id, id) on delete restrict,
  constraint break_glass_grants_expiry check (expires_at <= created_at + interval '60 minutes')
);
create index break_glass_grants_id_idx on public.break_glass_grants (id);
create index break_glass_grants_admin_idx on public.break_glass_grants (admin_id, created_at desc);
create index break_glass_grants_admin_fkey_idx on public.break_glass_grants (school_id, admin_id);
create index break_glass_grants_teacher_idx on public.break_glass_grants (school_id, teacher_id);
create index break_glass_grants_observer_idx on public.break_glass_grants (school_id, observer_id);
create index break_glass_grants_observation_idx on public.break_glass_grants (school_id, observation_id);
alter table public.break_glass_grants enable row level security;
call private.equip('public.break_glass_grants', p_nfc => '{reason}', p_subject => 'teacher_id');
grant select on public.break_glass_grants to authenticated;
comment on table public.break_glass_grants is 'Emergency access to one coaching observation: who, why, until when. Both participants see the row.';

create policy "one's own grants, and those that concern one" on public.break_glass_grants for select to authenticated
  using (deleted_at is null and (
    admin_id = any (array(select private.my_memberships()))
    or teacher_id = any (array(select private.my_record()))
    or observer_id = any (array(select private.my_memberships()))));

insert into public.notification_kinds (kind, name_en, name_he) values ('coaching_opened', 'coaching opened in an emergency', 'פריטי ליווי שנפתחו בחירום');

-- definer: because the wall admits nobody; second factor, right, reason and log are checked here.
create function private.break_glass(p_school_id uuid, p_observation_id uuid, p_reason text, p_minutes integer) returns public.break_glass_grants
language plpgsql security definer set search_path = ''
as $$
declare
  v_grant public.break_glass_grants;
  v_most integer := private.setting(p_school_id, 'break_glass_minutes')::integer;
begin
  if (select auth.jwt()) ->> 'aal' is distinct from 'aal2' then
    raise exception using errcode = 'PT403', message = 'Cannot break the glass without a second factor', hint = 'Sign in with the second factor (aal2) first.';
  end if;
  -- The hint names a setting of the school: only to those who may break its glass.
  if (p_school_id = any (array(select private.schools_with('break_glass.use')))) is not true then
    perform private.refuse('break the glass');
  end if;
  if char_length(coalesce(trim(p_reason), '')) < 10 or p_minutes is null or p_minutes not between 1 and v_most then
    perform private.reject('break the glass', format('Give a reason of at least 10 characters and 1 to %s minutes.', v_most));
  end if;
  insert into public.break_glass_grants as g (school_id, admin_id, observation_id, teacher_id, observer_id, reason, expires_at)
  select o.school_id, c.membership_id, o.id, o.teacher_id, o.observer_id, p_reason, now() + make_interval(mins => p_minutes)
  from public.observations o
  join private.current_permissions c on c.school_id = o.school_id and c.permission = 'break_glass.use' and c.scope = 'school'
  where o.school_id = p_school_id and o.id = p_observation_id and o.kind = 'coaching' and o.status <> 'draft' and o.deleted_at is null
  limit 1
  returning g.* into v_grant;
  if v_grant.id is null then
    perform private.refuse('break the glass');
  end if;
  perform private.notify(p_school_id, array[v_grant.teacher_id, v_grant.observer_id], 'coaching_opened', 'break_glass_grants', v_grant.id);
  return v_grant;
end
$$;
grant execute on function private.break_glass to authenticated;

create function public.break_glass(school_id uuid, observation_id uuid, reason text, minutes integer default 15) returns public.break_glass_grants
language sql set search_path = ''
as $$ select private.break_glass(break_glass.school_id, break_glass.observation_id, break_glass.reason, break_glass.minutes) $$;
comment on function public.break_glass is
  'Opens one submitted coaching observation to an admin for at most 60 minutes: a reason of 10 characters or more and a second factor (aal2). The grant is audited, and both participants are told of it. PT403, PT404, PT422.';
grant execute on function public.break_glass to authenticated;

-- definer: as above.
create function private.read_behind_glass(p_school_id uuid, p_grant_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_grant public.break_glass_grants;
begin
  select g.* into v_grant from public.break_glass_grants g
  join private.current_permissions c on c.school_id = g.school_id and c.membership_id = g.admin_id and c.permission = 'break_glass.use' and c.scope = 'school'
  where g.school_id = p_school_id and g.id = p_grant_id and g.expires_at > now() and g.deleted_at is null and (select auth.jwt()) ->> 'aal' = 'aal2';
  if v_grant.id is null then
    perform private.refuse('read behind the glass');
  end if;
  perform private.log_event(p_school_id, 'READ', 'observations', v_grant.observation_id, v_grant.teacher_id, jsonb_build_object('break_glass_grant_id', v_grant.id, 'reason', v_grant.reason));
  return (
    select jsonb_build_object('observation', to_jsonb(o),
      'ratings', coalesce((select jsonb_agg(to_jsonb(r) order by r.version, r.created_at) from public.observation_ratings r
        where r.school_id = o.school_id and r.observation_id = o.id and r.deleted_at is null), '[]'),
      'feedback', (select to_jsonb(f) from public.observation_feedback f where f.school_id = o.school_id and f.observation_id = o.id and f.deleted_at is null),
      'action_steps', coalesce((select jsonb_agg(to_jsonb(t) order by t.created_at) from public.action_steps t
        where t.school_id = o.school_id and t.observation_id = o.id and t.deleted_at is null), '[]'),
      'amendments', coalesce((select jsonb_agg(to_jsonb(a) order by a.version) from public.observation_amendments a
        where a.school_id = o.school_id and a.observation_id = o.id and a.deleted_at is null), '[]'))
    from public.observations o where o.school_id = p_school_id and o.id = v_grant.observation_id);
end
$$;
grant execute on function private.read_behind_glass to authenticated;

create function public.read_behind_glass(school_id uuid, grant_id uuid) returns jsonb
language sql set search_path = ''
as $$ select private.read_behind_glass(read_behind_glass.school_id, read_behind_glass.grant_id) $$;
comment on function public.read_behind_glass is
  'Reads the coaching observation of one''s own grant while it lasts: {observation, ratings, feedback, action_steps, amendments}. Each call writes a READ entry that the teacher sees. PT404.';
grant execute on function public.read_behind_glass to authenticated;
