-- Families, photos and employment (access.md: guardianships, directory_cards; storage follows the row).
begin;
select plan(48);
select tests.school('TAP-A'), tests.school('TAP-B');
insert into public.students (school_id, id, given_name, family_name) values (tests.id('TAP-A'), tests.named('TAP-A pupil3'), 'Third', 'Child');
insert into public.guardianships (school_id, student_id, guardian_id, starts_on, sees_attendance) values (tests.id('TAP-A'), tests.id('TAP-A pupil3'), tests.id('TAP-A parent1'), '2020-01-01', false);
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on, is_current) values (tests.id('TAP-A'), tests.id('TAP-A year'), 'Y', 'Y', current_date - 100, current_date + 100, true);
insert into public.classes (school_id, id, academic_year_id, grade_level_id, code, name) select tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('TAP-A year'), l.id, 'A', 'Aleph' from public.grade_levels l where l.school_id = tests.id('TAP-A') and l.code = 'P1';
insert into public.enrollments (school_id, student_id, class_id, kind, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A a'), 'homeroom', current_date - 50, current_date + 100);
insert into public.class_sessions (school_id, id, class_id, teacher_id, day, starts_at, ends_at) select tests.id('TAP-A'), tests.id('TAP-A session' || n), tests.id('TAP-A a'), tests.id('TAP-A teacher1'), current_date - n, current_date - n + time '08:00', current_date - n + time '09:00' from generate_series(1, 4) n;
insert into public.attendance_entries (school_id, session_id, class_id, student_id, day, status) select tests.id('TAP-A'), tests.id('TAP-A session' || n), tests.id('TAP-A a'), tests.id('TAP-A pupil1'), current_date - n, case n when 1 then 'excused' else 'present' end from generate_series(1, 4) n;

create function tests.family(p_who text) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_who || '@tap-a.test');
  return (select coalesce(string_agg(concat_ws(' ', f.given_name, coalesce(f.class_name, '-'), coalesce(f.absent_days || '/' || f.days, 'hidden')), '; ' order by f.given_name, f.family_name), 'none') from public.family_overview() f);
end
$$;
create function tests.count_as(p_email text, p_from text) returns bigint language plpgsql as $$
declare
  v_count bigint;
begin
  perform tests.sign_in(p_email);
  execute 'select count(*) from ' || p_from into v_count;
  return v_count;
end
$$;
grant execute on all functions in schema tests to authenticated;
select is(tests.family(p), w, 'issue 4 families: all children in one view, what the guardianship shows: ' || p) from (values ('parent1', 'Pupil Aleph 1/4; Third - hidden'), ('parent2', 'Pupil - hidden'), ('teacher1', 'none'), ('admin', 'none'), ('student1', 'none')) v (p, w);
select tests.sign_in('admin@tap-a.test');
select is((select string_agg(s.given_name || ' ' || s.shared_guardians, ',') from public.siblings(tests.id('TAP-A'), tests.id('TAP-A pupil1')) s), 'Third 1', 'issue 4 families: siblings share a guardian');
select is(tests.count_as(p || '@tap-a.test', format('public.siblings(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A pupil1'))), w, 'siblings, within what is read: ' || p) from (values ('teacher1', 0::bigint), ('parent1', 1::bigint), ('parent2', 0::bigint)) v (p, w);
select tests.sign_out();

