-- What the log holds, who reads it, and that nobody changes it (access.md: audit; never 7; security-facts S8, S10).
begin;
select plan(73);
select tests.school('TAP-A'), tests.school('TAP-B');

create function tests.log_of(p_row text, p_columns text default 'action') returns text language plpgsql security definer as $$
declare v text;
begin
  execute format('select string_agg(%s, '', '' order by e.id) from audit.entries e where e.row_id = tests.id(%L)', p_columns, p_row) into v;
  return coalesce(v, 'nothing');
end $$;
create function tests.trail(p_email text, p_school text, p_row text) returns text language plpgsql as $$
declare v text;
begin
  perform tests.sign_in(p_email);
  select string_agg(t.action || case when t.before is not null or t.after is not null then ' with values' else '' end, ', ' order by t.id) into v from public.audit_trail(tests.id(p_school), row_id => tests.id(p_row)) t;
  return coalesce(v, 'nothing');
end $$;
grant execute on all functions in schema tests to authenticated, service_role;

-- Entries --------------------------------------------------------------------------------------------------------------------

select tests.sign_in('admin@tap-a.test');
insert into public.departments (school_id, id, code, name) values (tests.id('TAP-A'), tests.id('dep'), 'DEP', 'One');
update public.departments set name = 'Two' where id = tests.id('dep');
update public.departments set name = 'Two' where id = tests.id('dep');
select public.remove('departments', tests.id('TAP-A'), tests.id('dep'));
select public.restore('departments', tests.id('TAP-A'), tests.id('dep'));
select tests.sign_out();
select is(tests.log_of('dep'), 'CREATE, UPDATE, DELETE, RESTORE', 'blueprint audit: create, update, remove and restore, and nothing for a change that changes nothing');
select is(tests.log_of('dep', 'coalesce(array_to_string(e.columns, ''+''), ''all'')'), 'all, name, deleted_at, deleted_at', 'blueprint audit: … with the columns that changed');
select results_eq($$ select distinct school_id, table_name, actor_id, membership_id, role, session_id, request_id, host(ip), user_agent from audit.entries where row_id = tests.id('dep') $$,
  $$ values (tests.id('TAP-A'), 'departments', tests.id('admin@tap-a.test'), tests.id('TAP-A admin'), 'admin', tests.id('sign-in 1 of admin@tap-a.test'), 'request-1', '203.0.113.7', 'pgTAP') $$, 'issue 2: actor, membership, role, session, request id, address and user agent');
select results_eq($$ select v.before ->> 'name', v.after ->> 'name' from audit.entries e join audit.entry_values v on (v.entry_id, v.at) = (e.id, e.at) where e.row_id = tests.id('dep') and e.action <> 'RESTORE' and e.action <> 'DELETE' order by e.id $$,
  $$ values (null, 'One'), ('One', 'Two') $$, 'blueprint audit: the values lie apart');
