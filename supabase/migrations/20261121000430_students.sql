-- Students and families: the record, what staff keep, what is protected, who may see whose child, and who must not.

create table public.students (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  membership_id uuid,
  student_number private.code_text,
  given_name private.name_text collate private.hebrew not null,
  family_name private.name_text collate private.hebrew not null,
  preferred_name private.name_text collate private.hebrew,
  photo_path text,
  rights_holder boolean not null default false,
  status text not null default 'enrolled' constraint students_status check (status in ('applied', 'enrolled', 'left', 'graduated')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint students_membership_key unique (school_id, membership_id),
  constraint students_membership_fkey foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete restrict
);
create unique index students_id_idx on public.students (id);
create unique index students_number_key on public.students (school_id, student_number) where deleted_at is null;
create index students_membership_id_idx on public.students (membership_id);
create index students_name_idx on public.students (school_id, family_name, given_name);
alter table public.students enable row level security;
call private.equip('public.students', p_nfc => '{given_name,family_name,preferred_name}', p_subject => 'id');
-- Helpers hand out bare ids of students: no two schools share one, and no client chooses one (it would be told of a taken one).
grant select, insert (school_id, membership_id, student_number, given_name, family_name, preferred_name, rights_holder, status),
  update (student_number, given_name, family_name, preferred_name, rights_holder, status), delete on public.students to authenticated;
comment on table public.students is 'A pupil of a school, with or without a sign-in (membership_id).';
comment on column public.students.photo_path is 'in the bucket avatars; rpc(''set_photo'')';
comment on column public.students.rights_holder is 'an eligible student (FERPA: 18 or in higher education), who inspects the own record';

create table public.guardianships (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  student_id uuid not null,
  guardian_id uuid not null,
  relation text not null default 'parent' constraint guardianships_relation check (relation in ('parent', 'step_parent', 'foster_parent', 'grandparent', 'guardian', 'other')),
  rights_holder boolean not null default true,
  sees_grades boolean not null default true,
  sees_attendance boolean not null default true,
  may_collect boolean not null default false,
  starts_on date not null default '-infinity',
  ends_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint guardianships_student_fkey foreign key (school_id, student_id) references public.students (school_id, id) on delete restrict,
  constraint guardianships_guardian_fkey foreign key (school_id, guardian_id) references public.memberships (school_id, id) on delete restrict,
  constraint guardianships_dates check (ends_on >= starts_on),
  constraint guardianships_no_overlap exclude using gist (school_id with =, uuid_send(student_id) with =, uuid_send(guardian_id) with =, daterange(starts_on, ends_on, '[]') with &&)
    where (deleted_at is null)
);
create index guardianships_id_idx on public.guardianships (id);
create index guardianships_student_idx on public.guardianships (school_id, student_id);
create index guardianships_student_id_idx on public.guardianships (student_id);
create index guardianships_guardian_idx on public.guardianships (school_id, guardian_id);
create index guardianships_guardian_id_idx on public.guardianships (guardian_id);
alter table public.guardianships enable row level security;
call private.equip('public.guardianships', p_subject => 'student_id');
create trigger _140_starts_today before insert on public.guardianships for each row when (new.starts_on = '-infinity') execute function private.tg__starts_today();
call private.name_clashes('public.guardianships', 'guardianships.manage', '{"guardianships_no_overlap": "This person is the student''s guardian in that time already."}');
grant select, insert (school_id, id, student_id, guardian_id, relation, rights_holder, sees_grades, sees_attendance, may_collect, starts_on, ends_on),
  update (relation, rights_holder, sees_grades, sees_attendance, may_collect, starts_on, ends_on), delete on public.guardianships to authenticated;
comment on table public.guardianships is 'Who is a child''s guardian, with what rights, from when to when.';
comment on column public.guardianships.rights_holder is 'holds the right to inspect the education record (FERPA)';

create table public.guardianship_blocks (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  student_id uuid not null,
  membership_id uuid not null,
  reason private.note_text not null,
  starts_on date not null default '-infinity',
  ends_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint guardianship_blocks_student_fkey foreign key (school_id, student_id) references public.students (school_id, id) on delete restrict,
  constraint guardianship_blocks_membership_fkey foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete restrict,
  constraint guardianship_blocks_dates check (ends_on >= starts_on)
);
create index guardianship_blocks_id_idx on public.guardianship_blocks (id);
create index guardianship_blocks_student_idx on public.guardianship_blocks (school_id, student_id);
create index guardianship_blocks_membership_idx on public.guardianship_blocks (school_id, membership_id);
alter table public.guardianship_blocks enable row level security;
call private.equip('public.guardianship_blocks', p_nfc => '{reason}', p_wall => 'true');
create trigger _140_starts_today before insert on public.guardianship_blocks for each row when (new.starts_on = '-infinity') execute function private.tg__starts_today();
-- Whom a block concerns and why is read by a function that logs; the rest is what changing and removing a row needs.
grant select (school_id, id, student_id, created_at, updated_at, deleted_at), insert (school_id, id, student_id, membership_id, reason, starts_on, ends_on),
  update (reason, ends_on), delete on public.guardianship_blocks to authenticated;
comment on table public.guardianship_blocks is 'A legal block: the person sees nothing of the child, in whatever role, from the next statement on. Read through rpc(''read_guardianship_blocks'').';

-- definer: because the blocked person must not see the block.
create function private.blocked_students() returns setof uuid
language plpgsql stable security definer rows 1 set search_path = ''
as $$
begin
  return query
  select b.student_id from public.memberships m
  join public.guardianship_blocks b on b.school_id = m.school_id and b.membership_id in (
    select o.id from public.memberships o where o.school_id = m.school_id and o.user_id = m.user_id)
  where m.user_id = auth.uid() and b.deleted_at is null and b.starts_on <= (now() at time zone 'UTC')::date + 1 and (b.ends_on is null or b.ends_on >= (now() at time zone 'UTC')::date - 1);
end
$$;
comment on function private.blocked_students is 'Students of whom the caller sees nothing, by a legal block on any of their memberships; a day wide at both ends, so that no timezone opens it early.';
grant execute on function private.blocked_students to authenticated;

-- definer: as above.
create function private.blocked_memberships() returns setof uuid
language plpgsql stable security definer rows 1 set search_path = ''
as $$
begin
  return query
  select s.membership_id from public.students s
  where s.id = any (array(select private.blocked_students())) and s.membership_id is not null;
end
$$;
comment on function private.blocked_memberships is 'Memberships of the students of whom the caller sees nothing.';
grant execute on function private.blocked_memberships to authenticated;

create policy "blocked people see nothing of the student" on public.memberships as restrictive for all to authenticated
  using (id <> all (array(select private.blocked_memberships())));
create policy "blocked people see nothing of the student" on public.directory_cards as restrictive for all to authenticated
  using (membership_id <> all (array(select private.blocked_memberships())));

-- definer: because policies read guardianships whatever the caller may see of them.
create function private.my_children() returns setof uuid
language plpgsql stable security definer rows 2 set search_path = ''
as $$
begin
  return query
  select g.student_id from private.current_memberships c
  join public.guardianships g on g.school_id = c.school_id and g.guardian_id = c.id and g.deleted_at is null
  join public.students s on s.school_id = g.school_id and s.id = g.student_id and s.deleted_at is null
  where c.role = 'parent' and g.starts_on <= c.today and (g.ends_on is null or g.ends_on >= c.today);
end
$$;
comment on function private.my_children is 'Students of whom the caller is a guardian now. Blocks are applied by each table''s restrictive policy.';
grant execute on function private.my_children to authenticated;

create policy "own record, own children, class, team and school" on public.students for select to authenticated
  using (deleted_at is null and (
    id = any (array(select private.students_taught('students.read')))
    or membership_id = any (array(select private.my_memberships()))
    or id = any (array(select private.my_children()))
    or school_id = any (array(select private.schools_with('students.read')))
    or id = any (array(select private.students_covered('students.read')))
    or id = any (array(select private.students_of_team('students.read')))));
create policy "blocked people see nothing of the student" on public.students as restrictive for all to authenticated
  using (id <> all (array(select private.blocked_students())));
create policy "admins create students" on public.students for insert to authenticated
  with check (school_id = any (array(select private.schools_with('students.manage')))
    and (membership_id is null or exists (select from public.memberships m where m.school_id = students.school_id and m.id = students.membership_id and m.role = 'student')));
create policy "admins change students" on public.students for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('students.manage'))))
  with check (school_id = any (array(select private.schools_with('students.manage'))));
