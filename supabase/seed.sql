-- Demonstration data: two districts, four schools, every role, names in Hebrew and Latin, observations in every state.
-- Every sign-in has the password Growth-Hub-2026!  Ids are derived from names, so that examples stay true after a reset.

create function pg_temp.seed_id(p_name text) returns uuid language sql immutable as $$
  select overlay(overlay(md5('growth-hub ' || p_name) placing '4' from 13) placing '8' from 17)::uuid
$$;

create temporary table seed_people (email text primary key, full_name text not null);
insert into seed_people values
  ('admin@hrz-01.example.test', 'רונית לוי'), ('principal@hrz-01.example.test', 'דוד כהן'), ('leader@hrz-01.example.test', 'מיכל ברק'),
  ('teacher1@hrz-01.example.test', 'יעל אברהמי'), ('teacher2@hrz-01.example.test', 'David כהן'), ('teacher3@hrz-01.example.test', 'נועה בן-ציון'),
  ('student1@hrz-01.example.test', 'איתי מזרחי'), ('student2@hrz-01.example.test', 'מאיה O''Brien'), ('student3@hrz-01.example.test', 'עומר פרץ'),
  ('parent1@hrz-01.example.test', 'שירה מזרחי'), ('parent2@hrz-01.example.test', 'אבי פרץ'),
  ('admin@hrz-02.example.test', 'תמר שלום'), ('principal@hrz-02.example.test', 'יוסי גולן'), ('leader@hrz-02.example.test', 'אורית Katz'),
  ('teacher1@hrz-02.example.test', 'דנה רוזן'), ('teacher2@hrz-02.example.test', 'אלון שפירא'), ('teacher3@hrz-02.example.test', 'Rachel Stern'),
  ('student1@hrz-02.example.test', 'ליאור דהן'), ('student2@hrz-02.example.test', 'הילה אדרי'), ('student3@hrz-02.example.test', 'נדב Levin'),
  ('parent1@hrz-02.example.test', 'גלית דהן'), ('parent2@hrz-02.example.test', 'משה אדרי'),
  ('admin@lake-01.example.test', 'Anita Rao'), ('principal@lake-01.example.test', 'Thomas Mathew'), ('leader@lake-01.example.test', 'Farah Khan'),
  ('teacher1@lake-01.example.test', 'Kavya Nair'), ('teacher2@lake-01.example.test', 'Arjun Menon'), ('teacher3@lake-01.example.test', 'Leela D''Souza'),
  ('student1@lake-01.example.test', 'Rohan Pillai'), ('student2@lake-01.example.test', 'Meera Das'), ('student3@lake-01.example.test', 'Sam Jacob'),
  ('parent1@lake-01.example.test', 'Priya Pillai'), ('parent2@lake-01.example.test', 'George Jacob'),
  ('admin@solo-01.example.test', 'Ana Souza'), ('principal@solo-01.example.test', 'Jean-Luc Moreau'), ('leader@solo-01.example.test', 'Grace Lee'),
  ('teacher1@solo-01.example.test', 'Marta Kowalska'), ('teacher2@solo-01.example.test', 'José Álvarez'), ('teacher3@solo-01.example.test', 'Ingrid Østergård'),
  ('student1@solo-01.example.test', 'Lucas Silva'), ('student2@solo-01.example.test', 'Emma Silva'), ('student3@solo-01.example.test', 'Noa שמש'),
  ('parent1@solo-01.example.test', 'Bruna Silva'), ('parent2@solo-01.example.test', 'Pedro Silva'),
  ('admin@herzl.example.test', 'רחל אלון'), ('leader@herzl.example.test', 'אמיר Bar'),
  ('owner@platform.example.test', 'Olga Petrova'), ('both@example.test', 'מאיר Shemesh');

insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at,
  confirmation_token, recovery_token, email_change_token_new, email_change)
select '00000000-0000-0000-0000-000000000000', pg_temp.seed_id(p.email), 'authenticated', 'authenticated', p.email, s.hash, now(),
  '{"provider": "email", "providers": ["email"]}', jsonb_build_object('full_name', p.full_name, 'email_verified', true), now(), now(), '', '', '', ''
from seed_people p, (select extensions.crypt('Growth-Hub-2026!', extensions.gen_salt('bf', 10)) as hash) s;

