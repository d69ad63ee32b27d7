-- Attendance: registers, overrides, who may take and read them, and how days and absence are counted (access.md:
-- attendance_entries, attendance_marks; the golden cases of the reckoning).
begin;
select plan(80);
select tests.school('TAP-A'), tests.school('TAP-B');
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) select tests.id(c), tests.named(c || ' year'), 'Y', 'Y', current_date - 300, current_date + 60 from unnest(array['TAP-A', 'TAP-B']) c;
insert into public.classes (school_id, id, academic_year_id, grade_level_id, code, name)
select l.school_id, tests.named(s || ' ' || c), tests.id(s || ' year'), l.id, upper(c), c from unnest(array['TAP-A', 'TAP-B']) s, unnest(array['a', 'b']) c, public.grade_levels l where l.school_id = tests.id(s) and l.code = 'P1';
insert into public.class_teachers (school_id, class_id, teacher_id, starts_on) select tests.id(s), tests.id(s || ' a'), tests.id(s || ' teacher1'), current_date - 300 from unnest(array['TAP-A', 'TAP-B']) s;
insert into public.students (school_id, id, given_name, family_name) select tests.id('TAP-A'), tests.named('TAP-A pupil' || n), 'Pupil', n::text from generate_series(3, 4) n;
insert into public.enrollments (school_id, student_id, class_id, kind, starts_on, ends_on)
select tests.id('TAP-A'), tests.id('TAP-A pupil' || n), tests.id('TAP-A a'), 'homeroom', current_date - case n when 3 then 5 else 300 end, current_date + 60 from generate_series(1, 3) n;
insert into public.enrollments (school_id, student_id, class_id, kind, starts_on, ends_on) values (tests.id('TAP-B'), tests.id('TAP-B pupil1'), tests.id('TAP-B a'), 'homeroom', current_date - 300, current_date + 60);

create function tests.session(p_name text, p_from interval, p_class text default 'a', p_school text default 'TAP-A', p_teacher text default 'teacher1', p_cover text default null) returns uuid language sql as $$
  insert into public.class_sessions (school_id, id, class_id, teacher_id, cover_teacher_id, day, starts_at, ends_at)
  values (tests.id(p_school), tests.named(p_school || ' ' || p_name), tests.id(p_school || ' ' || p_class), tests.id(p_school || ' ' || p_teacher), tests.id(p_school || ' ' || p_cover),
    ((now() + p_from) at time zone 'UTC')::date, now() + p_from, now() + p_from + interval '45 minutes') returning id
$$;
create function tests.mark(p_email text, p_session text, p_entries text) returns text language plpgsql as $$
declare
  v_hint text;
begin
  perform tests.sign_in(p_email);
  return public.mark_attendance(tests.id(split_part(p_session, ' ', 1)), tests.id(p_session), (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('student_id', tests.id('TAP-A ' || split_part(e, ':', 1)), 'status', split_part(e, ':', 2), 'note', nullif(split_part(e, ':', 3), '')))) from unnest(string_to_array(p_entries, ' ')) e));
exception when others then
  get stacked diagnostics v_hint = pg_exception_hint;
  return sqlstate || ' ' || v_hint;
end $$;
create function tests.register(p_session text) returns text language sql security definer as $$
  select coalesce(string_agg(replace(n.name, 'TAP-A ', '') || ':' || e.status || coalesce(' (' || m.status || ' by ' || replace(t.name, 'TAP-A ', '') || ')', '') || coalesce(' [' || m.override_reason || ']', ''), ', ' order by n.name), 'nothing')
  from public.attendance_entries e join tests.names n on n.id = e.student_id join public.attendance_marks m using (school_id, session_id, student_id) left join tests.names t on t.id = m.marked_by
  where e.session_id = tests.id(p_session)
$$;
create function tests.override(p_email text, p_student text, p_status text, p_reason text, p_session text default 'TAP-A now') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.does(format('select public.override_attendance(%L, %L, %L, %L, %L)', tests.id('TAP-A'), tests.id(p_session), tests.id('TAP-A ' || p_student), p_status, p_reason));
end $$;
-- A pupil's summary over everything: days, absent days, rate, chronic.
create function tests.summary(p_email text, p_student text) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return (select format('%s %s %s %s', s.days, s.absent_days, coalesce(round(s.rate, 4)::text, 'null'), coalesce(s.chronic::text, 'null'))
    from public.attendance_summary(tests.id('TAP-A'), current_date - 400, current_date, student_id => tests.id('TAP-A ' || p_student)) s);
