-- Hours of professional development: what a year asks of a role, what people claim with evidence, and who approves it.

insert into public.notification_kinds (kind, name_en, name_he) values
  ('pd_hours_approved', 'approved hours of professional development', 'שעות התפתחות מקצועית שאושרו'),
  ('pd_hours_returned', 'hours of professional development to correct', 'שעות התפתחות מקצועית לתיקון');

create table public.pd_requirements (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  academic_year_id uuid not null,
  role text not null constraint pd_requirements_role check (role in ('admin', 'leader', 'teacher')),
  category_id uuid,
  hours numeric(5, 2) not null constraint pd_requirements_hours check (hours > 0 and hours <= 999),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint pd_requirements_key unique nulls not distinct (school_id, academic_year_id, role, category_id, deleted_at),
  constraint pd_requirements_year_fkey foreign key (school_id, academic_year_id) references public.academic_years (school_id, id) on delete restrict,
  constraint pd_requirements_category_fkey foreign key (school_id, category_id) references public.pd_categories (school_id, id) on delete restrict
);
create index pd_requirements_id_idx on public.pd_requirements (id);
create index pd_requirements_category_idx on public.pd_requirements (school_id, category_id);
alter table public.pd_requirements enable row level security;
call private.equip('public.pd_requirements');
-- The role is whose hours they are, and gives nobody a right.
grant select, insert (school_id, id, academic_year_id, role, category_id, hours), update (hours), delete on public.pd_requirements to authenticated;
create policy "staff read requirements of hours" on public.pd_requirements for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools('{admin,leader,teacher}'))));
create policy "admins add requirements of hours" on public.pd_requirements for insert to authenticated
  with check (school_id = any (array(select private.schools_with('pd_rules.manage')))
    and exists (select from public.academic_years y where (y.school_id, y.id) = (pd_requirements.school_id, academic_year_id))
    and (category_id is null or exists (select from public.pd_categories c where (c.school_id, c.id) = (pd_requirements.school_id, category_id))));
create policy "admins change requirements of hours" on public.pd_requirements for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('pd_rules.manage'))))
  with check (school_id = any (array(select private.schools_with('pd_rules.manage'))));
create policy "admins remove requirements of hours" on public.pd_requirements for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('pd_rules.manage'))));
comment on table public.pd_requirements is 'Hours that a year asks of everybody in a role, in all or of one category.';
comment on column public.pd_requirements.category_id is 'null: of any category';

create table public.pd_hours (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  membership_id uuid not null,
  category_id uuid,
  registration_id uuid,
  activity private.name_text not null,
  done_on date not null constraint pd_hours_done_on check (done_on between '1900-01-01' and '2199-12-31'),
  hours numeric(5, 2) not null constraint pd_hours_hours check (hours > 0 and hours <= 24),
  note private.note_text,
  status text not null default 'pending' constraint pd_hours_status check (status in ('pending', 'endorsed', 'approved', 'returned')),
  endorser_id uuid,
  approver_id uuid,
  approved_at timestamptz,
  return_reason private.note_text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint pd_hours_membership_fkey foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete restrict,
  constraint pd_hours_category_fkey foreign key (school_id, category_id) references public.pd_categories (school_id, id) on delete restrict,
  constraint pd_hours_registration_fkey foreign key (school_id, registration_id) references public.training_registrations (school_id, id) on delete restrict,
  constraint pd_hours_endorser_fkey foreign key (school_id, endorser_id) references public.memberships (school_id, id) on delete restrict,
  constraint pd_hours_approver_fkey foreign key (school_id, approver_id) references public.memberships (school_id, id) on delete restrict,
  constraint pd_hours_not_self check (membership_id <> all (array[endorser_id, approver_id]) is not false),
  constraint pd_hours_two_people check (endorser_id <> approver_id),
  -- What a training credits is approved by its attendance and by no person.
  constraint pd_hours_approved check ((status = 'approved') = (approved_at is not null) and (status = 'approved' and registration_id is null) = (approver_id is not null)),
  constraint pd_hours_endorsed check (status <> 'endorsed' or endorser_id is not null),
  constraint pd_hours_credited check (registration_id is null or status = 'approved'),
  constraint pd_hours_returned check ((status = 'returned') = (return_reason is not null))
);
create index pd_hours_id_idx on public.pd_hours (id);
create index pd_hours_school_idx on public.pd_hours (school_id, done_on desc);
create index pd_hours_membership_idx on public.pd_hours (membership_id, done_on desc);
create index pd_hours_category_idx on public.pd_hours (school_id, category_id);
create index pd_hours_registration_idx on public.pd_hours (school_id, registration_id);
create index pd_hours_endorser_idx on public.pd_hours (endorser_id);
create index pd_hours_approver_idx on public.pd_hours (approver_id);
-- No training is credited twice, by whatever hands at once.
create unique index pd_hours_credit_key on public.pd_hours (school_id, registration_id) where deleted_at is null;
alter table public.pd_hours enable row level security;
call private.equip('public.pd_hours', p_nfc => '{activity,note,return_reason}', p_subject => 'membership_id');
grant select, insert (school_id, id, membership_id, category_id, activity, done_on, hours, note), update (category_id, activity, done_on, hours, note), delete on public.pd_hours to authenticated;
create policy "people theirs, leaders their team's, admins all" on public.pd_hours for select to authenticated
  using (deleted_at is null and (
    membership_id = any (array(select private.my_record()))
    or membership_id = any (array(select private.team_with('pd_hours.read')))
    or school_id = any (array(select private.schools_with('pd_hours.read')))));