insert into auth.identities (provider_id, user_id, provider, identity_data, last_sign_in_at, created_at, updated_at)
select pg_temp.seed_id(p.email)::text, pg_temp.seed_id(p.email), 'email',
  jsonb_build_object('sub', pg_temp.seed_id(p.email), 'email', p.email, 'email_verified', true, 'phone_verified', false), now(), now(), now()
from seed_people p;

insert into public.districts (id, code, name, country) values
  (pg_temp.seed_id('HERZL'), 'HERZL', 'מחוז הרצל', 'IL'), (pg_temp.seed_id('LAKE'), 'LAKE', 'Lake District Schools', 'IN');

insert into public.schools (id, district_id, code, name, status, timezone, locale) values
  (pg_temp.seed_id('HRZ-01'), pg_temp.seed_id('HERZL'), 'HRZ-01', 'בית ספר הרצל', 'active', 'Asia/Jerusalem', 'he'),
  (pg_temp.seed_id('HRZ-02'), pg_temp.seed_id('HERZL'), 'HRZ-02', 'חטיבת הרצל', 'active', 'Asia/Jerusalem', 'he'),
  (pg_temp.seed_id('LAKE-01'), pg_temp.seed_id('LAKE'), 'LAKE-01', 'Lakeside School', 'active', 'Asia/Kolkata', 'en-IN'),
  (pg_temp.seed_id('SOLO-01'), null, 'SOLO-01', 'Solo International School', 'active', 'Europe/Lisbon', 'en');

insert into public.district_memberships (district_id, user_id, role, starts_on) values
  (pg_temp.seed_id('HERZL'), pg_temp.seed_id('admin@herzl.example.test'), 'admin', '2025-09-01'),
  (pg_temp.seed_id('HERZL'), pg_temp.seed_id('leader@herzl.example.test'), 'leader', '2025-09-01');

insert into public.campuses (school_id, id, code, name)
select s.id, pg_temp.seed_id(s.code || ' MAIN'), 'MAIN', case s.locale when 'he' then 'הקמפוס הראשי' else 'Main campus' end from public.schools s;
insert into public.departments (school_id, id, code, name)
select s.id, pg_temp.seed_id(s.code || ' ' || d.code), d.code, case s.locale when 'he' then d.hebrew else d.english end
from public.schools s, (values ('MATH', 'מתמטיקה', 'Mathematics'), ('LANG', 'שפות', 'Languages')) d (code, hebrew, english);

insert into public.memberships (school_id, id, user_id, role, team_scope, campus_id, department_id, teacher_code, starts_on)
select s.id, pg_temp.seed_id(s.code || ' ' || r.person), pg_temp.seed_id(r.person || '@' || lower(s.code) || '.example.test'), r.role, r.team_scope,
  pg_temp.seed_id(s.code || ' MAIN'), pg_temp.seed_id(s.code || ' ' || r.department), r.teacher_code, '2025-09-01'
from public.schools s, (values
  ('admin', 'admin', null, null, null), ('principal', 'leader', 'school', null, null), ('leader', 'leader', 'department', 'MATH', null),
  ('teacher1', 'teacher', null, 'MATH', 'T-1001'), ('teacher2', 'teacher', null, 'MATH', 'T-1002'), ('teacher3', 'teacher', null, 'LANG', 'T-1003'),
  ('student1', 'student', null, null, null), ('student2', 'student', null, null, null), ('student3', 'student', null, null, null),
  ('parent1', 'parent', null, null, null), ('parent2', 'parent', null, null, null)) r (person, role, team_scope, department, teacher_code);

insert into public.memberships (school_id, id, user_id, role, department_id, teacher_code, starts_on) values
  (pg_temp.seed_id('HRZ-01'), pg_temp.seed_id('HRZ-01 both'), pg_temp.seed_id('both@example.test'), 'teacher', pg_temp.seed_id('HRZ-01 MATH'), 'T-1004', '2025-09-01'),
  (pg_temp.seed_id('LAKE-01'), pg_temp.seed_id('LAKE-01 both'), pg_temp.seed_id('both@example.test'), 'teacher', pg_temp.seed_id('LAKE-01 LANG'), 'T-1004', '2025-09-01'),
  (pg_temp.seed_id('SOLO-01'), pg_temp.seed_id('SOLO-01 both'), pg_temp.seed_id('both@example.test'), 'parent', null, null, '2025-09-01');

insert into public.directory_cards (school_id, membership_id, display_name, title, email)
select m.school_id, m.id, p.full_name, case m.role when 'admin' then 'Office' when 'leader' then case m.team_scope when 'school' then 'Principal' else 'Head of department' end when 'teacher' then 'Teacher' end, p.email
from public.memberships m join seed_people p on pg_temp.seed_id(p.email) = m.user_id;

