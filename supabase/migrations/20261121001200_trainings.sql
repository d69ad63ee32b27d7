-- Professional learning: what a training counts as, series, events and who takes part. draft -> published -> held or cancelled.

-- definer: because policies read rights whatever the caller may see of them.
create function private.memberships_with(p_permission text) returns setof uuid
language plpgsql stable security definer rows 2 set search_path = ''
as $$
begin
  return query select c.membership_id from private.current_permissions c where c.permission = p_permission and c.scope <> 'none';
end
$$;
comment on function private.memberships_with is 'The caller''s own memberships in force that have the permission at any scope: in which capacity they write something of their own.';
grant execute on function private.memberships_with to authenticated;

create table public.pd_categories (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint pd_categories_code_key unique nulls not distinct (school_id, code, deleted_at)
);
create index pd_categories_id_idx on public.pd_categories (id);
create index pd_categories_name_idx on public.pd_categories (school_id, name);
alter table public.pd_categories enable row level security;
call private.equip('public.pd_categories', p_nfc => '{name}');
grant select, insert (school_id, id, code, name), update (code, name), delete on public.pd_categories to authenticated;
create policy "staff read categories of hours" on public.pd_categories for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools('{admin,leader,teacher}'))));
create policy "admins add categories of hours" on public.pd_categories for insert to authenticated
  with check (school_id = any (array(select private.schools_with('pd_rules.manage'))));
create policy "admins change categories of hours" on public.pd_categories for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('pd_rules.manage'))))
  with check (school_id = any (array(select private.schools_with('pd_rules.manage'))));
create policy "admins remove categories of hours" on public.pd_categories for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('pd_rules.manage'))));
comment on table public.pd_categories is 'What hours of professional development count as, e.g. subject knowledge. Every school begins with three.';

-- definer: because who makes a school writes none of its rows.
create function private.tg_schools__make_pd_categories() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.pd_categories (school_id, code, name)
  select new.id, c.code, case when new.locale ~ '^he' then c.hebrew else c.english end
  from (values ('SUBJECT', 'תחום הדעת', 'Subject knowledge'), ('PEDAGOGY', 'פדגוגיה', 'Pedagogy'), ('SCHOOL', 'אקלים בית ספרי', 'School life')) c (code, hebrew, english);
  return null;
end
$$;
create trigger _500_make_pd_categories after insert on public.schools for each row execute function private.tg_schools__make_pd_categories();

-- Series -------------------------------------------------------------------------------------------------------------------

create table public.training_series (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  organiser_id uuid not null,
  title private.name_text collate private.hebrew not null,
  description private.note_text,
  published_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint training_series_organiser_fkey foreign key (school_id, organiser_id) references public.memberships (school_id, id) on delete restrict
);
create index training_series_id_idx on public.training_series (id);
create index training_series_school_idx on public.training_series (school_id, created_at desc);
create index training_series_organiser_idx on public.training_series (organiser_id, created_at desc);
alter table public.training_series enable row level security;
call private.equip('public.training_series', p_nfc => '{title,description}');
grant select, insert (school_id, id, organiser_id, title, description), update (title, description), delete on public.training_series to authenticated;
create policy "leaders and admins read series, teachers those with a published event" on public.training_series for select to authenticated
  using (deleted_at is null and (school_id = any (array(select private.my_schools('{admin,leader}')))
    or published_at is not null and school_id = any (array(select private.my_schools('{teacher}')))));
create policy "leaders and admins make series" on public.training_series for insert to authenticated
  with check (school_id = any (array(select private.my_schools('{admin,leader}'))) and organiser_id = any (array(select private.memberships_with('trainings.create'))));
create policy "organisers change their series, admins any" on public.training_series for update to authenticated
  using (deleted_at is null and (organiser_id = any (array(select private.memberships_with('trainings.create')))
    or school_id = any (array(select private.schools_with('trainings.manage')))))
  with check (organiser_id = any (array(select private.memberships_with('trainings.create')))
    or school_id = any (array(select private.schools_with('trainings.manage'))));
create policy "organisers remove their series, admins any" on public.training_series for delete to authenticated
  using (deleted_at is null and (organiser_id = any (array(select private.memberships_with('trainings.create')))
    or school_id = any (array(select private.schools_with('trainings.manage')))));
comment on table public.training_series is 'Trainings that belong together. Each of them is registered for, attended and credited by itself.';
comment on column public.training_series.published_at is 'when its first event was published: from then on teachers see it';

-- Events -------------------------------------------------------------------------------------------------------------------