end $$;
-- Days of attendance in a class of its own: p for present, a for absent, l for late, e for excused, - for a register not taken.
create function tests.history(p_student text, p_days text) returns void language plpgsql as $$
begin
  insert into public.students (school_id, id, given_name, family_name) values (tests.id('TAP-A'), tests.named('TAP-A ' || p_student), 'Pupil', p_student);
  insert into public.enrollments (school_id, student_id, class_id, kind, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('TAP-A ' || p_student), tests.id('TAP-A b'), 'homeroom', current_date - 290, current_date + 60);
  insert into public.class_sessions (school_id, id, class_id, teacher_id, day, starts_at, ends_at)
  select tests.id('TAP-A'), tests.id('TAP-A history ' || n), tests.id('TAP-A b'), tests.id('TAP-A teacher3'), current_date - n, (current_date - n + time '08:00') at time zone 'UTC', (current_date - n + time '08:45') at time zone 'UTC'
  from generate_series(1, length(p_days)) n on conflict do nothing;
  insert into public.attendance_entries (school_id, session_id, class_id, student_id, day, status)
  select tests.id('TAP-A'), tests.id('TAP-A history ' || n), tests.id('TAP-A b'), tests.id('TAP-A ' || p_student), current_date - n,
    case substr(p_days, n, 1) when 'p' then 'present' when 'a' then 'unexcused' when 'e' then 'excused' when 'l' then 'late' end
  from generate_series(1, length(p_days)) n where substr(p_days, n, 1) <> '-';
end $$;
create function tests.reads(p_email text, p_table text) returns bigint language plpgsql as $$
declare
  v_count bigint;
begin
  perform tests.sign_in(p_email);
  execute format('select count(*) from public.%I where session_id in (%L, %L)', p_table, tests.id('TAP-A now'), tests.id('TAP-A old')) into v_count;
  return v_count;
end $$;
grant execute on all functions in schema tests to authenticated;
select tests.session('now', interval '-10 minutes'), tests.session('soon', interval '2 hours'), tests.session('old', interval '-3 days'), tests.session('first week', interval '-30 days'), tests.session('other', interval '-2 hours', 'b', p_teacher => 'teacher2'),
  tests.session('covered', interval '-4 hours', p_teacher => 'teacher2', p_cover => 'teacher3'), tests.session('now', interval '-10 minutes', p_school => 'TAP-B');

-- Taking the register ---------------------------------------------------------------------------------------------------------------------

select is(tests.mark('teacher1@tap-a.test', 'TAP-A now', 'pupil1:present pupil2:unexcused pupil3:late'), '3', 'a teacher takes the register in one call');
select is(tests.register('TAP-A now'), 'pupil1:present (present by teacher1), pupil2:unexcused (unexcused by teacher1), pupil3:late (late by teacher1)', '… mark and entry');
select is((select count(*)::integer from public.attendance_entries where session_id = tests.id('TAP-A now') and updated_at > created_at), 0, '… without a change to what was just made');
select is(tests.mark('teacher1@tap-a.test', 'TAP-A now', 'pupil1:present pupil2:unexcused pupil3:late'), '3', 'again, the same');
select is(tests.mark('teacher1@tap-a.test', 'TAP-A now', 'pupil2:excused:Note_from_home'), '1', 'part of it is corrected');
select is(tests.register('TAP-A now'), 'pupil1:present (present by teacher1), pupil2:excused (excused by teacher1), pupil3:late (late by teacher1)', '… and the rest stays');
select is(left(tests.mark(p || '@tap-a.test', 'TAP-A now', 'pupil1:present'), 5), 'PT404', 'access.md attendance_marks: not by ' || p) from unnest(array['teacher2', 'teacher3', 'admin', 'principal', 'leader', 'student1', 'parent1']) p;
select is(left(tests.mark('teacher1@tap-b.test', 'TAP-A now', 'pupil1:present'), 5), 'PT404', 'never 1: nor by another school''s teacher');
select is(left(tests.mark('teacher1@tap-a.test', 'TAP-A ' || s, 'pupil1:present'), 5), w, 'a register ' || why)
from (values ('soon', 'PT422', 'has not begun'), ('old', 'PT409', 'has closed'), ('other', 'PT404', 'of another''s class'), ('nothing', 'PT404', 'that does not exist')) c (s, w, why);
select tests.sign_out();
insert into public.calendar_days (school_id, day, kind, name) select s.school_id, s.day, 'holiday', 'Holiday' from public.class_sessions s where s.id = tests.id('TAP-A now');
select matches(tests.mark('teacher1@tap-a.test', 'TAP-A now', 'pupil1:present'), '^PT422.*holiday', 'issue 4: no marks on a holiday');
select tests.sign_out();
update public.calendar_days set deleted_at = now() where school_id = tests.id('TAP-A') and name = 'Holiday';
select tests.sign_in('teacher1@tap-a.test');
select is(left(tests.mark('teacher1@tap-a.test', 'TAP-A now', e), 5), 'PT422', 'refused: ' || why)
from (values ('pupil1:asleep', 'an unknown status'), ('pupil1:', 'no status'), ('pupil1:present pupil1:late', 'a student named twice'), ('pupil4:present', 'a student not in the class'), ('nobody:present', 'nobody'), ('pupil1:present pupil4:present', 'one of two not in the class')) c (e, why);
select is(tests.register('TAP-A now'), 'pupil1:present (present by teacher1), pupil2:excused (excused by teacher1), pupil3:late (late by teacher1)', '… all or none');
select is(tests.does(format('select public.mark_attendance(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A now'), e)), 'PT422', 'refused: ' || e) from unnest(array['{}', '[]', '[1]', '"x"', '[{"student_id": "x", "status": "present"}]', '[{"status": "present"}]']) e;
select is(tests.mark('teacher3@tap-a.test', 'TAP-A covered', 'pupil1:present'), '1', 'a cover teacher takes the register of that session');
select is(tests.mark('teacher1@tap-a.test', 'TAP-A covered', 'pupil2:present'), '1', '… as may a teacher of the class');
select is(left(tests.mark('teacher2@tap-a.test', 'TAP-A covered', 'pupil1:present'), 5), 'PT404', '… but not the one who is covered and teaches nothing else there');
select tests.sign_out();
update public.class_sessions set status = 'cancelled' where id = tests.id('TAP-A covered');
select is(left(tests.mark('teacher3@tap-a.test', 'TAP-A covered', 'pupil1:late'), 5), 'PT404', 'a cancelled session has no register');
select is((select count(*)::integer from public.class_sessions where register_taken_at is not null and school_id = tests.id('TAP-A')), 2, 'a session knows that its register was taken');
select is(tests.does_as('admin@tap-a.test', format($$ select public.change_session(%L, %L, 'cancelled') $$, tests.id('TAP-A'), tests.id('TAP-A now'))), 'PT404', '… and is not cancelled after it');

