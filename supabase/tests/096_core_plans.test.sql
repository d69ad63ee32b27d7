-- Plan guards for classes, attendance and search: what the core benchmark measures goes by these indexes under row-level security.
begin;
select plan(16);
select tests.school('TAP-A');
-- Twenty others of one class each, for the planner to know that one school is a small part; the first has ten.
insert into public.schools (id, code, name, status) select tests.id('TAP-' || n), 'TAP-' || n, 'Other', 'active' from generate_series(1, 20) n;
create temporary table crowd on commit drop as
select s.id as school_id, s.code, k as class, n as student, l.id as grade_level_id, coalesce(t.id, tests.id(s.code || ' teacher')) as teacher_id
from public.schools s join public.grade_levels l on l.school_id = s.id and l.code = 'P1'
left join public.memberships t on t.school_id = s.id and t.id = tests.id('TAP-A teacher1')
cross join generate_series(1, 10) k cross join generate_series(1, 28) n where s.code ~ '^TAP-' and (k = 1 or s.code = 'TAP-A');
insert into public.memberships (school_id, id, role, starts_on) select distinct school_id, teacher_id, 'teacher', date '2020-01-01' from crowd where code <> 'TAP-A';
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) select distinct school_id, tests.id(code || ' year'), 'Y', 'Y', current_date - 100, current_date + 100 from crowd;
insert into public.school_settings (school_id, key, value) values (tests.id('TAP-A'), 'homerooms_per_level', '40');
insert into public.classes (school_id, id, academic_year_id, grade_level_id, code, name)
select distinct school_id, tests.id(format('%s class %s', code, class)), tests.id(code || ' year'), grade_level_id, 'K-' || class, 'K' from crowd;
insert into public.class_teachers (school_id, class_id, teacher_id, starts_on) select distinct school_id, tests.id(format('%s class %s', code, class)), teacher_id, current_date - 100 from crowd where class <= 2;
insert into public.students (school_id, id, given_name, family_name) select school_id, tests.id(format('%s student %s %s', code, class, student)), 'Given' || student, 'Family' || class from crowd;
insert into public.enrollments (school_id, student_id, class_id, kind, starts_on, ends_on)
select school_id, tests.id(format('%s student %s %s', code, class, student)), tests.id(format('%s class %s', code, class)), 'homeroom', current_date - 100, current_date + 100 from crowd;
insert into public.guardianships (school_id, student_id, guardian_id, starts_on) values (tests.id('TAP-A'), tests.id('TAP-A student 1 1'), tests.id('TAP-A parent1'), current_date - 100);
insert into public.class_sessions (school_id, id, class_id, teacher_id, day, starts_at, ends_at)
select distinct school_id, tests.id(format('%s session %s %s', code, class, d)), tests.id(format('%s class %s', code, class)), teacher_id, current_date - d,
  (current_date - d + make_time(8 + class, 0, 0)) at time zone 'UTC', (current_date - d + make_time(8 + class, 45, 0)) at time zone 'UTC' from crowd, generate_series(1, 30) d;
alter table public.attendance_entries disable trigger _900_audit_created;
insert into public.attendance_entries (school_id, session_id, class_id, student_id, day, status)
select school_id, tests.id(format('%s session %s %s', code, class, d)), tests.id(format('%s class %s', code, class)), tests.id(format('%s student %s %s', code, class, student)), current_date - d,
  case when student % 9 = 0 then 'excused' else 'present' end from crowd, generate_series(1, 30) d;
alter table public.attendance_entries enable always trigger _900_audit_created;
analyze public.schools, public.memberships, public.classes, public.class_teachers, public.students, public.enrollments, public.guardianships, public.class_sessions, public.attendance_entries, private.searchable_people;

-- Under row-level security ------------------------------------------------------------------------------------------------------------