create table public.training_events (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  series_id uuid,
  organiser_id uuid not null,
  category_id uuid,
  title private.name_text collate private.hebrew not null,
  topic private.name_text,
  description private.note_text,
  type text not null default 'workshop' constraint training_events_type check (type in ('workshop', 'course', 'webinar', 'conference', 'meeting')),
  status text not null default 'draft' constraint training_events_status check (status in ('draft', 'published', 'cancelled', 'held')),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  location private.name_text,
  capacity integer constraint training_events_capacity check (capacity between 1 and 10000),
  registration_opens_at timestamptz,
  registration_closes_at timestamptz,
  hours numeric(4, 2) not null default 0 constraint training_events_hours check (hours between 0 and 24),
  published_at timestamptz,
  held_at timestamptz,
  cancelled_at timestamptz,
  cancel_reason private.note_text,
  reminded_for timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  -- Lets registrations and certificates carry whose training it is, in step with it.
  constraint training_events_organiser_key unique (school_id, id, organiser_id),
  constraint training_events_series_fkey foreign key (school_id, series_id) references public.training_series (school_id, id) on delete restrict,
  constraint training_events_organiser_fkey foreign key (school_id, organiser_id) references public.memberships (school_id, id) on delete restrict,
  constraint training_events_category_fkey foreign key (school_id, category_id) references public.pd_categories (school_id, id) on delete restrict,
  constraint training_events_times check (ends_at > starts_at and ends_at <= starts_at + interval '24 hours' and starts_at >= '1900-01-01Z' and starts_at < '2200-01-01Z'),
  constraint training_events_window check (registration_closes_at > registration_opens_at and registration_closes_at <= ends_at),
  constraint training_events_registration check (registration_opens_at >= '1900-01-01Z' and registration_opens_at <= ends_at and isfinite(registration_closes_at)),
  constraint training_events_published check ((status = 'draft') = (published_at is null)),
  constraint training_events_held check ((status = 'held') = (held_at is not null)),
  constraint training_events_cancelled check ((status = 'cancelled') = (cancelled_at is not null))
);
create index training_events_id_idx on public.training_events (id);
create index training_events_school_idx on public.training_events (school_id, starts_at desc);
create index training_events_organiser_idx on public.training_events (organiser_id, starts_at desc);
create index training_events_series_idx on public.training_events (school_id, series_id);
create index training_events_category_idx on public.training_events (school_id, category_id);
create index training_events_upcoming_idx on public.training_events (starts_at) where status = 'published' and deleted_at is null;
alter table public.training_events enable row level security;
call private.equip('public.training_events', p_nfc => '{title,topic,description,location,cancel_reason}');
grant select,
  insert (school_id, id, series_id, organiser_id, category_id, title, topic, description, type, starts_at, ends_at, location, capacity, registration_opens_at, registration_closes_at, hours),
  update (series_id, category_id, title, topic, description, type, starts_at, ends_at, location, capacity, registration_opens_at, registration_closes_at, hours), delete
  on public.training_events to authenticated;
create policy "leaders and admins read trainings, teachers what was published" on public.training_events for select to authenticated
  using (deleted_at is null and (school_id = any (array(select private.my_schools('{admin,leader}')))
    or status <> 'draft' and school_id = any (array(select private.my_schools('{teacher}')))));
create policy "leaders and admins make trainings" on public.training_events for insert to authenticated
  with check (organiser_id = any (array(select private.memberships_with('trainings.create')))
    and (series_id is null or exists (select from public.training_series s where (s.school_id, s.id) = (training_events.school_id, series_id)))
    and (category_id is null or exists (select from public.pd_categories c where (c.school_id, c.id) = (training_events.school_id, category_id))));
create policy "organisers change their trainings until they are over, admins any" on public.training_events for update to authenticated
  using (deleted_at is null and status in ('draft', 'published') and (organiser_id = any (array(select private.memberships_with('trainings.create')))
    or school_id = any (array(select private.schools_with('trainings.manage')))))
  with check ((organiser_id = any (array(select private.memberships_with('trainings.create'))) or school_id = any (array(select private.schools_with('trainings.manage'))))
    and (series_id is null or exists (select from public.training_series s where (s.school_id, s.id) = (training_events.school_id, series_id)))
    and (category_id is null or exists (select from public.pd_categories c where (c.school_id, c.id) = (training_events.school_id, category_id))));