create policy "admins remove students" on public.students for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('students.manage'))));

create policy "own guardianships, one's guardians, principals and admins" on public.guardianships for select to authenticated
  using (deleted_at is null and (
    guardian_id = any (array(select private.my_memberships()))
    or exists (select from public.students s where s.school_id = guardianships.school_id and s.id = guardianships.student_id and s.membership_id = any (array(select private.my_memberships())))
    or school_id = any (array(select private.schools_with('guardianships.read')))));
create policy "blocked people see nothing of the student" on public.guardianships as restrictive for all to authenticated
  using (student_id <> all (array(select private.blocked_students())));
create policy "admins add guardianships, never their own" on public.guardianships for insert to authenticated
  with check (school_id = any (array(select private.schools_with('guardianships.manage'))) and guardian_id <> all (array(select private.all_my_memberships()))
    and exists (select from public.students s where s.school_id = guardianships.school_id and s.id = guardianships.student_id)
    and exists (select from public.memberships m where m.school_id = guardianships.school_id and m.id = guardianships.guardian_id and m.role = 'parent'));
create policy "admins change guardianships, never their own" on public.guardianships for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('guardianships.manage'))) and guardian_id <> all (array(select private.all_my_memberships())))
  with check (school_id = any (array(select private.schools_with('guardianships.manage'))));
