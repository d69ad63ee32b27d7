-- Helpers of the files that follow, committed into a schema of their own; 999_teardown removes it. Each file makes its
-- own schools and people inside a transaction that it rolls back, so the suite runs against any deployment.

create extension if not exists pgtap with schema extensions;

begin;
-- Our default privileges leave new functions to their owner, an extension's too when postgres installs it.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid from pg_proc p join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    join pg_extension e on d.refclassid = 'pg_extension'::regclass and e.oid = d.refobjid
    where e.extname = 'pgtap' and pg_get_userbyid(p.proowner) = current_user
  loop
    execute format('grant execute on routine %s to anon, authenticated, service_role', v_function);
  end loop;
end
$$;

drop schema if exists tests cascade;
create schema tests;
grant usage on schema tests to anon, authenticated, service_role, supabase_auth_admin;

create table tests.names (id uuid primary key, name text not null);
grant select on tests.names to anon, authenticated, service_role;
comment on table tests.names is 'What tests.seen calls a row; an id without a name shows as itself, which is how a leak looks.';

create function tests.id(p_name text) returns uuid
language sql immutable set search_path = ''
as $$ select overlay(overlay(md5('pgtap ' || p_name) placing '4' from 13) placing '8' from 17)::uuid $$;

create function tests.named(p_name text) returns uuid
language sql set search_path = ''
as $$ insert into tests.names (id, name) values (tests.id(p_name), p_name) on conflict (id) do update set name = excluded.name returning id $$;
comment on function tests.named is 'tests.id, and tests.seen knows it.';

-- Who asks ---------------------------------------------------------------------------------------------------------

