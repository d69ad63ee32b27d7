-- Growth: the steps agreed on after a visit, done by the teacher with evidence, and the visit that will look at them.

create table public.action_steps (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  observation_id uuid not null,
  description private.note_text not null constraint action_steps_description check (description !~ '^\s*$'),
  due_on date constraint action_steps_due_on check (due_on between '1900-01-01' and '2199-12-31'),
  next_visit_on date constraint action_steps_next_visit_on check (next_visit_on between '1900-01-01' and '2199-12-31'),
  planned_observation_id uuid,
  done_at timestamptz,
  evidence private.note_text,
  evidence_path text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint action_steps_observation_fkey foreign key (school_id, observation_id) references public.observations (school_id, id) on delete cascade,
  constraint action_steps_planned_fkey foreign key (school_id, planned_observation_id) references public.planned_observations (school_id, id) on delete restrict,
  constraint action_steps_done check ((done_at is not null) = (evidence is not null or evidence_path is not null))
);
create index action_steps_id_idx on public.action_steps (id);
create index action_steps_observation_idx on public.action_steps (observation_id);
create index action_steps_observation_fkey_idx on public.action_steps (school_id, observation_id);
create index action_steps_planned_idx on public.action_steps (school_id, planned_observation_id);
create index action_steps_open_idx on public.action_steps (school_id, observation_id) where done_at is null and deleted_at is null;
alter table public.action_steps enable row level security;
call private.equip('public.action_steps', p_nfc => '{description,evidence}', p_wall => 'true');
create trigger _150_hold_parent before insert or update or delete on public.action_steps for each row
  when (current_user = 'authenticated') execute function private.tg__hold_parent('observations', 'observation_id', '{draft,submitted}');
grant select, insert (school_id, id, observation_id, description, due_on, next_visit_on, planned_observation_id), update (description, due_on, next_visit_on, planned_observation_id), delete
  on public.action_steps to authenticated;
comment on table public.action_steps is 'A step for the teacher to take after a visit: written by the observer until the observation is acknowledged, marked done by the teacher.';
comment on column public.action_steps.next_visit_on is 'the day from which the observer means to look at it';
comment on column public.action_steps.planned_observation_id is 'the planned visit that will look at it: one that everybody sees who reads the step, an evaluation, or coaching after coaching';
comment on column public.action_steps.evidence_path is 'a file of the bucket evidence, <school_id>/action-steps/<action_step_id>/<file>';

create policy "as the observation, and of coaching what is shared" on public.action_steps for select to authenticated
  using (deleted_at is null and (
    exists (select from public.observations o where (o.school_id, o.id) = (action_steps.school_id, observation_id) and (o.kind <> 'coaching'
      or o.observer_id = any (array(select private.my_memberships())) or o.teacher_id = any (array(select private.my_record()))))
    or id = any (array(select private.coaching_shared('action_step'))) and school_id = any (array(select private.my_schools('{leader}')))));
create policy "observers write action steps until they are acknowledged" on public.action_steps for insert to authenticated
  with check (exists (select from public.observations o where (o.school_id, o.id) = (action_steps.school_id, observation_id)
      and o.status <> 'acknowledged' and o.observer_id = any (array(select private.my_memberships())))
    and (planned_observation_id is null or exists (select from public.planned_observations p join public.observations o on (o.school_id, o.teacher_id) = (p.school_id, p.teacher_id)
      where (p.school_id, p.id, o.id) = (action_steps.school_id, action_steps.planned_observation_id, observation_id) and (p.kind = 'evaluation' or p.kind = 'coaching' and o.kind = 'coaching'))));
create policy "observers change action steps until they are acknowledged" on public.action_steps for update to authenticated
  using (deleted_at is null and done_at is null and exists (select from public.observations o where (o.school_id, o.id) = (action_steps.school_id, observation_id)
    and o.status <> 'acknowledged' and o.observer_id = any (array(select private.my_memberships()))))
  with check (exists (select from public.observations o where (o.school_id, o.id) = (action_steps.school_id, observation_id)
      and o.status <> 'acknowledged' and o.observer_id = any (array(select private.my_memberships())))
    and (planned_observation_id is null or exists (select from public.planned_observations p join public.observations o on (o.school_id, o.teacher_id) = (p.school_id, p.teacher_id)
      where (p.school_id, p.id, o.id) = (action_steps.school_id, action_steps.planned_observation_id, observation_id) and (p.kind = 'evaluation' or p.kind = 'coaching' and o.kind = 'coaching'))));
create policy "observers remove action steps from their drafts" on public.action_steps for delete to authenticated
  using (deleted_at is null and exists (select from public.observations o where (o.school_id, o.id) = (action_steps.school_id, observation_id)
    and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships()))));

-- definer: because the columns are the teacher's, in a row that the observer has made.
create function private.complete_action_step(p_school_id uuid, p_action_step_id uuid, p_evidence text, p_evidence_path text) returns public.action_steps
language plpgsql security definer set search_path = ''
as $$
declare
  v_step public.action_steps;
  v_observer uuid;
begin
  if coalesce(trim(p_evidence), '') = '' and p_evidence_path is null then
    perform private.reject('complete the action step', 'Say in words or show by a file what was done.');
  end if;
  update public.action_steps a set done_at = now(), evidence = nullif(trim(p_evidence), ''), evidence_path = p_evidence_path
  from public.observations o
  where (a.school_id, a.id) = (p_school_id, p_action_step_id) and a.done_at is null and a.deleted_at is null
    and (o.school_id, o.id) = (a.school_id, a.observation_id) and o.status <> 'draft' and o.deleted_at is null and o.teacher_id = any (array(select private.my_memberships()))
  returning a.* into v_step;
  if v_step.id is null then
    perform private.refuse('complete the action step');
  end if;
  if p_evidence_path is not null and (not starts_with(p_evidence_path, p_school_id || '/action-steps/' || p_action_step_id || '/')
    or not exists (select from storage.objects b where b.bucket_id = 'evidence' and b.name = p_evidence_path)) then
    perform private.reject('complete the action step', 'The file is uploaded first, to the bucket evidence as <school_id>/action-steps/<action_step_id>/<file>.');
  end if;
  select o.observer_id into v_observer from public.observations o where (o.school_id, o.id) = (v_step.school_id, v_step.observation_id);
  perform private.notify(p_school_id, array[v_observer], 'action_step_done', 'action_steps', p_action_step_id);
  return v_step;
end
$$;
grant execute on function private.complete_action_step to authenticated;

create function public.complete_action_step(school_id uuid, action_step_id uuid, evidence text default null, evidence_path text default null) returns public.action_steps
language sql set search_path = ''
as $$ select private.complete_action_step(complete_action_step.school_id, complete_action_step.action_step_id, complete_action_step.evidence, complete_action_step.evidence_path) $$;
comment on function public.complete_action_step is
  'Marks an action step of a submitted observation as done, once, by its teacher: evidence in words, or evidence_path of a file uploaded to the bucket evidence as <school_id>/action-steps/<action_step_id>/<file>, or both. PT404; PT422 without evidence or without the file.';
grant execute on function public.complete_action_step to authenticated;
