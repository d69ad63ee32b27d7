-- Sessions: one row per school and sign-in, lasting to the last heartbeat (access.md: user_sessions; issue 2, section 3).
begin;
select plan(72);
select tests.school('TAP-A'), tests.school('TAP-B');

create function tests.open_session(p_email text, p_school text, p_sign_in text default '1') returns text language plpgsql as $$
declare
  v_id uuid;
begin
  perform tests.sign_in(p_email, 'aal1', p_sign_in);
  select s.id into v_id from public.session_start(tests.id(p_school)) s;
  return v_id;
exception when others then
  return sqlstate;
end $$;
create function tests.session_of(p_email text, p_sign_in text default '1', p_school text default 'TAP-A') returns uuid language sql security definer as $$
  select s.id from public.user_sessions s where s.school_id = tests.id(p_school) and s.session_id = tests.id('sign-in ' || p_sign_in || ' of ' || p_email) order by s.created_at desc, s.ended_at desc nulls first limit 1
$$;
create function tests.session_step(p_email text, p_step text, p_id uuid, p_sign_in text default '1', p_school text default 'TAP-A') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email, 'aal1', p_sign_in);
  return tests.says(format('select public.%I(%L, %L)', p_step, tests.id(p_school), p_id));
end $$;
create function tests.summary(p_email text) returns text language plpgsql as $$
declare v text;
begin
  perform tests.sign_in(p_email);
  select string_agg(n.name || ' ' || s.sessions, ', ' order by n.name) into v from public.session_summary(tests.id('TAP-A'), now() - interval '1 day', now() + interval '1 day') s join tests.names n on n.id = s.membership_id;
  return coalesce(v, 'nothing');
exception when others then
  return sqlstate;
end $$;
grant execute on all functions in schema tests to authenticated, supabase_auth_admin;

-- Start, ping, end -----------------------------------------------------------------------------------------------------------

