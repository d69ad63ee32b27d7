-- Timetable: slots, the calendar, sessions over the week and over daylight saving, and that nobody and no room is booked twice
-- (access.md: rooms to class_sessions). A year long past and one to come, so that no hour of the day changes an answer.
begin;
select plan(88);
select tests.school('TAP-A', p_timezone => 'Asia/Jerusalem'), tests.school('TAP-B');

-- 2037-03-27 is a Friday on which Jerusalem's clocks go forward at two in the morning.
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) values (tests.id('TAP-A'), tests.named('TAP-A year'), 'Y', 'Y', '2036-09-01', '2037-08-31'), (tests.id('TAP-B'), tests.named('TAP-B year'), 'Y', 'Y', '2036-09-01', '2037-08-31');
insert into public.terms (school_id, id, academic_year_id, code, name, starts_on, ends_on) values (tests.id('TAP-A'), tests.named('TAP-A term'), tests.id('TAP-A year'), 'T1', 'T1', '2037-03-15', '2037-04-11');
insert into public.rooms (school_id, id, code, name) select tests.id('TAP-A'), tests.named('TAP-A room' || n), 'R' || n, 'R' || n from generate_series(1, 2) n;
insert into public.classes (school_id, id, academic_year_id, grade_level_id, code, name)
select tests.id('TAP-A'), tests.named('TAP-A ' || c), tests.id('TAP-A year'), l.id, upper(c), c from unnest(array['a', 'b']) c, public.grade_levels l where l.school_id = tests.id('TAP-A') and l.code = 'P1';

create function tests.slot(p_class text, p_teacher text, p_room text, p_weekday integer, p_from text, p_to text, p_name text default null) returns text language sql as $$
  select tests.does(format('insert into public.timetable_slots (school_id, id, term_id, class_id, teacher_id, room_id, weekday, start_time, end_time) values (%L, %L, %L, %L, %L, %L, %s, %L, %L)',
    tests.id('TAP-A'), coalesce(tests.id('TAP-A slot ' || p_name), gen_random_uuid()), tests.id('TAP-A term'), tests.id('TAP-A ' || p_class), tests.id('TAP-A ' || p_teacher), tests.id('TAP-A ' || p_room), p_weekday, p_from, p_to))
$$;
create function tests.generate(p_term text default 'TAP-A term') returns text language plpgsql as $$
declare
  v_hint text;
begin
  return public.generate_sessions(tests.id('TAP-A'), tests.id(p_term));
exception when others then
  get stacked diagnostics v_hint = pg_exception_hint;
  return sqlstate || ' ' || v_hint;
end $$;
create function tests.sessions(p_slot text) returns text language sql security definer as $$
  select string_agg(to_char(s.starts_at at time zone 'UTC', 'MM-DD HH24:MI') || case s.status when 'cancelled' then ' cancelled' else '' end, ', ' order by s.starts_at)
  from public.class_sessions s where s.slot_id = tests.id('TAP-A slot ' || p_slot) and s.deleted_at is null
$$;
create function tests.session(p_slot text, p_day text) returns uuid language sql security definer as $$
  select s.id from public.class_sessions s where s.slot_id = tests.id('TAP-A slot ' || p_slot) and s.slot_day = p_day::date
$$;
create function tests.change(p_slot text, p_day text, p_change text) returns text language sql as $$
  select tests.says(format('select public.change_session(%L, %L, %s)', tests.id('TAP-A'), tests.session(p_slot, p_day), p_change))
$$;
grant execute on all functions in schema tests to authenticated;

-- Slots ---------------------------------------------------------------------------------------------------------------------------------

select tests.sign_in('admin@tap-a.test');
select is(tests.slot('a', 'teacher1', 'room1', 5, '08:00', '08:45', 'friday'), '1 rows', 'access.md timetable_slots: an admin adds one');
select is(tests.slot('a', 'teacher2', 'room2', 5, '08:30', '09:15'), 'PT409', 'a class is in one place at a time');
select is(tests.slot('b', 'teacher1', 'room2', 5, '08:30', '09:15'), 'PT409', 'a teacher too');
select matches(tests.says(format('insert into public.timetable_slots (school_id, term_id, class_id, teacher_id, room_id, weekday, start_time, end_time) values (%L, %L, %L, %L, %L, 5, ''08:30'', ''09:15'')',
  tests.id('TAP-A'), tests.id('TAP-A term'), tests.id('TAP-A b'), tests.id('TAP-A ' || t), tests.id('TAP-A ' || r))), w, 'issue 4: the error names the clash: ' || w) from (values ('teacher1', 'room2', 'The teacher is booked'), ('teacher2', 'room1', 'The room is booked')) v (t, r, w);