create policy "admins remove guardianships, never their own" on public.guardianships for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('guardianships.manage'))) and guardian_id <> all (array(select private.all_my_memberships())));

create policy "admins read blocks" on public.guardianship_blocks for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('guardianships.manage'))));
create policy "blocked people see nothing of the student" on public.guardianship_blocks as restrictive for all to authenticated
  using (student_id <> all (array(select private.blocked_students())));
create policy "admins record blocks" on public.guardianship_blocks for insert to authenticated
  with check (school_id = any (array(select private.schools_with('guardianships.manage')))
    and exists (select from public.students s where s.school_id = guardianship_blocks.school_id and s.id = guardianship_blocks.student_id)
    and exists (select from public.memberships m where m.school_id = guardianship_blocks.school_id and m.id = guardianship_blocks.membership_id));
create policy "admins change blocks" on public.guardianship_blocks for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('guardianships.manage'))))
  with check (school_id = any (array(select private.schools_with('guardianships.manage'))));
create policy "admins remove blocks" on public.guardianship_blocks for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('guardianships.manage'))));

-- definer: because the columns have no grant; scope, block and log are checked and written here.
create function private.read_guardianship_blocks(p_school_id uuid, p_student_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  if (p_school_id = any (array(select private.schools_with('guardianships.manage')))) is not true then
    perform private.refuse('read the legal blocks');
  end if;
  perform private.log_event(p_school_id, 'READ', 'guardianship_blocks', null, p_student_id, null);
  return (select coalesce(jsonb_agg(to_jsonb(b) order by b.starts_on desc, b.id), '[]') from public.guardianship_blocks b
    where b.school_id = p_school_id and b.deleted_at is null and (p_student_id is null or b.student_id = p_student_id)
      and b.student_id <> all (array(select private.blocked_students())));
end
$$;
grant execute on function private.read_guardianship_blocks to authenticated;

create function public.read_guardianship_blocks(school_id uuid, student_id uuid default null) returns jsonb
language sql set search_path = ''
as $$ select private.read_guardianship_blocks(read_guardianship_blocks.school_id, read_guardianship_blocks.student_id) $$;
comment on function public.read_guardianship_blocks is 'The legal blocks of a school, or of one student, as one array (admins). Each call writes a READ entry. PT404.';
grant execute on function public.read_guardianship_blocks to authenticated;

-- What staff keep, and what is protected ---------------------------------------------------------------------------------

create table public.student_internal (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  student_id uuid not null,
  home_language private.locale_text,
  support_note private.note_text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint student_internal_student_key unique nulls not distinct (school_id, student_id, deleted_at),
  constraint student_internal_student_fkey foreign key (school_id, student_id) references public.students (school_id, id) on delete cascade
);
create index student_internal_id_idx on public.student_internal (id);
create index student_internal_student_id_idx on public.student_internal (student_id);
alter table public.student_internal enable row level security;
call private.equip('public.student_internal', p_nfc => '{support_note}', p_subject => 'student_id');
grant select, insert (school_id, id, student_id, home_language, support_note), update (home_language, support_note) on public.student_internal to authenticated;
comment on table public.student_internal is 'What staff need to know of a student and the student and the parents do not read here.';

create policy "class and school read what staff keep" on public.student_internal for select to authenticated
  using (deleted_at is null and (
      student_id = any (array(select private.students_taught('student_internal.read')))
      or student_id = any (array(select private.students_covered('student_internal.read')))
      or school_id = any (array(select private.schools_with('student_internal.read'))))
    and exists (select from public.students s where (s.school_id, s.id) = (student_internal.school_id, student_id)));
create policy "blocked people see nothing of the student" on public.student_internal as restrictive for all to authenticated
  using (student_id <> all (array(select private.blocked_students())));
create policy "admins write what staff keep" on public.student_internal for insert to authenticated
  with check (school_id = any (array(select private.schools_with('students.manage')))
    and exists (select from public.students s where s.school_id = student_internal.school_id and s.id = student_internal.student_id));
create policy "admins change what staff keep" on public.student_internal for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('students.manage'))))
  with check (school_id = any (array(select private.schools_with('students.manage'))));

