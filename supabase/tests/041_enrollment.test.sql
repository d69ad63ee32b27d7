-- Years, levels, classes and enrollment: what the office may write, what a year, a level and a class can hold, and who is whose
-- student on which day (access.md: academic_years to enrollments, and the scope class).
begin;
select plan(93);
select tests.school('TAP-A'), tests.school('TAP-B');

create function tests.year(p_school text, p_name text, p_from integer, p_to integer) returns uuid language sql as $$
  insert into public.academic_years (school_id, id, code, name, starts_on, ends_on)
  values (tests.id(p_school), tests.named(p_school || ' ' || p_name), upper(p_name), p_name, current_date + p_from, current_date + p_to) returning id
$$;
create function tests.class(p_school text, p_name text, p_year text default 'now', p_capacity integer default 40, p_kind text default 'homeroom', p_level text default 'P1') returns uuid language sql as $$
  insert into public.classes (school_id, id, academic_year_id, grade_level_id, kind, subject_id, code, name, capacity)
  select l.school_id, tests.named(p_school || ' ' || p_name), tests.id(p_school || ' ' || p_year), l.id, p_kind, case p_kind when 'subject' then tests.id(p_school || ' maths') end, upper(p_name), p_name, p_capacity
  from public.grade_levels l where l.school_id = tests.id(p_school) and l.code = p_level returning id
$$;
create function tests.teaches(p_school text, p_teacher text, p_class text, p_from integer, p_to integer default null, p_lead boolean default false) returns uuid language sql as $$
  insert into public.class_teachers (school_id, id, class_id, teacher_id, lead, starts_on, ends_on)
  values (tests.id(p_school), tests.named(format('%s %s of %s', p_school, p_teacher, p_class)), tests.id(p_school || ' ' || p_class), tests.id(p_school || ' ' || p_teacher), p_lead, current_date + p_from, current_date + p_to) returning id
$$;
create function tests.pupil(p_school text, p_name text) returns uuid language sql as $$
  insert into public.students (school_id, id, given_name, family_name) values (tests.id(p_school), tests.named(p_school || ' ' || p_name), 'Pupil', p_name) returning id
$$;
-- What enrolling answers: roll numbers, or all that is said.
create function tests.enroll(p_email text, p_class text, p_students text[], p_from integer, p_to integer default null) returns text language plpgsql as $$
declare
  v_hint text;
  v_answer text;
begin
  perform tests.sign_in(p_email);
  select string_agg(n.name || ':' || e.roll_number, ', ' order by e.roll_number) into v_answer
  from public.enroll_students(tests.id('TAP-A'), tests.id('TAP-A ' || p_class), array(select tests.id('TAP-A ' || s) from unnest(p_students) s), current_date + p_from, current_date + p_to) e
  join tests.names n on n.id = e.student_id;
  return v_answer;
exception when others then
  get stacked diagnostics v_hint = pg_exception_hint;
  return concat_ws(' ', sqlstate, v_hint);
end $$;
create function tests.enrollment(p_student text, p_class text) returns uuid language sql security definer as $$
  select e.id from public.enrollments e where e.student_id = tests.id('TAP-A ' || p_student) and e.class_id = tests.id('TAP-A ' || p_class) and e.deleted_at is null order by e.starts_on desc limit 1
$$;
create function tests.days(p_student text) returns text language sql security definer as $$
  select string_agg(format('%s %s..%s%s', n.name, e.starts_on - current_date, e.ends_on - current_date, ' ' || e.end_reason), ', ' order by e.starts_on)
  from public.enrollments e join tests.names n on n.id = e.class_id where e.student_id = tests.id('TAP-A ' || p_student) and e.deleted_at is null
$$;
create function tests.add_class(p_code text, p_kind text default 'homeroom') returns text language sql as $$
  select tests.says(format($sql$ insert into public.classes (school_id, academic_year_id, grade_level_id, kind, subject_id, code, name) select %L, %L, l.id, %L, %s, %L, 'New' from public.grade_levels l where l.code = 'P1' and l.school_id = %L $sql$,
    tests.id('TAP-A'), tests.id('TAP-A now'), p_kind, case p_kind when 'subject' then format('%L', tests.id('TAP-A maths')) else 'null' end, p_code, tests.id('TAP-A')))