select isnt(tests.open_session('teacher1@tap-a.test', 'TAP-A'), null, 'issue 2: a member starts a session');
select is(tests.open_session('teacher1@tap-a.test', 'TAP-A'), tests.session_of('teacher1@tap-a.test')::text, 'issue 2: two tabs share one row');
select tests.sign_out();
select is((select count(*) from public.user_sessions where school_id = tests.id('TAP-A')), 1::bigint, '… and do not count twice');
select results_eq($$ select membership_id, session_id, host(ip), user_agent from public.user_sessions where school_id = tests.id('TAP-A') $$, $$ values (tests.id('TAP-A teacher1'), tests.id('sign-in 1 of teacher1@tap-a.test'), '203.0.113.7', 'pgTAP') $$, 'issue 2: keyed by the token''s sign-in, with address and agent of the request');
select isnt(tests.open_session('teacher1@tap-a.test', 'TAP-A', '2'), tests.session_of('teacher1@tap-a.test')::text, 'another sign-in is another session');
select is(tests.open_session(p, s), 'PT404', 'never 1: no session without a membership in force: ' || p || ' at ' || s) from (values ('teacher1@tap-a.test', 'TAP-B'), ('owner@tap.test', 'TAP-A'), ('admin@tap-b.test', 'TAP-A')) v (p, s);
select tests.act_as('authenticated', jsonb_build_object('sub', tests.id('teacher1@tap-a.test'), 'role', 'authenticated'));
select is(tests.does('select public.session_start(tests.id(''TAP-A''))'), 'PT404', 'a token without a sign-in starts none');
select tests.sign_out();
update public.user_sessions set last_seen_at = now() - interval '5 minutes', started_at = now() - interval '1 hour' where school_id = tests.id('TAP-A');
select is(tests.session_step('teacher1@tap-a.test', 'session_ping', tests.session_of('teacher1@tap-a.test')), 'done', 'issue 2: a heartbeat');
select is((select last_seen_at from public.user_sessions where id = tests.session_of('teacher1@tap-a.test')), now(), '… is counted');
select is(tests.session_step(p, 'session_ping', tests.session_of('teacher1@tap-a.test'), s), 'PT404 | Cannot ping the session | It has ended or is not this sign-in''s; start another.', 'issue 2: a ping for another''s session is refused: ' || n)
from (values ('teacher2@tap-a.test', '1', 'a colleague'), ('admin@tap-a.test', '1', 'an admin'), ('teacher1@tap-a.test', '2', 'my other sign-in'), ('admin@tap-b.test', '1', 'another school''s')) v (p, s, n);
select is(tests.session_step('teacher1@tap-a.test', 'session_ping', tests.session_of('teacher1@tap-a.test'), '1', 'TAP-B'), tests.session_step('teacher1@tap-a.test', 'session_ping', gen_random_uuid()), '… one answer for another school and for none');
select is(left(tests.session_step('teacher2@tap-a.test', 'session_end', tests.session_of('teacher1@tap-a.test')), 5), 'PT404', 'issue 2: nor does another end it');
select is(tests.session_step('teacher1@tap-a.test', 'session_end', tests.session_of('teacher1@tap-a.test')), 'done', 'issue 2: its owner ends it');
select results_eq($$ select end_reason, duration_seconds, ended_at from public.user_sessions where id = tests.session_of('teacher1@tap-a.test') $$, $$ values ('ended', 3600, now()) $$, '… with its duration');
select is(left(tests.session_step('teacher1@tap-a.test', s, tests.session_of('teacher1@tap-a.test')), 5), 'PT404', 'an ended session takes no ' || s) from unnest(array['session_ping', 'session_end']) s;
select isnt(tests.open_session('teacher1@tap-a.test', 'TAP-A'), null, 'the same sign-in starts anew');
select tests.sign_out();
select is((select count(*) from public.user_sessions where school_id = tests.id('TAP-A') and session_id = tests.id('sign-in 1 of teacher1@tap-a.test')), 2::bigint, '… in a new row');
select is((select string_agg(e.action || ' ' || coalesce(e.details ->> 'reason', ''), ', ' order by e.id) from audit.entries e where e.school_id = tests.id('TAP-A') and e.action = 'LOGOUT'), 'LOGOUT ended', 'issue 2: a LOGOUT entry');
select is((select count(*) from audit.entries e where e.table_name = 'user_sessions' and e.school_id = tests.id('TAP-A') and e.action = 'UPDATE'), 1::bigint, 'blueprint: heartbeats leave no line in the log, the end does');
update public.memberships set active = false where id = tests.id('TAP-A teacher1');
select is(left(tests.session_step('teacher1@tap-a.test', 'session_ping', tests.session_of('teacher1@tap-a.test', '2'), '2'), 5), 'PT404', 'never 8: who has left pings no more');
select tests.sign_out();
update public.memberships set active = true where id = tests.id('TAP-A teacher1');

-- Who reads --------------------------------------------------------------------------------------------------------------------

select isnt(tests.open_session(p || '@tap-a.test', 'TAP-A'), null, 'a session of ' || p) from unnest(array['teacher2', 'student1', 'parent1', 'leader', 'admin']) p;
select is(tests.does_as(p, 'select from public.user_sessions'), w, 'access.md user_sessions: ' || p)
from (values ('admin@tap-a.test', '8 rows'), ('principal@tap-a.test', '0 rows'), ('leader@tap-a.test', '0 rows'), ('teacher1@tap-a.test', '3 rows'), ('teacher2@tap-a.test', '1 rows'), ('student1@tap-a.test', '1 rows'), ('parent1@tap-a.test', '0 rows'), ('admin@tap-b.test', '0 rows')) v (p, w);
select is(tests.summary(p), w, 'access.md user_sessions, in sum: ' || p)
from (values ('admin@tap-a.test', 'TAP-A admin 1, TAP-A leader 1, TAP-A parent1 1, TAP-A student1 1, TAP-A teacher1 3, TAP-A teacher2 1'),
  ('principal@tap-a.test', 'TAP-A teacher1 3, TAP-A teacher2 1'), ('leader@tap-a.test', 'TAP-A leader 1, TAP-A teacher1 3, TAP-A teacher2 1'), ('chief@tap-a.test', 'TAP-A teacher2 1'),
  ('teacher1@tap-a.test', 'TAP-A teacher1 3'), ('parent1@tap-a.test', 'TAP-A parent1 1, TAP-A student1 1'), ('parent2@tap-a.test', 'nothing'), ('admin@tap-b.test', 'PT404')) v (p, w);