-- What somebody had seen ---------------------------------------------------------------------------------------------------------
insert into public.user_sessions (school_id, membership_id, session_id) values (tests.id('TAP-A'), tests.id('TAP-A parent1'), gen_random_uuid());
select tests.sign_in('parent1@tap-a.test');
select public.read_student_records(tests.id('TAP-A'), tests.id('TAP-A pupil1'));
select tests.sign_in('admin@tap-a.test');
insert into public.guardianship_blocks (school_id, student_id, membership_id, reason) values (tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A parent1'), 'Court order');
select is(tests.family('parent1'), 'Third - hidden', 'deny wins: a block closes the child in the family''s view at once');
select tests.sign_in('admin@tap-a.test');
select is((select format('%s %s %s %s %s', jsonb_array_length(r -> 'guardianships'), jsonb_array_length(r -> 'blocks'), jsonb_array_length(r -> 'sessions'), r -> 'reads' -> 0 ->> 'table_name', r -> 'guardianships' -> 0 ->> 'sees_attendance')
  from public.guardian_access_report(tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A parent1')) r), '1 1 1 student_records true', 'issue 4 families: what a blocked guardian could see and is known to have seen');
select is((select public.guardian_access_report(tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A parent1'))::text !~ 'Court'), true, '… without the reason of the block');
select is(tests.does_as(p, format('select public.guardian_access_report(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A parent1'))), 'PT404', '… is the office''s: ' || p)
from unnest(array['principal@tap-a.test', 'teacher1@tap-a.test', 'parent1@tap-a.test', 'parent2@tap-a.test', 'admin@tap-b.test']) p;
select tests.sign_out();
select is((select count(*) from audit.entries e where e.action = 'READ' and e.table_name = 'guardianships' and e.subject_id = tests.id('TAP-A pupil1')), 2::bigint, '… and each reading is logged');

-- Photos -------------------------------------------------------------------------------------------------------------------------
insert into storage.buckets (id, name) values ('avatars', 'avatars') on conflict (id) do nothing;
insert into public.directory_cards (school_id, membership_id, display_name) select tests.id('TAP-A'), tests.id('TAP-A ' || p), p from unnest(array['teacher1', 'parent1']) p;
create function tests.photo(p_who text, p_of text, p_file text default 'me.png') returns text language sql as $$
  select tests.does_as(p_who, format('insert into storage.objects (bucket_id, name, owner_id) values (''avatars'', %L, %L)', tests.id('TAP-A') || '/' || tests.id('TAP-A ' || p_of) || '/' || p_file, tests.id(p_who))) $$;
grant execute on function tests.photo to authenticated;
select is(tests.photo(p, o, f), w, format('storage: %s puts a photo of %s', p, o)) from (values ('teacher1@tap-a.test', 'teacher1', 'me.png', '1 rows'), ('teacher1@tap-a.test', 'teacher2', 'x.png', '42501'), ('admin@tap-a.test', 'teacher1', 'office.png', '1 rows'),
  ('admin@tap-a.test', 'pupil3', 'p.png', '1 rows'), ('teacher1@tap-a.test', 'pupil3', 'x.png', '42501'), ('parent1@tap-a.test', 'pupil3', 'x.png', '42501'), ('admin@tap-b.test', 'teacher1', 'x.png', '42501'), ('principal@tap-a.test', 'teacher1', 'x.png', '42501'), ('teacher1@tap-a.test', 'teacher1', 'deep/x.png', '42501')) v (p, o, f, w);
select is(tests.count_as(p, 'storage.objects o where o.bucket_id = ''avatars'''), w, 'storage: photos are seen with the card or the student: ' || p)
from (values ('teacher2@tap-a.test', 2::bigint), ('parent1@tap-a.test', 1::bigint), ('parent2@tap-a.test', 0::bigint), ('admin@tap-a.test', 3::bigint), ('admin@tap-b.test', 0::bigint)) v (p, w);
select tests.sign_out();
create function tests.path(p_of text, p_file text) returns text language sql as $$ select tests.id('TAP-A') || '/' || tests.id('TAP-A ' || p_of) || '/' || p_file $$;
grant execute on function tests.path to authenticated;
select is(tests.does_as(p, format('select public.set_photo(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A ' || o), f)), w, format('set_photo: %s of %s: %s', p, o, right(f, 8)))
from (values ('teacher1@tap-a.test', 'teacher1', tests.path('teacher1', 'me.png'), '1 rows'), ('teacher1@tap-a.test', 'teacher1', tests.path('teacher1', 'none.png'), 'PT404'), ('teacher1@tap-a.test', 'teacher1', tests.path('pupil3', 'p.png'), 'PT404'),
  ('teacher2@tap-a.test', 'teacher1', tests.path('teacher1', 'me.png'), 'PT404'), ('admin@tap-a.test', 'pupil3', tests.path('pupil3', 'p.png'), '1 rows'), ('admin@tap-a.test', 'teacher1', null, '1 rows'), ('admin@tap-b.test', 'teacher1', null, 'PT404')) v (p, o, f, w);

-- Employment ---------------------------------------------------------------------------------------------------------------------
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format('insert into public.employments (school_id, membership_id, hired_on) values (%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A ' || p), d)), w, 'issue 4 teachers: hire date: ' || p || ' ' || d)
from (values ('teacher1', '2020-09-01', '1 rows'), ('teacher1', '2021-09-01', 'PT409'), ('parent1', '2020-09-01', '42501'), ('nobody', '2020-09-01', '42501')) v (p, d, w);
select is(tests.does(format('insert into public.credentials (school_id, membership_id, kind, title, issued_on, expires_on) values (%L, %L, %L, %L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A teacher1'), k, 'B.Ed.', i, e)), w, 'issue 4 teachers: qualifications: ' || k || ' ' || e)
from (values ('degree', '2019-01-01', '2029-01-01', '1 rows'), ('medal', '2019-01-01', '2029-01-01', '23514'), ('licence', '2019-01-01', '2018-01-01', '23514')) v (k, i, e, w);

-- An office that a block keeps from a child -----------------------------------------------------------------------------------------
select tests.sign_out();
insert into public.guardianships (school_id, id, student_id, guardian_id, starts_on, deleted_at) values (tests.id('TAP-A'), tests.named('TAP-A removed'), tests.id('TAP-A pupil3'), tests.id('TAP-A parent2'), '2020-01-01', now());
insert into public.guardianship_blocks (school_id, student_id, membership_id, reason) values (tests.id('TAP-A'), tests.id('TAP-A pupil3'), tests.id('TAP-A admin'), 'Court order');
create function tests.bring_back() returns text language sql as $$ select tests.does_as('admin@tap-a.test', format('select public.restore(''guardianships'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A removed'))) $$;
select is(tests.bring_back(), 'PT404', 'deny wins: whom a block keeps from a child restores nothing of it');
select tests.sign_out();
update public.guardianship_blocks set deleted_at = now() where membership_id = tests.id('TAP-A admin');
select is(tests.bring_back(), '1 rows', '… until it ends');

select tests.sign_out();
select * from finish();
rollback;
