-- Growth: drafts that survive a lost connection, and walkthroughs in two taps. The client makes the id; each field carries the
-- moment of its own edit, and the later edit of a field stands, whatever the order in which devices reach the server.

create table private.draft_stamps (
  school_id uuid not null,
  observation_id uuid not null,
  field text not null,
  stamped_at timestamptz not null,
  primary key (school_id, observation_id, field),
  constraint draft_stamps_observation_fkey foreign key (school_id, observation_id) references public.observations (school_id, id) on delete cascade
);
comment on table private.draft_stamps is 'When each field of a draft was last edited, by the clock of the device, never ahead of the server''s. Gone with the submission.';

-- definer: because nobody writes the table but this and save_observation_draft. A field that is edited directly is edited now.
create function private.tg__stamp_draft() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_row jsonb := case tg_op when 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
  v_old jsonb := case tg_op when 'UPDATE' then to_jsonb(old) else '{}' end;
begin
  insert into private.draft_stamps as d (school_id, observation_id, field, stamped_at)
  select (v_row ->> 'school_id')::uuid, (v_row ->> tg_argv[0])::uuid, f.name, clock_timestamp()
  from (
    select c as name from unnest(array['focus', 'notes', 'observed_at']) c where tg_table_name = 'observations' and v_row ->> c is distinct from v_old ->> c
    union all
    select format('rating:%s:%s', v_row ->> 'domain_id', c) from unnest(array['level', 'evidence']) c where tg_table_name = 'observation_ratings' and v_row ->> c is distinct from v_old ->> c
    union all
    select format('look_for:%s', v_row ->> 'look_for_id') where tg_table_name = 'observation_look_fors') f
  on conflict (school_id, observation_id, field) do update set stamped_at = excluded.stamped_at;
  return case tg_op when 'DELETE' then old else new end;
end
$$;
create trigger _600_stamp_draft after insert or update of focus, notes, observed_at on public.observations for each row
  when (current_user = 'authenticated' and new.status = 'draft') execute function private.tg__stamp_draft('id');
create trigger _600_stamp_draft after insert or update of level, evidence on public.observation_ratings for each row
  when (current_user = 'authenticated') execute function private.tg__stamp_draft('observation_id');
create trigger _160_stamp_draft before delete on public.observation_ratings for each row
  when (current_user = 'authenticated') execute function private.tg__stamp_draft('observation_id');
create trigger _600_stamp_draft after insert on public.observation_look_fors for each row
  when (current_user = 'authenticated') execute function private.tg__stamp_draft('observation_id');
create trigger _160_stamp_draft before delete on public.observation_look_fors for each row
  when (current_user = 'authenticated') execute function private.tg__stamp_draft('observation_id');

