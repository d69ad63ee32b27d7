-- People: the person (profile), the person in a school (membership), and who leads whom. A tenant row refers to
-- memberships and never to users, so that what one school knows of a person does not follow them into another.

create table public.profiles (
  id uuid primary key default gen_random_uuid(),
  user_id uuid unique references auth.users on delete set null,
  full_name private.name_text collate private.hebrew,
  phone text constraint profiles_phone check (phone ~ '^\+?[0-9 ()-]{4,30}$'),
  locale private.locale_text,
  mail_frequency text not null default 'never' constraint profiles_mail_frequency check (mail_frequency in ('never', 'immediate', 'daily', 'weekly')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index profiles_mailed_idx on public.profiles (user_id) where mail_frequency <> 'never';
alter table public.profiles enable row level security;
call private.equip('public.profiles', p_nfc => '{full_name}');
grant select, update (full_name, phone, locale, mail_frequency) on public.profiles to authenticated;
create policy "people read their own profile" on public.profiles for select to authenticated using ((select auth.uid()) = user_id);
create policy "people change their own profile" on public.profiles for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
comment on column public.profiles.mail_frequency is 'how often notifications are also sent by mail: each within minutes, or summed up every day or every Sunday';
comment on table public.profiles is 'What belongs to the person and to no school. Schools see the directory card of the membership.';

-- definer: because the auth service that inserts the user owns nothing here.
create function private.tg_users__create_profile() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  -- Composed before it is cut: some letters, Hebrew ones among them, grow by it.
  v_name text := left(trim(regexp_replace(normalize(coalesce(new.raw_user_meta_data ->> 'full_name', ''), nfc), '[\u0001-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]', '', 'g')), 200);
begin
  insert into public.profiles (user_id, full_name) values (new.id, case when v_name !~ '^\s*$' then v_name end) on conflict (user_id) do nothing;
  return null;
end
$$;
create trigger _500_create_profile after insert on auth.users for each row execute function private.tg_users__create_profile();

-- Memberships --------------------------------------------------------------------------------------------------------

create table public.district_memberships (
  id uuid primary key default gen_random_uuid(),
  district_id uuid not null references public.districts on delete restrict,
  user_id uuid references auth.users on delete set null,
  role text not null constraint district_memberships_role check (role in ('admin', 'leader')),
  starts_on date not null default ((now() at time zone 'UTC')::date),
  ends_on date,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint district_memberships_person_key unique (district_id, user_id, role),
  constraint district_memberships_dates check (ends_on >= starts_on)
);
create index district_memberships_user_id_idx on public.district_memberships (user_id);
alter table public.district_memberships enable row level security;
call private.equip('public.district_memberships');
grant select on public.district_memberships to authenticated;
comment on table public.district_memberships is 'A district''s admins and leaders. A trigger keeps their memberships in each school of the district. Written by the platform only.';

create table public.memberships (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  user_id uuid references auth.users on delete set null,
  role text not null constraint memberships_role check (role in ('admin', 'leader', 'teacher', 'student', 'parent')),
  campus_id uuid,
  department_id uuid,
  team_scope text constraint memberships_team_scope check (team_scope in ('school', 'campus', 'department', 'named')),
  teacher_code private.code_text,
  starts_on date not null default '-infinity',
  ends_on date,
  resumes_on date,
  active boolean not null default true,
  via_district_membership_id uuid references public.district_memberships on delete restrict,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  -- One lasting row per person and role: leaving and returning changes its dates, or history would be orphaned.
  constraint memberships_person_key unique (school_id, user_id, role),
  constraint memberships_teacher_code_key unique (school_id, teacher_code),
  constraint memberships_campus_fkey foreign key (school_id, campus_id) references public.campuses (school_id, id) on delete restrict,
  constraint memberships_department_fkey foreign key (school_id, department_id) references public.departments (school_id, id) on delete restrict,
  constraint memberships_dates check (ends_on >= starts_on),
  -- A leader's team is said, never inferred from an empty column: less data must not mean more power.
  constraint memberships_team check (case when role = 'leader' then team_scope is not null else team_scope is null end),
  constraint memberships_team_campus check (team_scope <> 'campus' or campus_id is not null),
  constraint memberships_team_department check (team_scope <> 'department' or department_id is not null)
);
-- Helpers hand out bare ids of memberships; two schools must never share one, by whatever hand it was written.
create unique index memberships_id_idx on public.memberships (id);
create index memberships_user_id_idx on public.memberships (user_id, school_id);
create index memberships_department_id_idx on public.memberships (school_id, department_id);
create index memberships_campus_id_idx on public.memberships (school_id, campus_id);
create index memberships_role_idx on public.memberships (school_id, role, created_at desc);
create index memberships_via_idx on public.memberships (via_district_membership_id);
alter table public.memberships enable row level security;
call private.equip('public.memberships', p_subject => 'id');
create trigger _140_starts_today before insert on public.memberships for each row when (new.starts_on = '-infinity') execute function private.tg__starts_today();
grant select on public.memberships to authenticated;
comment on table public.memberships is 'A person in a school in one role, with dates. Created and ended by functions; role, person and school of a row never change.';
comment on column public.memberships.team_scope is 'leaders only: whom they lead; school makes the principal';
comment on column public.memberships.resumes_on is 'where somebody who left is to come back on a day to come: no rights before it';
comment on column public.memberships.via_district_membership_id is 'set on rows that follow a district membership; a school''s admins cannot change those';

create view private.actor_memberships as
select distinct on (m.user_id, m.school_id) m.user_id, m.school_id, m.id as membership_id, m.role
from public.memberships m
where m.active and m.deleted_at is null
order by m.user_id, m.school_id, array_position(array['admin', 'leader', 'teacher', 'parent', 'student'], m.role);
comment on view private.actor_memberships is 'In which capacity an actor appears in a school''s audit: the highest role held there.';

create function private.tg_memberships__keep_person() returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = '42501', message = 'Cannot change the role or the person of a membership', hint = 'End it and add another.';
end
$$;
create trigger _310_keep_person before update on public.memberships for each row
  when (old.role is distinct from new.role or old.user_id is not null and new.user_id is not null and old.user_id <> new.user_id)
  execute function private.tg_memberships__keep_person();

-- What the caller holds now --------------------------------------------------------------------------------------------

create table private.revoked_sessions (
  session_id uuid primary key,
  revoked_at timestamptz not null default now()
);
comment on table private.revoked_sessions is 'Sign-ins that ended here before their token did; every scope and the token hook refuse them.';

create view private.current_memberships as
select m.school_id, m.id, m.user_id, m.role, m.team_scope, m.campus_id, m.department_id, (now() at time zone s.timezone)::date as today
from public.memberships m
join public.schools s on s.id = m.school_id
left join public.school_settings f on f.school_id = m.school_id and f.key = 'second_factor_roles'
where m.user_id = (select auth.uid())
  and m.active and m.deleted_at is null
  and s.status = 'active' and s.deleted_at is null
  and m.starts_on <= (now() at time zone s.timezone)::date
  and (m.resumes_on is null or m.resumes_on <= (now() at time zone s.timezone)::date)
  and (m.ends_on is null or m.ends_on >= (now() at time zone s.timezone)::date)
  and (f.value is null or not f.value ? m.role or (select auth.jwt()) ->> 'aal' = 'aal2')
  and not exists (select from private.revoked_sessions r where r.session_id = (select private.uuid_or_null(auth.jwt() ->> 'session_id')));
comment on view private.current_memberships is
  'The caller''s memberships in force: dates in the school''s timezone, active, school active, second factor, sign-in not revoked. Helpers inline it; it is never granted.';

-- definer: because policies read memberships whatever the caller may see of them.
create function private.my_memberships(p_roles text[] default null) returns setof uuid
language plpgsql stable security definer rows 3 set search_path = ''
as $$
begin
  return query select c.id from private.current_memberships c where p_roles is null or c.role = any (p_roles);
end
$$;
comment on function private.my_memberships is 'Ids of the caller''s memberships in force, of any role or the roles named.';
grant execute on function private.my_memberships to authenticated;

-- definer: as above. Who has changed roles is asked for the second factor of both.
create function private.my_record() returns setof uuid
language plpgsql stable security definer rows 3 set search_path = ''
as $$
begin
  return query
  select c.id from private.current_memberships c
  union
  select m.id from private.current_memberships c
  join public.memberships m on m.school_id = c.school_id and m.user_id = c.user_id and m.role in ('admin', 'leader', 'teacher') and m.deleted_at is null and (not m.active or m.ends_on < c.today)
  left join public.school_settings f on f.school_id = m.school_id and f.key = 'second_factor_roles'
  where c.role in ('admin', 'leader', 'teacher') and (f.value is null or not f.value ? m.role or (select auth.jwt()) ->> 'aal' = 'aal2');
end
$$;
comment on function private.my_record is 'Ids of the caller''s memberships in force and, where one of staff is, of those of staff that have ended: whose growth stays the caller''s to read after a change of roles.';
grant execute on function private.my_record to authenticated;

-- definer: as above; dates and status do not matter here, since it only ever takes rights away.
create function private.all_my_memberships() returns setof uuid
language plpgsql stable security definer rows 3 set search_path = ''
as $$
begin
  return query select m.id from public.memberships m where m.user_id = auth.uid();
end
$$;
comment on function private.all_my_memberships is 'Ids of the caller''s memberships, in force or not: what they may never grant themselves something through.';
grant execute on function private.all_my_memberships to authenticated;

-- definer: as above.
create function private.my_schools(p_roles text[] default '{admin,leader,teacher,student,parent}') returns setof uuid
language plpgsql stable security definer rows 2 set search_path = ''
as $$
begin
  return query select distinct c.school_id from private.current_memberships c where c.role = any (p_roles);
end
$$;
comment on function private.my_schools is 'Schools in which the caller has a membership in force in one of the roles.';
grant execute on function private.my_schools to authenticated;

-- definer: as above.
create function private.colleagues() returns setof uuid
language plpgsql stable security definer rows 100 set search_path = ''
as $$
begin
  return query select m.id from private.current_memberships c
  join public.memberships m on m.school_id = c.school_id and m.role in ('admin', 'leader', 'teacher') and m.deleted_at is null
  where c.role in ('leader', 'teacher');
end
$$;
comment on function private.colleagues is 'Memberships of staff, past ones too, in the schools where the caller leads or teaches. Families are not among them: their names are for those who may see the student.';
grant execute on function private.colleagues to authenticated;

-- Supervisions -------------------------------------------------------------------------------------------------------

create table public.supervisions (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  supervisor_id uuid not null,
  teacher_id uuid not null,
  starts_on date not null default '-infinity',
  ends_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint supervisions_supervisor_fkey foreign key (school_id, supervisor_id) references public.memberships (school_id, id) on delete restrict,
  constraint supervisions_teacher_fkey foreign key (school_id, teacher_id) references public.memberships (school_id, id) on delete restrict,
  constraint supervisions_not_self check (supervisor_id <> teacher_id),
  constraint supervisions_dates check (ends_on >= starts_on),
  -- Ids as bytes, here and in every exclusion: over plain columns the planner would take the index for a lookup by its second or
  -- third column alone, for which GiST reads all of it.
  constraint supervisions_no_overlap exclude using gist (school_id with =, uuid_send(supervisor_id) with =, uuid_send(teacher_id) with =, daterange(starts_on, ends_on, '[]') with &&)
    where (deleted_at is null)
);
create index supervisions_id_idx on public.supervisions (id);
create index supervisions_supervisor_id_idx on public.supervisions (supervisor_id);
create index supervisions_supervisor_idx on public.supervisions (school_id, supervisor_id);
create index supervisions_teacher_idx on public.supervisions (school_id, teacher_id);
create index supervisions_teacher_id_idx on public.supervisions (teacher_id);
alter table public.supervisions enable row level security;
call private.equip('public.supervisions', p_subject => 'teacher_id');
create trigger _140_starts_today before insert on public.supervisions for each row when (new.starts_on = '-infinity') execute function private.tg__starts_today();
grant select on public.supervisions to authenticated;
comment on table public.supervisions is 'Teachers whom a leader leads by name, beside or instead of a department or campus.';

-- Directory cards ----------------------------------------------------------------------------------------------------

create table public.directory_cards (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  membership_id uuid not null,
  display_name private.name_text collate private.hebrew not null,
  title private.name_text,
  email text constraint directory_cards_email check (email ~ '^[^@\s]{1,64}@[^@\s]{1,190}$'),
  phone text constraint directory_cards_phone check (phone ~ '^\+?[0-9 ()-]{4,30}$'),
  photo_path text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint directory_cards_membership_key unique nulls not distinct (school_id, membership_id, deleted_at),
  constraint directory_cards_membership_fkey foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete restrict
);
create index directory_cards_id_idx on public.directory_cards (id);
create index directory_cards_membership_id_idx on public.directory_cards (membership_id);
create index directory_cards_name_idx on public.directory_cards (school_id, display_name);
alter table public.directory_cards enable row level security;
call private.equip('public.directory_cards', p_nfc => '{display_name,title}', p_subject => 'membership_id');
grant select, insert (school_id, id, membership_id, display_name, title, email, phone), update (display_name, title, email, phone), delete
  on public.directory_cards to authenticated;
comment on table public.directory_cards is 'How a person appears in one school: name, title, contact there.';
comment on column public.directory_cards.photo_path is 'in the bucket avatars; rpc(''set_photo'')';