-- The office's override ------------------------------------------------------------------------------------------------------------------------

select is(tests.override('admin@tap-a.test', 'pupil2', 'present', 'Was at the nurse'), '1 rows', 'the office overrides, with a reason');
select is(tests.register('TAP-A now'), 'pupil1:present (present by teacher1), pupil2:present (excused by teacher1) [Was at the nurse], pupil3:late (late by teacher1)', '… beside the teacher''s mark');
select is(tests.mark('teacher1@tap-a.test', 'TAP-A now', 'pupil2:unexcused'), '1', 'the teacher marks again');
select is(tests.register('TAP-A now'), 'pupil1:present (present by teacher1), pupil2:present (unexcused by teacher1) [Was at the nurse], pupil3:late (late by teacher1)', '… and the override holds');
select is(tests.override('principal@tap-a.test', 'pupil1', 'excused', 'A trip', 'TAP-A old'), '1 rows', 'a principal too, when the register has closed');
select is(tests.override('admin@tap-a.test', 'pupil1', 'excused', '  '), 'PT422', 'not without a reason');
select is(tests.override('admin@tap-a.test', 'pupil1', 'gone', 'Reason'), 'PT422', 'nor with an unknown status');
select is(tests.override('admin@tap-a.test', 'pupil3', 'present', 'Reason', 'TAP-A first week'), 'PT404', 'nor before the enrollment began');
select is(tests.override('admin@tap-a.test', 'pupil1', 'present', 'Reason', 'TAP-A soon'), 'PT404', 'nor in the future');
select tests.sign_out();
select tests.session('overridden', interval '-20 minutes', 'b', p_teacher => 'teacher2'), tests.session('free day', interval '-40 days');
insert into public.enrollments (school_id, student_id, class_id, kind, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('TAP-A pupil4'), tests.id('TAP-A b'), 'homeroom', current_date - 50, current_date + 60);
insert into public.calendar_days (school_id, day, kind, name) select s.school_id, s.day, 'holiday', 'Free' from public.class_sessions s where s.id = tests.id('TAP-A free day');
select is(tests.override('admin@tap-a.test', 'pupil1', 'unexcused', 'Reason', 'TAP-A free day'), 'PT422', 'issue 4: nor on a holiday');
select is(tests.override('admin@tap-a.test', 'pupil4', 'unexcused', 'Seen in town', 'TAP-A overridden'), '1 rows', 'an override may come before any register');
select is(tests.does(format($$ select public.change_session(%L, %L, 'cancelled') $$, tests.id('TAP-A'), tests.id('TAP-A overridden'))), 'PT404', '… and its session is not cancelled after it');
select is(tests.override(p, 'pupil1', 'excused', 'Reason'), 'PT404', 'access.md attendance_marks: not by ' || p) from unnest(array['leader@tap-a.test', 'teacher1@tap-a.test', 'parent1@tap-a.test', 'admin@tap-b.test']) p;

