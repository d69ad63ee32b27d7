-- Timetable: the school's calendar, weekly slots per term, and the dated sessions that they become. Nobody and no room is booked twice.

create table public.calendar_days (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  day date not null,
  kind text not null constraint calendar_days_kind check (kind in ('holiday', 'make_up')),
  follows_weekday smallint constraint calendar_days_follows_weekday check (follows_weekday between 1 and 7),
  name private.name_text collate private.hebrew not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint calendar_days_day_key unique nulls not distinct (school_id, day, deleted_at),
  constraint calendar_days_make_up check ((kind = 'make_up') = (follows_weekday is not null))
);
create index calendar_days_id_idx on public.calendar_days (id);
alter table public.calendar_days enable row level security;
call private.equip('public.calendar_days', p_nfc => '{name}');
grant select, insert (school_id, id, day, kind, follows_weekday, name), update (kind, follows_weekday, name), delete on public.calendar_days to authenticated;
create policy "members read the calendar" on public.calendar_days for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools())));
create policy "admins add calendar days" on public.calendar_days for insert to authenticated
  with check (school_id = any (array(select private.schools_with('structure.manage'))));
create policy "admins change calendar days" on public.calendar_days for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))))
  with check (school_id = any (array(select private.schools_with('structure.manage'))));
create policy "admins remove calendar days" on public.calendar_days for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))));
comment on table public.calendar_days is 'Days that depart from the week: a holiday has no sessions, a make-up day has those of the weekday it follows.';
comment on column public.calendar_days.follows_weekday is 'ISO 8601: 1 is Monday, 7 is Sunday';

create table public.timetable_slots (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  term_id uuid not null,
  class_id uuid not null,
  subject_id uuid,
  teacher_id uuid not null,
  room_id uuid,
  weekday smallint not null constraint timetable_slots_weekday check (weekday between 1 and 7),
  start_time time not null,
  end_time time not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint timetable_slots_times check (end_time > start_time),
  constraint timetable_slots_term_fkey foreign key (school_id, term_id) references public.terms (school_id, id) on delete restrict,
  constraint timetable_slots_class_fkey foreign key (school_id, class_id) references public.classes (school_id, id) on delete restrict,
  constraint timetable_slots_subject_fkey foreign key (school_id, subject_id) references public.subjects (school_id, id) on delete restrict,
  constraint timetable_slots_teacher_fkey foreign key (school_id, teacher_id) references public.memberships (school_id, id) on delete restrict,
  constraint timetable_slots_room_fkey foreign key (school_id, room_id) references public.rooms (school_id, id) on delete restrict,
  constraint timetable_slots_class_once exclude using gist
    (school_id with =, uuid_send(class_id) with =, uuid_send(term_id) with =, weekday with =, int4range(extract(epoch from start_time)::integer, extract(epoch from end_time)::integer) with &&) where (deleted_at is null),
  constraint timetable_slots_teacher_once exclude using gist
    (school_id with =, uuid_send(teacher_id) with =, uuid_send(term_id) with =, weekday with =, int4range(extract(epoch from start_time)::integer, extract(epoch from end_time)::integer) with &&) where (deleted_at is null),
  constraint timetable_slots_room_once exclude using gist
    (school_id with =, uuid_send(room_id) with =, uuid_send(term_id) with =, weekday with =, int4range(extract(epoch from start_time)::integer, extract(epoch from end_time)::integer) with &&) where (deleted_at is null)
);
create index timetable_slots_id_idx on public.timetable_slots (id);
create index timetable_slots_term_idx on public.timetable_slots (school_id, term_id, weekday, start_time);
create index timetable_slots_class_idx on public.timetable_slots (school_id, class_id);
create index timetable_slots_teacher_idx on public.timetable_slots (school_id, teacher_id);
create index timetable_slots_room_idx on public.timetable_slots (school_id, room_id);
create index timetable_slots_subject_idx on public.timetable_slots (school_id, subject_id);
alter table public.timetable_slots enable row level security;
call private.equip('public.timetable_slots');
call private.name_clashes('public.timetable_slots', 'structure.manage', '{"timetable_slots_class_once": "The class is booked in that time already.", "timetable_slots_teacher_once": "The teacher is booked in that time already.", "timetable_slots_room_once": "The room is booked in that time already."}');
grant select, insert (school_id, id, term_id, class_id, subject_id, teacher_id, room_id, weekday, start_time, end_time),
  update (subject_id, teacher_id, room_id, weekday, start_time, end_time), delete on public.timetable_slots to authenticated;