insert into public.students (school_id, id, membership_id, student_number, given_name, family_name)
select s.id, pg_temp.seed_id(s.code || ' pupil ' || n), pg_temp.seed_id(s.code || ' student' || n), format('S-%s', 2000 + n), split_part(p.full_name, ' ', 1), split_part(p.full_name, ' ', 2)
from public.schools s
cross join generate_series(1, 3) n
join seed_people p on p.email = 'student' || n || '@' || lower(s.code) || '.example.test';
insert into public.students (school_id, id, student_number, given_name, family_name)
select s.id, pg_temp.seed_id(s.code || ' pupil 4'), 'S-2004', case s.locale when 'he' then 'אור' else 'Robin' end, case s.locale when 'he' then 'שגיא' else 'Quill' end from public.schools s;

insert into public.guardianships (school_id, student_id, guardian_id, sees_grades, starts_on)
select s.id, pg_temp.seed_id(s.code || ' pupil ' || g.pupil), pg_temp.seed_id(s.code || ' ' || g.parent), g.sees_grades, '2025-09-01'
from public.schools s, (values (1, 'parent1', true), (2, 'parent1', true), (2, 'parent2', true), (3, 'parent2', false)) g (pupil, parent, sees_grades);
insert into public.guardianships (school_id, student_id, guardian_id, starts_on) values
  (pg_temp.seed_id('SOLO-01'), pg_temp.seed_id('SOLO-01 pupil 3'), pg_temp.seed_id('SOLO-01 both'), '2025-09-01');
insert into public.guardianship_blocks (school_id, student_id, membership_id, reason, starts_on) values
  (pg_temp.seed_id('HRZ-02'), pg_temp.seed_id('HRZ-02 pupil 2'), pg_temp.seed_id('HRZ-02 parent2'), 'צו בית משפט לענייני משפחה', '2026-02-01');

insert into public.student_internal (school_id, student_id, home_language, support_note)
select s.id, pg_temp.seed_id(s.code || ' pupil 1'), case s.locale when 'he' then 'he' else 'en' end, 'Sits in front; glasses since spring' from public.schools s;
insert into public.student_records (school_id, student_id, kind, content)
select s.id, pg_temp.seed_id(s.code || ' pupil ' || n), r.kind, r.content::jsonb
from public.schools s, generate_series(1, 3) n, (values ('identity', '{"birth_date": "2012-03-14"}'), ('staff_note', '{"text": "Call home before the trip"}')) r (kind, content);

insert into public.supervisions (school_id, supervisor_id, teacher_id, starts_on)
values (pg_temp.seed_id('LAKE-01'), pg_temp.seed_id('LAKE-01 leader'), pg_temp.seed_id('LAKE-01 both'), '2025-09-01');

insert into public.school_settings (school_id, key, value) values (pg_temp.seed_id('LAKE-01'), 'session_idle_minutes', '20');

-- The year that holds today and the one before, in every school two homerooms and a group for mathematics.
create function pg_temp.year_start(p_back integer) returns date language sql stable as $$
  select make_date(extract(year from now() - interval '8 months')::integer - p_back, 9, 1)
$$;
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on, is_current)
select s.id, pg_temp.seed_id(s.code || ' year ' || b), to_char(pg_temp.year_start(b), 'YYYY'),
  to_char(pg_temp.year_start(b), 'YYYY') || '/' || to_char(pg_temp.year_start(b - 1), 'YY'), pg_temp.year_start(b), pg_temp.year_start(b - 1) - 1, b = 0
from public.schools s, generate_series(0, 1) b;
insert into public.terms (school_id, id, academic_year_id, code, name, starts_on, ends_on)
select y.school_id, pg_temp.seed_id(y.id || ' term ' || t.code), y.id, t.code, case s.locale when 'he' then t.hebrew else t.english end, y.starts_on + t.first, y.starts_on + t.last
from public.academic_years y join public.schools s on s.id = y.school_id,
  (values ('T1', 'מחצית א', 'First term', 0, 149), ('T2', 'מחצית ב', 'Second term', 150, 300)) t (code, hebrew, english, first, last);