-- Reading ----------------------------------------------------------------------------------------------------------------------------------------

select is(tests.reads(p || '@tap-a.test', 'attendance_entries') || ' ' || tests.reads(p || '@tap-a.test', 'attendance_marks'), w, 'access.md attendance, as ' || p)
from (values ('admin', '4 4'), ('principal', '4 4'), ('leader', '4 4'), ('chief', '0 0'), ('teacher1', '4 4'), ('teacher2', '0 0'), ('student1', '2 0'), ('parent1', '2 0'), ('parent2', '1 0')) c (p, w);
select is(tests.reads('admin@tap-b.test', 'attendance_entries'), 0::bigint, 'never 1: another school''s admin reads none');
select tests.sign_out();
update public.guardianships set sees_attendance = false where id = tests.id('TAP-A guardianship2');
select is(tests.reads('parent2@tap-a.test', 'attendance_entries'), 0::bigint, 'a guardianship may leave attendance out');

-- Counting ------------------------------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select tests.history('chronic', repeat('a', 18) || repeat('p', 162)), tests.history('regular', repeat('a', 17) || repeat('p', 163)), tests.history('one of ten', 'a' || repeat('p', 9)), tests.history('nine of nine', repeat('a', 9)),
  tests.history('mixed', 'aelllppppppppppppppp'), tests.history('nothing', '----------'), tests.history('enrolled late', 'ppppp-----');
select is(tests.summary('admin@tap-a.test', s), w, why) from (values
  ('chronic', '180 18 0.9000 true', 'golden: 18 of 180 is chronic'), ('regular', '180 17 0.9056 false', 'golden: … and 17 is not'), ('one of ten', '10 1 0.9000 true', 'golden: 1 of 10 is chronic'),
  ('nine of nine', '9 9 0.0000 null', 'golden: 9 of 9 is not measured'), ('mixed', '20 2 0.9000 true', 'golden: excused and unexcused both count, lateness does not'),
  ('nothing', '0 0 null null', 'golden: 0 days is null; a register not taken is neither'), ('enrolled late', '5 0 1.0000 null', 'golden: enrolled from session 6 of 10 and present at 5 is 100%')) c (s, w, why);
select tests.sign_out();
insert into public.class_sessions (school_id, id, class_id, teacher_id, day, starts_at, ends_at)
select tests.id('TAP-A'), tests.id('TAP-A second ' || n), tests.id('TAP-A b'), tests.id('TAP-A teacher3'), current_date - n, (current_date - n + time '09:00') at time zone 'UTC', (current_date - n + time '09:45') at time zone 'UTC' from generate_series(1, 10) n;
insert into public.attendance_entries (school_id, session_id, class_id, student_id, day, status)
select tests.id('TAP-A'), tests.id('TAP-A second ' || n), tests.id('TAP-A b'), tests.id('TAP-A one of ten'), current_date - n, 'present' from generate_series(1, 10) n;
select is(tests.summary('admin@tap-a.test', 'one of ten'), '10 0 1.0000 false', 'a day is absent when every session of it was missed');
select is(tests.does_as('admin@tap-a.test', format($$ select public.set_school_setting(%L, 'half_days', 'true') $$, tests.id('TAP-A'))), '1 rows', 'a school counts half days');
select is(tests.summary('admin@tap-a.test', 'one of ten'), '10 0.5 0.9500 false', '… of which half were missed');
select is(tests.summary('parent1@tap-a.test', 'chronic'), null, 'within what the caller may read');
select is(tests.does_as('admin@tap-a.test', format($$ select public.end_enrollment(%L, e.id, current_date - 19, 'left') from public.enrollments e where e.student_id = %L $$, tests.id('TAP-A'), tests.id('TAP-A chronic'))), '1 rows', 'the office hears late that a pupil has left');
select is(tests.summary('admin@tap-a.test', 'chronic'), '162 0 1.0000 false', 'issue 4: the rate is of days enrolled; what was marked since is none of them');
select is((select count(*)::integer from public.attendance_entries where student_id = tests.id('TAP-A chronic')), 180, '… and stays to be read');
select is((select count(*)::integer from public.attendance_summary(tests.id('TAP-A'), current_date, current_date - 5)), 0, 'no days are nobody''s');

select * from finish();
rollback;