create policy "staff read the timetable" on public.timetable_slots for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools('{admin,leader,teacher}'))));
create policy "admins add slots, never for themselves" on public.timetable_slots for insert to authenticated
  with check (school_id = any (array(select private.schools_with('structure.manage'))) and teacher_id <> all (array(select private.all_my_memberships()))
    and exists (select from public.terms t join public.classes k on (k.school_id, k.academic_year_id) = (t.school_id, t.academic_year_id)
      where (t.school_id, t.id) = (timetable_slots.school_id, term_id) and k.id = class_id)
    and exists (select from public.memberships m where (m.school_id, m.id) = (timetable_slots.school_id, teacher_id) and m.role = 'teacher')
    and (room_id is null or exists (select from public.rooms r where (r.school_id, r.id) = (timetable_slots.school_id, room_id)))
    and (subject_id is null or exists (select from public.subjects s where (s.school_id, s.id) = (timetable_slots.school_id, subject_id))));
create policy "admins change slots, never their own" on public.timetable_slots for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))) and teacher_id <> all (array(select private.all_my_memberships())))
  with check (school_id = any (array(select private.schools_with('structure.manage'))) and teacher_id <> all (array(select private.all_my_memberships()))
    and exists (select from public.memberships m where (m.school_id, m.id) = (timetable_slots.school_id, teacher_id) and m.role = 'teacher')
    and (room_id is null or exists (select from public.rooms r where (r.school_id, r.id) = (timetable_slots.school_id, room_id)))
    and (subject_id is null or exists (select from public.subjects s where (s.school_id, s.id) = (timetable_slots.school_id, subject_id))));
create policy "admins remove slots, never their own" on public.timetable_slots for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))) and teacher_id <> all (array(select private.all_my_memberships())));
comment on table public.timetable_slots is 'A lesson of the week in a term. rpc(''generate_sessions'') turns slots into dated sessions.';
comment on column public.timetable_slots.weekday is 'ISO 8601: 1 is Monday, 7 is Sunday';
comment on column public.timetable_slots.start_time is 'wall-clock time at the school';

create table public.class_sessions (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  class_id uuid not null,
  slot_id uuid,
  slot_day date,
  subject_id uuid,
  teacher_id uuid not null,
  cover_teacher_id uuid,
  held_by uuid not null generated always as (coalesce(cover_teacher_id, teacher_id)) stored,
  room_id uuid,
  day date not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  status text not null default 'scheduled' constraint class_sessions_status check (status in ('scheduled', 'cancelled')),
  changed_by_hand boolean not null default false,
  note private.note_text,
  register_taken_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint class_sessions_class_key unique (school_id, id, class_id, day),
  constraint class_sessions_slot_key unique (school_id, slot_id, slot_day),
  constraint class_sessions_times check (ends_at > starts_at and ends_at - starts_at <= interval '24 hours'),
  constraint class_sessions_class_fkey foreign key (school_id, class_id) references public.classes (school_id, id) on delete restrict,
  constraint class_sessions_slot_fkey foreign key (school_id, slot_id) references public.timetable_slots (school_id, id) on delete set null (slot_id),
  constraint class_sessions_subject_fkey foreign key (school_id, subject_id) references public.subjects (school_id, id) on delete restrict,
  constraint class_sessions_teacher_fkey foreign key (school_id, teacher_id) references public.memberships (school_id, id) on delete restrict,
  constraint class_sessions_cover_teacher_fkey foreign key (school_id, cover_teacher_id) references public.memberships (school_id, id) on delete restrict,
  constraint class_sessions_room_fkey foreign key (school_id, room_id) references public.rooms (school_id, id) on delete restrict,
  constraint class_sessions_class_once exclude using gist (school_id with =, uuid_send(class_id) with =, tstzrange(starts_at, ends_at) with &&)
    where (status = 'scheduled' and deleted_at is null),
  constraint class_sessions_teacher_once exclude using gist (school_id with =, uuid_send(held_by) with =, tstzrange(starts_at, ends_at) with &&)
    where (status = 'scheduled' and deleted_at is null),
  constraint class_sessions_room_once exclude using gist (school_id with =, uuid_send(room_id) with =, tstzrange(starts_at, ends_at) with &&)
    where (status = 'scheduled' and deleted_at is null)
);
-- Helpers hand out bare ids of sessions, as of classes.
create unique index class_sessions_id_idx on public.class_sessions (id);
create index class_sessions_day_idx on public.class_sessions (school_id, day desc, starts_at);
create index class_sessions_class_idx on public.class_sessions (school_id, class_id, day);
create index class_sessions_class_id_idx on public.class_sessions (class_id, starts_at desc);
create index class_sessions_teacher_idx on public.class_sessions (school_id, teacher_id);
create index class_sessions_cover_teacher_idx on public.class_sessions (school_id, cover_teacher_id);
create index class_sessions_held_by_idx on public.class_sessions (held_by, starts_at desc);
create index class_sessions_room_idx on public.class_sessions (school_id, room_id);
create index class_sessions_subject_idx on public.class_sessions (school_id, subject_id);
alter table public.class_sessions enable row level security;
call private.equip('public.class_sessions', p_nfc => '{note}');
grant select, update (note) on public.class_sessions to authenticated;
create policy "staff read sessions, students and parents those of their classes" on public.class_sessions for select to authenticated
  using (deleted_at is null and (
    school_id = any (array(select private.my_schools('{admin,leader,teacher}')))
    or class_id = any (array(select private.classes_attended()))));