insert into public.core_subjects (school_id, id, code, name)
select s.id, pg_temp.seed_id(s.code || ' core MATH'), 'MATH', case s.locale when 'he' then 'מתמטיקה' else 'Mathematics' end from public.schools s;
insert into public.subjects (school_id, id, core_subject_id, grade_level_id, code, name)
select s.id, pg_temp.seed_id(s.code || ' subject MATH-P4'), pg_temp.seed_id(s.code || ' core MATH'), l.id, 'MATH-P4', case s.locale when 'he' then 'מתמטיקה ד' else 'Mathematics P4' end
from public.schools s join public.grade_levels l on l.school_id = s.id and l.code = 'P4';
insert into public.rooms (school_id, id, campus_id, code, name, capacity)
select s.id, pg_temp.seed_id(s.code || ' room ' || n), pg_temp.seed_id(s.code || ' MAIN'), 'R' || n, 'R' || n, 40 from public.schools s, generate_series(1, 3) n;

insert into public.classes (school_id, id, academic_year_id, grade_level_id, kind, subject_id, room_id, code, name)
select s.id, pg_temp.seed_id(s.code || ' class ' || k.code || ' ' || k.back), pg_temp.seed_id(s.code || ' year ' || k.back), l.id, k.kind,
  case k.kind when 'subject' then pg_temp.seed_id(s.code || ' subject MATH-P4') end, pg_temp.seed_id(s.code || ' room ' || k.room), k.code,
  case s.locale when 'he' then k.hebrew else k.code end
from public.schools s
join (values ('P4-1', 'homeroom', 'ד1', 1, 0), ('P4-2', 'homeroom', 'ד2', 2, 0), ('P4-MATH', 'subject', 'מתמטיקה ד', 3, 0), ('P3-1', 'homeroom', 'ג1', 1, 1)) k (code, kind, hebrew, room, back) on true
join public.grade_levels l on l.school_id = s.id and l.code = left(k.code, 2);
insert into public.class_teachers (school_id, class_id, teacher_id, lead, starts_on, ends_on)
select s.id, pg_temp.seed_id(s.code || ' class ' || t.code || ' ' || t.back), pg_temp.seed_id(s.code || ' ' || t.teacher), t.lead, pg_temp.year_start(t.back),
  case when t.until then pg_temp.year_start(t.back) + 20 end
from public.schools s, (values
  ('P4-1', 0, 'teacher1', true, false), ('P4-2', 0, 'teacher3', true, false), ('P4-MATH', 0, 'teacher2', true, false), ('P4-MATH', 0, 'teacher1', false, true),
  ('P3-1', 1, 'teacher2', true, false)) t (code, back, teacher, lead, until);
insert into public.enrollments (school_id, id, student_id, class_id, kind, roll_number, starts_on, ends_on, end_reason)
select s.id, pg_temp.seed_id(format('%s enrollment %s %s %s', s.code, e.code, e.pupil, e.first)), pg_temp.seed_id(s.code || ' pupil ' || e.pupil),
  pg_temp.seed_id(s.code || ' class ' || e.code || ' ' || e.back), e.kind, e.pupil, pg_temp.year_start(e.back) + e.first,
  coalesce(pg_temp.year_start(e.back) + e.last, pg_temp.year_start(e.back - 1) - 1), case when e.last is not null then 'transferred' end
from public.schools s, (values
  ('P4-1', 0, 'homeroom', 1, 0, null), ('P4-1', 0, 'homeroom', 2, 0, null), ('P4-1', 0, 'homeroom', 3, 0, 9), ('P4-2', 0, 'homeroom', 3, 10, null), ('P4-2', 0, 'homeroom', 4, 0, null),
  ('P4-MATH', 0, 'subject', 1, 0, null), ('P4-MATH', 0, 'subject', 3, 0, null), ('P3-1', 1, 'homeroom', 1, 0, null), ('P3-1', 1, 'homeroom', 4, 0, null)) e (code, back, kind, pupil, first, last);

