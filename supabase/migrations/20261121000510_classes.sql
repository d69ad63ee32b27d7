-- Classes and their teachers. A class is a year's: the homeroom of a level, or a group that learns a subject.

create table public.classes (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  academic_year_id uuid not null,
  grade_level_id uuid not null,
  kind text not null default 'homeroom' constraint classes_kind check (kind in ('homeroom', 'subject')),
  subject_id uuid,
  room_id uuid,
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  capacity smallint not null default 40 constraint classes_capacity check (capacity between 1 and 500),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint classes_kind_key unique (school_id, id, kind),
  constraint classes_code_key unique nulls not distinct (school_id, academic_year_id, code, deleted_at),
  constraint classes_year_fkey foreign key (school_id, academic_year_id) references public.academic_years (school_id, id) on delete restrict,
  constraint classes_grade_level_fkey foreign key (school_id, grade_level_id) references public.grade_levels (school_id, id) on delete restrict,
  constraint classes_subject_fkey foreign key (school_id, subject_id) references public.subjects (school_id, id) on delete restrict,
  constraint classes_room_fkey foreign key (school_id, room_id) references public.rooms (school_id, id) on delete restrict,
  constraint classes_subject check ((kind = 'subject') = (subject_id is not null))
);
-- Helpers hand out bare ids of classes: no two schools share one, and no client chooses one.
create unique index classes_id_idx on public.classes (id);
create index classes_year_idx on public.classes (school_id, academic_year_id, grade_level_id);
create index classes_grade_level_idx on public.classes (school_id, grade_level_id);
create index classes_subject_idx on public.classes (school_id, subject_id);
create index classes_room_idx on public.classes (school_id, room_id);
alter table public.classes enable row level security;
call private.equip('public.classes', p_nfc => '{name}');
grant select, insert (school_id, academic_year_id, grade_level_id, kind, subject_id, room_id, code, name, capacity),
  update (subject_id, room_id, code, name, capacity), delete on public.classes to authenticated;
create policy "staff read classes, students and parents theirs" on public.classes for select to authenticated
  using (deleted_at is null and (
    school_id = any (array(select private.my_schools('{admin,leader,teacher}')))
    or id = any (array(select private.classes_attended()))));
create policy "admins add classes" on public.classes for insert to authenticated
  with check (school_id = any (array(select private.schools_with('structure.manage')))
    and exists (select from public.academic_years y where (y.school_id, y.id) = (classes.school_id, academic_year_id))
    and exists (select from public.grade_levels l where (l.school_id, l.id) = (classes.school_id, grade_level_id))
    and (subject_id is null or exists (select from public.subjects s where (s.school_id, s.id) = (classes.school_id, subject_id)))
    and (room_id is null or exists (select from public.rooms r where (r.school_id, r.id) = (classes.school_id, room_id))));
create policy "admins change classes" on public.classes for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))))
  with check (school_id = any (array(select private.schools_with('structure.manage')))
    and (subject_id is null or exists (select from public.subjects s where (s.school_id, s.id) = (classes.school_id, subject_id)))
    and (room_id is null or exists (select from public.rooms r where (r.school_id, r.id) = (classes.school_id, room_id))));
create policy "admins remove classes" on public.classes for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))));
comment on table public.classes is 'A class of one year (OneRoster: class of type homeroom or scheduled).';
comment on column public.classes.capacity is 'students at most on any one day; enrolling refuses more';

-- definer: because the level is locked against a class made beside this one.
create function private.tg_classes__limit_per_level() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_limit integer := (private.setting(new.school_id, 'homerooms_per_level'))::integer;
  v_count integer;
begin
  perform from public.grade_levels l where (l.school_id, l.id) = (new.school_id, new.grade_level_id) for no key update;
  select count(*) into v_count from public.classes k
  where (k.school_id, k.academic_year_id, k.grade_level_id) = (new.school_id, new.academic_year_id, new.grade_level_id)
    and k.kind = 'homeroom' and k.id <> new.id and k.deleted_at is null;
  if v_count >= v_limit then
    perform private.reject('add the class', format('The level has %s homerooms in this year, as many as the setting homerooms_per_level allows.', v_count));
  end if;
  return null;
