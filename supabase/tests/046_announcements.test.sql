-- Announcements and notifications (access.md: announcements, audiences; notifications; Realtime).
begin;
select plan(89);
select tests.school('TAP-A'), tests.school('TAP-B');
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('TAP-A year'), 'Y', 'Y', current_date - 100, current_date + 100);
insert into public.classes (school_id, id, academic_year_id, grade_level_id, code, name)
select tests.id('TAP-A'), tests.named('TAP-A ' || k), tests.id('TAP-A year'), l.id, upper(k), k from (values ('a', 'P1'), ('b', 'P2')) v (k, level) join public.grade_levels l on l.school_id = tests.id('TAP-A') and l.code = v.level;
insert into public.class_teachers (school_id, class_id, teacher_id, starts_on) values (tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('TAP-A teacher1'), current_date - 50), (tests.id('TAP-A'), tests.id('TAP-A b'), tests.id('TAP-A teacher3'), current_date - 50);
insert into public.enrollments (school_id, student_id, class_id, kind, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A a'), 'homeroom', current_date - 50, current_date + 100), (tests.id('TAP-A'), tests.id('TAP-A pupil2'), tests.id('TAP-A b'), 'homeroom', current_date - 50, current_date + 100);

create function tests.audience(p_scope text, p_target text default null, p_role text default null) returns jsonb language sql stable security definer as $$
  select jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('scope', p_scope, 'role', p_role, case p_scope when 'class' then 'class_id' when 'grade' then 'grade_level_id' when 'team' then 'leader_id' else 'x' end,
    case p_scope when 'grade' then (select l.id from public.grade_levels l where l.school_id = tests.id('TAP-A') and l.code = p_target) else tests.id('TAP-A ' || p_target) end))) $$;
create function tests.announce(p_name text, p_audience jsonb, p_at timestamptz default null, p_until timestamptz default null, p_school text default 'TAP-A') returns text language sql as $$
  select tests.does(format('select public.announce(%L, %L, %L, %L, %L, %L, %L)', tests.id(p_school), p_name, 'Text', p_audience, p_at, p_until, tests.id(p_name))) $$;
create function tests.read_by(p_name text) returns text language plpgsql as $$
declare
  v_who text;
  v_readers text[] := '{}';
begin
  foreach v_who in array array['admin', 'principal', 'leader', 'chief', 'teacher1', 'teacher2', 'teacher3', 'student1', 'student2', 'parent1', 'parent2'] loop
    perform tests.sign_in(v_who || '@tap-a.test');
    if exists (select from public.announcements a where a.id = tests.id(p_name)) then v_readers := v_readers || v_who; end if;
  end loop;
  return array_to_string(v_readers, ' ');
end
$$;
grant execute on all functions in schema tests to authenticated;

-- To whom who may speak --------------------------------------------------------------------------------------------------------
select is((select tests.announce(format('%s to %s %s', p, s, t), tests.audience(s, t)) from tests.sign_in(p || '@tap-a.test')), w, format('access.md announcements: %s to %s %s', p, s, t))
from (values ('admin', 'school', null, '1 rows'), ('principal', 'school', null, '1 rows'), ('leader', 'school', null, 'PT404'), ('teacher1', 'school', null, 'PT404'), ('student1', 'school', null, 'PT404'), ('parent1', 'school', null, 'PT404'),
  ('admin', 'grade', 'P1', '1 rows'), ('leader', 'grade', 'P1', 'PT404'), ('admin', 'class', 'a', '1 rows'), ('leader', 'class', 'a', '1 rows'), ('leader', 'class', 'b', 'PT404'), ('teacher1', 'class', 'a', '1 rows'), ('teacher1', 'class', 'b', 'PT404'),
  ('teacher2', 'class', 'a', 'PT404'), ('parent1', 'class', 'a', 'PT404'), ('leader', 'team', 'leader', '1 rows'), ('leader', 'team', 'chief', 'PT404'), ('admin', 'team', 'chief', '1 rows'), ('teacher1', 'team', 'leader', 'PT404'), ('admin', 'team', 'teacher1', 'PT404'),
  ('admin', 'class', 'nobody', 'PT404')) v (p, s, t, w);
select is((select tests.announce('far', tests.audience('class', 'a'), null, null, 'TAP-B') from tests.sign_in('admin@tap-b.test')), 'PT404', 'never 1: another school''s class is no audience');

-- Who reads ----------------------------------------------------------------------------------------------------------------------
select is(tests.read_by(n), w, 'access.md announcements: read where audience, by the author and the office: ' || n)
from (values ('principal to school ', 'admin principal leader chief teacher1 teacher2 teacher3 student1 student2 parent1 parent2'), ('admin to grade P1', 'admin teacher1 student1 parent1'), ('leader to class a', 'admin leader teacher1 student1 parent1'),
  ('teacher1 to class a', 'admin teacher1 student1 parent1'), ('leader to team leader', 'admin leader teacher1 teacher2'), ('admin to team chief', 'admin chief teacher2 teacher3')) v (n, w);