create policy "people claim their own hours" on public.pd_hours for insert to authenticated
  with check (membership_id = any (array(select private.memberships_with('pd_hours.claim')))
    and (category_id is null or exists (select from public.pd_categories c where (c.school_id, c.id) = (pd_hours.school_id, category_id))));
create policy "people change their claims until someone has approved" on public.pd_hours for update to authenticated
  using (deleted_at is null and status in ('pending', 'returned') and membership_id = any (array(select private.memberships_with('pd_hours.claim'))))
  with check (membership_id = any (array(select private.memberships_with('pd_hours.claim')))
    and (category_id is null or exists (select from public.pd_categories c where (c.school_id, c.id) = (pd_hours.school_id, category_id))));
create policy "people remove their claims until someone has approved" on public.pd_hours for delete to authenticated
  using (deleted_at is null and status in ('pending', 'returned') and membership_id = any (array(select private.memberships_with('pd_hours.claim'))));
comment on table public.pd_hours is 'Hours of professional development: a person''s claim with evidence, or the credit of a training attended (registration_id), which nobody writes by hand. Evidence lies in the bucket pd-evidence at <school_id>/<id>/<file>.';
comment on column public.pd_hours.status is 'pending -> approved, or above the setting second_approval_hours -> endorsed -> approved; returned -> pending when its owner has corrected it';
comment on column public.pd_hours.done_on is 'the day, in the school''s time zone; never one to come';
comment on column public.pd_hours.endorser_id is 'the first of two people who approve';

insert into private.restorable_tables (table_name, permission) values ('pd_requirements', 'pd_rules.manage');

-- A day has 24 hours ---------------------------------------------------------------------------------------------------------

create function private.tg_pd_hours__check_hours() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if (new.hours > 0 and new.hours <= 24) is not true then
    perform private.reject('record the hours', 'A claim is of more than 0 and at most 24 hours.');
  end if;
  return new;
end
$$;
create trigger _150_check_hours before insert or update of hours on public.pd_hours for each row execute function private.tg_pd_hours__check_hours();

create function private.hold_person(p_school_id uuid, p_membership_id uuid) returns uuid[]
language plpgsql set search_path = ''
as $$
declare
  v_user uuid;
begin
  select m.user_id into v_user from public.memberships m where (m.school_id, m.id) = (p_school_id, p_membership_id);
  perform pg_advisory_xact_lock(hashtextextended(p_school_id || ' hours of ' || coalesce(v_user, p_membership_id), 0));
  return array(select m.id from public.memberships m where m.school_id = p_school_id and (m.id = p_membership_id or m.user_id = v_user));
end
$$;
comment on function private.hold_person is 'One writer of a person''s hours in a school at a time, to the end of the transaction; returns all memberships of that person there.';