-- In one school the week of both terms, its lessons from one week back to one ahead, and the registers that were taken.
insert into public.timetable_slots (school_id, id, term_id, class_id, subject_id, teacher_id, room_id, weekday, start_time, end_time)
select k.school_id, pg_temp.seed_id(format('slot of %s in %s on %s', k.id, t.code, d.weekday)), t.id, k.id, k.subject_id, c.teacher_id, k.room_id, d.weekday, h.starts, h.starts + interval '45 minutes'
from public.classes k
join public.schools s on s.id = k.school_id
join public.academic_years y on y.school_id = k.school_id and y.id = k.academic_year_id and y.is_current
join public.terms t on t.school_id = y.school_id and t.academic_year_id = y.id
join public.class_teachers c on c.school_id = k.school_id and c.class_id = k.id and c.lead
cross join lateral (select case k.kind when 'homeroom' then time '08:00' else time '09:00' end as starts) h
cross join unnest(array[7, 1, 2, 3, 4]) d (weekday)
where s.code = 'HRZ-01';
insert into public.class_sessions (school_id, id, class_id, slot_id, slot_day, subject_id, teacher_id, room_id, day, starts_at, ends_at, register_taken_at)
select l.school_id, pg_temp.seed_id(format('%s on %s', l.id, d.day)), l.class_id, l.id, d.day, l.subject_id, l.teacher_id, l.room_id, d.day, x.starts_at, x.starts_at + interval '45 minutes',
  case when x.starts_at < now() - interval '1 hour' then x.starts_at + interval '5 minutes' end
from public.terms t
join public.schools s on s.id = t.school_id
cross join lateral private.slot_days(t.school_id, t.id, null) d
join public.timetable_slots l on l.school_id = t.school_id and l.id = d.slot_id
cross join lateral (select (d.day + l.start_time) at time zone s.timezone as starts_at) x
where d.day between private.today(s.id) - 7 and private.today(s.id) + 7;
insert into public.attendance_entries (school_id, id, session_id, class_id, student_id, day, status)
select n.school_id, pg_temp.seed_id(format('%s in %s', e.student_id, n.id)), n.id, n.class_id, e.student_id, n.day, coalesce((array['unexcused', 'excused', 'late', 'left_early'])[1 + (hashtext(e.student_id || n.day::text) & 31)], 'present')
from public.class_sessions n
join public.enrollments e on e.school_id = n.school_id and e.class_id = n.class_id and n.day between e.starts_on and e.ends_on
where n.register_taken_at is not null;
insert into public.attendance_marks (school_id, session_id, student_id, status, marked_by, marked_at)
select a.school_id, a.session_id, a.student_id, a.status, n.teacher_id, n.register_taken_at
from public.attendance_entries a join public.class_sessions n on n.school_id = a.school_id and n.id = a.session_id;

-- Observations: many in one school and few in another, so that a leak between schools shows in the numbers. Each line is
-- repeated with other dates; a district leader observes in Herzl's schools through the derived membership.
insert into public.observations (school_id, id, teacher_id, observer_id, framework_id, kind, status, observed_at, focus, notes, submitted_at, acknowledged_at, created_at)
select s.id, pg_temp.seed_id(format('%s observation %s %s', s.code, o.line, n)),
  pg_temp.seed_id(s.code || ' ' || o.teacher),
  coalesce((select m.id from public.memberships m where m.school_id = s.id and m.role = 'leader' and m.via_district_membership_id is not null and o.observer = 'district'), pg_temp.seed_id(s.code || ' ' || o.observer)),
  f.id, o.kind, o.status, d.day, case s.locale when 'he' then 'שאלות פתוחות' else 'Open questions' end,
  case s.locale when 'he' then 'השיעור נפתח בדיון קצר' else 'The lesson opened with a short discussion' end,
  case when o.status <> 'draft' then d.day + interval '1 day' end, case o.status when 'acknowledged' then d.day + interval '3 days' end, d.day
from public.schools s
join (values ('HRZ-01', 5), ('HRZ-02', 2), ('LAKE-01', 1), ('SOLO-01', 1)) z (code, times) on z.code = s.code
cross join lateral generate_series(1, z.times) n
join (values
  (1, 'teacher1', 'leader', 'evaluation', 'draft', 4), (2, 'teacher1', 'leader', 'evaluation', 'submitted', 4), (3, 'teacher1', 'principal', 'evaluation', 'acknowledged', 5),
  (4, 'teacher2', 'leader', 'walkthrough', 'submitted', 4), (5, 'teacher2', 'leader', 'coaching', 'submitted', 4), (6, 'teacher3', 'principal', 'evaluation', 'submitted', 5),
  (7, 'teacher3', 'principal', 'coaching', 'draft', 4), (8, 'teacher3', 'principal', 'coaching', 'acknowledged', 4), (9, 'teacher2', 'district', 'walkthrough', 'submitted', 4),
  (10, 'both', 'leader', 'evaluation', 'submitted', 4)) o (line, teacher, observer, kind, status, levels) on true