create policy "teachers note on their sessions, admins on all" on public.class_sessions for update to authenticated
  using (deleted_at is null and (held_by = any (array(select private.my_memberships('{teacher}'))) or school_id = any (array(select private.schools_with('structure.manage')))))
  with check (held_by = any (array(select private.my_memberships('{teacher}'))) or school_id = any (array(select private.schools_with('structure.manage'))));
comment on table public.class_sessions is 'A lesson on a day. Made from slots or one by one, covered, moved and cancelled by functions.';
comment on column public.class_sessions.held_by is 'the cover teacher, or the teacher';
comment on column public.class_sessions.slot_day is 'the day that the timetable gave it, wherever it was moved';
comment on column public.class_sessions.changed_by_hand is 'covered, moved or cancelled by rpc(''change_session''): the timetable leaves it as it is';
comment on column public.class_sessions.day is 'the day at the school on which it starts';
comment on column public.class_sessions.register_taken_at is 'when attendance was first marked; without it nobody is present or absent';

-- Writing --------------------------------------------------------------------------------------------------------------------

create function private.booking_conflict(p_action text, p_constraint text) returns void
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'PT409', message = format('Cannot %s', p_action), hint = format('The %s is booked in that time already.', case
    when p_constraint ~ '_class_once$' then 'class' when p_constraint ~ '_teacher_once$' then 'teacher' else 'room' end);
end
$$;
comment on function private.booking_conflict is 'Names what is booked twice, by the constraint that found it.';

create function private.slot_days(p_school_id uuid, p_term_id uuid, p_class_id uuid) returns table (slot_id uuid, day date)
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select l.id, d.day::date from public.terms t
  cross join generate_series(t.starts_on, t.ends_on, interval '1 day') d (day)
  left join public.calendar_days c on c.school_id = t.school_id and c.day = d.day::date and c.deleted_at is null
  join public.timetable_slots l on (l.school_id, l.term_id) = (t.school_id, t.id) and l.deleted_at is null
    and l.weekday = case c.kind when 'holiday' then 0 when 'make_up' then c.follows_weekday else extract(isodow from d.day) end
  where (t.school_id, t.id) = (p_school_id, p_term_id) and (p_class_id is null or l.class_id = p_class_id);
end
$$;
comment on function private.slot_days is 'The days on which each slot of a term is held, by the week and the calendar.';

-- definer: because sessions have no write grant; the right is checked in the first statement.
create function private.generate_sessions(p_school_id uuid, p_term_id uuid, p_class_id uuid) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_count integer;
  v_constraint text;
begin
  -- One at a time in a term.
  perform from public.terms t where (t.school_id, t.id) = (p_school_id, p_term_id) and t.deleted_at is null
    and t.school_id = any (array(select private.schools_with('structure.manage'))) for no key update;
  if not found then
    perform private.refuse('generate the sessions');
  end if;
  -- What the slots, the calendar or the term no longer say, or say otherwise, unless it has begun. The latter come back below as they
  -- are said now: all are gone by then, so that two may change places.
  update public.class_sessions s set deleted_at = now()
  from public.timetable_slots l, public.schools z
  where (l.school_id, l.id) = (s.school_id, s.slot_id) and l.term_id = p_term_id and s.school_id = p_school_id and (p_class_id is null or l.class_id = p_class_id)
    and z.id = s.school_id and s.deleted_at is null and s.starts_at > now() and s.register_taken_at is null
    and (not exists (select from private.slot_days(p_school_id, p_term_id, p_class_id) d where d.slot_id = s.slot_id and d.day = s.slot_day)
      or not s.changed_by_hand and (s.subject_id, s.teacher_id, s.room_id, s.starts_at, s.ends_at)
        is distinct from (l.subject_id, l.teacher_id, l.room_id, (s.slot_day + l.start_time) at time zone z.timezone, (s.slot_day + l.end_time) at time zone z.timezone));
  insert into public.class_sessions as s (school_id, class_id, slot_id, slot_day, subject_id, teacher_id, room_id, day, starts_at, ends_at)
  select p_school_id, l.class_id, l.id, d.day, l.subject_id, l.teacher_id, l.room_id, d.day, (d.day + l.start_time) at time zone z.timezone, (d.day + l.end_time) at time zone z.timezone
  from private.slot_days(p_school_id, p_term_id, p_class_id) d
  join public.timetable_slots l on (l.school_id, l.id) = (p_school_id, d.slot_id)
  join public.schools z on z.id = p_school_id
  on conflict (school_id, slot_id, slot_day) do update
    set deleted_at = null, status = 'scheduled', changed_by_hand = false, day = excluded.day, cover_teacher_id = null, subject_id = excluded.subject_id, teacher_id = excluded.teacher_id, room_id = excluded.room_id, starts_at = excluded.starts_at, ends_at = excluded.ends_at
    where s.deleted_at is not null;
  get diagnostics v_count = row_count;
  return v_count;