create function tests.act_as(p_role text, p_claims jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  perform set_config('request.jwt.claims', coalesce(p_claims::text, ''), true);
  perform set_config('request.headers', case when p_claims is null then '' else '{"x-forwarded-for": "203.0.113.7, 10.0.0.1", "user-agent": "pgTAP", "x-request-id": "request-1"}' end, true);
  perform set_config('role', p_role, true);
end
$$;

create function tests.sign_in(p_email text, p_aal text default 'aal1', p_session text default '1') returns void
language sql set search_path = ''
as $$
  select tests.act_as('authenticated', jsonb_build_object('sub', tests.id(p_email), 'role', 'authenticated', 'aal', p_aal, 'session_id', tests.id('sign-in ' || p_session || ' of ' || p_email)))
$$;

create function tests.sign_in_as_anon() returns void
language sql set search_path = ''
as $$ select tests.act_as('anon', '{"role": "anon"}') $$;

create function tests.sign_in_as_service() returns void
language sql set search_path = ''
as $$ select tests.act_as('service_role', '{"role": "service_role"}') $$;

create function tests.sign_out() returns void
language sql set search_path = ''
as $$ select tests.act_as('none', null) $$;

-- What happens -----------------------------------------------------------------------------------------------------

create function tests.seen(p_from text) returns text
language plpgsql set search_path = ''
as $$
declare
  v_seen text;
begin
  execute format('select string_agg(coalesce(n.name, x.id::text), '', '' order by coalesce(n.name, x.id::text) collate "C") from (select id from %s) x left join tests.names n on n.id = x.id', p_from) into v_seen;
  return coalesce(v_seen, 'nothing');
end
$$;
comment on function tests.seen is 'Names of the rows that the present role gets from a table, or "nothing".';

create function tests.who(p_helper text) returns text
language plpgsql set search_path = ''
as $$
begin
  return tests.seen(format('(select h as id from %s h) ids', p_helper));
end
$$;
comment on function tests.who is 'Names of what a helper of the policies returns to the present role.';

create function tests.does(p_sql text) returns text
language plpgsql set search_path = ''
as $$
declare
  v_rows bigint;
begin
  execute p_sql;
  get diagnostics v_rows = row_count;
  return v_rows || ' rows';
exception when others then
  return sqlstate;
end
$$;
comment on function tests.does is 'Rows that a statement touched, or its SQLSTATE.';

create function tests.says(p_sql text) returns text
language plpgsql set search_path = ''
as $$
declare
  v_message text;
  v_detail text;
  v_hint text;
begin
  execute p_sql;
  return 'done';
exception when others then
  get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
  return concat_ws(' | ', sqlstate, v_message, nullif(v_detail, ''), nullif(v_hint, ''));
end
$$;
comment on function tests.says is 'All that a client learns from a refused statement: two refusals that read the same are no oracle.';

create function tests.seen_as(p_email text, p_from text) returns text
language plpgsql set search_path = ''
as $$
begin
  perform tests.sign_in(p_email);
  return tests.seen(p_from);
end
$$;

create function tests.does_as(p_email text, p_sql text) returns text
language plpgsql set search_path = ''
as $$
begin
  perform tests.sign_in(p_email);
  return tests.does(p_sql);
end
$$;

create function tests.plan_of(p_sql text) returns text
language plpgsql set search_path = ''
as $$
declare
  v_line text;
  v_plan text := '';
begin
  for v_line in execute 'explain (costs off) ' || p_sql loop
    v_plan := v_plan || v_line || chr(10);
  end loop;
  return v_plan;
end
$$;

create function tests.plan_as(p_email text, p_sql text) returns text
language plpgsql set search_path = ''
as $$
begin
  perform tests.sign_in(p_email);
  return tests.plan_of(p_sql);
end
$$;

-- Who there is -----------------------------------------------------------------------------------------------------

create function tests.person(p_email text) returns uuid
language plpgsql set search_path = ''
as $$
begin
  insert into auth.users (id, email, aud, role, raw_app_meta_data, raw_user_meta_data)
  values (tests.id(p_email), p_email, 'authenticated', 'authenticated', '{}', jsonb_build_object('full_name', split_part(p_email, '@', 1)))
  on conflict (id) do nothing;
  return tests.id(p_email);
end
$$;

create function tests.member(p_school text, p_person text, p_role text, p_team_scope text default null, p_department text default null, p_campus text default null, p_email text default null)
returns void
language sql set search_path = ''
as $$
  insert into public.memberships (school_id, id, user_id, role, team_scope, department_id, campus_id, starts_on)
  values (tests.id(p_school), tests.named(p_school || ' ' || p_person), tests.person(coalesce(p_email, p_person || '@' || lower(p_school) || '.test')), p_role, p_team_scope,
    case when p_department is not null then tests.id(p_school || ' ' || p_department) end, case when p_campus is not null then tests.id(p_school || ' ' || p_campus) end, '2020-01-01')
$$;

-- admin, principal, leader (department MATH), chief (campus NORTH), mentor (by name), teacher1 (MATH, MAIN),
-- teacher2 (MATH, NORTH), teacher3 (LANG, NORTH), student1, student2, parent1 (of pupil1), parent2 (of pupil2)
create function tests.school(p_code text, p_district text default null, p_timezone text default 'UTC') returns void
language plpgsql set search_path = ''
as $$
declare
  v_school uuid := tests.named(p_code);
begin
  insert into public.schools (id, district_id, code, name, status, timezone, locale)
  values (v_school, case when p_district is not null then tests.id(p_district) end, p_code, p_code, 'active', p_timezone, 'he');
  insert into public.campuses (school_id, id, code, name) select v_school, tests.named(p_code || ' ' || c), c, c from unnest(array['MAIN', 'NORTH']) c;
  insert into public.departments (school_id, id, code, name) select v_school, tests.named(p_code || ' ' || c), c, c from unnest(array['MATH', 'LANG']) c;
  perform tests.member(p_code, 'admin', 'admin'), tests.member(p_code, 'principal', 'leader', 'school'), tests.member(p_code, 'leader', 'leader', 'department', 'MATH'),
    tests.member(p_code, 'chief', 'leader', 'campus', null, 'NORTH'), tests.member(p_code, 'mentor', 'leader', 'named'),
    tests.member(p_code, 'teacher1', 'teacher', null, 'MATH', 'MAIN'), tests.member(p_code, 'teacher2', 'teacher', null, 'MATH', 'NORTH'), tests.member(p_code, 'teacher3', 'teacher', null, 'LANG', 'NORTH'),
    tests.member(p_code, 'student1', 'student'), tests.member(p_code, 'student2', 'student'), tests.member(p_code, 'parent1', 'parent'), tests.member(p_code, 'parent2', 'parent');
  insert into public.students (school_id, id, membership_id, given_name, family_name)
  select v_school, tests.named(p_code || ' pupil' || n), tests.id(p_code || ' student' || n), 'Pupil', n::text from generate_series(1, 2) n;
  insert into public.guardianships (school_id, id, student_id, guardian_id, starts_on)
  select v_school, tests.named(p_code || ' guardianship' || n), tests.id(p_code || ' pupil' || n), tests.id(p_code || ' parent' || n), '2020-01-01' from generate_series(1, 2) n;
end
$$;

create function tests.framework(p_school text, p_code text default 'GROWTH-4') returns uuid
language sql stable security definer set search_path = ''
as $$ select f.id from public.frameworks f where f.school_id = tests.id(p_school) and f.code = p_code and f.status = 'published' order by f.version desc limit 1 $$;

create function tests.domain(p_school text, p_position integer default 1, p_code text default 'GROWTH-4') returns uuid
language sql stable security definer set search_path = ''
as $$ select d.id from public.framework_domains d where d.school_id = tests.id(p_school) and d.framework_id = tests.framework(p_school, p_code) and d.position = p_position $$;

-- One observation with a rating (level 2), feedback, an action step and, unless it is a draft, an amendment. Its rows are named after it.
create function tests.observation(p_school text, p_name text, p_teacher text, p_observer text, p_kind text, p_status text) returns void
language plpgsql set search_path = ''
as $$
declare
  v_school uuid := tests.id(p_school);
  v_id uuid := tests.named(p_school || ' ' || p_name);
begin
  insert into public.observations (school_id, id, teacher_id, observer_id, framework_id, kind, status, observed_at, notes, submitted_at, acknowledged_at)
  values (v_school, v_id, tests.id(p_school || ' ' || p_teacher), tests.id(p_school || ' ' || p_observer), tests.framework(p_school), p_kind, p_status, now() - interval '2 days', 'Notes of ' || p_name,
    case when p_status <> 'draft' then now() - interval '1 day' end, case when p_status = 'acknowledged' then now() end);
  insert into public.observation_ratings (school_id, id, observation_id, framework_id, domain_id, level, evidence)
  values (v_school, tests.named(p_school || ' rating of ' || p_name), v_id, tests.framework(p_school), tests.domain(p_school), 2, 'Seen');
  insert into public.observation_feedback (school_id, id, observation_id, teacher_reflection) values (v_school, tests.named(p_school || ' feedback of ' || p_name), v_id, 'First thoughts');
  insert into public.action_steps (school_id, id, observation_id, description) values (v_school, tests.named(p_school || ' step of ' || p_name), v_id, 'Next step');
  if p_status <> 'draft' then
    insert into public.observation_amendments (school_id, id, observation_id, version, reason) values (v_school, tests.named(p_school || ' amendment of ' || p_name), v_id, 2, 'Kept for the test');
  end if;
end
$$;

grant execute on all functions in schema tests to anon, authenticated, service_role, supabase_auth_admin;
commit;

begin;
select plan(3);
select tests.school('TAP-SETUP');
select is((select count(*) from public.memberships where school_id = tests.id('TAP-SETUP')), 12::bigint, 'setup: a fresh school has its twelve members');
select tests.sign_in('teacher1@tap-setup.test');
select is(current_user::text || ' ' || auth.uid(), 'authenticated ' || tests.id('teacher1@tap-setup.test'), 'setup: signing in takes the role and the claims');
select tests.sign_out();
select is(current_user, session_user, 'setup: signing out gives both back');
select * from finish();
rollback;