join public.frameworks f on f.school_id = s.id and f.code = 'GROWTH-' || o.levels
cross join lateral (select now() - make_interval(days => 10 * n + o.line, hours => 5) as day) d
where (o.observer <> 'district' or s.district_id = pg_temp.seed_id('HERZL')) and (o.teacher <> 'both' or s.code in ('HRZ-01', 'LAKE-01'));

insert into public.observation_ratings (school_id, observation_id, framework_id, domain_id, level, evidence)
select o.school_id, o.id, o.framework_id, d.id, case when d.position = 4 then null else 1 + (hashtext(o.id::text || d.code) & 3) end,
  case d.position when 1 then case when o.focus ~ '[א-ת]' then 'מטרת השיעור כתובה על הלוח' else 'The aim was on the board' end end
from public.observations o join public.framework_domains d on d.school_id = o.school_id and d.framework_id = o.framework_id;
insert into public.observation_feedback (school_id, id, observation_id, teacher_reflection, discussion_met_on)
select o.school_id, pg_temp.seed_id('feedback of ' || o.id), o.id, case s.locale when 'he' then 'אכין את השאלות מראש' else 'I will plan the questions ahead' end, o.acknowledged_at::date
from public.observations o join public.schools s on s.id = o.school_id where o.status = 'acknowledged';
insert into public.action_steps (school_id, id, observation_id, description, due_on, done_at, evidence)
select o.school_id, pg_temp.seed_id('step of ' || o.id), o.id, case s.locale when 'he' then 'להמתין שלוש שניות אחרי כל שאלה' else 'Wait three seconds after each question' end, o.observed_at::date + 21,
  o.acknowledged_at + interval '1 day', case when o.acknowledged_at is not null then case s.locale when 'he' then 'ספרתי בלב בכל שאלה השבוע' else 'I counted silently after each question this week' end end
from public.observations o join public.schools s on s.id = o.school_id;

-- Growth beside them: a question before visits, a plan of the year, goals in a tree, a calibration, and one item of coaching that is shared.
insert into public.pre_observation_questions (school_id, id, position, question)
select s.id, pg_temp.seed_id(s.code || ' question'), 1, case s.locale when 'he' then 'על מה תרצו שאסתכל?' else 'What would you like me to look at?' end from public.schools s;
insert into public.observation_plans (school_id, id, academic_year_id, author_id, name)
select s.id, pg_temp.seed_id(s.code || ' plan'), pg_temp.seed_id(s.code || ' year 0'), pg_temp.seed_id(s.code || ' principal'), case s.locale when 'he' then 'תצפיות השנה' else 'Observations of the year' end
from public.schools s;
insert into public.planned_observations (school_id, id, plan_id, observer_id, teacher_id, kind, due_on)
select s.id, pg_temp.seed_id(format('%s visit %s', s.code, v.line)), pg_temp.seed_id(s.code || ' plan'), pg_temp.seed_id(s.code || ' ' || v.observer), pg_temp.seed_id(s.code || ' ' || v.teacher), v.kind, current_date + v.due
from public.schools s, (values (1, 'leader', 'teacher1', 'evaluation', 20), (2, 'leader', 'teacher2', 'walkthrough', 5), (3, 'principal', 'teacher3', 'evaluation', -3), (4, 'principal', 'teacher3', 'coaching', 12)) v (line, observer, teacher, kind, due);
insert into public.pre_observation_answers (school_id, id, planned_observation_id, question_id, question, answer)
select q.school_id, pg_temp.seed_id(s.code || ' answer'), pg_temp.seed_id(s.code || ' visit 1'), q.id, q.question, case s.locale when 'he' then 'על זמן ההמתנה אחרי שאלה' else 'How long I wait after a question' end
from public.pre_observation_questions q join public.schools s on s.id = q.school_id;
insert into public.goals (school_id, id, teacher_id, title, due_on, progress_method, stated_progress)
select s.id, pg_temp.seed_id(format('%s goal %s', s.code, g.line)), case when g.teacher is not null then pg_temp.seed_id(s.code || ' ' || g.teacher) end,
  case s.locale when 'he' then g.hebrew else g.english end, current_date + 120, g.method, g.stated
from public.schools s, (values (1, null, 'כל תלמיד מדבר בכל שיעור', 'Every student speaks in every lesson', 'children', null), (2, 'teacher1', 'שאלות פתוחות', 'Open questions', 'updates', null),
  (3, 'teacher2', 'שיח בזוגות', 'Talk in pairs', 'stated', 40), (4, 'teacher3', 'משוב מיידי', 'Feedback at once', 'updates', null)) g (line, teacher, hebrew, english, method, stated);