-- definer: because a day''s sum and the trainings attended count whatever the writer may read. It fires after the policies have passed, so that it tells nobody of other people's hours.
create function private.tg_pd_hours__fit_day() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_person uuid[];
  v_timezone text;
  v_title text := private.search_text(new.activity);
begin
  if new.deleted_at is not null or new.status = 'returned' or tg_op = 'UPDATE'
    and (new.hours, new.done_on, new.activity, new.deleted_at, old.status = 'returned') is not distinct from (old.hours, old.done_on, old.activity, old.deleted_at, false) then
    return null;
  end if;
  v_person := private.hold_person(new.school_id, new.membership_id);
  select s.timezone into v_timezone from public.schools s where s.id = new.school_id;
  if new.done_on > (now() at time zone v_timezone)::date then
    perform private.reject('record the hours', 'The day is still to come.');
  end if;
  if (select sum(h.hours) from public.pd_hours h where h.school_id = new.school_id and h.membership_id = any (v_person) and h.done_on = new.done_on and h.status <> 'returned' and h.deleted_at is null) > 24 then
    perform private.reject('record the hours', 'With what is recorded for that day already it would be over 24 hours.');
  end if;
  if new.registration_id is null and exists (
    select from public.training_registrations r join public.training_events e on (e.school_id, e.id) = (r.school_id, r.training_event_id)
    where r.school_id = new.school_id and r.membership_id = any (v_person) and r.status = 'attended' and e.deleted_at is null
      and (e.starts_at at time zone v_timezone)::date = new.done_on and private.search_text(e.title) = v_title) then
    raise exception using errcode = 'PT409', message = 'Cannot record the hours', hint = 'They are those of a training that was attended that day, which is credited by itself.';
  end if;
  if new.registration_id is null and exists (
    select from public.pd_hours h where h.school_id = new.school_id and h.membership_id = any (v_person) and h.done_on = new.done_on and h.id <> new.id
      and h.status <> 'returned' and h.deleted_at is null and private.search_text(h.activity) = v_title) then
    raise exception using errcode = 'PT409', message = 'Cannot record the hours', hint = 'This activity is recorded for that day already.';
  end if;
  return null;
end
$$;
create trigger _500_fit_day after insert or update of hours, done_on, activity, status, deleted_at on public.pd_hours for each row execute function private.tg_pd_hours__fit_day();

-- definer: as above. A statement locks its rows before their triggers run: who held a claim and then waited for its person would wait
-- for a completion that holds the person and waits for the claim.
create function private.tg_pd_hours__hold_writer() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.hold_person(m.school_id, m.id)
  from (select distinct on (o.school_id) o.school_id, o.id from public.memberships o where o.user_id = auth.uid() order by o.school_id, o.id) m;
  return null;
end
$$;
create trigger _150_hold_writer before update on public.pd_hours for each statement
  when (current_user = 'authenticated') execute function private.tg_pd_hours__hold_writer();

-- Approval -------------------------------------------------------------------------------------------------------------------

-- definer: because states and approvers have no grant.
create function private.approve_pd_hours(p_school_id uuid, p_pd_hour_id uuid, p_as_of timestamptz) returns public.pd_hours
language plpgsql security definer set search_path = ''
as $$
declare
  v_hours public.pd_hours;
  v_approver uuid;
  v_limit numeric := (private.setting(p_school_id, 'second_approval_hours'))::numeric;
begin
  select c.membership_id into v_approver from private.current_permissions c
  where c.school_id = p_school_id and c.permission = 'pd_hours.approve' and c.scope <> 'none'
  order by c.scope = 'school' or c.scope = 'team' and c.team_scope = 'school' desc, c.membership_id limit 1;
  update public.pd_hours h set
    status = case when h.status = 'pending' and h.hours > v_limit then 'endorsed' else 'approved' end,
    endorser_id = case when h.status = 'pending' and h.hours > v_limit then v_approver else h.endorser_id end,
    approver_id = case when h.status = 'pending' and h.hours > v_limit then null else v_approver end,
    approved_at = case when h.status = 'pending' and h.hours > v_limit then null else now() end
  where (h.school_id, h.id) = (p_school_id, p_pd_hour_id) and h.deleted_at is null
    and h.membership_id <> all (array(select private.all_my_memberships()))
    and (h.school_id = any (array(select private.schools_with('pd_hours.approve')))
      or h.status = 'pending' and h.membership_id = any (array(select private.team_with('pd_hours.approve'))))
    and (h.status = 'pending' or h.status = 'endorsed' and h.endorser_id <> all (array(select private.all_my_memberships())))
    and (p_as_of is null or h.updated_at = p_as_of)
  returning h.* into v_hours;
  if v_hours.id is null then
    perform private.refuse('approve the hours', 'They do not exist, are not yours to approve, are approved or returned already, have changed since you read them, or the first of their two approvals was yours.');
  end if;
  if v_hours.status = 'approved' then
    perform private.notify(p_school_id, array[v_hours.membership_id], 'pd_hours_approved', 'pd_hours', p_pd_hour_id);
  end if;
  return v_hours;