exception
  when exclusion_violation then
    get stacked diagnostics v_constraint = constraint_name;
    perform private.booking_conflict('generate the sessions', v_constraint);
  when check_violation then
    perform private.reject('generate the sessions', 'A lesson lies in an hour that the clocks of the school leave out on one of its days.');
end
$$;
grant execute on function private.generate_sessions to authenticated;

create function public.generate_sessions(school_id uuid, term_id uuid, class_id uuid default null) returns integer
language sql set search_path = ''
as $$ select private.generate_sessions(generate_sessions.school_id, generate_sessions.term_id, generate_sessions.class_id) $$;
comment on function public.generate_sessions is
  'Makes the sessions of a term from its slots and the calendar, in the school''s wall-clock time (admins). Again, it adds what is new, and of what has not begun takes back what is no longer said and makes anew what is said otherwise, e.g. with another teacher or at another time; what was covered, moved or cancelled by hand stays. Returns how many it made. PT404; PT409 names what is booked twice; PT422 a lesson in the hour that daylight saving leaves out.';
grant execute on function public.generate_sessions to authenticated;

-- definer: as above.
create function private.change_session(p_school_id uuid, p_session_id uuid, p_status text, p_cover_teacher_id uuid, p_room_id uuid, p_starts_at timestamptz, p_ends_at timestamptz, p_without_room boolean) returns public.class_sessions
language plpgsql security definer set search_path = ''
as $$
declare
  v_session public.class_sessions;
  v_constraint text;
begin
  if p_cover_teacher_id = any (array(select private.all_my_memberships())) then
    perform private.refuse('change the session', 'It would be your own right.');
  end if;
  -- First, so that what was just entered in its register is seen below.
  perform from public.class_sessions s where (s.school_id, s.id) = (p_school_id, p_session_id) and s.school_id = any (array(select private.schools_with('structure.manage'))) for no key update;
  update public.class_sessions s set status = coalesce(p_status, s.status), changed_by_hand = true, cover_teacher_id = nullif(coalesce(p_cover_teacher_id, s.cover_teacher_id), s.teacher_id),
    room_id = case when p_without_room is not true then coalesce(p_room_id, s.room_id) end, starts_at = coalesce(p_starts_at, s.starts_at), ends_at = coalesce(p_ends_at, s.ends_at),
    day = case when p_starts_at is null then s.day else (p_starts_at at time zone z.timezone)::date end
  from public.schools z
  where (s.school_id, s.id) = (p_school_id, p_session_id) and z.id = s.school_id and s.deleted_at is null and s.register_taken_at is null
    and s.school_id = any (array(select private.schools_with('structure.manage')))
    and not exists (select from public.attendance_entries e where (e.school_id, e.session_id) = (s.school_id, s.id))
    and (p_starts_at is null or exists (select from public.classes k join public.academic_years y on (y.school_id, y.id) = (k.school_id, k.academic_year_id)
      where (k.school_id, k.id) = (s.school_id, s.class_id) and (p_starts_at at time zone z.timezone)::date between y.starts_on and y.ends_on))
    and (p_cover_teacher_id is null or exists (select from public.memberships m where (m.school_id, m.id) = (p_school_id, p_cover_teacher_id) and m.role = 'teacher' and m.active and m.deleted_at is null
      and coalesce((p_starts_at at time zone z.timezone)::date, s.day) between coalesce(m.resumes_on, '-infinity') and coalesce(m.ends_on, 'infinity')))
    and (p_room_id is null or exists (select from public.rooms r where (r.school_id, r.id) = (p_school_id, p_room_id) and r.deleted_at is null))
  returning s.* into v_session;
  if v_session.id is null then
    perform private.refuse('change the session');
  end if;
  if p_cover_teacher_id is not null then
    perform private.notify(p_school_id, array[v_session.cover_teacher_id], 'session_covered', 'class_sessions', v_session.id);
  end if;
  return v_session;