-- definer: because stamps are nobody's to write; the observer, the team and the state are checked here.
create function private.save_observation_draft(p_school_id uuid, p_observation_id uuid, p_teacher_id uuid, p_framework_id uuid, p_kind text, p_planned_id uuid, p_fields jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_draft public.observations;
  v_observer uuid;
  v_saved text[];
begin
  if jsonb_typeof(p_fields) is distinct from 'object' or (select count(*) from jsonb_object_keys(p_fields)) > 500
    or exists (select from jsonb_each(p_fields) f where jsonb_typeof(f.value) <> 'object' or not f.value ? 'value' or f.value ->> 'at' is null
      or f.key !~ '^(focus|notes|observed_at|rating:[0-9a-f-]{36}:(level|evidence)|look_for:[0-9a-f-]{36})$'
      or jsonb_typeof(f.value -> 'value') <> all (case
        when f.key like 'look_for:%' then array['boolean'] when f.key = 'observed_at' then array['string'] when f.key like '%:level' then array['number', 'null'] else array['string', 'null'] end)) then
    perform private.reject('save the draft', 'Fields are an object of at most 500 {"value", "at"}, named focus, notes, observed_at, rating:<domain_id>:level, rating:<domain_id>:evidence or look_for:<look_for_id>, with values of their kind.');
  end if;
  if not exists (select from public.observations o where (o.school_id, o.id) = (p_school_id, p_observation_id)) and p_teacher_id is not null then
    if p_teacher_id = any (array(select private.all_my_memberships())) then
      perform private.reject('save the draft', 'Nobody observes themselves.');
    end if;
    select c.id into v_observer from private.current_memberships c where c.school_id = p_school_id and c.role in ('admin', 'leader') order by c.role desc limit 1;
    insert into public.observations (school_id, id, teacher_id, observer_id, framework_id, kind, planned_observation_id)
    select p_school_id, p_observation_id, t.id, v_observer, f.id, coalesce(p_kind, 'evaluation'), p_planned_id
    from public.memberships t
    join public.frameworks f on (f.school_id, f.id, f.status) = (t.school_id, p_framework_id, 'published') and f.deleted_at is null
    where (t.school_id, t.id) = (p_school_id, p_teacher_id) and v_observer is not null and t.id = any (array(select private.team_in_force('observations.create')))
      and (p_planned_id is null or exists (select from public.planned_observations p where p.status <> 'cancelled'
        and (p.school_id, p.id, p.observer_id, p.teacher_id, p.kind) = (p_school_id, p_planned_id, v_observer, t.id, coalesce(p_kind, 'evaluation'))))
    -- Of whichever key: what is made twice at once meets itself in several.
    on conflict do nothing;
  end if;
  -- Its parts first, as a change by hand takes them: that holds a part when it asks for the draft.
  perform from public.observation_ratings r where (r.school_id, r.observation_id) = (p_school_id, p_observation_id) and r.deleted_at is null
    and exists (select from public.observations o where (o.school_id, o.id) = (r.school_id, r.observation_id) and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships())))
  order by r.id for no key update;
  perform from public.observation_look_fors l where (l.school_id, l.observation_id) = (p_school_id, p_observation_id) and l.deleted_at is null
    and exists (select from public.observations o where (o.school_id, o.id) = (l.school_id, l.observation_id) and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships())))
  order by l.id for no key update;
  -- One save of a draft at a time; a submission waits for it, or has gone before it.
  select o.* into v_draft from public.observations o
  where (o.school_id, o.id) = (p_school_id, p_observation_id) and o.status = 'draft' and o.deleted_at is null and o.observer_id = any (array(select private.my_memberships()))
  for update;
  if v_draft.id is null and exists (select from public.observations o where (o.school_id, o.planned_observation_id) = (p_school_id, p_planned_id)
      and o.id <> p_observation_id and o.deleted_at is null and o.observer_id = any (array(select private.my_memberships()))) then
    raise exception using errcode = 'PT409', message = 'Cannot save the draft', hint = 'Another observation of the planned visit is there already.';
  end if;
  if v_draft.id is null then
    perform private.refuse('save the draft');
  end if;
  if exists (select from jsonb_object_keys(p_fields) k where k like 'rating:%' and not exists (select from public.framework_domains d
      where (d.school_id, d.framework_id, d.id) = (p_school_id, v_draft.framework_id, private.uuid_or_null(split_part(k, ':', 2))) and d.deleted_at is null))
    or exists (select from jsonb_object_keys(p_fields) k where k like 'look_for:%' and not exists (select from public.framework_look_fors l
      where (l.school_id, l.framework_id, l.id) = (p_school_id, v_draft.framework_id, private.uuid_or_null(split_part(k, ':', 2))) and l.deleted_at is null)) then
    perform private.reject('save the draft', 'A rating or look-for names none of the observation''s own version of its framework.');
  end if;
  with won as (
    insert into private.draft_stamps as d (school_id, observation_id, field, stamped_at)
    select p_school_id, p_observation_id, f.key, least((f.value ->> 'at')::timestamptz, clock_timestamp()) from jsonb_each(p_fields) f
    on conflict (school_id, observation_id, field) do update set stamped_at = excluded.stamped_at where d.stamped_at < excluded.stamped_at
    returning d.field)
  select coalesce(array_agg(w.field order by w.field), '{}') into v_saved from won w;
  if v_saved && array['focus', 'notes', 'observed_at'] then
    update public.observations o set
      focus = case when 'focus' = any (v_saved) then p_fields #>> '{focus,value}' else o.focus end,
      notes = case when 'notes' = any (v_saved) then p_fields #>> '{notes,value}' else o.notes end,
      observed_at = case when 'observed_at' = any (v_saved) then (p_fields #>> '{observed_at,value}')::timestamptz else o.observed_at end
    where (o.school_id, o.id) = (p_school_id, p_observation_id);
  end if;
  insert into public.observation_ratings as r (school_id, observation_id, framework_id, domain_id, level, evidence)
  select p_school_id, p_observation_id, v_draft.framework_id, g.domain_id,
    case when g.level = any (v_saved) then (p_fields #>> array[g.level, 'value'])::smallint end, case when g.evidence = any (v_saved) then p_fields #>> array[g.evidence, 'value'] end
  from (
    select distinct split_part(s, ':', 2)::uuid as domain_id, format('rating:%s:level', split_part(s, ':', 2)) as level, format('rating:%s:evidence', split_part(s, ':', 2)) as evidence
    from unnest(v_saved) s where s like 'rating:%') g
  on conflict (school_id, observation_id, domain_id, version, deleted_at) do update set
    level = case when format('rating:%s:level', r.domain_id) = any (v_saved) then excluded.level else r.level end,
    evidence = case when format('rating:%s:evidence', r.domain_id) = any (v_saved) then excluded.evidence else r.evidence end;
  insert into public.observation_look_fors (school_id, observation_id, framework_id, look_for_id)
  select p_school_id, p_observation_id, v_draft.framework_id, split_part(s, ':', 2)::uuid from unnest(v_saved) s
  where s like 'look_for:%' and (p_fields #>> array[s, 'value'])::boolean
  on conflict do nothing;
  update public.observation_look_fors l set deleted_at = clock_timestamp()
  where (l.school_id, l.observation_id) = (p_school_id, p_observation_id) and l.deleted_at is null
    and format('look_for:%s', l.look_for_id) = any (v_saved) and not (p_fields #>> array[format('look_for:%s', l.look_for_id), 'value'])::boolean;
  return (
    select jsonb_build_object('observation_id', p_observation_id, 'saved', to_jsonb(v_saved), 'fields', coalesce(jsonb_object_agg(d.field, jsonb_build_object('at', d.stamped_at, 'value', case
      when d.field like 'rating:%' then to_jsonb(r) -> split_part(d.field, ':', 3)
      when d.field like 'look_for:%' then to_jsonb(l.id is not null)
      else to_jsonb(o) -> d.field end)), '{}'))
    from private.draft_stamps d
    join public.observations o on (o.school_id, o.id) = (d.school_id, d.observation_id)
    left join public.observation_ratings r on (r.school_id, r.observation_id) = (d.school_id, d.observation_id) and r.domain_id = private.uuid_or_null(split_part(d.field, ':', 2)) and r.deleted_at is null
    left join public.observation_look_fors l on (l.school_id, l.observation_id) = (d.school_id, d.observation_id) and l.look_for_id = private.uuid_or_null(split_part(d.field, ':', 2)) and l.deleted_at is null
    where (d.school_id, d.observation_id) = (p_school_id, p_observation_id));
exception
  when foreign_key_violation then
    perform private.reject('save the draft', 'A level is one of the framework''s, or null for not observed.');
  when check_violation or not_null_violation or invalid_text_representation or numeric_value_out_of_range or invalid_datetime_format or datetime_field_overflow or invalid_parameter_value then
    perform private.reject('save the draft', 'A value or a moment is not one that its field takes: texts, times with a zone, whole levels, true or false for a look-for.');
end
$$;
grant execute on function private.save_observation_draft to authenticated;

create function public.save_observation_draft(school_id uuid, observation_id uuid, fields jsonb, teacher_id uuid default null, framework_id uuid default null, kind text default 'evaluation', planned_observation_id uuid default null) returns jsonb
language sql set search_path = ''
as $$
  select private.save_observation_draft(save_observation_draft.school_id, save_observation_draft.observation_id, save_observation_draft.teacher_id, save_observation_draft.framework_id,
    save_observation_draft.kind, save_observation_draft.planned_observation_id, save_observation_draft.fields)
$$;
comment on function public.save_observation_draft is
  'Saves fields of one''s own draft, as often as it takes; the first save makes it, under an id of the client''s making, of teacher_id, framework_id, kind and planned_observation_id, which later saves leave out or repeat without effect. fields: {"notes": {"value": …, "at": "<when the device edited it>"}, …} with the names focus, notes, observed_at, rating:<domain_id>:level (null: not observed), rating:<domain_id>:evidence, look_for:<look_for_id> (true or false). Of two edits of a field the later stands, in whatever order they arrive; a clock ahead counts as now. Returns {observation_id, saved: [fields taken], fields: {every field: {value, at}}}. PT404; PT409; PT422.';
grant execute on function public.save_observation_draft to authenticated;

-- Under the caller's own rights: the policies of each table decide, and what they refuse reads as absent.
create function public.submit_walkthrough(school_id uuid, teacher_id uuid, framework_id uuid, ratings jsonb default '[]', look_for_ids uuid[] default '{}', notes text default null,
  observed_at timestamptz default now(), planned_observation_id uuid default null, observation_id uuid default gen_random_uuid()) returns public.observations
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  v_observation public.observations;
  v_made boolean;
begin
  if submit_walkthrough.teacher_id = any (array(select private.all_my_memberships())) then
    perform private.reject('submit the walkthrough', 'Nobody observes themselves.');
  end if;
  insert into public.observations (school_id, id, teacher_id, observer_id, framework_id, planned_observation_id, kind, observed_at, notes)
  select submit_walkthrough.school_id, submit_walkthrough.observation_id, submit_walkthrough.teacher_id, m.id, submit_walkthrough.framework_id, submit_walkthrough.planned_observation_id,
    'walkthrough', submit_walkthrough.observed_at, submit_walkthrough.notes
  from public.memberships m where m.school_id = submit_walkthrough.school_id and m.id = any (array(select private.my_memberships('{admin,leader}')))
  order by m.role desc limit 1
  on conflict do nothing;
  v_made := found;
  if v_made then
    if exists (select from jsonb_array_elements(submit_walkthrough.ratings) x where not exists (select from public.framework_domains d
        where (d.school_id, d.framework_id, d.id) = (submit_walkthrough.school_id, submit_walkthrough.framework_id, private.uuid_or_null(x ->> 'domain_id'))))
      or exists (select from unnest(submit_walkthrough.look_for_ids) x where not exists (select from public.framework_look_fors l
        where (l.school_id, l.framework_id, l.id) = (submit_walkthrough.school_id, submit_walkthrough.framework_id, x))) then
      perform private.reject('submit the walkthrough', 'A rating or look-for names none of the framework''s own version.');
    end if;
    insert into public.observation_ratings (school_id, observation_id, framework_id, domain_id, level, evidence)
    select submit_walkthrough.school_id, submit_walkthrough.observation_id, submit_walkthrough.framework_id, x.domain_id, x.level, x.evidence
    from jsonb_to_recordset(submit_walkthrough.ratings) x (domain_id uuid, level smallint, evidence text);
    insert into public.observation_look_fors (school_id, observation_id, framework_id, look_for_id)
    select submit_walkthrough.school_id, submit_walkthrough.observation_id, submit_walkthrough.framework_id, x from unnest(submit_walkthrough.look_for_ids) x;
    return private.submit_observation(submit_walkthrough.school_id, submit_walkthrough.observation_id);
  end if;
  -- Sent again: the one that was made stands.
  select o.* into v_observation from public.observations o
  where (o.school_id, o.id) = (submit_walkthrough.school_id, submit_walkthrough.observation_id) and o.kind = 'walkthrough' and o.status <> 'draft'
    and o.teacher_id = submit_walkthrough.teacher_id and o.observer_id = any (array(select private.my_memberships()));
  if v_observation.id is null then
    perform private.refuse('submit the walkthrough');
  end if;
  return v_observation;
exception
  when insufficient_privilege then
    perform private.refuse('submit the walkthrough');
  when unique_violation then
    perform private.reject('submit the walkthrough', 'Each domain and each look-for is named once.');
  when foreign_key_violation or check_violation or not_null_violation or invalid_text_representation or numeric_value_out_of_range or invalid_parameter_value then
    perform private.reject('submit the walkthrough', 'It has an id of its own and was observed since 1900; ratings are an array of {domain_id, level, evidence}; a level is one of the framework''s, or null for not observed.');
end
$$;
comment on function public.submit_walkthrough is
  'Makes and submits a walkthrough of a teacher of one''s team at once: ratings [{domain_id, level, evidence}], look-fors that were seen, notes, the planned visit that it is. With an observation_id of one''s own making it may be sent again, and is made once. Returns the observation. PT404, PT422.';
grant execute on function public.submit_walkthrough to authenticated;