update public.goals g set parent_id = pg_temp.seed_id(s.code || ' goal 1') from public.schools s where s.id = g.school_id and g.teacher_id is not null;
insert into public.goal_updates (school_id, id, goal_id, progress_method, author_id, progress, note)
select s.id, pg_temp.seed_id(format('%s goal update %s', s.code, u.progress)), pg_temp.seed_id(s.code || ' goal 2'), 'updates', pg_temp.seed_id(s.code || ' teacher1'), u.progress, case s.locale when 'he' then u.hebrew else u.english end
from public.schools s, (values (20, 'שאלה פתוחה אחת בכל שיעור', 'One open question in each lesson'), (35, 'שלוש שאלות', 'Three of them')) u (progress, hebrew, english);
insert into public.calibrations (school_id, id, framework_id, author_id, title, recording_url, status, completed_at)
select s.id, pg_temp.seed_id(s.code || ' calibration'), f.id, pg_temp.seed_id(s.code || ' principal'), case s.locale when 'he' then 'שיעור שברים מוקלט' else 'A recorded lesson on fractions' end,
  'https://videos.example.test/fractions', 'complete', now()
from public.schools s join public.frameworks f on f.school_id = s.id and f.code = 'GROWTH-4';
insert into public.calibration_raters (school_id, id, calibration_id, rater_id, submitted_at)
select c.school_id, pg_temp.seed_id(format('%s rater %s', s.code, r)), c.id, pg_temp.seed_id(s.code || ' ' || r), now() from public.calibrations c join public.schools s on s.id = c.school_id, unnest(array['principal', 'leader']) r;
insert into public.calibration_ratings (school_id, calibration_id, framework_id, rater_id, domain_id, level)
select r.school_id, r.calibration_id, d.framework_id, r.rater_id, d.id, least(4, 1 + d.position / 2 + case when r.rater_id = c.author_id and d.position = 3 then 1 else 0 end)
from public.calibration_raters r join public.calibrations c on (c.school_id, c.id) = (r.school_id, r.calibration_id) join public.framework_domains d on (d.school_id, d.framework_id) = (c.school_id, c.framework_id);
insert into public.coaching_shares (school_id, id, observation_id, item, action_step_id, teacher_id, reader_id)
select o.school_id, pg_temp.seed_id(s.code || ' share'), o.id, 'action_step', pg_temp.seed_id('step of ' || o.id), o.teacher_id, pg_temp.seed_id(s.code || ' principal')
from public.observations o join public.schools s on s.id = o.school_id
where o.id = pg_temp.seed_id(format('%s observation 5 1', s.code));

-- What the office has said, since when its teachers work there, and who is still to sign in.
insert into public.announcements (school_id, id, author_id, title, body, publish_at, published_at)
select s.id, pg_temp.seed_id(s.code || ' announcement ' || a.line), pg_temp.seed_id(s.code || ' ' || a.author), case s.locale when 'he' then a.hebrew else a.english end,
  case s.locale when 'he' then 'פרטים במזכירות.' else 'Details at the office.' end, pg_temp.year_start(0) + a.day, pg_temp.year_start(0) + a.day
from public.schools s, (values ('all', 'admin', 'ברוכים השבים', 'Welcome back', 1), ('parents', 'admin', 'אסיפת הורים', 'Parents'' evening', 20), ('class', 'teacher1', 'מבחן במתמטיקה', 'A test in mathematics', 30)) a (line, author, hebrew, english, day);
insert into public.announcement_audiences (school_id, announcement_id, scope, class_id, role)
select s.id, pg_temp.seed_id(s.code || ' announcement ' || a.line), a.scope, case a.scope when 'class' then pg_temp.seed_id(s.code || ' class P4-1 0') end, a.role
from public.schools s, (values ('all', 'school', null), ('parents', 'school', 'parent'), ('class', 'class', null)) a (line, scope, role);
insert into public.employments (school_id, membership_id, employee_number, hired_on)
select m.school_id, m.id, replace(m.teacher_code, 'T-', 'E-'), '2019-09-01' from public.memberships m where m.role = 'teacher';
insert into public.credentials (school_id, membership_id, kind, title, issuer, issued_on)
select m.school_id, m.id, 'degree', 'B.Ed.', 'Levinsky College', '2019-07-01' from public.memberships m where m.role = 'teacher';
with invited as (
  insert into public.memberships (school_id, id, role, teacher_code, starts_on)
  select s.id, pg_temp.seed_id(s.code || ' invited'), 'teacher', 'T-1009', '2025-09-01' from public.schools s returning school_id, id)
