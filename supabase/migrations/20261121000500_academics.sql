-- Academics: years and their terms, levels, subjects, rooms, classes and who teaches them. A class belongs to one year; what was stays as it was.

create table public.academic_years (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  starts_on date not null,
  ends_on date not null,
  is_current boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint academic_years_code_key unique nulls not distinct (school_id, code, deleted_at),
  constraint academic_years_dates check (ends_on > starts_on and ends_on - starts_on <= 730),
  constraint academic_years_no_overlap exclude using gist (school_id with =, daterange(starts_on, ends_on, '[]') with &&) where (deleted_at is null)
);
create index academic_years_id_idx on public.academic_years (id);
create index academic_years_starts_on_idx on public.academic_years (school_id, starts_on desc);
create unique index academic_years_current_key on public.academic_years (school_id) where is_current and deleted_at is null;
alter table public.academic_years enable row level security;
call private.equip('public.academic_years', p_nfc => '{name}');
call private.name_clashes('public.academic_years', 'structure.manage', '{"academic_years_no_overlap": "Its days overlap another year of the school."}');
grant select, insert (school_id, id, code, name, starts_on, ends_on), update (code, name, starts_on, ends_on), delete on public.academic_years to authenticated;
create policy "members read academic years" on public.academic_years for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools())));
create policy "admins add academic years" on public.academic_years for insert to authenticated
  with check (school_id = any (array(select private.schools_with('structure.manage'))));
create policy "admins change academic years" on public.academic_years for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))))
  with check (school_id = any (array(select private.schools_with('structure.manage'))));
create policy "admins remove academic years" on public.academic_years for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))));
comment on table public.academic_years is 'A school year (OneRoster: academicSession of type schoolYear). Years of a school never overlap.';
comment on column public.academic_years.is_current is 'the year that the school works in; rpc(''set_current_year''), or by itself on its first day';

create table public.terms (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  academic_year_id uuid not null,
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  starts_on date not null,
  ends_on date not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint terms_year_key unique (school_id, academic_year_id, id),
  constraint terms_code_key unique nulls not distinct (school_id, academic_year_id, code, deleted_at),
  constraint terms_year_fkey foreign key (school_id, academic_year_id) references public.academic_years (school_id, id) on delete restrict,
  constraint terms_dates check (ends_on >= starts_on),
  constraint terms_no_overlap exclude using gist (school_id with =, daterange(starts_on, ends_on, '[]') with &&) where (deleted_at is null)
);
create index terms_id_idx on public.terms (id);
create index terms_starts_on_idx on public.terms (school_id, starts_on desc);
alter table public.terms enable row level security;
call private.equip('public.terms', p_nfc => '{name}');
call private.name_clashes('public.terms', 'structure.manage', '{"terms_no_overlap": "Its days overlap another term of the school."}');
grant select, insert (school_id, id, academic_year_id, code, name, starts_on, ends_on), update (code, name, starts_on, ends_on), delete on public.terms to authenticated;
create policy "members read terms" on public.terms for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools())));
create policy "admins add terms" on public.terms for insert to authenticated
  with check (school_id = any (array(select private.schools_with('structure.manage')))
    and exists (select from public.academic_years y where (y.school_id, y.id) = (terms.school_id, academic_year_id)));
create policy "admins change terms" on public.terms for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))))
  with check (school_id = any (array(select private.schools_with('structure.manage'))));
create policy "admins remove terms" on public.terms for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))));
comment on table public.terms is 'A part of a school year (OneRoster: academicSession of type term).';

-- definer: because the year is locked against a change of its dates beside this one.
create function private.tg_terms__within_year() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform from public.academic_years y where (y.school_id, y.id) = (new.school_id, new.academic_year_id)
    and new.starts_on >= y.starts_on and new.ends_on <= y.ends_on for no key update;
  if not found then
    perform private.reject('save the term', 'A term lies within its year.');
  end if;
  if (select count(*) from public.terms t where (t.school_id, t.academic_year_id) = (new.school_id, new.academic_year_id) and t.deleted_at is null)
    > (private.setting(new.school_id, 'terms_per_year'))::integer then
    perform private.reject('save the term', 'The year has as many terms as the setting terms_per_year allows.');
  end if;
  return null;
end
$$;
-- After the row, and so after the policy: another school's years answer nothing.
create trigger _500_within_year after insert or update of starts_on, ends_on, deleted_at on public.terms for each row when (new.deleted_at is null)
  execute function private.tg_terms__within_year();

-- definer: because what a year holds may be hidden from who changes it.
create function private.tg_academic_years__keep_terms() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if exists (select from public.terms t where (t.school_id, t.academic_year_id) = (new.school_id, new.id) and t.deleted_at is null
      and (t.starts_on < new.starts_on or t.ends_on > new.ends_on)) then
    perform private.reject('change the dates of the year', 'A term would lie outside it; move the term first.');
  end if;
  return new;
end
$$;
create trigger _150_keep_terms before update of starts_on, ends_on on public.academic_years for each row execute function private.tg_academic_years__keep_terms();