end
$$;
grant execute on function private.approve_pd_hours to authenticated;

create function public.approve_pd_hours(school_id uuid, pd_hour_id uuid, as_of timestamptz default null) returns public.pd_hours
language sql set search_path = ''
as $$ select private.approve_pd_hours(approve_pd_hours.school_id, approve_pd_hours.pd_hour_id, approve_pd_hours.as_of) $$;
comment on function public.approve_pd_hours is
  'pending -> approved by a leader of the team, the principal or the office, never one''s own. Above the setting second_approval_hours the first approval makes it endorsed, and a second person with the right over the whole school approves. as_of: the updated_at that was read, for a claim that has changed since not to be approved unseen. PT404.';
grant execute on function public.approve_pd_hours to authenticated;

-- definer: as above.
create function private.return_pd_hours(p_school_id uuid, p_pd_hour_id uuid, p_reason text) returns public.pd_hours
language plpgsql security definer set search_path = ''
as $$
declare
  v_hours public.pd_hours;
  v_trainings uuid[];
begin
  if coalesce(trim(p_reason), '') = '' then
    perform private.reject('return the hours', 'Say what is to be corrected.');
  end if;
  -- The trainings for whose hours the claim stands, locked as their completion locks them: training, person, claim.
  v_trainings := array(
    select e.id from public.pd_hours h
    join public.memberships m on (m.school_id, m.id) = (h.school_id, h.membership_id)
    join public.memberships o on o.school_id = m.school_id and (o.id = m.id or o.user_id = m.user_id)
    join public.schools s on s.id = h.school_id
    join public.training_registrations r on r.school_id = o.school_id and r.membership_id = o.id and r.status = 'attended'
    join public.training_events e on (e.school_id, e.id) = (r.school_id, r.training_event_id) and e.status = 'held' and (e.starts_at at time zone s.timezone)::date = h.done_on
    where (h.school_id, h.id) = (p_school_id, p_pd_hour_id) and h.status = 'approved' and h.registration_id is null and h.deleted_at is null and private.search_text(e.title) = private.search_text(h.activity)
      and (h.school_id = any (array(select private.schools_with('pd_hours.approve'))) or h.membership_id = any (array(select private.team_with('pd_hours.approve'))))
    order by e.id for no key update of e);
  if cardinality(v_trainings) > 0 then
    perform private.hold_person(h.school_id, h.membership_id) from public.pd_hours h where (h.school_id, h.id) = (p_school_id, p_pd_hour_id);
  end if;
  update public.pd_hours h set status = 'returned', return_reason = p_reason, endorser_id = null, approver_id = null, approved_at = null
  where (h.school_id, h.id) = (p_school_id, p_pd_hour_id) and h.status <> 'returned' and h.registration_id is null and h.deleted_at is null
    and h.membership_id <> all (array(select private.all_my_memberships()))
    and (h.school_id = any (array(select private.schools_with('pd_hours.approve')))
      or h.membership_id = any (array(select private.team_with('pd_hours.approve'))) and h.endorser_id is null and (h.approver_id is null or h.approver_id = any (array(select private.my_memberships()))))
  returning h.* into v_hours;
  if v_hours.id is null then
    perform private.refuse('return the hours');
  end if;
  perform private.settle_training(p_school_id, t) from unnest(v_trainings) t;
  perform private.notify(p_school_id, array[v_hours.membership_id], 'pd_hours_returned', 'pd_hours', p_pd_hour_id);
  return v_hours;