insert into public.invitations (school_id, membership_id, email, full_name)
select i.school_id, i.id, 'invited@' || lower(s.code) || '.example.test', case s.locale when 'he' then 'שקד נוי' else 'Robin Hale' end from invited i join public.schools s on s.id = i.school_id;

-- Professional learning in every school: a training to come with two seats and a waitlist, one that was held, hours in every state.
insert into public.training_series (school_id, id, organiser_id, title, published_at)
select s.id, pg_temp.seed_id(s.code || ' series'), pg_temp.seed_id(s.code || ' leader'), case s.locale when 'he' then 'קריאה בכל המקצועות' else 'Reading in every subject' end, now() - interval '40 days' from public.schools s;
insert into public.training_events (school_id, id, series_id, organiser_id, category_id, title, topic, type, status, starts_at, ends_at, location, capacity, hours, published_at, held_at)
select s.id, pg_temp.seed_id(s.code || ' training ' || t.status), pg_temp.seed_id(s.code || ' series'), pg_temp.seed_id(s.code || ' leader'), c.id,
  case s.locale when 'he' then t.hebrew else t.english end, case s.locale when 'he' then 'שאילת שאלות' else 'Asking questions' end, 'workshop', t.status, d.day + time '14:00' at time zone s.timezone, d.day + time '17:00' at time zone s.timezone,
  case s.locale when 'he' then 'ספריית בית הספר' else 'School library' end, 2, 3, now() - interval '40 days', case t.status when 'held' then now() - interval '19 days' end
from public.schools s
join public.pd_categories c on c.school_id = s.id and c.code = 'PEDAGOGY'
cross join (values ('held', 'קריאה משותפת, חלק 1', 'Reading together, part 1', -20), ('published', 'קריאה משותפת, חלק 2', 'Reading together, part 2', 14)) t (status, hebrew, english, days)
cross join lateral (select (now() at time zone s.timezone)::date + t.days as day) d;
insert into public.training_registrations (school_id, training_event_id, organiser_id, membership_id, status, queue_number, registered_at, attended_at, attendance_source)
select s.id, pg_temp.seed_id(s.code || ' training ' || r.training), pg_temp.seed_id(s.code || ' leader'), pg_temp.seed_id(s.code || ' ' || r.teacher), r.status, r.place, now() - interval '30 days', case r.status when 'attended' then now() - interval '19 days' end,
  case r.status when 'attended' then 'organiser' end
from public.schools s, (values ('held', 'teacher1', 'attended', 1), ('held', 'teacher2', 'absent', 2), ('published', 'teacher1', 'registered', 1), ('published', 'teacher3', 'registered', 2), ('published', 'teacher2', 'waiting', 3)) r (training, teacher, status, place);
select private.settle_training(e.school_id, e.id) from public.training_events e where e.status = 'held';

insert into public.pd_requirements (school_id, academic_year_id, role, category_id, hours)
select s.id, pg_temp.seed_id(s.code || ' year 0'), 'teacher', c.id, case when c.id is null then 30 else 10 end
from public.schools s left join lateral (select null::uuid as id union all select k.id from public.pd_categories k where k.school_id = s.id and k.code = 'PEDAGOGY') c on true;
insert into public.pd_hours (school_id, membership_id, category_id, activity, done_on, hours, status, approver_id, approved_at, return_reason)
select s.id, pg_temp.seed_id(s.code || ' ' || h.teacher), c.id, case s.locale when 'he' then h.hebrew else h.english end, (now() at time zone s.timezone)::date - h.days, h.hours, h.status,
  case h.status when 'approved' then pg_temp.seed_id(s.code || ' leader') end, case h.status when 'approved' then now() end,
  case h.status when 'returned' then case s.locale when 'he' then 'נא לצרף אישור' else 'Please attach the receipt' end end
from public.schools s
join public.pd_categories c on c.school_id = s.id and c.code = 'SUBJECT'
cross join (values ('teacher1', 'ספר על משוב', 'A book on feedback', 9, 4, 'approved'), ('teacher1', 'קורס מקוון', 'An online course', 5, 6, 'pending'), ('teacher2', 'הרצאה', 'A talk', 7, 2, 'returned')) h (teacher, hebrew, english, days, hours, status);