create function private.make_year_current(p_school_id uuid, p_academic_year_id uuid) returns public.academic_years
language plpgsql set search_path = ''
as $$
declare
  v_year public.academic_years;
begin
  update public.academic_years y set is_current = false where y.school_id = p_school_id and y.id <> p_academic_year_id and y.is_current;
  update public.academic_years y set is_current = true where (y.school_id, y.id) = (p_school_id, p_academic_year_id) returning y.* into v_year;
  return v_year;
end
$$;
comment on function private.make_year_current is 'Puts a year in place of another. Whoever calls it has locked the school.';

create view private.years_begun as
select y.school_id, y.id from public.schools s
join public.academic_years y on y.school_id = s.id and y.deleted_at is null and (now() at time zone s.timezone)::date between y.starts_on and y.ends_on
where s.status = 'active' and s.deleted_at is null;
comment on view private.years_begun is 'The year that it is today at each school; none in the holidays between two. It is never granted.';

-- definer: because two rows change at once and no client may write the column.
create function private.set_current_year(p_school_id uuid, p_academic_year_id uuid) returns public.academic_years
language plpgsql security definer set search_path = ''
as $$
declare
  v_year public.academic_years;
begin
  -- One at a time in a school.
  perform from public.schools s where s.id = p_school_id and s.id = any (array(select private.schools_with('structure.manage'))) for no key update;
  if not found then
    perform private.refuse('make the year current');
  end if;
  select y.* into v_year from public.academic_years y where (y.school_id, y.id) = (p_school_id, p_academic_year_id) and y.deleted_at is null;
  if v_year.id is null then
    perform private.refuse('make the year current');
  end if;
  if v_year.ends_on < private.today(p_school_id) and exists (select from private.years_begun b where b.school_id = p_school_id) then
    perform private.reject('make the year current', 'It has ended and another is on; every page shows a past year by its academic_year_id.');
  end if;
  return private.make_year_current(p_school_id, p_academic_year_id);
end
$$;
grant execute on function private.set_current_year to authenticated;

create function public.set_current_year(school_id uuid, academic_year_id uuid) returns public.academic_years
language sql set search_path = ''
as $$ select private.set_current_year(set_current_year.school_id, set_current_year.academic_year_id) $$;
comment on function public.set_current_year is
  'Makes a year the one that the school works in, in place of another (admins), such as the next one ahead of its first day. Without it, a year becomes current on its first day if none is or the current one has ended. PT404; PT422 for a year that has ended while another is on.';
grant execute on function public.set_current_year to authenticated;

create function private.turn_years() returns integer
language plpgsql set search_path = ''
as $$
declare
  v_begun record;
  v_count integer := 0;
begin
  for v_begun in
    select b.school_id, b.id from private.years_begun b
    where not exists (select from public.academic_years c where c.school_id = b.school_id and c.is_current and c.deleted_at is null and c.ends_on >= private.today(b.school_id))
    order by b.school_id
  loop
    perform from public.schools s where s.id = v_begun.school_id for no key update;
    -- What an office said meanwhile holds.
    if exists (select from private.years_begun b where (b.school_id, b.id) = (v_begun.school_id, v_begun.id))
      and not exists (select from public.academic_years c where c.school_id = v_begun.school_id and c.is_current and c.deleted_at is null and c.ends_on >= private.today(c.school_id)) then
      perform private.make_year_current(v_begun.school_id, v_begun.id);
      v_count := v_count + 1;
    end if;
  end loop;
  return v_count;
end
$$;
comment on function private.turn_years is 'Makes the year that has begun current in each school where none is or the current one has ended; returns in how many.';
select cron.schedule('academic_years_turn', '*/5 * * * *', 'select private.turn_years()');

-- Levels, subjects, rooms ------------------------------------------------------------------------------------------------

create table public.grade_levels (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  position smallint not null constraint grade_levels_position check (position between 1 and 99),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint grade_levels_code_key unique nulls not distinct (school_id, code, deleted_at),
  constraint grade_levels_position_key unique nulls not distinct (school_id, position, deleted_at) deferrable
);
create index grade_levels_id_idx on public.grade_levels (id);
alter table public.grade_levels enable row level security;
call private.equip('public.grade_levels', p_nfc => '{name}');
grant select, insert (school_id, id, code, name, position), update (code, name, position), delete on public.grade_levels to authenticated;
create policy "members read grade levels" on public.grade_levels for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools())));
create policy "admins add grade levels" on public.grade_levels for insert to authenticated
  with check (school_id = any (array(select private.schools_with('structure.manage'))));
create policy "admins change grade levels" on public.grade_levels for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))))
  with check (school_id = any (array(select private.schools_with('structure.manage'))));
create policy "admins remove grade levels" on public.grade_levels for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))));
comment on table public.grade_levels is 'A level of a school. A new school has P1 to P6 and M1 to M6.';
comment on column public.grade_levels.position is 'the order in which students are promoted; the highest graduates';