$$;
create function tests.transfer(p_student text, p_from text, p_to text, p_on integer) returns text language sql as $$
  select tests.says(format('select public.transfer_student(%L, %L, %L, current_date + %s)', tests.id('TAP-A'), tests.enrollment(p_student, p_from), tests.id('TAP-A ' || p_to), p_on))
$$;
grant execute on all functions in schema tests to authenticated;

-- Years and terms ---------------------------------------------------------------------------------------------------------------------

select is((select string_agg(code, ' ' order by position) from public.grade_levels where school_id = tests.id('TAP-A')), 'P1 P2 P3 P4 P5 P6 M1 M2 M3 M4 M5 M6', 'blueprint: a new school has P1 to P6 and M1 to M6');
select tests.year('TAP-A', 'now', -100, 200), tests.year('TAP-A', 'last', -400, -110), tests.year('TAP-A', 'past', -900, -600), tests.year('TAP-B', 'now', -100, 200);
select is(tests.does_as('admin@tap-a.test', format($$ insert into public.academic_years (school_id, code, name, starts_on, ends_on) values (%L, 'X', 'X', current_date + 100, current_date + 400) $$, tests.id('TAP-A'))), 'PT409', 'years of a school never overlap');
select is(tests.does(format($$ insert into public.academic_years (school_id, code, name, starts_on, ends_on) values (%L, 'X', 'X', current_date + 300, current_date + 290) $$, tests.id('TAP-A'))), '23514', 'a year does not end before it starts');
select is(tests.does(format($$ insert into public.academic_years (school_id, code, name, starts_on, ends_on) values (%L, 'NEXT', 'Next', current_date + 201, current_date + 500) $$, tests.id('TAP-A'))), '1 rows', 'one may follow another at once');
select is(tests.does(format($$ update public.academic_years set is_current = true where school_id = %L $$, tests.id('TAP-A'))), '42501', 'which year is current is said by function');
select is(tests.does(format($$ select public.set_current_year(%L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A now'))), '1 rows', 'an admin makes a year current');
select is(tests.does(format($$ select public.set_current_year(%L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A last'))), 'PT422', '… not one that has ended while another is on');
select is(tests.does(format($$ select public.set_current_year(%L, (select id from public.academic_years where code = 'NEXT')) $$, tests.id('TAP-A'))), '1 rows', '… but the next one ahead of its day, in its place');
select is((select string_agg(y.code, ' ') from public.academic_years y where y.is_current), 'NEXT', 'one year is current');
select is(tests.does(format($$ select public.set_current_year(%L, %L) $$, tests.id('TAP-A'), tests.id('TAP-B now'))), 'PT404', 'never 1: not another school''s year');
select is(tests.does_as(p || '@tap-a.test', format($$ select public.set_current_year(%L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A now'))), 'PT404', 'access.md academic_years: not by ' || p) from unnest(array['principal', 'teacher1', 'parent1']) p;

-- The year turns by itself, where nobody thought of it.
select tests.sign_out();
create function tests.current_year(p_school text) returns text language sql as $$
  select private.turn_years();
  select coalesce(string_agg(y.code, ' '), 'none') from public.academic_years y where y.school_id = tests.id(p_school) and y.is_current and y.deleted_at is null $$;
select is((select count(*) from public.academic_years y where y.school_id = tests.id('TAP-B') and y.is_current) || ' ' || tests.current_year('TAP-B'), '0 NOW', 'issue 4 years: a school that never named a year works in the one that it is');
select is(tests.current_year('TAP-A'), 'NEXT', '… one that named the next ahead of its day keeps it');
update public.academic_years set is_current = false where school_id = tests.id('TAP-A');
update public.academic_years set is_current = true where id = tests.id('TAP-A last');
select is(tests.current_year('TAP-A'), 'NOW', '… one that forgot is in the new year on its first day');
select is(private.turn_years(), 0, 'house-style 9: once');
update public.academic_years set ends_on = current_date - 2 where id = tests.id('TAP-B now');
select is(tests.current_year('TAP-B'), 'NOW', '… in the holidays the year that ended stays, until another begins');
select is(tests.does_as('admin@tap-b.test', format($$ select public.set_current_year(%L, %L) $$, tests.id('TAP-B'), tests.id('TAP-B now'))), '1 rows', '… or an office names one');
select tests.sign_out();
update public.academic_years set ends_on = current_date + 200 where id = tests.id('TAP-B now');
select tests.school('TAP-WEST', p_timezone => 'Pacific/Pago_Pago'), tests.school('TAP-EAST', p_timezone => 'Pacific/Kiritimati');
insert into public.academic_years (school_id, code, name, starts_on, ends_on)
select s.id, 'NOW', 'Now', (now() at time zone 'Pacific/Kiritimati')::date, (now() at time zone 'Pacific/Kiritimati')::date + 200 from public.schools s where s.id in (tests.id('TAP-WEST'), tests.id('TAP-EAST'));
select is(tests.current_year('TAP-EAST') || ' ' || tests.current_year('TAP-WEST'), 'NOW none', 'schools.timezone: a year begins on the school''s own day');
update public.academic_years set is_current = false where school_id = tests.id('TAP-B');
select tests.sign_in('admin@tap-a.test');
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format($$ insert into public.terms (school_id, id, academic_year_id, code, name, starts_on, ends_on) values (%L, %L, %L, 'T1', 'One', current_date - 100, current_date + 20) $$, tests.id('TAP-A'), tests.id('TAP-A T1'), tests.id('TAP-A now'))), '1 rows', 'access.md terms: an admin adds one');
select is(tests.does(format($$ insert into public.terms (school_id, academic_year_id, code, name, starts_on, ends_on) values (%L, %L, 'T2', 'Two', current_date + 20, current_date + 90) $$, tests.id('TAP-A'), tests.id('TAP-A now'))), 'PT409', 'terms never overlap');
select is(tests.does(format($$ insert into public.terms (school_id, academic_year_id, code, name, starts_on, ends_on) values (%L, %L, 'T2', 'Two', current_date + 21, current_date + 201) $$, tests.id('TAP-A'), tests.id('TAP-A now'))), 'PT422', 'a term lies within its year');
select is(tests.does(format($$ insert into public.terms (school_id, academic_year_id, code, name, starts_on, ends_on) values (%L, %L, 'T2', 'Two', current_date + 21, current_date + 90) $$, tests.id('TAP-A'), tests.id('TAP-B now'))), '42501', 'never 1: a term of another school''s year');
select is(tests.does(format($$ update public.academic_years set starts_on = current_date - 99 where id = %L $$, tests.id('TAP-A now'))), 'PT422', 'a year does not shrink below its terms');
select is(tests.does(format($$ update public.academic_years set ends_on = current_date + 21 where id = %L $$, tests.id('TAP-A now'))), '1 rows', '… and may otherwise');
select is(tests.does(format($$ update public.academic_years set ends_on = current_date + 200 where id = %L $$, tests.id('TAP-A now'))), '1 rows', '… and grow again');

-- Classes -------------------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
insert into public.subjects (school_id, id, code, name) values (tests.id('TAP-A'), tests.named('TAP-A maths'), 'MATH', 'Maths');
select tests.class('TAP-A', 'a'), tests.class('TAP-A', 'b', p_capacity => 2), tests.class('TAP-A', 'c', 'last'), tests.class('TAP-A', 'd', 'past'), tests.class('TAP-A', 'sums', p_kind => 'subject');
select tests.class('TAP-A', 'r' || n) from generate_series(3, 6) n;
select tests.sign_in('admin@tap-a.test');
select is(tests.add_class('R7'), 'PT422 | Cannot add the class | The level has 6 homerooms in this year, as many as the setting homerooms_per_level allows.', 'six homerooms a level by default');
select is(tests.add_class('SUMS-2', 'subject'), 'done', '… which groups of a subject do not count against');
select is(tests.does(format($$ select public.set_school_setting(%L, 'homerooms_per_level', '7') $$, tests.id('TAP-A'))), '1 rows', 'a school sets how many');
select is(tests.add_class('R7'), 'done', '… and may then have them');
select is(left(tests.add_class('R7'), 5), '23505', 'a code is used once in a year');
select is(tests.does(format($$ update public.classes set academic_year_id = %L where id = %L $$, tests.id('TAP-A last'), tests.id('TAP-A a'))), '42501', 'a class stays in its year');
select is(tests.does(format($$ insert into public.classes (school_id, id, academic_year_id, grade_level_id, code, name) select %L, gen_random_uuid(), %L, id, 'OWN', 'x' from public.grade_levels where school_id = %1$L limit 1 $$, tests.id('TAP-A'), tests.id('TAP-A now'))), '42501', 'no client chooses the id of a class');
select tests.sign_out();
select tests.teaches('TAP-A', 'teacher1', 'a', -100, p_lead => true), tests.teaches('TAP-A', 'teacher2', 'a', -100, -2), tests.teaches('TAP-A', 'teacher3', 'a', 2), tests.teaches('TAP-A', 'teacher2', 'c', -400), tests.teaches('TAP-A', 'teacher3', 'd', -900);
select is(tests.does_as('admin@tap-a.test', format($$ insert into public.class_teachers (school_id, class_id, teacher_id, lead, starts_on) values (%L, %L, %L, true, current_date) $$, tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('TAP-A teacher2'))), 'PT409', 'one lead at a time');
select is(tests.does(format($$ insert into public.class_teachers (school_id, class_id, teacher_id, starts_on) values (%L, %L, %L, current_date) $$, tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('TAP-A leader'))), '42501', 'who teaches holds the role of a teacher');
select tests.sign_out();
insert into public.memberships (school_id, id, user_id, role, starts_on) values (tests.id('TAP-A'), tests.named('TAP-A admin as teacher'), tests.id('admin@tap-a.test'), 'teacher', '2020-01-01');
select is(tests.does_as('admin@tap-a.test', format($$ insert into public.class_teachers (school_id, class_id, teacher_id, starts_on) values (%L, %L, %L, current_date) $$, tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('TAP-A admin as teacher'))), '42501', 'S6: never oneself');

-- Enrolling ---------------------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select tests.pupil('TAP-A', 'pupil' || n) from generate_series(3, 6) n;
select is(tests.enroll('admin@tap-a.test', 'a', array['pupil2', 'pupil1', 'pupil3'], -100), 'TAP-A pupil1:1, TAP-A pupil2:2, TAP-A pupil3:3', 'roll numbers follow the names');
select is(tests.days('pupil1'), 'TAP-A a -100..200', 'without an end, to the last day of the year');
select is(tests.enroll('admin@tap-a.test', 'a', array['pupil1'], 10), 'PT409 The student is in this class in that time already.', 'nobody is in a class twice');
select is(tests.enroll('admin@tap-a.test', 'b', array['pupil1'], 10), 'PT409 The student is in another homeroom in that time; transfer them instead.', '… nor in two homerooms');
select is(tests.enroll('admin@tap-a.test', 'sums', array['pupil1'], 10), 'TAP-A pupil1:1', '… but in groups of subjects beside one');
select is(tests.enroll('admin@tap-a.test', 'b', array['pupil4', 'pupil5', 'pupil6'], 0), 'PT409 The class has 2 places, and 0 are taken.', 'a class holds as many as its capacity, all or none');
select is(tests.enroll('admin@tap-a.test', 'b', array['pupil4'], 0, 10), 'TAP-A pupil4:1', 'for some days');
select is(tests.enroll('admin@tap-a.test', 'b', array['pupil5'], 5), 'TAP-A pupil5:2', '… and another who comes while the first is there');
select is(tests.enroll('admin@tap-a.test', 'b', array['pupil6'], 0), 'PT409 The class has 2 places, and 2 are taken.', 'capacity is counted on every day, not on the first alone');
select is(tests.enroll('admin@tap-a.test', 'b', array['pupil6'], 11), 'TAP-A pupil6:3', '… so that a place becomes free when somebody leaves');
select is(tests.enroll('admin@tap-a.test', 'a', array['pupil4'], 201), format('PT422 The class''s year is from %s to %s.', current_date - 100, current_date + 200), 'enrollments lie within the year');
select is(tests.enroll('admin@tap-a.test', 'a', array['pupil4'], 12, 11), 'PT422 Name 1 to 500 students and the day on which they start; they cannot end before it.', 'an enrollment does not end before it starts');
select is(tests.enroll('admin@tap-a.test', 'a', array[]::text[], 0), 'PT422 Name 1 to 500 students and the day on which they start; they cannot end before it.', 'nobody is no one to enroll');
select is(left(tests.enroll('admin@tap-a.test', 'a', array['nobody'], 0), 5), 'PT404', 'an absent student …');
select is(tests.says(format($$ select public.enroll_students(%L, %L, array[%L::uuid], current_date) $$, tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('TAP-B pupil1'))),
  tests.says(format($$ select public.enroll_students(%L, %L, array[%L::uuid], current_date) $$, tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('nobody'))), 'never 1: … and another school''s answer alike');
select is(left(tests.enroll(p || '@tap-a.test', 'a', array['pupil4'], 20), 5), 'PT404', 'access.md enrollments: not by ' || p) from unnest(array['principal', 'leader', 'teacher1', 'student1', 'parent1']) p;
select is(tests.does_as('admin@tap-a.test', format('%s public.enrollments %s', a, b)), '42501', 'access.md enrollments: by function only: ' || a)
from (values ('update', 'set ends_on = current_date where true'), ('delete from', 'where true')) c (a, b);

-- Transfer, leaving, returning -----------------------------------------------------------------------------------------------------------------

select tests.sign_in('admin@tap-a.test');
select is(tests.transfer('pupil3', 'a', 'r3', 0), 'done', 'a student moves to another class');
select is(tests.days('pupil3'), 'TAP-A a -100..-1 transferred, TAP-A r3 0..200', '… the day before ends the old enrollment, and the past stays');
select is(left(tests.transfer('pupil3', 'r3', 'a', 0), 5), 'PT404', 'not on the first day, which would leave nothing of it');
select is(left(tests.transfer('pupil1', 'a', 'sums', 5), 5), 'PT422', 'not from a homeroom to a group');
select is(left(tests.transfer('pupil1', 'a', 'c', 5), 5), 'PT422', 'not into another year');
select is(left(tests.transfer('pupil1', 'a', 'b', 5), 5), 'PT409', 'not where no place is free');
select is(tests.days('pupil1'), 'TAP-A a -100..200, TAP-A sums 10..200', '… and a refused transfer changes nothing');
select is(tests.does(format($$ select public.end_enrollment(%L, %L, current_date, 'bored') $$, tests.id('TAP-A'), tests.enrollment('pupil3', 'r3'))), 'PT422', 'a reason is one of three');
select is(tests.does(format($$ select public.end_enrollment(%L, %L, current_date - 1) $$, tests.id('TAP-A'), tests.enrollment('pupil3', 'r3'))), 'PT404', 'an enrollment ends on one of its days');
select is(tests.does(format($$ select public.end_enrollment(%L, %L, current_date + 3, 'left') $$, tests.id('TAP-A'), tests.enrollment('pupil3', 'r3'))), '1 rows', 'a student leaves');
select is(tests.enroll('admin@tap-a.test', 'r3', array['pupil3'], 30), 'TAP-A pupil3:2', '… and returns, with a row of its own');
select is(tests.days('pupil3'), 'TAP-A a -100..-1 transferred, TAP-A r3 0..3 left, TAP-A r3 30..200', '… so that the past is as it was');
select is(tests.does(format($$ update public.academic_years set ends_on = current_date + 150 where id = %L $$, tests.id('TAP-A now'))), '1 rows', 'the last day of a year moves');
select is(tests.days('pupil3'), 'TAP-A a -100..-1 transferred, TAP-A r3 0..3 left, TAP-A r3 30..150', '… and what lasts to it moves with it');
select is(tests.does(format($$ update public.academic_years set ends_on = current_date + 25 where id = %L $$, tests.id('TAP-A now'))), 'PT422', '… but not before an enrollment has begun');

-- Removing and restoring ---------------------------------------------------------------------------------------------------------------------------

select is(tests.add_class('SPARE', 'subject'), 'done', 'a class is made by mistake');
select is(tests.does(format($$ select public.remove('classes', %L, (select id from public.classes where code = 'SPARE')) $$, tests.id('TAP-A'))), '1 rows', '… removed');
select set_config('tests.spare', (select d.id::text from public.deleted_rows('classes', tests.id('TAP-A')) d limit 1), true);
select is(tests.does(format($$ select public.restore('classes', %L, %L) $$, tests.id('TAP-A'), current_setting('tests.spare'))), '1 rows', '… and restored: it was none');
select is(tests.seen('public.classes where code = ''SPARE''') <> 'nothing', true, '… as it was');
select tests.sign_out();
create function tests.year_from(p_days integer) returns text language sql as $$ select tests.does(format('update public.academic_years set starts_on = current_date + %s where id = %L', p_days, tests.id('TAP-A now'))) $$;
create function tests.restore_term() returns text language sql as $$ select tests.does(format('select public.restore(''terms'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A T1'))) $$;
grant execute on all functions in schema tests to authenticated;
select tests.sign_in('admin@tap-a.test');
select is(tests.year_from(-105) || tests.does(format($$ update public.terms set starts_on = current_date - 104 where id = %L $$, tests.id('TAP-A T1'))) || tests.does(format($$ select public.remove('terms', %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A T1'))) || tests.year_from(-100), '1 rows1 rows1 rows1 rows', 'a term is removed, and its year begins later');
select is(tests.restore_term(), 'PT422', '… so that it would not lie within it');
select is((select tests.restore_term() from tests.sign_in(p || '@tap-a.test')), 'PT404', 'access.md terms: restored by admins alone: not by ' || p) from unnest(array['principal', 'teacher1']) p;
select tests.sign_in('admin@tap-a.test');
select is(tests.year_from(-105) || tests.restore_term() || tests.year_from(-100), '1 rows1 rowsPT422', '… until it would again');

-- Whose student, on this day ----------------------------------------------------------------------------------------------------------------------

select is(tests.seen_as(p || '@tap-a.test', 'public.students'), w, 'access.md class and team: students, as ' || p)
from (values ('teacher1', 'TAP-A pupil1, TAP-A pupil2'), ('teacher2', 'nothing'), ('teacher3', 'nothing'), ('leader', 'TAP-A pupil1, TAP-A pupil2'), ('chief', 'nothing')) c (p, w);
select is(tests.seen_as(p || '@tap-a.test', 'public.classes'), w, 'access.md classes, as ' || p)
from (values ('student1', 'TAP-A a'), ('parent2', 'TAP-A a')) c (p, w);
select is(tests.seen_as('admin@tap-b.test', 'public.classes') || tests.seen('public.enrollments') || tests.seen('public.class_teachers'), 'nothingnothingnothing', 'never 1: another school''s admin sees none of it');
select tests.sign_out();
insert into public.guardianship_blocks (school_id, student_id, membership_id, reason) values (tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A parent1'), 'Order'), (tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A teacher1'), 'Order');
select is(tests.seen_as('parent1@tap-a.test', 'public.classes') || tests.seen('public.enrollments') || tests.seen('public.class_teachers'), 'nothingnothingnothing', 'deny wins: a blocked parent loses the class with the child');
select is(tests.seen_as('teacher1@tap-a.test', 'public.students'), 'TAP-A pupil2', 'deny wins: a blocked teacher too');

select * from finish();
rollback;