create table public.student_records (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  student_id uuid not null,
  kind text not null constraint student_records_kind check (kind in ('identity', 'health', 'support_plan', 'discipline', 'staff_note')),
  content jsonb not null constraint student_records_content check (jsonb_typeof(content) = 'object' and pg_column_size(content) < 65536),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint student_records_student_fkey foreign key (school_id, student_id) references public.students (school_id, id) on delete cascade
);
create index student_records_id_idx on public.student_records (id);
create index student_records_student_idx on public.student_records (school_id, student_id, kind);
create index student_records_student_id_idx on public.student_records (student_id);
alter table public.student_records enable row level security;
call private.equip('public.student_records', p_wall => 'true');
revoke all on public.student_records from service_role;
create policy "read and written by functions that log" on public.student_records for select to authenticated using (false);
comment on table public.student_records is 'Protected records. No role of the API reads or writes them directly: rpc(''read_student_records''), rpc(''write_student_record'').';

-- definer: because the table has no grant; scope, block and log are checked and written in the same statement.
create function private.read_student_records(p_school_id uuid, p_student_id uuid, p_reason text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_staff boolean := p_school_id = any (array(select private.schools_with('student_records.read')));
  v_admin boolean := p_school_id = any (array(select private.schools_with('students.manage')));
  v_holder boolean := exists (select from private.current_memberships c join public.guardianships g on g.school_id = c.school_id and g.guardian_id = c.id
      where c.role = 'parent' and g.school_id = p_school_id and g.student_id = p_student_id and g.rights_holder and g.deleted_at is null
        and c.today between g.starts_on and coalesce(g.ends_on, 'infinity'))
    or exists (select from public.students s where s.school_id = p_school_id and s.id = p_student_id and s.rights_holder and s.membership_id = any (array(select private.my_memberships())));
begin
  if not (v_staff or v_holder) or p_student_id = any (array(select private.blocked_students()))
    or not exists (select from public.students s where s.school_id = p_school_id and s.id = p_student_id and s.deleted_at is null) then
    perform private.refuse('read the student''s records');
  end if;
  if v_staff and not v_admin and coalesce(trim(p_reason), '') = '' then
    perform private.reject('read the student''s records', 'Give a reason; it is logged.');
  end if;
  perform private.log_event(p_school_id, 'READ', 'student_records', null, p_student_id, jsonb_build_object('student_id', p_student_id, 'reason', left(p_reason, 500)));
  return (select coalesce(jsonb_agg(to_jsonb(r) order by r.kind, r.created_at), '[]') from public.student_records r
    where r.school_id = p_school_id and r.student_id = p_student_id and r.deleted_at is null and (v_staff or r.kind <> 'staff_note'));
end
$$;
grant execute on function private.read_student_records to authenticated;

create function public.read_student_records(school_id uuid, student_id uuid, reason text default null) returns jsonb
language sql set search_path = ''
as $$ select private.read_student_records(read_student_records.school_id, read_student_records.student_id, read_student_records.reason) $$;
comment on function public.read_student_records is
  'The protected records of a student, as one array, since rows could be cast in the request until one fails and shows its value with the log undone: admins; principals with a reason; guardians and students who hold the right, without staff''s notes. Writes a READ entry in the same transaction. PT404; PT422 without a reason.';
grant execute on function public.read_student_records to authenticated;

-- definer: as above.
create function private.write_student_record(p_school_id uuid, p_student_id uuid, p_kind text, p_content jsonb, p_record_id uuid) returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid;
begin
  if (p_school_id = any (array(select private.schools_with('students.manage')))) is not true or p_student_id = any (array(select private.blocked_students()))
    or not exists (select from public.students s where s.school_id = p_school_id and s.id = p_student_id and s.deleted_at is null) then
    perform private.refuse('write the student''s record');
  end if;
  if p_record_id is null then
    insert into public.student_records (school_id, student_id, kind, content) values (p_school_id, p_student_id, p_kind, p_content) returning id into v_id;
  else
    update public.student_records r set content = p_content
    where r.school_id = p_school_id and r.id = p_record_id and r.student_id = p_student_id and r.kind = p_kind and r.deleted_at is null returning r.id into v_id;
    if v_id is null then
      perform private.refuse('write the student''s record');
    end if;
  end if;
  return v_id;
exception when check_violation or not_null_violation then
  perform private.reject('write the student''s record', 'Kind is identity, health, support_plan, discipline or staff_note; content an object below 64 KiB.');
end
$$;
grant execute on function private.write_student_record to authenticated;

create function public.write_student_record(school_id uuid, student_id uuid, kind text, content jsonb, record_id uuid default null) returns uuid
language sql set search_path = ''
as $$ select private.write_student_record(write_student_record.school_id, write_student_record.student_id, write_student_record.kind, write_student_record.content, write_student_record.record_id) $$;
comment on function public.write_student_record is 'Adds a protected record, or replaces the content of one (admins). Returns its id. PT404, PT422.';
grant execute on function public.write_student_record to authenticated;
