-- Attendance: what the teacher marked, what the office set instead and why (marks), and what holds (entries). A register that was
-- not taken leaves neither.

create table public.attendance_entries (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  session_id uuid not null,
  class_id uuid not null,
  student_id uuid not null,
  day date not null,
  status text not null constraint attendance_entries_status check (status in ('present', 'excused', 'unexcused', 'late', 'left_early')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint attendance_entries_student_key unique (school_id, session_id, student_id),
  constraint attendance_entries_session_fkey foreign key (school_id, session_id, class_id, day)
    references public.class_sessions (school_id, id, class_id, day) on update cascade on delete restrict,
  constraint attendance_entries_student_fkey foreign key (school_id, student_id) references public.students (school_id, id) on delete restrict
);
create index attendance_entries_id_idx on public.attendance_entries (id);
create index attendance_entries_session_idx on public.attendance_entries (session_id, school_id, class_id, day);
-- One for the key and for a student's days: beside a second one without the day, the planner takes that for both columns.
create index attendance_entries_student_idx on public.attendance_entries (student_id, school_id, day desc);
create index attendance_entries_class_id_idx on public.attendance_entries (class_id, day desc);
create index attendance_entries_day_idx on public.attendance_entries (school_id, day desc);
alter table public.attendance_entries enable row level security;
call private.equip('public.attendance_entries', p_subject => 'student_id');
grant select on public.attendance_entries to authenticated;
create policy "own, class, team and school attendance" on public.attendance_entries for select to authenticated
  using (class_id = any (array(select private.classes_with('attendance.read', true)))
    or student_id = any (array(select private.own_students(true)))
    or school_id = any (array(select private.schools_with('attendance.read')))
    or session_id = any (array(select private.sessions_covered('attendance.read')))
    or student_id = any (array(select private.students_of_team('attendance.read'))));
create policy "blocked people see nothing of the student" on public.attendance_entries as restrictive for all to authenticated
  using (student_id <> all (array(select private.blocked_students())));
comment on table public.attendance_entries is 'What holds of a student in a session. Written by rpc(''mark_attendance'') and rpc(''override_attendance'').';
comment on column public.attendance_entries.status is 'excused and unexcused are absences; late and left_early are not';

create table public.attendance_marks (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  session_id uuid not null,
  student_id uuid not null,
  status text constraint attendance_marks_status check (status in ('present', 'excused', 'unexcused', 'late', 'left_early')),
  note private.note_text,
  marked_by uuid,
  marked_at timestamptz,
  override_status text constraint attendance_marks_override_status check (override_status in ('present', 'excused', 'unexcused', 'late', 'left_early')),
  override_reason private.note_text,
  overridden_by uuid,
  overridden_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint attendance_marks_student_key unique (school_id, session_id, student_id),
  constraint attendance_marks_entry_fkey foreign key (school_id, session_id, student_id)
    references public.attendance_entries (school_id, session_id, student_id) on delete cascade,
  constraint attendance_marks_marked_by_fkey foreign key (school_id, marked_by) references public.memberships (school_id, id) on delete restrict,
  constraint attendance_marks_overridden_by_fkey foreign key (school_id, overridden_by) references public.memberships (school_id, id) on delete restrict,
  constraint attendance_marks_mark check ((status is null) = (marked_at is null)),
  constraint attendance_marks_override check ((override_status is null) = (override_reason is null) and (override_status is null) = (overridden_at is null)),
  constraint attendance_marks_some check (status is not null or override_status is not null)
);
create index attendance_marks_id_idx on public.attendance_marks (id);
create index attendance_marks_marked_by_idx on public.attendance_marks (school_id, marked_by);
create index attendance_marks_overridden_by_idx on public.attendance_marks (school_id, overridden_by);
alter table public.attendance_marks enable row level security;
call private.equip('public.attendance_marks', p_nfc => '{note,override_reason}', p_subject => 'student_id');
grant select on public.attendance_marks to authenticated;
create policy "class, team and school marks" on public.attendance_marks for select to authenticated
  using (exists (select from public.attendance_entries e
    where (e.school_id, e.session_id, e.student_id) = (attendance_marks.school_id, attendance_marks.session_id, attendance_marks.student_id)
      and (e.class_id = any (array(select private.classes_with('attendance.read', true)))
        or e.session_id = any (array(select private.sessions_covered('attendance.read')))
        or e.school_id = any (array(select private.schools_with('attendance.read')))
        or e.student_id = any (array(select private.students_of_team('attendance.read'))))));
create policy "blocked people see nothing of the student" on public.attendance_marks as restrictive for all to authenticated
  using (student_id <> all (array(select private.blocked_students())));
comment on table public.attendance_marks is 'The teacher''s mark, which an override leaves as it was, and the office''s override with its reason.';

-- Marking --------------------------------------------------------------------------------------------------------------------------

create function private.notify_absences(p_school_id uuid, p_day date, p_student_ids uuid[]) returns void
language plpgsql set search_path = ''
as $$
declare
  v_absence record;
begin
  if not (private.setting(p_school_id, 'absence_notifications'))::boolean then
    return;
  end if;
  for v_absence in
    select g.student_id, array_agg(g.guardian_id) as guardians from public.guardianships g join public.schools s on s.id = g.school_id
    where g.school_id = p_school_id and g.student_id = any (p_student_ids) and g.sees_attendance and g.deleted_at is null
      and p_day = (now() at time zone s.timezone)::date and p_day between g.starts_on and coalesce(g.ends_on, 'infinity')
    group by g.student_id
  loop
    perform private.notify(p_school_id, v_absence.guardians, 'attendance_absent', 'students', v_absence.student_id, v_absence.student_id, p_day);
  end loop;
end
$$;
comment on function private.notify_absences is 'Tells guardians who see attendance that a child was missed today, once a day.';

-- definer: because neither table has a write grant; session, register, enrollment and block are checked in the same statements.
create function private.mark_attendance(p_school_id uuid, p_session_id uuid, p_entries jsonb) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_session public.class_sessions;
  v_teacher uuid;
  v_open boolean;
  v_students uuid[];
  v_statuses text[];
  v_notes text[];
  v_absent uuid[];
begin
  select s.* into v_session from public.class_sessions s
  where (s.school_id, s.id) = (p_school_id, p_session_id) and s.status = 'scheduled' and s.deleted_at is null;
  select c.id, now() < v_session.ends_at + make_interval(hours => (private.setting(p_school_id, 'register_hours'))::integer) into v_teacher, v_open
  from private.current_memberships c
  where c.school_id = p_school_id and c.role = 'teacher' and (c.id = v_session.held_by or v_session.class_id = any (array(select private.classes_with('attendance.read'))))
  order by c.id = v_session.held_by desc limit 1;
  if v_teacher is null then
    perform private.refuse('mark attendance', 'The session does not exist, is cancelled, or is not one of yours.');
  end if;
  -- Only now, so that nobody holds a session that is not theirs; and again, since it may just have been cancelled or covered.
  perform from public.class_sessions s where (s.school_id, s.id) = (p_school_id, p_session_id)
    and s.status = 'scheduled' and s.deleted_at is null and s.held_by = v_session.held_by and s.day = v_session.day for no key update;
  if not found then
    perform private.refuse('mark attendance');
  end if;
  if v_session.starts_at > now() then
    perform private.reject('mark attendance', 'The session has not begun.');
  end if;
  if exists (select from public.calendar_days d where (d.school_id, d.day) = (p_school_id, v_session.day) and d.kind = 'holiday' and d.deleted_at is null) then
    perform private.reject('mark attendance', 'The day is a holiday.');
  end if;
  if not v_open then
    raise exception using errcode = 'PT409', message = 'Cannot mark attendance', hint = 'The register has closed; the office can override.';
  end if;
  select array_agg(e.student_id), array_agg(e.status), array_agg(e.note) into v_students, v_statuses, v_notes
  from jsonb_to_recordset(case jsonb_typeof(p_entries) when 'array' then p_entries else '[]' end) e (student_id uuid, status text, note text);
  if coalesce(cardinality(v_students), 0) not between 1 and 500 or array_position(v_students, null) is not null
    or not v_statuses <@ array['present', 'excused', 'unexcused', 'late', 'left_early'] then
    perform private.reject('mark attendance', 'Entries are 1 to 500 objects {student_id, status, note}; a status is present, excused, unexcused, late or left_early.');
  end if;
  if (select count(distinct e.student_id) from public.enrollments e
      where e.class_id = v_session.class_id and e.student_id = any (v_students) and e.deleted_at is null and v_session.day between e.starts_on and e.ends_on
        and e.student_id <> all (array(select private.blocked_students()))) <> cardinality(v_students) then
    perform private.reject('mark attendance', 'Every student is named once and was enrolled in the class on that day.');
  end if;
  with entered as (
    insert into public.attendance_entries as a (school_id, session_id, class_id, student_id, day, status)
    select p_school_id, p_session_id, v_session.class_id, e.student_id, v_session.day, e.status from unnest(v_students, v_statuses) e (student_id, status)
    on conflict (school_id, session_id, student_id) do update set status = excluded.status
      where a.status <> excluded.status and not exists (select from public.attendance_marks m
        where (m.school_id, m.session_id, m.student_id) = (a.school_id, a.session_id, a.student_id) and m.override_status is not null)
    returning a.student_id, a.status)
  select array_agg(e.student_id) into v_absent from entered e where e.status = 'unexcused';
  if v_absent is not null then
    perform private.notify_absences(p_school_id, v_session.day, v_absent);
  end if;
  insert into public.attendance_marks as m (school_id, session_id, student_id, status, note, marked_by, marked_at)
  select p_school_id, p_session_id, e.student_id, e.status, e.note, v_teacher, now() from unnest(v_students, v_statuses, v_notes) e (student_id, status, note)
  on conflict (school_id, session_id, student_id) do update set status = excluded.status, note = excluded.note, marked_by = excluded.marked_by, marked_at = excluded.marked_at
    where (m.status, m.note) is distinct from (excluded.status, excluded.note);
  if v_session.register_taken_at is null then
    update public.class_sessions s set register_taken_at = now() where (s.school_id, s.id) = (p_school_id, p_session_id) and s.register_taken_at is null;
  end if;
  return cardinality(v_students);
exception when invalid_text_representation or invalid_parameter_value or check_violation then
  perform private.reject('mark attendance', 'Entries are 1 to 500 objects {student_id, status, note}; a status is present, excused, unexcused, late or left_early.');
end
$$;
grant execute on function private.mark_attendance to authenticated;

create function public.mark_attendance(school_id uuid, session_id uuid, entries jsonb) returns integer
language sql set search_path = ''
as $$ select private.mark_attendance(mark_attendance.school_id, mark_attendance.session_id, mark_attendance.entries) $$;
comment on function public.mark_attendance is
  'Takes the register of a session, or part of it, or again (its teacher, its cover, a teacher of the class): entries [{student_id, status, note}], status present, excused, unexcused, late or left_early. An override of the office stays. All or none; returns how many were marked. PT404; PT409 the register has closed; PT422 not begun, not enrolled, unknown status.';
grant execute on function public.mark_attendance to authenticated;

-- definer: as above.
create function private.override_attendance(p_school_id uuid, p_session_id uuid, p_student_id uuid, p_status text, p_reason text) returns public.attendance_entries
language plpgsql security definer set search_path = ''
as $$
declare
  v_entry public.attendance_entries;
  v_actor uuid;
begin
  select c.id into v_actor from private.current_memberships c
  where c.school_id = p_school_id and p_school_id = any (array(select private.schools_with('attendance.override'))) and c.role in ('admin', 'leader') order by c.role limit 1;
  -- First, so that neither a register that is being taken nor a cancelling passes it unseen.
  perform from public.class_sessions s where (s.school_id, s.id) = (p_school_id, p_session_id) and v_actor is not null for no key update;
  if v_actor is null or p_student_id = any (array(select private.blocked_students())) or not exists (
      select from public.class_sessions s join public.enrollments e on (e.school_id, e.class_id) = (s.school_id, s.class_id) and s.day between e.starts_on and e.ends_on
      where (s.school_id, s.id) = (p_school_id, p_session_id) and e.student_id = p_student_id and e.deleted_at is null
        and s.status = 'scheduled' and s.starts_at <= now() and s.deleted_at is null) then
    perform private.refuse('override attendance', 'You may not, the session has not begun, or the student was not in the class on that day.');
  end if;
  if coalesce(trim(p_reason), '') = '' or (p_status in ('present', 'excused', 'unexcused', 'late', 'left_early')) is not true then
    perform private.reject('override attendance', 'Give a reason; a status is present, excused, unexcused, late or left_early.');
  end if;
  if exists (select from public.calendar_days d join public.class_sessions s on (s.school_id, s.day) = (d.school_id, d.day)
      where (s.school_id, s.id) = (p_school_id, p_session_id) and d.kind = 'holiday' and d.deleted_at is null) then
    perform private.reject('override attendance', 'The day is a holiday.');
  end if;
  insert into public.attendance_entries as a (school_id, session_id, class_id, student_id, day, status)
  select s.school_id, s.id, s.class_id, p_student_id, s.day, p_status from public.class_sessions s where (s.school_id, s.id) = (p_school_id, p_session_id)
  on conflict (school_id, session_id, student_id) do update set status = excluded.status
  returning a.* into v_entry;
  insert into public.attendance_marks as m (school_id, session_id, student_id, override_status, override_reason, overridden_by, overridden_at)
  values (p_school_id, p_session_id, p_student_id, p_status, p_reason, v_actor, now())
  on conflict (school_id, session_id, student_id) do update
    set override_status = excluded.override_status, override_reason = excluded.override_reason, overridden_by = excluded.overridden_by, overridden_at = excluded.overridden_at;
  return v_entry;
end
$$;
grant execute on function private.override_attendance to authenticated;

create function public.override_attendance(school_id uuid, session_id uuid, student_id uuid, status text, reason text) returns public.attendance_entries
language sql set search_path = ''
as $$ select private.override_attendance(override_attendance.school_id, override_attendance.session_id, override_attendance.student_id, override_attendance.status, override_attendance.reason) $$;
comment on function public.override_attendance is
  'Sets what holds of a student in a session, at any time after it began, with a reason; the teacher''s mark stays beside it (admins and principals). Returns the entry. PT404; PT422 without a reason, with an unknown status or on a holiday.';
grant execute on function public.override_attendance to authenticated;

-- Reckoning ------------------------------------------------------------------------------------------------------------------------

-- definer: because families read no settings, and these three say how their own days are counted.
create function private.attendance_rules(p_school_id uuid, out half_days boolean, out chronic_percent integer, out chronic_days integer)
language plpgsql stable security definer set search_path = ''
as $$
begin
  if (p_school_id = any (array(select private.my_schools()))) is not true then
    return;
  end if;
  half_days := (private.setting(p_school_id, 'half_days'))::boolean;
  chronic_percent := (private.setting(p_school_id, 'chronic_absence_percent'))::integer;
  chronic_days := (private.setting(p_school_id, 'chronic_absence_days'))::integer;
end
$$;
comment on function private.attendance_rules is 'How a school of the caller counts days of absence.';
grant execute on function private.attendance_rules to authenticated;

create function public.daily_attendance(school_id uuid, from_day date, to_day date, class_id uuid default null, student_id uuid default null)
returns table (student_id uuid, day date, sessions integer, absent_sessions integer, absent_days numeric)
language sql stable set search_path = ''
as $$
  select d.student_id, d.day, d.sessions, d.absent, case when d.absent = d.sessions then 1 when r.half_days and 2 * d.absent >= d.sessions then 0.5 else 0 end
  from (
    select e.student_id, e.day, count(*)::integer as sessions, (count(*) filter (where e.status in ('excused', 'unexcused')))::integer as absent
    from public.attendance_entries e
    where e.school_id = daily_attendance.school_id and e.day between daily_attendance.from_day and daily_attendance.to_day
      and (daily_attendance.class_id is null or e.class_id = daily_attendance.class_id)
      and (daily_attendance.student_id is null or e.student_id = daily_attendance.student_id)
      and exists (select from public.enrollments n where (n.school_id, n.student_id, n.class_id) = (e.school_id, e.student_id, e.class_id) and e.day between n.starts_on and n.ends_on)
    group by e.student_id, e.day) d
  cross join private.attendance_rules(daily_attendance.school_id) r
$$;
comment on function public.daily_attendance is
  'Per student and day, within what the caller may read: sessions with a register while enrolled (what was marked after the last day that the office then gave does not count), those missed, and the day as absent (1), half (0.5, where the setting half_days counts them and half or more was missed) or attended (0).';
grant execute on function public.daily_attendance to authenticated;

create function public.attendance_summary(school_id uuid, from_day date, to_day date, class_id uuid default null, student_id uuid default null)
returns table (student_id uuid, days integer, absent_days numeric, sessions integer, absent_sessions integer, rate numeric, chronic boolean)
language sql stable set search_path = ''
as $$
  select s.student_id, coalesce(d.days, 0)::integer, coalesce(d.absent_days, 0), coalesce(d.sessions, 0)::integer, coalesce(d.absent_sessions, 0)::integer,
    (d.days - d.absent_days) / nullif(d.days, 0),
    case when d.days >= r.chronic_days then 100 * d.absent_days >= r.chronic_percent * d.days end
  from (
    select distinct e.student_id from public.enrollments e
    where e.school_id = attendance_summary.school_id and e.starts_on <= attendance_summary.to_day and e.ends_on >= attendance_summary.from_day and attendance_summary.from_day <= attendance_summary.to_day
      and (attendance_summary.class_id is null or e.class_id = attendance_summary.class_id)
      and (attendance_summary.student_id is null or e.student_id = attendance_summary.student_id)) s
  left join (
    select a.student_id, count(*) as days, sum(a.absent_days) as absent_days, sum(a.sessions) as sessions, sum(a.absent_sessions) as absent_sessions
    from public.daily_attendance(attendance_summary.school_id, attendance_summary.from_day, attendance_summary.to_day, attendance_summary.class_id, attendance_summary.student_id) a
    group by a.student_id) d on d.student_id = s.student_id
  cross join private.attendance_rules(attendance_summary.school_id) r
$$;
comment on function public.attendance_summary is
  'Per student enrolled in the time, within what the caller may read: days with a register, days absent (excused or not), rate = days attended / days (null without any), and whether absence is chronic: at least chronic_absence_percent of at least chronic_absence_days (null when there are fewer). Source of 10 percent: the chronic absence indicator of the US Department of Education.';
grant execute on function public.attendance_summary to authenticated;