select matches(tests.plan_as(who || '@tap-a.test', query), index, format('budget: %s goes by its index: %s', what, who)) from (values
  ('teacher1', 'own classes', format('select * from public.class_teachers where teacher_id = %L', tests.id('TAP-A teacher1')), 'class_teachers_teacher_(id_)?idx'),
  ('teacher1', 'a class list', format('select * from public.enrollments where class_id = %L order by roll_number', tests.id('TAP-A class 1')), 'enrollments_class_(id_)?idx'),
  ('teacher1', 'a register by its session', format('select * from public.attendance_entries where session_id = %L', tests.id('TAP-A session 1 3')), 'attendance_entries_session_idx'),
  ('teacher1', 'a register by class and day', format('select * from public.attendance_entries where class_id = %L and day = current_date - 3', tests.id('TAP-A class 1')), 'attendance_entries_class_id_idx'),
  ('principal', 'the sessions of a day', format('select * from public.class_sessions where school_id = %L and day = current_date - 3 order by starts_at', tests.id('TAP-A')), 'class_sessions_day_idx'),
  ('leader', 'the sessions of a day', format('select * from public.class_sessions where school_id = %L and day = current_date - 3 order by starts_at', tests.id('TAP-A')), 'class_sessions_day_idx'),
  ('principal', 'who was not present on a day', format('select * from public.attendance_entries where school_id = %L and day = current_date - 3 and status <> %L', tests.id('TAP-A'), 'present'), 'attendance_entries_day_idx'),
  ('leader', 'who was not present on a day', format('select * from public.attendance_entries where school_id = %L and day = current_date - 3 and status <> %L', tests.id('TAP-A'), 'present'), 'attendance_entries_day_idx'),
  ('parent1', 'a child''s month', format('select * from public.attendance_entries where student_id = %L and day between current_date - 30 and current_date order by day desc', tests.id('TAP-A student 1 1')), 'attendance_entries_student_idx')) a (who, what, query, index);
select matches(tests.plan_as('teacher1@tap-a.test', 'select * from public.attendance_entries'), 'BitmapOr', 'rls-facts: OR-ed scopes of attendance become one bitmap each');
select doesnt_match(tests.plan_as('teacher1@tap-a.test', format('select * from public.attendance_entries e join public.students s on (s.school_id, s.id) = (e.school_id, e.student_id) where e.session_id = %L', tests.id('TAP-A session 1 3'))), 'Seq Scan|Filter:[^\n]*private\.', 'budget: a register with its students scans nothing and calls no helper per row');
select tests.sign_out();
select matches(pg_get_indexdef('public.attendance_entries_session_idx'::regclass), '\(session_id, ', 'budget: … and it leads with the session, or all of it would be read');

-- Inside definer functions ------------------------------------------------------------------------------------------------------------

select matches(tests.plan_of(format('select from public.enrollments e where e.class_id = %L and e.student_id = any (%L) and e.deleted_at is null', tests.id('TAP-A class 1'), array[tests.id('TAP-A student 1 1')])), 'enrollments_(class|student)_', 'budget: mark_attendance looks enrollments up by a btree');
select matches(tests.plan_of(format('select from private.searchable_people p where p.school_id = %L and (p.words like %L or %L operator(extensions.<%%) p.words)', tests.id('TAP-A'), '% fam%', 'fam')), 'Index Only Scan using searchable_people_pkey[^\n]*\n *Index Cond: \(school_id =', 'budget: a search reads the words of one school, beside each other');

-- The first scope that holds ends the others, whose helpers are then not called --------------------------------------------------------

select is_empty($$
  select tablename, policyname from pg_policies where schemaname = 'public' and permissive = 'PERMISSIVE'
    and qual ~ 'students_of_team.*(schools_with|students_taught|students_covered|own_students|my_children|classes_with)'
$$, 'budget: the team, whose helper takes longest, is asked last');
select is_empty($$
  select tablename, policyname from pg_policies where schemaname = 'public' and permissive = 'PERMISSIVE' and qual ~ 'classes_attended.*my_schools'
$$, 'budget: staff of the school come before classes attended');

select * from finish();
rollback;
