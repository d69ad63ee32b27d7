-- Enrollment: who is in which class from when to when. A row is never rewritten: leaving ends it, returning adds another, the past stays visible.

create table public.enrollments (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  student_id uuid not null,
  class_id uuid not null,
  kind text not null,
  roll_number smallint constraint enrollments_roll_number check (roll_number between 1 and 999),
  starts_on date not null,
  ends_on date not null,
  end_reason text constraint enrollments_end_reason check (end_reason in ('transferred', 'dropped', 'left', 'promoted', 'repeated', 'graduated')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint enrollments_student_fkey foreign key (school_id, student_id) references public.students (school_id, id) on delete restrict,
  constraint enrollments_class_fkey foreign key (school_id, class_id, kind) references public.classes (school_id, id, kind) on delete restrict,
  constraint enrollments_dates check (ends_on >= starts_on),
  constraint enrollments_no_overlap exclude using gist (school_id with =, uuid_send(student_id) with =, uuid_send(class_id) with =, daterange(starts_on, ends_on, '[]') with &&)
    where (deleted_at is null),
  constraint enrollments_one_homeroom exclude using gist (school_id with =, uuid_send(student_id) with =, daterange(starts_on, ends_on, '[]') with &&)
    where (kind = 'homeroom' and deleted_at is null),
  constraint enrollments_roll_number_key exclude using gist (school_id with =, uuid_send(class_id) with =, roll_number with =, daterange(starts_on, ends_on, '[]') with &&)
    where (roll_number is not null and deleted_at is null)
);
create index enrollments_id_idx on public.enrollments (id);
create index enrollments_class_idx on public.enrollments (school_id, class_id, kind);
create index enrollments_class_id_idx on public.enrollments (class_id, starts_on);
create index enrollments_student_idx on public.enrollments (school_id, student_id);
create index enrollments_student_id_idx on public.enrollments (student_id, starts_on desc);
alter table public.enrollments enable row level security;
call private.equip('public.enrollments', p_subject => 'student_id');
grant select on public.enrollments to authenticated;
create policy "own, class, team and school enrollments" on public.enrollments for select to authenticated
  using (deleted_at is null and (
    class_id = any (array(select private.classes_with('students.read', true)))
    or student_id = any (array(select private.own_students()))
    or school_id = any (array(select private.schools_with('students.read')))
    or student_id = any (array(select private.students_taught('students.read')))
    or student_id = any (array(select private.students_covered('students.read')))
    or student_id = any (array(select private.students_of_team('students.read')))));
create policy "blocked people see nothing of the student" on public.enrollments as restrictive for all to authenticated
  using (student_id <> all (array(select private.blocked_students())));
comment on table public.enrollments is 'A student in a class over a range of dates (OneRoster: enrollment). Written by rpc(''enroll_students''), rpc(''transfer_student''), rpc(''end_enrollment'').';
comment on column public.enrollments.ends_on is 'the last day in the class, at most the last of its year, with which it moves';
comment on column public.enrollments.kind is 'the class''s kind: a student is in one homeroom at a time';

-- definer: because what a year holds may be hidden from who changes it. Who was promoted out of the year stays to its end, wherever that moves.
create function private.tg_academic_years__keep_enrollments() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if exists (select from public.enrollments e join public.classes k on (k.school_id, k.id) = (e.school_id, e.class_id)
      where (k.school_id, k.academic_year_id) = (new.school_id, new.id) and e.deleted_at is null
        and (e.starts_on not between new.starts_on and new.ends_on
          or e.ends_on > new.ends_on and (e.ends_on <> old.ends_on or e.end_reason is not null and e.ended_by_promotion_id is null))) then
    perform private.reject('change the dates of the year', 'An enrollment would lie outside it.');
  end if;
  update public.enrollments e set ends_on = new.ends_on from public.classes k
  where (k.school_id, k.id) = (e.school_id, e.class_id) and (k.school_id, k.academic_year_id) = (new.school_id, new.id)
    and e.deleted_at is null and e.ends_on = old.ends_on and (e.end_reason is null or e.ended_by_promotion_id is not null);
  return null;
end
$$;
create trigger _500_keep_enrollments after update of starts_on, ends_on on public.academic_years for each row
  when ((old.starts_on, old.ends_on) is distinct from (new.starts_on, new.ends_on)) execute function private.tg_academic_years__keep_enrollments();

-- Writing ------------------------------------------------------------------------------------------------------------------

create function private.enrollment_conflict(p_action text, p_constraint text) returns void
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'PT409', message = format('Cannot %s', p_action), hint = case p_constraint
    when 'enrollments_no_overlap' then 'The student is in this class in that time already.'
    when 'enrollments_one_homeroom' then 'The student is in another homeroom in that time; transfer them instead.'
    else 'The roll number is taken in that time.' end;
end
$$;
comment on function private.enrollment_conflict is 'Names the clash that a constraint of enrollments found.';

-- definer: because the class is locked, so that two enrollments at once cannot fill the same last place.
create function private.hold_place(p_action text, p_school_id uuid, p_class_id uuid, p_starts_on date, inout p_ends_on date, p_count integer, out p_class public.classes)
language plpgsql security definer set search_path = ''
as $$
declare
  v_year public.academic_years;
  v_taken integer;
begin
  select k.* into p_class from public.classes k where (k.school_id, k.id) = (p_school_id, p_class_id) and k.deleted_at is null for no key update;
  -- Its days do not move before the enrollment is there to be asked.
  select y.* into v_year from public.academic_years y where (y.school_id, y.id) = (p_class.school_id, p_class.academic_year_id) and y.deleted_at is null for share;
  if p_class.id is null or v_year.id is null then
    perform private.refuse(p_action);
  end if;
  p_ends_on := coalesce(p_ends_on, v_year.ends_on);
  if p_starts_on < v_year.starts_on or p_ends_on > v_year.ends_on or p_starts_on > p_ends_on then
    perform private.reject(p_action, format('The class''s year is from %s to %s.', v_year.starts_on, v_year.ends_on));
  end if;
  select max(on_day) into v_taken from (
    select count(*) as on_day
    from (select p_starts_on as day union select e.starts_on from public.enrollments e
      where e.class_id = p_class_id and e.deleted_at is null and e.starts_on between p_starts_on and p_ends_on) days
    join public.enrollments e on e.class_id = p_class_id and e.deleted_at is null and days.day between e.starts_on and e.ends_on
    group by days.day) counted;
  if coalesce(v_taken, 0) + p_count > p_class.capacity then
    raise exception using errcode = 'PT409', message = format('Cannot %s', p_action), hint = format('The class has %s places, and %s are taken.', p_class.capacity, coalesce(v_taken, 0));
  end if;
end
$$;
comment on function private.hold_place is 'Locks a live class whose year holds the dates and that has so many places free on every one of them; without an end, to the year''s.';

-- definer: because the table has no write grant; the right and every student are checked here.
create function private.enroll_students(p_school_id uuid, p_class_id uuid, p_student_ids uuid[], p_starts_on date, p_ends_on date) returns setof public.enrollments
language plpgsql security definer set search_path = ''
as $$
declare
  v_place record;
  v_roll integer;
  v_constraint text;
begin
  if (p_school_id = any (array(select private.schools_with('enrollments.manage')))) is not true then
    perform private.refuse('enroll the students');
  end if;
  if coalesce(cardinality(p_student_ids), 0) not between 1 and 500 or p_starts_on is null or p_ends_on < p_starts_on then
    perform private.reject('enroll the students', 'Name 1 to 500 students and the day on which they start; they cannot end before it.');
  end if;
  -- Nobody of them is removed beside this; whoever just was is then seen to be.
  perform from public.students s where s.school_id = p_school_id and s.id = any (p_student_ids) order by s.id for key share;
  if exists (select from unnest(p_student_ids) n (id) where n.id is null or not exists (
      select from public.students s where s.school_id = p_school_id and s.id = n.id and s.deleted_at is null and s.status in ('applied', 'enrolled')
        and s.id <> all (array(select private.blocked_students())))) then
    perform private.refuse('enroll the students', 'One of them does not exist, or has left or graduated.');
  end if;
  v_place := private.hold_place('enroll the students', p_school_id, p_class_id, p_starts_on, p_ends_on, (select count(distinct n.id)::integer from unnest(p_student_ids) n (id)));
  select coalesce(max(e.roll_number), 0) into v_roll from public.enrollments e where e.class_id = p_class_id and e.deleted_at is null;
  update public.students s set status = 'enrolled' where s.school_id = p_school_id and s.id = any (p_student_ids) and s.status = 'applied';
  return query
  insert into public.enrollments (school_id, student_id, class_id, kind, roll_number, starts_on, ends_on)
  select p_school_id, s.id, p_class_id, (v_place.p_class).kind, v_roll + row_number() over (order by s.family_name, s.given_name, s.id), p_starts_on, v_place.p_ends_on
  from public.students s where s.school_id = p_school_id and s.id = any (p_student_ids)
  returning *;
exception when exclusion_violation then
  get stacked diagnostics v_constraint = constraint_name;
  perform private.enrollment_conflict('enroll the students', v_constraint);
end
$$;
grant execute on function private.enroll_students to authenticated;

create function public.enroll_students(school_id uuid, class_id uuid, student_ids uuid[], starts_on date, ends_on date default null) returns setof public.enrollments
language sql set search_path = ''
as $$ select * from private.enroll_students(enroll_students.school_id, enroll_students.class_id, enroll_students.student_ids, enroll_students.starts_on, enroll_students.ends_on) $$;
comment on function public.enroll_students is
  'Puts 1 to 500 students into a class, all or none, from a day on (admins). Roll numbers follow the names. Returns the enrollments. PT404; PT409 when a place, the homeroom or the class is taken in that time; PT422 outside the class''s year.';
grant execute on function public.enroll_students to authenticated;

-- definer: as above.
create function private.end_enrollment(p_school_id uuid, p_enrollment_id uuid, p_ends_on date, p_reason text) returns public.enrollments
language plpgsql security definer set search_path = ''
as $$
declare
  v_enrollment public.enrollments;
begin
  if (p_reason in ('dropped', 'left', 'graduated')) is not true then
    perform private.reject('end the enrollment', 'A reason is dropped, left or graduated.');
  end if;
  update public.enrollments e set ends_on = p_ends_on, end_reason = p_reason, ended_by_promotion_id = null
  where (e.school_id, e.id) = (p_school_id, p_enrollment_id) and e.deleted_at is null and p_ends_on between e.starts_on and e.ends_on
    and e.school_id = any (array(select private.schools_with('enrollments.manage'))) and e.student_id <> all (array(select private.blocked_students()))
  returning e.* into v_enrollment;
  if v_enrollment.id is null then
    perform private.refuse('end the enrollment', 'It does not exist, is not yours to change, or the day is not one of its days.');
  end if;
  return v_enrollment;
end
$$;
grant execute on function private.end_enrollment to authenticated;

create function public.end_enrollment(school_id uuid, enrollment_id uuid, ends_on date, reason text default 'dropped') returns public.enrollments
language sql set search_path = ''
as $$ select private.end_enrollment(end_enrollment.school_id, end_enrollment.enrollment_id, end_enrollment.ends_on, end_enrollment.reason) $$;
comment on function public.end_enrollment is 'Ends an enrollment with a last day (admins); the past stays. Reason: dropped, left or graduated. PT404; PT422.';
grant execute on function public.end_enrollment to authenticated;

-- definer: as above.
create function private.transfer_student(p_school_id uuid, p_enrollment_id uuid, p_class_id uuid, p_on date) returns public.enrollments
language plpgsql security definer set search_path = ''
as $$
declare
  v_old public.enrollments;
  v_new public.enrollments;
  v_place record;
  v_constraint text;
begin
  -- First, as whoever moves the year's days locks it ahead of its enrollments.
  perform from public.academic_years y join public.classes k on (k.school_id, k.academic_year_id) = (y.school_id, y.id)
  where (k.school_id, k.id) = (p_school_id, p_class_id) and k.school_id = any (array(select private.schools_with('enrollments.manage'))) for share of y;
  select e.* into v_old from public.enrollments e
  where (e.school_id, e.id) = (p_school_id, p_enrollment_id) and e.deleted_at is null and e.class_id <> p_class_id
    and p_on > e.starts_on and p_on <= e.ends_on
    and e.school_id = any (array(select private.schools_with('enrollments.manage'))) and e.student_id <> all (array(select private.blocked_students()))
  for update;
  if v_old.id is null then
    perform private.refuse('transfer the student', 'The enrollment does not exist, is not yours to change, or the day is not after its first one.');
  end if;
  v_place := private.hold_place('transfer the student', p_school_id, p_class_id, p_on, v_old.ends_on, 1);
  if (v_place.p_class).kind <> v_old.kind then
    perform private.reject('transfer the student', 'Both classes are of one kind.');
  end if;
  update public.enrollments e set ends_on = p_on - 1, end_reason = 'transferred', ended_by_promotion_id = null where (e.school_id, e.id) = (v_old.school_id, v_old.id);
  insert into public.enrollments as e (school_id, student_id, class_id, kind, roll_number, starts_on, ends_on, end_reason, ended_by_promotion_id)
  values (p_school_id, v_old.student_id, p_class_id, v_old.kind,
    (select coalesce(max(o.roll_number), 0) + 1 from public.enrollments o where o.class_id = p_class_id and o.deleted_at is null), p_on, v_old.ends_on,
    v_old.end_reason, v_old.ended_by_promotion_id)
  returning e.* into v_new;
  return v_new;
exception when exclusion_violation then
  get stacked diagnostics v_constraint = constraint_name;
  perform private.enrollment_conflict('transfer the student', v_constraint);
end
$$;
grant execute on function private.transfer_student to authenticated;

create function public.transfer_student(school_id uuid, enrollment_id uuid, class_id uuid, on_date date) returns public.enrollments
language sql set search_path = ''
as $$ select private.transfer_student(transfer_student.school_id, transfer_student.enrollment_id, transfer_student.class_id, transfer_student.on_date) $$;
comment on function public.transfer_student is 'Moves a student to another class of the same kind in the year from a day on; the old enrollment ends the day before (admins). Returns the new one. PT404; PT409 no place; PT422.';
grant execute on function public.transfer_student to authenticated;