select tests.sign_out();
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('TAP-A year'), 'Y', 'Y', current_date - 100, current_date + 100);
insert into public.classes (school_id, id, academic_year_id, grade_level_id, code, name) select tests.id('TAP-A'), tests.id('TAP-A class'), tests.id('TAP-A year'), l.id, 'A', 'A' from public.grade_levels l where l.school_id = tests.id('TAP-A') and l.code = 'P1';
insert into public.class_teachers (school_id, class_id, teacher_id, starts_on) values (tests.id('TAP-A'), tests.id('TAP-A class'), tests.id('TAP-A teacher2'), current_date - 50);
insert into public.enrollments (school_id, student_id, class_id, kind, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A class'), 'homeroom', current_date - 50, current_date + 100);
create function tests.frequency(p_email text, p_member text default null, p_class text default null) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return (select coalesce(string_agg(f.people || '/' || f.sessions, ', '), 'nothing') from public.session_frequency(tests.id('TAP-A'), now() - interval '1 day', now() + interval '1 day', tests.id('TAP-A ' || p_member), tests.id('TAP-A ' || p_class)) f);
end $$;
grant execute on function tests.frequency to authenticated;
select is(tests.summary('teacher2@tap-a.test'), 'TAP-A student1 1, TAP-A teacher2 1', 'access.md user_sessions, in sum: class');
select is(tests.frequency(p, m, c), w, format('seed 001 session frequency: %s of %s %s', p, m, c)) from (values ('admin@tap-a.test', null, null, '6/8'), ('teacher2@tap-a.test', null, 'class', '1/1'), ('teacher2@tap-a.test', 'teacher1', null, 'nothing'),
  ('parent1@tap-a.test', 'student1', null, '1/1'), ('teacher1@tap-a.test', null, 'class', 'nothing')) v (p, m, c, w);
select tests.sign_out();
insert into public.guardianship_blocks (school_id, student_id, membership_id, reason) values (tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A parent1'), 'Court order');
select is(tests.summary('parent1@tap-a.test'), 'TAP-A parent1 1', 'deny wins: … in sums too');
select is(tests.does_as('teacher1@tap-a.test', s), '42501', 'access.md user_sessions: by function only: ' || s) from unnest(array['update public.user_sessions set last_seen_at = now()', 'delete from public.user_sessions', 'insert into public.user_sessions (school_id, membership_id, session_id) values (tests.id(''TAP-A''), tests.id(''TAP-A teacher1''), gen_random_uuid())']) s;

-- Expiry -----------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
delete from public.user_sessions where school_id in (tests.id('TAP-A'), tests.id('TAP-B'));
insert into auth.sessions (id, user_id, created_at, updated_at) select tests.id('sign-in 1 of ' || p), tests.id(p), now(), now() from unnest(array['teacher1@tap-a.test', 'teacher2@tap-a.test', 'teacher1@tap-b.test', 'teacher2@tap-b.test']) p;
insert into public.school_settings (school_id, key, value) values (tests.id('TAP-B'), 'session_idle_minutes', '30'), (tests.id('TAP-B'), 'session_expiry_revokes', 'true');
insert into public.user_sessions (school_id, id, membership_id, session_id, started_at, last_seen_at)
select tests.id(s), tests.named(s || ' ' || n), tests.id(s || ' ' || p), tests.id('sign-in 1 of ' || p || '@' || lower(s) || '.test'), now() - interval '2 hours', now() - make_interval(mins => m)
from (values ('TAP-A', 'idle', 'teacher1', 11), ('TAP-A', 'busy', 'teacher2', 9), ('TAP-A', 'gone', 'teacher3', 1), ('TAP-B', 'idle', 'teacher1', 31), ('TAP-B', 'busy', 'teacher2', 29)) v (s, n, p, m);
select is(private.expire_sessions() >= 3, true, 'issue 2: the job closes idle sessions');
select results_eq($$ select n.name, s.end_reason, s.duration_seconds from public.user_sessions s join tests.names n on n.id = s.id where s.school_id in (tests.id('TAP-A'), tests.id('TAP-B')) order by n.name $$,
  $$ values ('TAP-A busy', null::text, null::integer), ('TAP-A gone', 'signed_out', 7140), ('TAP-A idle', 'expired', 6540), ('TAP-B busy', null, null), ('TAP-B idle', 'expired', 5340) $$, 'issue 2: after ten minutes or the school''s own number, at the last heartbeat; and those whose sign-in is gone');
select is((select string_agg(e.details ->> 'reason', ', ' order by e.id) from audit.entries e where e.action = 'LOGOUT' and e.row_id in (tests.id('TAP-A idle'), tests.id('TAP-B idle'))), 'expired, expired', 'issue 2: … each with a LOGOUT entry');
create temporary table before_second_run as select id, updated_at, ended_at from public.user_sessions;
select lives_ok('select private.expire_sessions()', 'house-style 9: the job runs twice');
select is_empty('select id, ended_at from public.user_sessions where school_id in (tests.id(''TAP-A''), tests.id(''TAP-B'')) except select id, ended_at from before_second_run', '… without harm');
select is((select array_agg(session_id) from private.revoked_sessions where session_id in (select id from auth.sessions)), array[tests.id('sign-in 1 of teacher1@tap-b.test')], 'setting session_expiry_revokes: expiry ends the sign-in where the school says so');
select tests.sign_in('teacher1@tap-b.test');
select is(tests.who('private.my_schools()'), 'nothing', '… at the next statement on the token');
select tests.sign_in('teacher1@tap-a.test');
select is(tests.who('private.my_schools()'), 'TAP-A', '… and only there');

-- The token hook ------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select tests.member('TAP-B', 'also', 'parent', null, null, null, 'teacher1@tap-a.test');
create temporary table hook as select private.custom_access_token(jsonb_build_object('user_id', tests.id('teacher1@tap-a.test'), 'authentication_method', 'password', 'metadata', '{"ip_address": "203.0.113.9"}'::jsonb,
  'claims', jsonb_build_object('sub', tests.id('teacher1@tap-a.test'), 'session_id', tests.id('fresh'), 'aal', 'aal1'))) as answer;
select tests.sign_out();
select is((select answer from hook), jsonb_build_object('claims', jsonb_build_object('sub', tests.id('teacher1@tap-a.test'), 'session_id', tests.id('fresh'), 'aal', 'aal1')), 'blueprint: the hook adds no rights to the token');
select results_eq($$ select n.name, e.action, e.role, host(e.ip), e.details ->> 'method' from audit.entries e join tests.names n on n.id = e.membership_id where e.session_id = tests.id('fresh') order by n.name $$,
  $$ values ('TAP-A teacher1', 'LOGIN', 'teacher', '203.0.113.9', 'password'), ('TAP-B also', 'LOGIN', 'parent', '203.0.113.9', 'password') $$, 'issue 2: a LOGIN entry in each of the person''s schools');
select lives_ok($$ select private.custom_access_token(jsonb_build_object('user_id', tests.id('teacher1@tap-a.test'), 'authentication_method', 'token_refresh', 'claims', jsonb_build_object('session_id', tests.id('fresh')))) $$, 'a refresh');
select is((select count(*) from audit.entries e where e.session_id = tests.id('fresh')), 2::bigint, '… is no sign-in');
select is((select private.custom_access_token(jsonb_build_object('user_id', tests.id('teacher1@tap-b.test'), 'authentication_method', 'token_refresh', 'claims', jsonb_build_object('session_id', tests.id('sign-in 1 of teacher1@tap-b.test')))) -> 'error' ->> 'http_code'), '403', 'issue 2: a revoked sign-in is not refreshed');
select lives_ok($$ select private.custom_access_token(jsonb_build_object('user_id', tests.person('nobody@tap.test'), 'authentication_method', 'password', 'claims', jsonb_build_object('session_id', tests.id('lonely')))) $$, 'who is in no school signs in');
select is((select school_id from audit.entries where session_id = tests.id('lonely')), '00000000-0000-0000-0000-000000000000'::uuid, '… into the log of no school');

select * from finish();
rollback;