exception
  when exclusion_violation then
    get stacked diagnostics v_constraint = constraint_name;
    perform private.booking_conflict('change the session', v_constraint);
  when check_violation then
    perform private.reject('change the session', 'It ends after it starts, within a day; status is scheduled or cancelled.');
end
$$;
grant execute on function private.change_session to authenticated;

create function public.change_session(school_id uuid, session_id uuid, status text default null, cover_teacher_id uuid default null, room_id uuid default null, starts_at timestamptz default null, ends_at timestamptz default null,
  without_room boolean default false)
returns public.class_sessions
language sql set search_path = ''
as $$
  select private.change_session(change_session.school_id, change_session.session_id, change_session.status, change_session.cover_teacher_id, change_session.room_id, change_session.starts_at, change_session.ends_at, change_session.without_room)
$$;
comment on function public.change_session is
  'Cancels or restores a session, gives it a cover teacher (its own teacher ends the cover), another room or none (without_room), or another time within its class''s year, until anything stands in its register (admins; never oneself as cover). What is not named stays. PT404; PT409 names what is booked in that time; PT422.';
grant execute on function public.change_session to authenticated;

-- definer: as above.
create function private.add_session(p_school_id uuid, p_class_id uuid, p_teacher_id uuid, p_starts_at timestamptz, p_ends_at timestamptz, p_room_id uuid, p_subject_id uuid) returns public.class_sessions
language plpgsql security definer set search_path = ''
as $$
declare
  v_session public.class_sessions;
  v_constraint text;
begin
  insert into public.class_sessions as s (school_id, class_id, teacher_id, room_id, subject_id, day, starts_at, ends_at)
  select z.id, k.id, m.id, p_room_id, coalesce(p_subject_id, k.subject_id), (p_starts_at at time zone z.timezone)::date, p_starts_at, p_ends_at
  from public.schools z
  join public.classes k on k.school_id = z.id and k.id = p_class_id and k.deleted_at is null
  join public.academic_years y on (y.school_id, y.id) = (k.school_id, k.academic_year_id) and (p_starts_at at time zone z.timezone)::date between y.starts_on and y.ends_on
  join public.memberships m on m.school_id = z.id and m.id = p_teacher_id and m.role = 'teacher' and m.active and m.deleted_at is null
    and (p_starts_at at time zone z.timezone)::date between coalesce(m.resumes_on, '-infinity') and coalesce(m.ends_on, 'infinity')
  where z.id = p_school_id and z.id = any (array(select private.schools_with('structure.manage'))) and m.id <> all (array(select private.all_my_memberships()))
    and (p_room_id is null or exists (select from public.rooms r where (r.school_id, r.id) = (p_school_id, p_room_id) and r.deleted_at is null))
    and (p_subject_id is null or exists (select from public.subjects b where (b.school_id, b.id) = (p_school_id, p_subject_id) and b.deleted_at is null))
  returning s.* into v_session;
  if v_session.id is null then
    perform private.refuse('add the session', 'Class, teacher, room or subject is unknown, the day is outside the class''s year, or it would be your own right.');
  end if;
  return v_session;
exception
  when exclusion_violation then
    get stacked diagnostics v_constraint = constraint_name;
    perform private.booking_conflict('add the session', v_constraint);
  when check_violation or not_null_violation then
    perform private.reject('add the session', 'It ends after it starts, within a day.');
end
$$;
grant execute on function private.add_session to authenticated;

create function public.add_session(school_id uuid, class_id uuid, teacher_id uuid, starts_at timestamptz, ends_at timestamptz, room_id uuid default null, subject_id uuid default null) returns public.class_sessions
language sql set search_path = ''
as $$ select private.add_session(add_session.school_id, add_session.class_id, add_session.teacher_id, add_session.starts_at, add_session.ends_at, add_session.room_id, add_session.subject_id) $$;
comment on function public.add_session is 'Adds one session outside the weekly timetable (admins; never for oneself). PT404; PT409 names what is booked in that time; PT422.';
grant execute on function public.add_session to authenticated;

insert into private.restorable_tables (table_name, permission, person_column) values
  ('calendar_days', 'structure.manage', null), ('timetable_slots', 'structure.manage', 'teacher_id');