-- definer: because who makes a school may not write its levels.
create function private.tg_schools__make_grade_levels() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.grade_levels (school_id, code, name, position)
  select new.id, l.code || n, l.code || n, l.first + n from (values ('P', 0), ('M', 6)) l (code, first), generate_series(1, 6) n;
  return null;
end
$$;
create trigger _500_make_grade_levels after insert on public.schools for each row execute function private.tg_schools__make_grade_levels();

create table public.core_subjects (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint core_subjects_code_key unique nulls not distinct (school_id, code, deleted_at)
);
create index core_subjects_id_idx on public.core_subjects (id);
create index core_subjects_name_idx on public.core_subjects (school_id, name);
alter table public.core_subjects enable row level security;
call private.equip('public.core_subjects', p_nfc => '{name}');
grant select, insert (school_id, id, code, name), update (code, name), delete on public.core_subjects to authenticated;
create policy "members read core subjects" on public.core_subjects for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools())));
create policy "admins add core subjects" on public.core_subjects for insert to authenticated
  with check (school_id = any (array(select private.schools_with('structure.manage'))));
create policy "admins change core subjects" on public.core_subjects for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))))
  with check (school_id = any (array(select private.schools_with('structure.manage'))));
create policy "admins remove core subjects" on public.core_subjects for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))));
comment on table public.core_subjects is 'A field of teaching over all levels, e.g. Mathematics.';

create table public.subjects (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  core_subject_id uuid,
  grade_level_id uuid,
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint subjects_code_key unique nulls not distinct (school_id, code, deleted_at),
  constraint subjects_core_subject_fkey foreign key (school_id, core_subject_id) references public.core_subjects (school_id, id) on delete restrict,
  constraint subjects_grade_level_fkey foreign key (school_id, grade_level_id) references public.grade_levels (school_id, id) on delete restrict
);
create index subjects_id_idx on public.subjects (id);
create index subjects_core_subject_idx on public.subjects (school_id, core_subject_id);
create index subjects_grade_level_idx on public.subjects (school_id, grade_level_id);
create index subjects_name_idx on public.subjects (school_id, name);
alter table public.subjects enable row level security;
call private.equip('public.subjects', p_nfc => '{name}');
grant select, insert (school_id, id, core_subject_id, grade_level_id, code, name), update (core_subject_id, grade_level_id, code, name), delete on public.subjects to authenticated;
create policy "members read subjects" on public.subjects for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools())));
create policy "admins add subjects" on public.subjects for insert to authenticated
  with check (school_id = any (array(select private.schools_with('structure.manage')))
    and (core_subject_id is null or exists (select from public.core_subjects c where (c.school_id, c.id) = (subjects.school_id, core_subject_id)))
    and (grade_level_id is null or exists (select from public.grade_levels l where (l.school_id, l.id) = (subjects.school_id, grade_level_id))));
create policy "admins change subjects" on public.subjects for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))))
  with check (school_id = any (array(select private.schools_with('structure.manage')))
    and (core_subject_id is null or exists (select from public.core_subjects c where (c.school_id, c.id) = (subjects.school_id, core_subject_id)))
    and (grade_level_id is null or exists (select from public.grade_levels l where (l.school_id, l.id) = (subjects.school_id, grade_level_id))));
create policy "admins remove subjects" on public.subjects for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))));
comment on table public.subjects is 'What is taught, e.g. Mathematics P4 (OneRoster: course). Removing one archives it.';

create table public.rooms (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  campus_id uuid,
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  capacity smallint constraint rooms_capacity check (capacity between 1 and 5000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint rooms_code_key unique nulls not distinct (school_id, code, deleted_at),
  constraint rooms_campus_fkey foreign key (school_id, campus_id) references public.campuses (school_id, id) on delete restrict
);
create index rooms_id_idx on public.rooms (id);
create index rooms_campus_idx on public.rooms (school_id, campus_id);
alter table public.rooms enable row level security;
call private.equip('public.rooms', p_nfc => '{name}');
grant select, insert (school_id, id, campus_id, code, name, capacity), update (campus_id, code, name, capacity), delete on public.rooms to authenticated;
create policy "staff read rooms" on public.rooms for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools('{admin,leader,teacher}'))));
create policy "admins add rooms" on public.rooms for insert to authenticated
  with check (school_id = any (array(select private.schools_with('structure.manage')))
    and (campus_id is null or exists (select from public.campuses c where (c.school_id, c.id) = (rooms.school_id, campus_id))));
create policy "admins change rooms" on public.rooms for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))))
  with check (school_id = any (array(select private.schools_with('structure.manage')))
    and (campus_id is null or exists (select from public.campuses c where (c.school_id, c.id) = (rooms.school_id, campus_id))));
create policy "admins remove rooms" on public.rooms for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))));
comment on table public.rooms is 'Where sessions are held.';

insert into private.restorable_tables (table_name, permission) values
  ('academic_years', 'structure.manage'), ('terms', 'structure.manage'), ('grade_levels', 'structure.manage'), ('core_subjects', 'structure.manage'),
  ('subjects', 'structure.manage'), ('rooms', 'structure.manage');