select is_empty($$ select e.id from audit.entries e left join audit.entry_values v on (v.entry_id, v.at) = (e.id, e.at) where e.school_id = tests.id('TAP-A') and e.digest is not null and (v.entry_id is null or coalesce(v.before, v.after) is not null and audit.values_digest(v.salt, v.before, v.after) <> e.digest) $$, 'S8: every digest is that of its values');
select is_empty($$ select e.id from audit.entries e join audit.entry_values v on (v.entry_id, v.at) = (e.id, e.at) where e.school_id = tests.id('TAP-A') group by e.id, v.salt having count(*) > 1 $$, 'S8: … salted one by one');
insert into public.departments (school_id, id, code, name) values (tests.id('TAP-A'), tests.id('owner dep'), 'OWN', 'Own');
select tests.sign_in_as_service();
insert into public.departments (school_id, id, code, name) values (tests.id('TAP-A'), tests.id('service dep'), 'SRV', 'Service');
update public.departments set name = 'Service 2' where id = tests.id('service dep');
delete from public.departments where id = tests.id('service dep');
select tests.sign_out();
select is(tests.log_of('service dep', 'e.action || '' '' || e.role'), 'CREATE service_role, UPDATE service_role, DELETE service_role', 'never 7: what the service key does is in the log, as such');
select is(tests.log_of('owner dep', 'e.action || '' '' || e.role || coalesce(e.actor_id::text, '''')'), 'CREATE ' || session_user, 'never 7: … and what the owner does');
delete from public.departments where id = tests.id('owner dep');
select is(tests.log_of('owner dep', 'e.action || '' '' || (select v.before ->> ''name'' from audit.entry_values v where v.entry_id = e.id)'), 'DELETE Own', 'blueprint audit: a physical delete too');
insert into public.departments (school_id, code, name) select tests.id('TAP-A'), 'BULK-' || n, 'Bulk' from generate_series(1, 50) n;
select is((select count(distinct e.row_id) from audit.entries e join public.departments d on d.id = e.row_id where d.code like 'BULK-%' and e.action = 'CREATE'), 50::bigint, 'blueprint audit: a statement of many rows writes an entry for each');

insert into public.departments (school_id, id, code, name) values (tests.id('TAP-A'), tests.id('twin'), 'TWIN', 'In A'), (tests.id('TAP-B'), tests.id('twin'), 'TWIN', 'In B');
update public.departments set name = name || ' changed' where id = tests.id('twin');
select results_eq($$ select e.school_id = tests.id('TAP-A'), v.before ->> 'name', v.after ->> 'name' from audit.entries e join audit.entry_values v on (v.entry_id, v.at) = (e.id, e.at) where e.row_id = tests.id('twin') and e.action = 'UPDATE' order by 2 $$,
  $$ values (true, 'In A', 'In A changed'), (false, 'In B', 'In B changed') $$, 'never 1: rows of two schools that share an id, which clients may choose, keep their own logs');

-- Walls ----------------------------------------------------------------------------------------------------------------------

select tests.observation('TAP-A', 'evaluation', 'teacher1', 'leader', 'evaluation', 'draft'), tests.observation('TAP-A', 'coaching', 'teacher1', 'leader', 'coaching', 'draft');
select tests.sign_in('leader@tap-a.test');
update public.observations set notes = 'Secret' where id in (tests.id('TAP-A evaluation'), tests.id('TAP-A coaching'));
select lives_ok($$ select public.submit_observation(tests.id('TAP-A'), tests.id('TAP-A ' || k)) from unnest(array['evaluation', 'coaching']) k $$, 'two drafts are submitted');
select tests.sign_in('teacher1@tap-a.test');
select lives_ok($$ select public.acknowledge_observation(tests.id('TAP-A'), tests.id('TAP-A ' || k)) from unnest(array['evaluation', 'coaching']) k $$, '… and acknowledged');
select tests.sign_out();
select is((select string_agg(case when coalesce(v.before, v.after) is null then 'walled' else 'open' end, ', ' order by e.id) from audit.entries e join audit.entry_values v on v.entry_id = e.id where e.row_id = tests.id('TAP-A evaluation')), 'walled, walled, walled, open', 'never 4, S8: of a draft the log keeps names and a digest, no content; of what follows, content');
select is((select string_agg(case when coalesce(v.before, v.after) is null then 'walled' else 'open' end, ', ' order by e.id) from audit.entries e join audit.entry_values v on v.entry_id = e.id where e.row_id = tests.id('TAP-A coaching')), 'walled, walled, walled, walled', 'never 6, S8: of coaching never');
select is(tests.log_of('TAP-A evaluation', 'coalesce((select n.name from tests.names n where n.id = e.subject_id), ''nobody'')'), 'nobody, nobody, TAP-A teacher1, TAP-A teacher1', 'never 4: a draft is about nobody until it is submitted');
select is(tests.log_of('TAP-A coaching', 'coalesce((select n.name from tests.names n where n.id = e.subject_id), ''nobody'')'), 'nobody, nobody, nobody, nobody', 'never 6: … and coaching for good');
select is_empty($$ select e.table_name, e.action from audit.entries e join audit.entry_values v on v.entry_id = e.id where e.school_id = tests.id('TAP-A') and e.table_name in ('observation_ratings', 'observation_feedback', 'observation_amendments', 'guardianship_blocks', 'student_records') and coalesce(v.before, v.after) is not null $$, 'S8: tables behind a wall leave no content in the log');
select is((select count(*) from audit.entries e join audit.entry_values v on v.entry_id = e.id where e.school_id = tests.id('TAP-A') and concat(v.before::text, v.after::text) ~ 'Secret'), 0::bigint, 'S8: the note of a draft is nowhere in it');

-- Readers --------------------------------------------------------------------------------------------------------------------

select is(tests.trail(p, 'TAP-A', r), w, format('access.md audit: %s of %s', p, r))
from (values
  ('admin@tap-a.test', 'dep', 'CREATE with values, UPDATE with values, DELETE with values, RESTORE with values'),
  ('principal@tap-a.test', 'dep', 'nothing'), ('leader@tap-a.test', 'dep', 'nothing'), ('teacher1@tap-a.test', 'dep', 'nothing'), ('admin@tap-b.test', 'dep', 'nothing'),
  ('admin@tap-a.test', 'TAP-A evaluation', 'CREATE, UPDATE, UPDATE, UPDATE with values'), ('admin@tap-a.test', 'TAP-A coaching', 'CREATE, UPDATE, UPDATE, UPDATE'),
  ('teacher1@tap-a.test', 'TAP-A evaluation', 'UPDATE, UPDATE with values'), ('teacher1@tap-a.test', 'TAP-A coaching', 'nothing'),
  ('teacher2@tap-a.test', 'TAP-A evaluation', 'nothing'), ('leader@tap-a.test', 'TAP-A evaluation', 'nothing'),
  ('student1@tap-a.test', 'TAP-A pupil1', 'CREATE with values'), ('parent1@tap-a.test', 'TAP-A pupil1', 'CREATE with values'), ('parent2@tap-a.test', 'TAP-A pupil1', 'nothing'), ('student2@tap-a.test', 'TAP-A pupil1', 'nothing'),
  ('teacher1@tap-a.test', 'TAP-A teacher1', 'CREATE with values'), ('teacher2@tap-a.test', 'TAP-A teacher1', 'nothing'), ('owner@tap.test', 'dep', 'nothing')) v (p, r, w);
select tests.sign_out();
update public.observations set deleted_at = now() where id = tests.id('TAP-A evaluation');
select is(tests.trail('admin@tap-a.test', 'TAP-A', 'TAP-A evaluation'), 'CREATE, UPDATE, UPDATE, UPDATE, DELETE', 'S8: values only of rows one may select now: not of a removed one');
select tests.sign_out();
update public.observations set deleted_at = null where id = tests.id('TAP-A evaluation');
update public.memberships set active = false where id = tests.id('TAP-A teacher1');
select is(tests.trail('teacher1@tap-a.test', 'TAP-A', 'TAP-A evaluation'), 'nothing', 'never 8: who has left reads no entry');
select tests.sign_out();
update public.memberships set active = true where id = tests.id('TAP-A teacher1');
update public.schools set status = 'suspended' where id = tests.id('TAP-A');
select is(tests.trail('admin@tap-a.test', 'TAP-A', 'dep'), 'nothing', 'never 8: a suspended school''s admin neither');
select tests.sign_out();
update public.schools set status = 'active' where id = tests.id('TAP-A');
select tests.sign_in('admin@tap-a.test');
select results_eq($$ select distinct session_id is not null, request_id, host(ip), user_agent from public.audit_trail(tests.id('TAP-A'), row_id => tests.id('dep')) $$, $$ values (true, 'request-1', '203.0.113.7', 'pgTAP') $$, 'access.md audit: the office sees from where');
update public.students set preferred_name = 'Nick' where id = tests.id('TAP-A pupil1');
select tests.sign_in('student1@tap-a.test');
select results_eq($$ select distinct session_id, request_id, ip, user_agent from public.audit_trail(tests.id('TAP-A')) $$, $$ values (null::uuid, null::text, null::inet, null::text) $$, 'access.md audit: … and nobody else');
select throws_ok('select ip from audit.entries', '42501', null, 'access.md audit: … by no other way');
select tests.sign_in('admin@tap-a.test');
select is((with pages as (select t.id, t.at from public.audit_trail(tests.id('TAP-A'), page_size => 10) t), second as (select t.id from (select * from pages order by at, id limit 1) l, public.audit_trail(tests.id('TAP-A'), before_at => l.at, before_id => l.id, page_size => 10) t)
  select format('%s and %s, %s twice', (select count(*) from pages), (select count(*) from second), (select count(*) from pages join second using (id)))), '10 and 10, 0 twice', 'audit_trail goes by pages that neither overlap');
select is((select array_agg(x.id) from (select id from (select p.id from public.audit_trail(tests.id('TAP-A'), page_size => 10) p) a union all select t.id from (select id, at from public.audit_trail(tests.id('TAP-A'), page_size => 10) order by at, id limit 1) l, public.audit_trail(tests.id('TAP-A'), before_at => l.at, before_id => l.id, page_size => 10) t) x),
  (select array_agg(t.id) from public.audit_trail(tests.id('TAP-A'), page_size => 20) t), '… nor leave a gap');
select is((select count(*) from public.audit_trail(tests.id('TAP-A'), page_size => 100000)) <= 200, true, '… of 200 at most');
select tests.sign_in_as_anon();
select throws_ok('select * from public.audit_trail(gen_random_uuid())', '42501', null, 'access.md: anon reads no audit');

-- Append-only ------------------------------------------------------------------------------------------------------------------

select tests.sign_in('admin@tap-a.test');
select is(tests.does(s), '42501', 'never 7: an admin does not: ' || s) from unnest(array['insert into audit.entries (school_id, action, table_name) values (gen_random_uuid(), ''READ'', ''x'')', 'update audit.entries set role = ''x''', 'delete from audit.entries', 'update audit.entry_values set after = null', 'delete from audit.entry_values', 'select * from audit.seals', 'select audit.seal()', 'select private.log_event(null, null, null, null, null, null)']) s;
select tests.sign_in_as_service();
select is(tests.does(s), '42501', 'never 7: the service key does not: ' || s) from unnest(array['select 1 from audit.entries', 'insert into audit.entries (school_id, action, table_name) values (gen_random_uuid(), ''READ'', ''x'')', 'update audit.entries set role = ''x'' where true', 'delete from audit.entries where true', 'truncate audit.entries', 'delete from audit.entry_values where true', 'delete from audit.seals where true', 'alter table audit.entries disable trigger all', 'set session_replication_role = replica', 'select audit.close_epoch()']) s;
select tests.sign_out();
select is(tests.does(s), '42501', 'S10: not even the owner, by accident: ' || s)
from unnest(array['update audit.entries set role = ''x'' where school_id = tests.id(''TAP-A'')', 'delete from audit.entries where school_id = tests.id(''TAP-A'')', 'truncate audit.entries', format('truncate audit.entries_%s', to_char(now() at time zone 'UTC', 'YYYY_MM')), format('delete from audit.entries_%s where school_id = tests.id(''TAP-A'')', to_char(now() at time zone 'UTC', 'YYYY_MM')), 'truncate audit.seals']) s;
-- Supabase lets postgres set this; elsewhere it is a superuser's, and then nobody gets this far.
do $$ begin set local session_replication_role = replica; exception when insufficient_privilege then null; end $$;
select is(tests.does('update audit.entries set role = ''x'' where school_id = tests.id(''TAP-A'')') || tests.does('delete from audit.entries where school_id = tests.id(''TAP-A'')'), '4250142501', 'S10: … nor in replica role, where ordinary triggers sleep');
select is(tests.does('insert into public.departments (school_id, id, code, name) values (tests.id(''TAP-A''), tests.id(''replica''), ''REPLICA'', ''Replica'')') || tests.log_of('replica'), '1 rowsCREATE', 'S10: … in which changes are logged all the same');
do $$ begin set local session_replication_role = origin; exception when insufficient_privilege then null; end $$;

select * from finish();
rollback;