select tests.sign_in('admin@tap-a.test');
select is(tests.announce('parents', tests.audience('school', null, 'parent')) || tests.announce('pupils', tests.audience('class', 'b', 'student')) || tests.announce('later', tests.audience('school'), now() + interval '1 day')
  || tests.announce('gone', tests.audience('school'), now() - interval '2 days', now() - interval '1 day'), '1 rows1 rows1 rows1 rows', 'roles, a later beginning, an end');
select is(tests.read_by(n), w, 'issue 4 announcements: ' || n) from (values ('parents', 'admin parent1 parent2'), ('pupils', 'admin student2'), ('later', 'admin'), ('gone', 'admin')) v (n, w);
select tests.sign_out();
insert into public.guardianship_blocks (school_id, student_id, membership_id, reason) values (tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A parent1'), 'Court order');
select is(tests.read_by('teacher1 to class a'), 'admin teacher1 student1', 'deny wins: a legal block closes what is said to the child''s class');
select tests.sign_out();
update public.guardianship_blocks set deleted_at = now() where school_id = tests.id('TAP-A');

-- Bad input --------------------------------------------------------------------------------------------------------------------
select tests.sign_in('admin@tap-a.test');
select is(tests.announce('bad', a::jsonb), w, 'refused: ' || left(a, 50)) from (values ('{}', 'PT422'), ('[]', 'PT422'), ('[{"scope": "planet"}]', 'PT422'), ('[{"scope": "class"}]', 'PT404'), ('[null]', 'PT422'), ('[1]', 'PT422'), ('[[]]', 'PT422'), ('[{"scope": "school", "role": "janitor"}]', 'PT422'),
  (format('[{"scope": "school", "class_id": "%s"}]', tests.id('TAP-A a')), 'PT422'), ('[{"scope": "class", "class_id": "x"}]', 'PT422')) v (a, w);
select is(tests.does(format('select public.announce(%L, %L, %L, %L, %L, %L)', tests.id('TAP-A'), t, b, '[{"scope": "school"}]', now(), e)), 'PT422', 'refused: ' || x)
from (values ('', 'B', null, 'no title'), (repeat('x', 201), 'B', null, 'a long title'), ('T', repeat('x', 20001), null, 'a long text'), ('T', 'B', now() - interval '1 day', 'an end before the beginning')) v (t, b, e, x);
select is(tests.announce('admin to school ', tests.audience('school')), '1 rows', 'the same id again …');
select is((select count(*) from public.announcement_audiences where announcement_id = tests.id('admin to school ')), 1::bigint, '… is the same announcement');
select tests.sign_in('teacher1@tap-a.test');
select is(tests.announce('admin to school ', tests.audience('class', 'a')), 'PT404', '… and another author''s id is refused');
select tests.sign_out();
insert into public.school_settings (school_id, key, value) values (tests.id('TAP-A'), 'announcements_per_day', '2');
select tests.sign_in('teacher1@tap-a.test');
select is(tests.announce('second', tests.audience('class', 'a')) || ' ' || tests.announce('third', tests.audience('class', 'a')), '1 rows PT429', 'issue 4 settings: a quota of announcements');

-- Changing, withdrawing, receipts ------------------------------------------------------------------------------------------------
select is(tests.does_as(p || '@tap-a.test', format('select public.change_announcement(%L, %L, %L)', tests.id('TAP-A'), tests.id('teacher1 to class a'), 'Changed')), w, 'access.md announcements: changed by its author and the office: ' || p)
from (values ('teacher1', '1 rows'), ('admin', '1 rows'), ('principal', 'PT404'), ('student1', 'PT404'), ('parent2', 'PT404')) v (p, w);
select tests.sign_in('teacher1@tap-a.test');
select is((select c.expires_at from public.change_announcement(tests.id('TAP-A'), tests.id('teacher1 to class a'), expires_at => now() + interval '1 day') c), now() + interval '1 day', 'an announcement gets an end …');
select is((select c.expires_at from public.change_announcement(tests.id('TAP-A'), tests.id('teacher1 to class a'), expires_at => 'infinity') c), null, '… and loses it');
select is(tests.does_as('student1@tap-a.test', format('select public.read_announcement(%L, %L)', tests.id('TAP-A'), tests.id(n))), w, 'a receipt is left by who is in the audience: ' || n) from (values ('teacher1 to class a', '1 rows'), ('pupils', 'PT404'), ('later', 'PT404')) v (n, w);
select is((select tests.does('select from public.announcement_receipts') from tests.sign_in(p || '@tap-a.test')), w, 'issue 4 read receipts: seen by ' || p) from (values ('student1', '1 rows'), ('teacher1', '1 rows'), ('admin', '1 rows'), ('leader', '0 rows'), ('parent1', '0 rows')) v (p, w);
select tests.sign_in('teacher1@tap-a.test');
select lives_ok(format('select public.remove(''announcements'', %L, %L)', tests.id('TAP-A'), tests.id('teacher1 to class a')), 'an author withdraws');
select is(tests.read_by('teacher1 to class a'), '', '… and nobody reads it any more');

-- Notifications ------------------------------------------------------------------------------------------------------------------
select tests.sign_in('student2@tap-a.test');
select is((select count(*) || ' ' || min(n.table_name) from public.notifications n where n.row_id = tests.id('pupils')), '1 announcements', 'issue 4 notifications: the audience is told, by ids');
select is((select count(*) from public.notifications n where n.row_id in (tests.id('later'), tests.id('leader to team leader'))), 0::bigint, '… of what is theirs and has begun');
select is(public.read_announcement(tests.id('TAP-A'), tests.id('pupils')) is not null, true, 'reading it …');
select is((select count(*) from public.notifications n where n.row_id = tests.id('pupils') and n.read_at is null), 0::bigint, '… reads the notification');
select tests.sign_in('parent1@tap-a.test');
select cmp_ok((select public.read_notifications(tests.id('TAP-A'))), '>', 0, 'one marks one''s own as read');
select is((select public.read_notifications(tests.id('TAP-A'))), 0, '… once');
select tests.sign_out();
update public.announcements set publish_at = now() - interval '1 minute' where id = tests.id('later');
select is(private.publish_announcements() || ' ' || private.publish_announcements(), '1 0', 'when its time has come, the job tells of it, once');

-- Channels -------------------------------------------------------------------------------------------------------------------------
select tests.sign_in('teacher2@tap-a.test');
select set_config('tests.topic', (select t.topic from public.my_topics() t), true);
select is((select t.topic from public.my_topics() t), current_setting('tests.topic'), 'a channel keeps its name …');
select tests.sign_out();
select private.notify(tests.id('TAP-A'), array[tests.id('TAP-A teacher2'), tests.id('TAP-A teacher3'), tests.id('TAP-B teacher1')], 'session_covered', 'class_sessions', tests.id('session'));
select is((select string_agg(m.event || ' ' || m.private || ' ' || (m.payload - 'id' - 'notification_id')::text, '; ') from realtime.messages m where m.topic = current_setting('tests.topic') and m.payload ->> 'kind' = 'session_covered'),
  format('notification true {"kind": "session_covered", "row_id": "%s", "school_id": "%s", "table_name": "class_sessions"}', tests.id('session'), tests.id('TAP-A')), 'access.md Realtime: ids and not rows, on the private channel of who has asked for one');
select is((select count(*) from public.notifications n where n.row_id = tests.id('session')), 2::bigint, 'never 1: another school''s member is not told');
create function tests.hears(p_email text, p_topic text) returns bigint language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  perform set_config('realtime.topic', p_topic, true);
  return (select count(*) from realtime.messages m where m.topic = p_topic);
end
$$;
grant execute on function tests.hears to authenticated;
select cmp_ok(tests.hears('teacher2@tap-a.test', current_setting('tests.topic')), '>', 0::bigint, 'a member joins the own channel');
select is(tests.hears(p, current_setting('tests.topic')), 0::bigint, '… and nobody else: ' || p) from unnest(array['teacher1@tap-a.test', 'admin@tap-a.test']) p;
select tests.sign_out();
update public.memberships set active = false where id = tests.id('TAP-A teacher2');
select is(tests.hears('teacher2@tap-a.test', current_setting('tests.topic')), 0::bigint, 'never 8: a membership that ends closes its channel');
select tests.sign_out();
update public.memberships set active = true where id = tests.id('TAP-A teacher2');
select tests.sign_in('teacher2@tap-a.test');
select isnt((select t.topic from public.my_topics() t), current_setting('tests.topic'), 'access.md Realtime: … and the name that was known is no longer');
select tests.sign_out();

-- A teacher whose child is a pupil here ------------------------------------------------------------------------------------------
update public.school_settings set value = '50' where school_id = tests.id('TAP-A') and key = 'announcements_per_day';
select tests.member('TAP-A', 'mother', 'parent', null, null, null, 'teacher1@tap-a.test'), tests.member('TAP-A', 'father', 'parent', null, null, null, 'principal@tap-a.test');
select tests.sign_in('principal@tap-a.test');
select is(tests.announce('to everybody', tests.audience('school')) || tests.announce('to families', tests.audience('school', null, 'parent')), '1 rows1 rows', 'the principal, whose child is a pupil too, speaks to all');
select tests.sign_out();
create function tests.told(p_person text) returns text language sql as $$
  select string_agg(x || ' as ' || m.role, ', ' order by x) from unnest(array['to everybody', 'to families']) x join public.notifications n on n.row_id = tests.id(x) join public.memberships m on m.id = n.membership_id
  where m.user_id = tests.id(p_person || '@tap-a.test') $$;
select is(tests.told('teacher1'), 'to everybody as teacher, to families as parent', 'issue 4 notifications: a person of two roles is told once, and in the role that it is for');
select is(tests.told('principal'), null, '… and nobody of their own words, in no role');
select tests.sign_in('teacher1@tap-a.test');
select isnt((select public.read_announcement(tests.id('TAP-A'), tests.id('to everybody'))), null, '… reads it once');
select is((select count(*) from public.notifications n where n.row_id = tests.id('to everybody') and n.read_at is null), 0::bigint, '… and nothing of it is left');
select tests.sign_out();
select * from finish();
rollback;