create policy "organisers remove drafts, admins any draft" on public.training_events for delete to authenticated
  using (deleted_at is null and status = 'draft' and (organiser_id = any (array(select private.memberships_with('trainings.create')))
    or school_id = any (array(select private.schools_with('trainings.manage')))));
comment on table public.training_events is 'One training. Its state changes by publish_training, cancel_training and complete_training only; whoever attended gets its hours and a certificate when it is complete.';
comment on column public.training_events.capacity is 'seats; null means no limit. More seats move the waitlist up at once; fewer take no seat away';
comment on column public.training_events.registration_opens_at is 'null: from publication';
comment on column public.training_events.registration_closes_at is 'null: when it begins';
comment on column public.training_events.hours is 'hours of professional development that attending is worth';
comment on column public.training_events.reminded_for is 'the beginning of which registrants were reminded; a new date is reminded of anew';

-- Registrations ------------------------------------------------------------------------------------------------------------

create table public.training_registrations (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  training_event_id uuid not null,
  organiser_id uuid not null,
  membership_id uuid not null,
  status text not null constraint training_registrations_status check (status in ('registered', 'waiting', 'withdrawn', 'attended', 'absent')),
  queue_number integer not null,
  registered_at timestamptz not null default now(),
  promoted_at timestamptz,
  attended_at timestamptz,
  attendance_source text constraint training_registrations_source check (attendance_source in ('code', 'organiser')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint training_registrations_member_key unique (school_id, training_event_id, membership_id),
  constraint training_registrations_queue_key unique (school_id, training_event_id, queue_number),
  constraint training_registrations_event_fkey foreign key (school_id, training_event_id, organiser_id) references public.training_events (school_id, id, organiser_id) on delete cascade,
  constraint training_registrations_organiser_fkey foreign key (school_id, organiser_id) references public.memberships (school_id, id) on delete restrict,
  constraint training_registrations_membership_fkey foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete restrict,
  constraint training_registrations_attended check ((status = 'attended') = (attended_at is not null) and (attended_at is null) = (attendance_source is null))
);
create index training_registrations_id_idx on public.training_registrations (id);
create index training_registrations_event_idx on public.training_registrations (school_id, training_event_id, status);
create index training_registrations_training_idx on public.training_registrations (training_event_id, queue_number);
create index training_registrations_event_fkey_idx on public.training_registrations (school_id, training_event_id, organiser_id);
create index training_registrations_organiser_idx on public.training_registrations (organiser_id, registered_at desc);
create index training_registrations_membership_idx on public.training_registrations (membership_id, registered_at desc);
create index training_registrations_school_idx on public.training_registrations (school_id, registered_at desc);
alter table public.training_registrations enable row level security;
call private.equip('public.training_registrations', p_subject => 'membership_id');
grant select on public.training_registrations to authenticated;
create policy "people theirs, organisers those of their trainings, admins all, leaders their team's" on public.training_registrations for select to authenticated
  using (membership_id = any (array(select private.my_record()))
    or organiser_id = any (array(select private.memberships_with('trainings.create')))
    or school_id = any (array(select private.schools_with('registrations.read')))
    or membership_id = any (array(select private.team_with('registrations.read'))));
comment on table public.training_registrations is 'One row per person and training, whatever became of it. Written by functions, under a lock on the training, so that its seats are given in the order of asking.';
comment on column public.training_registrations.organiser_id is 'the training''s, so that its organiser''s right is a column to compare';
comment on column public.training_registrations.queue_number is 'the order of asking within the training; whoever registers again asks anew';
comment on column public.training_registrations.promoted_at is 'when a seat came free for someone who had waited';

-- A code is read from a screen in the room; whoever takes part never reads it here. Neither table is of the API.
create table private.training_codes (
  school_id uuid not null,
  training_event_id uuid not null,
  code private.code_text not null,
  primary key (school_id, training_event_id),
  foreign key (school_id, training_event_id) references public.training_events (school_id, id) on delete cascade
);
comment on table private.training_codes is 'The check-in code of a training: rpc(''training_code'') shows it to its organiser and the office.';

create table private.training_code_tries (
  school_id uuid not null,
  registration_id uuid not null,
  tries integer not null default 1,
  primary key (school_id, registration_id),
  foreign key (school_id, registration_id) references public.training_registrations (school_id, id) on delete cascade
);
comment on table private.training_code_tries is 'How often a registrant has tried a code.';

insert into private.restorable_tables (table_name, permission) values
  ('pd_categories', 'pd_rules.manage'), ('training_series', 'trainings.manage'), ('training_events', 'trainings.manage');