end
$$;
grant execute on function private.return_pd_hours to authenticated;

create function public.return_pd_hours(school_id uuid, pd_hour_id uuid, reason text) returns public.pd_hours
language sql set search_path = ''
as $$ select private.return_pd_hours(return_pd_hours.school_id, return_pd_hours.pd_hour_id, return_pd_hours.reason) $$;
comment on function public.return_pd_hours is
  'Returns a claim to its owner with what is to be corrected (the office and the principal any, a leader the team''s as long as nobody else approved). It counts no longer until it is resubmitted; a training that it stood for is credited instead. PT404; PT422 without a reason.';
grant execute on function public.return_pd_hours to authenticated;

-- definer: as above.
create function private.resubmit_pd_hours(p_school_id uuid, p_pd_hour_id uuid) returns public.pd_hours
language plpgsql security definer set search_path = ''
as $$
declare
  v_hours public.pd_hours;
begin
  -- Ahead of the claim, as for a direct write.
  perform private.hold_person(h.school_id, h.membership_id) from public.pd_hours h
  where (h.school_id, h.id) = (p_school_id, p_pd_hour_id) and h.membership_id = any (array(select private.memberships_with('pd_hours.claim')));
  update public.pd_hours h set status = 'pending', return_reason = null
  where (h.school_id, h.id) = (p_school_id, p_pd_hour_id) and h.status = 'returned' and h.deleted_at is null
    and h.membership_id = any (array(select private.memberships_with('pd_hours.claim')))
  returning h.* into v_hours;
  if v_hours.id is null then
    perform private.refuse('resubmit the hours');
  end if;
  return v_hours;
end
$$;
grant execute on function private.resubmit_pd_hours to authenticated;

create function public.resubmit_pd_hours(school_id uuid, pd_hour_id uuid) returns public.pd_hours
language sql set search_path = ''
as $$ select private.resubmit_pd_hours(resubmit_pd_hours.school_id, resubmit_pd_hours.pd_hour_id) $$;
comment on function public.resubmit_pd_hours is 'returned -> pending, by its owner, once it is corrected. PT404; PT409 and PT422 as for a new claim.';
grant execute on function public.resubmit_pd_hours to authenticated;

-- Evidence: pd-evidence/<school_id>/<pd_hour_id>/<file> follows its row; clients get no signed address (as for observations) ---------

create policy "evidence of hours is read with them" on storage.objects for select to authenticated
  using (bucket_id = 'pd-evidence' and split_part(name, '/', 1) = any (array(select private.my_schools('{admin,leader,teacher}')::text)) and (select coalesce(storage.operation(), '') !~ 'object\.sign')
    and exists (select from public.pd_hours h
    where (h.school_id::text, h.id) = (split_part(name, '/', 1), private.uuid_or_null((storage.foldername(name))[2]))));
create policy "people add evidence to their claims" on storage.objects for insert to authenticated
  with check (bucket_id = 'pd-evidence' and coalesce(storage.operation(), '') !~ 'object\.sign' and array_length(storage.foldername(name), 1) = 2 and exists (select from public.pd_hours h
    where (h.school_id, h.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))
      and h.status in ('pending', 'returned') and h.membership_id = any (array(select private.memberships_with('pd_hours.claim')))));
create policy "people replace evidence of their claims" on storage.objects for update to authenticated
  using (bucket_id = 'pd-evidence' and exists (select from public.pd_hours h
    where (h.school_id, h.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))
      and h.status in ('pending', 'returned') and h.membership_id = any (array(select private.memberships_with('pd_hours.claim')))))
  with check (bucket_id = 'pd-evidence' and array_length(storage.foldername(name), 1) = 2 and exists (select from public.pd_hours h
    where (h.school_id, h.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))
      and h.status in ('pending', 'returned') and h.membership_id = any (array(select private.memberships_with('pd_hours.claim')))));
create policy "people remove evidence of their claims" on storage.objects for delete to authenticated
  using (bucket_id = 'pd-evidence' and exists (select from public.pd_hours h
    where (h.school_id, h.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))
      and h.status in ('pending', 'returned') and h.membership_id = any (array(select private.memberships_with('pd_hours.claim')))));