end
$$;
-- After the row, and so after the policy: another school's classes are not counted for anybody.
create trigger _500_limit_per_level after insert on public.classes for each row when (new.kind = 'homeroom')
  execute function private.tg_classes__limit_per_level();
create trigger _500_limit_restored after update of deleted_at on public.classes for each row
  when (new.kind = 'homeroom' and old.deleted_at is not null and new.deleted_at is null) execute function private.tg_classes__limit_per_level();

create table public.class_teachers (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  class_id uuid not null,
  teacher_id uuid not null,
  lead boolean not null default false,
  starts_on date not null default '-infinity',
  ends_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint class_teachers_class_fkey foreign key (school_id, class_id) references public.classes (school_id, id) on delete restrict,
  constraint class_teachers_teacher_fkey foreign key (school_id, teacher_id) references public.memberships (school_id, id) on delete restrict,
  constraint class_teachers_dates check (ends_on >= starts_on),
  constraint class_teachers_no_overlap exclude using gist (school_id with =, uuid_send(class_id) with =, uuid_send(teacher_id) with =, daterange(starts_on, ends_on, '[]') with &&)
    where (deleted_at is null),
  constraint class_teachers_one_lead exclude using gist (school_id with =, uuid_send(class_id) with =, daterange(starts_on, ends_on, '[]') with &&)
    where (lead and deleted_at is null)
);
create index class_teachers_id_idx on public.class_teachers (id);
create index class_teachers_class_idx on public.class_teachers (school_id, class_id);
create index class_teachers_class_id_idx on public.class_teachers (class_id);
create index class_teachers_teacher_idx on public.class_teachers (school_id, teacher_id);
create index class_teachers_teacher_id_idx on public.class_teachers (teacher_id);
alter table public.class_teachers enable row level security;
call private.equip('public.class_teachers', p_subject => 'teacher_id');
create trigger _140_starts_today before insert on public.class_teachers for each row when (new.starts_on = '-infinity') execute function private.tg__starts_today();
call private.name_clashes('public.class_teachers', 'structure.manage', '{"class_teachers_no_overlap": "The teacher teaches this class in that time already.", "class_teachers_one_lead": "The class has another lead in that time."}');
grant select, insert (school_id, id, class_id, teacher_id, lead, starts_on, ends_on), update (lead, starts_on, ends_on), delete on public.class_teachers to authenticated;
create policy "staff read who teaches, students and parents of their classes" on public.class_teachers for select to authenticated
  using (deleted_at is null and (
    school_id = any (array(select private.my_schools('{admin,leader,teacher}')))
    or class_id = any (array(select private.classes_attended()))));
create policy "admins add class teachers, never themselves" on public.class_teachers for insert to authenticated
  with check (school_id = any (array(select private.schools_with('structure.manage'))) and teacher_id <> all (array(select private.all_my_memberships()))
    and exists (select from public.classes k where k.school_id = class_teachers.school_id and k.id = class_teachers.class_id)
    and exists (select from public.memberships m where m.school_id = class_teachers.school_id and m.id = class_teachers.teacher_id and m.role = 'teacher'));
create policy "admins change class teachers, never themselves" on public.class_teachers for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))) and teacher_id <> all (array(select private.all_my_memberships())))
  with check (school_id = any (array(select private.schools_with('structure.manage'))));
create policy "admins remove class teachers, never themselves" on public.class_teachers for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('structure.manage'))) and teacher_id <> all (array(select private.all_my_memberships())));
comment on table public.class_teachers is 'Who teaches a class, from when to when; one lead at a time. Without an end it lasts as long as the class''s year.';

insert into private.restorable_tables (table_name, permission, person_column) values
  ('classes', 'structure.manage', null), ('class_teachers', 'structure.manage', 'teacher_id');