select is(tests.slot('b', 'teacher2', 'room1', 5, '08:44', '09:15'), 'PT409', 'a room holds one class at a time');
select is(tests.slot('b', 'teacher1', 'room1', 5, '08:45', '09:30', 'next'), '1 rows', 'one lesson may follow another at once');
select is(tests.slot('b', 'teacher2', 'room2', 7, '08:00', '08:45', 'sunday'), '1 rows', 'Sunday is a day as any other');
select is(tests.slot('b', 'teacher2', 'room2', 1, '09:00', '08:45'), '23514', 'a lesson ends after it starts');
select is(tests.slot('b', 'leader', 'room2', 2, '08:00', '08:45'), '42501', 'who teaches holds the role of a teacher');
select is(tests.does(format($$ insert into public.timetable_slots (school_id, term_id, class_id, teacher_id, weekday, start_time, end_time) values (%L, %L, %L, %L, 2, '08:00', '08:45') $$, tests.id('TAP-A'), tests.id('TAP-A term'), tests.id('TAP-A a'), tests.id('TAP-B teacher1'))), '42501', 'never 1: not another school''s teacher');
select is(tests.does_as(p || '@tap-a.test', format($$ insert into public.timetable_slots (school_id, term_id, class_id, teacher_id, weekday, start_time, end_time) values (%L, %L, %L, %L, 2, '08:00', '08:45') $$, tests.id('TAP-A'), tests.id('TAP-A term'), tests.id('TAP-A a'), tests.id('TAP-A teacher1'))), '42501', 'access.md timetable_slots: not by ' || p) from unnest(array['principal', 'teacher1', 'student1', 'parent1']) p;
select is(tests.seen_as(p || '@tap-a.test', 'public.timetable_slots') = 'nothing', w, 'access.md timetable_slots, as ' || p) from (values ('teacher3', false), ('leader', false), ('student1', true), ('parent1', true)) c (p, w);
select is(tests.seen_as('admin@tap-b.test', 'public.timetable_slots') || tests.seen('public.rooms') || tests.seen('public.terms'), 'nothingnothingnothing', 'never 1: another school''s admin sees none of it');

-- Sessions ------------------------------------------------------------------------------------------------------------------------------

select is(left(tests.does_as(p || '@tap-a.test', format($$ select public.generate_sessions(%L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A term'))), 5), 'PT404', 'access.md class_sessions: not by ' || p) from unnest(array['principal', 'teacher1', 'parent1']) p;
select is(tests.does_as('admin@tap-b.test', format($$ select public.generate_sessions(%L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A term'))), 'PT404', 'never 1: not by another school''s admin');
select tests.sign_in('admin@tap-a.test');
select is(tests.generate(), '12', 'four weeks of three lessons');
select is(tests.slot('a', 'teacher3', 'room2', 5, '02:15', '03:00', 'night') || ' ' || tests.generate(), '1 rows PT422 A lesson lies in an hour that the clocks of the school leave out on one of its days.', 'a lesson in the hour that is left out is named');
select is(tests.does(format('delete from public.timetable_slots where id = %L', tests.id('TAP-A slot night'))) || ' ' || tests.generate(), '0 rows 0', '… and all goes on without it');
select is(tests.sessions('friday'), '03-20 06:00, 03-27 05:00, 04-03 05:00, 04-10 05:00', 'eight o''clock stays eight o''clock when the clocks change');
select is(tests.sessions('sunday'), '03-15 06:00, 03-22 06:00, 03-29 05:00, 04-05 05:00', '… on every day');
select is(tests.generate(), '0', 'again, nothing is made twice');
select is(tests.does(format($$ insert into public.calendar_days (school_id, day, kind, name) values (%L, '2037-04-03', 'holiday', 'Pesach') $$, tests.id('TAP-A'))), '1 rows', 'a holiday');
select is(tests.does(format($$ insert into public.calendar_days (school_id, day, kind, follows_weekday, name) values (%L, '2037-04-07', 'make_up', 5, 'Instead') $$, tests.id('TAP-A'))), '1 rows', '… and a day that makes up for it');
select is(tests.generate(), '2', '… whose sessions are made');
select is(tests.sessions('friday'), '03-20 06:00, 03-27 05:00, 04-07 05:00, 04-10 05:00', '… while the holiday''s are gone');
select is(tests.does(format($$ update public.calendar_days set kind = 'make_up', follows_weekday = 5 where day = '2037-04-03' and school_id = %L $$, tests.id('TAP-A'))), '1 rows', 'the holiday is taken back');
select is(tests.generate(), '2', '… and so are its sessions');
select is(tests.does(format($$ insert into public.calendar_days (school_id, day, kind, name) values (%L, '2037-04-03', 'holiday', 'Twice') $$, tests.id('TAP-A'))), '23505', 'a day departs from the week in one way');
select is(tests.does(format($$ delete from public.timetable_slots where id = %L $$, tests.id('TAP-A slot next'))), '0 rows', 'a slot is removed');
select is(tests.generate() || ' ' || coalesce(tests.sessions('next'), 'nothing'), '0 nothing', '… and with it the sessions to come');

-- Cover, move, cancel ---------------------------------------------------------------------------------------------------------------------

select is(tests.change('friday', '2037-03-20', format('cover_teacher_id => %L', tests.id('TAP-A teacher2'))), 'done', 'a teacher covers one session');
select is(tests.change('sunday', '2037-03-22', $$starts_at => '2037-03-20 06:10Z', ends_at => '2037-03-20 06:40Z'$$), 'PT409 | Cannot change the session | The teacher is booked in that time already.', '… and is booked there');
select is(tests.change('friday', '2037-03-20', format('cover_teacher_id => %L', tests.id('TAP-A teacher1'))), 'done', 'its own teacher ends the cover');
select is(tests.change('sunday', '2037-03-22', $$starts_at => '2037-03-20 06:10Z', ends_at => '2037-03-20 06:40Z'$$), 'done', '… and the session may move there');
select is((select day::text from public.class_sessions where id = tests.session('sunday', '2037-03-22')), '2037-03-20', 'its day is the school''s');
select is(tests.change('friday', '2037-03-27', format('room_id => %L, starts_at => %L, ends_at => %L', tests.id('TAP-A room2'), '2037-03-20 06:39Z', '2037-03-20 07:00Z')), 'PT409 | Cannot change the session | The class is booked in that time already.', 'the error names the clash: class');
select is(tests.change('sunday', '2037-03-29', format('room_id => %L, starts_at => %L, ends_at => %L', tests.id('TAP-A room1'), '2037-03-27 05:10Z', '2037-03-27 05:40Z')), 'PT409 | Cannot change the session | The room is booked in that time already.', '… or room');
select is(tests.change('friday', '2037-03-27', $$status => 'cancelled'$$), 'done', 'a session is cancelled');
select is(tests.change('sunday', '2037-03-29', format('room_id => %L, starts_at => %L, ends_at => %L', tests.id('TAP-A room1'), '2037-03-27 05:10Z', '2037-03-27 05:40Z')), 'done', '… and leaves its room');
select is(left(tests.change('friday', '2037-03-27', $$status => 'scheduled'$$), 5), 'PT409', '… so that it cannot come back beside what took it');
select is(tests.generate() || ' ' || tests.sessions('friday'), '0 03-20 06:00, 03-27 05:00 cancelled, 04-03 05:00, 04-07 05:00, 04-10 05:00', 'what was cancelled by hand stays so');
select is(tests.change('friday', '2037-04-10', 'without_room => true'), 'done', 'a session is held in no room');
select is((select room_id from public.class_sessions where id = tests.session('friday', '2037-04-10')), null, '… and keeps none');
select is(tests.change('friday', '2037-04-10', format('room_id => %L', tests.id('TAP-A room1'))), 'done', '… until it is given one');
select is(left(tests.change('friday', '2037-04-10', $$starts_at => '2038-04-10 05:00Z', ends_at => '2038-04-10 05:45Z'$$), 5), 'PT404', 'it moves within the class''s year');
select is(left(tests.change('friday', '2037-04-10', $$ends_at => '2037-04-10 04:00Z'$$), 5), 'PT422', 'a session ends after it starts');
select is(left(tests.change('friday', '2037-04-10', format('cover_teacher_id => %L', tests.id('TAP-A leader'))), 5), 'PT404', 'who covers is a teacher');
select is(left(tests.change('friday', '2037-04-10', format('cover_teacher_id => %L', tests.id('TAP-B teacher1'))), 5), 'PT404', 'never 1: … of this school');
select tests.sign_out();
insert into public.memberships (school_id, id, user_id, role, starts_on) values (tests.id('TAP-A'), tests.named('TAP-A admin as teacher'), tests.id('admin@tap-a.test'), 'teacher', '2020-01-01');
select tests.sign_in('admin@tap-a.test');
select is(left(tests.change('friday', '2037-04-10', format('cover_teacher_id => %L', tests.id('TAP-A admin as teacher'))), 5), 'PT404', 'S6: never oneself');
select is(tests.does(format($$ select public.add_session(%L, %L, %L, '2037-04-01 06:00Z', '2037-04-01 07:00Z') $$, tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('TAP-A teacher1'))), '1 rows', 'one session beside the timetable');
select is(tests.does(format($$ select public.add_session(%L, %L, %L, '2037-04-01 06:00Z', null) $$, tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('TAP-A teacher1'))), 'PT422', '… which has an end');
select is(tests.does(format($$ select public.add_session(%L, %L, %L, '2038-04-01 06:00Z', '2038-04-01 07:00Z') $$, tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('TAP-A teacher1'))), 'PT404', '… within the class''s year');
select is(tests.does(format($$ select public.add_session(%L, %L, %L, '2037-04-02 06:00Z', '2037-04-02 07:00Z') $$, tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('TAP-A admin as teacher'))), 'PT404', 'S6: … never for oneself');
select tests.sign_out();
update public.memberships set ends_on = '2037-04-03' where id = tests.id('TAP-A teacher2');
select tests.sign_in('admin@tap-a.test');
-- 21:00 UTC is midnight in Jerusalem.
select is(tests.does(format($$ select public.add_session(%L, %L, %L, %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A b'), tests.id('TAP-A teacher2'), t::timestamptz, t::timestamptz + interval '30 minutes')), w, 'a teacher who leaves holds lessons to the last day at the school: ' || t)
from (values ('2037-04-03 20:15Z', '1 rows'), ('2037-04-03 21:15Z', 'PT404')) v (t, w);
select is(left(tests.change('friday', '2037-04-10', format('cover_teacher_id => %L', tests.id('TAP-A teacher2'))), 5), 'PT404', '… and covers none after it');
select tests.sign_out();
update public.memberships set ends_on = null, resumes_on = '2037-04-20' where id = tests.id('TAP-A teacher2');
select tests.sign_in('admin@tap-a.test');
select is(left(tests.change('friday', '2037-04-10', format('cover_teacher_id => %L', tests.id('TAP-A teacher2'))), 5), 'PT404', '… nor before the return');
select tests.sign_out();
update public.memberships set resumes_on = null where id = tests.id('TAP-A teacher2');
select tests.sign_in('admin@tap-a.test');
select is(tests.does_as(p || '@tap-a.test', format($$ update public.class_sessions set note = 'Read page 3' where id = %L $$, tests.session('friday', '2037-04-10'))), w, 'access.md class_sessions: the note, as ' || p)
from (values ('teacher1', '1 rows'), ('teacher2', '0 rows'), ('principal', '0 rows'), ('student1', '0 rows'), ('admin', '1 rows')) c (p, w);
select is(tests.does_as('teacher1@tap-a.test', 'update public.class_sessions set status = ''cancelled'''), '42501', 'access.md class_sessions: nothing but the note');

-- The timetable changes -------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
create function tests.held(p_slot text) returns text language sql security definer as $$
  select string_agg(format('%s %s %s', to_char(s.starts_at at time zone 'Asia/Jerusalem', 'MM-DD HH24:MI'), replace(t.name, 'TAP-A ', ''), replace(r.name, 'TAP-A ', '')), ', ' order by s.slot_day)
  from public.class_sessions s join tests.names t on t.id = s.held_by join tests.names r on r.id = s.room_id where s.slot_id = tests.id('TAP-A slot ' || p_slot) and s.deleted_at is null
$$;
grant execute on all functions in schema tests to authenticated;
select tests.sign_in('admin@tap-a.test');
select is(tests.slot('a', 'teacher1', 'room1', 3, '10:00', '10:45', 'early') || tests.slot('b', 'teacher2', 'room2', 3, '11:00', '11:45', 'late') || ' ' || tests.generate(), '1 rows1 rows 8', 'two lessons of a Wednesday');
select is(tests.change('early', '2037-03-18', format('cover_teacher_id => %L', tests.id('TAP-A teacher3'))) || tests.change('early', '2037-03-25', $$starts_at => '2037-03-24 08:00Z', ends_at => '2037-03-24 08:45Z'$$), 'donedone', '… one of which is covered and one moved');
select is(tests.does(format('update public.timetable_slots set teacher_id = %L, room_id = %L, start_time = %L, end_time = %L where id = %L', tests.id('TAP-A teacher2'), tests.id('TAP-A room2'), '10:10', '10:55', tests.id('TAP-A slot early'))), '1 rows', 'the one is given another teacher, room and time');
select is(tests.does(format('update public.timetable_slots set teacher_id = %L, room_id = %L where id = %L', tests.id('TAP-A teacher1'), tests.id('TAP-A room1'), tests.id('TAP-A slot late'))), '1 rows', '… the other its teacher and room');
select is(tests.generate(), '6', 'what is said otherwise is made anew');
select is(tests.held('early'), '03-18 10:00 teacher3 room1, 03-24 10:00 teacher1 room1, 04-01 10:10 teacher2 room2, 04-08 10:10 teacher2 room2', '… but for what was covered or moved by hand');
select is(tests.held('late'), '03-18 11:00 teacher1 room1, 03-25 11:00 teacher1 room1, 04-01 11:00 teacher1 room1, 04-08 11:00 teacher1 room1', '… and two may change places');
select is(tests.generate(), '0', '… once');
select tests.sign_out();
update public.schools set timezone = 'Europe/London' where id = tests.id('TAP-A');
select tests.sign_in('admin@tap-a.test');
select is(tests.generate() is not null and tests.held('late') like '03-18 13:00 teacher1%', true, 'a school that corrects its timezone gets its hours back');

-- Nor for oneself ----------------------------------------------------------------------------------------------------------------------

select tests.sign_in('admin@tap-a.test');
select is(tests.does(format($$ insert into public.timetable_slots (school_id, term_id, class_id, teacher_id, weekday, start_time, end_time) values (%L, %L, %L, %L, %s, '20:00', '20:45') $$,
  tests.id('TAP-A'), tests.id('TAP-A term'), tests.id('TAP-A a'), tests.id('TAP-A ' || t), d)), w, 'never 2: an office gives nobody of its own a lesson by the timetable: ' || t) from (values ('teacher3', 3, '1 rows'), ('admin as teacher', 4, '42501')) v (t, d, w);
select is(tests.does(format('update public.timetable_slots set teacher_id = %L where start_time = ''20:00''', tests.id('TAP-A admin as teacher'))), '42501', '… nor by changing it');

-- Removed and brought back ----------------------------------------------------------------------------------------------------------------

select tests.sign_out();
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) values (tests.id('TAP-A'), tests.named('TAP-A later year'), 'Z', 'Z', '2040-09-01', '2041-08-31');
insert into public.terms (school_id, id, academic_year_id, code, name, starts_on, ends_on) values (tests.id('TAP-A'), tests.named('TAP-A later term'), tests.id('TAP-A later year'), 'T1', 'T1', '2041-06-01', '2041-08-31');
select tests.sign_in('admin@tap-a.test');
delete from public.terms where id = tests.id('TAP-A later term');
update public.academic_years set ends_on = '2041-07-31' where id = tests.id('TAP-A later year');
select is(tests.says(format($$ select public.restore('terms', %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A later term'))), 'PT422 | Cannot save the term | A term lies within its year.', 'access.md terms: a removed term comes back within its year alone');
update public.academic_years set ends_on = '2041-08-31' where id = tests.id('TAP-A later year');
select is(tests.does(format($$ select public.restore('terms', %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A later term'))) || tests.seen(format('public.terms where id = %L', tests.id('TAP-A later term'))), '1 rowsTAP-A later term', '… and within it does');
select tests.sign_out();
insert into public.class_teachers (school_id, id, class_id, teacher_id, deleted_at) select tests.id('TAP-A'), tests.named('TAP-A teaching of ' || m), tests.id('TAP-A a'), tests.id('TAP-A ' || m), now() from unnest(array['admin as teacher', 'teacher3']) m;
select is(tests.does_as('admin@tap-a.test', format($$ select public.restore('class_teachers', %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A teaching of ' || m))), w, 'never 2: an office brings back who teaches a class, and never itself: ' || m)
from (values ('teacher3', '1 rows'), ('admin as teacher', 'PT404')) v (m, w);

select * from finish();
rollback;
