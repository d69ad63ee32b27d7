-- Plan guards: the hot lists go by their index under row-level security, at a size where a scan would be cheaper only by mistake.
begin;
select plan(32);
select tests.school('TAP-A');
select tests.member('TAP-A', 'crowd' || n, 'teacher', null, case when n % 10 = 0 then 'MATH' else 'LANG' end) from generate_series(1, 60) n;
-- Forty others, for the planner to know that one school is a small part.
insert into public.schools (id, code, name, status) select tests.id('TAP-' || n), 'TAP-' || n, 'Other', 'active' from generate_series(1, 40) n;
insert into public.memberships (school_id, id, role, team_scope, starts_on)
select tests.id('TAP-' || n), tests.id(format('TAP-%s %s', n, p)), case p when 0 then 'leader' else 'teacher' end, case p when 0 then 'school' end, '2020-01-01' from generate_series(1, 40) n, generate_series(0, 10) p;
alter table public.observations disable trigger _900_audit_created;
insert into public.observations (school_id, teacher_id, observer_id, framework_id, kind, status, observed_at, submitted_at)
select f.school_id, t.id, o.id, f.id, (array['evaluation', 'walkthrough', 'coaching'])[1 + n % 3], case when n % 7 = 0 then 'draft' else 'submitted' end, now() - make_interval(mins => n), case when n % 7 <> 0 then now() end
from public.frameworks f
join public.schools s on s.id = f.school_id and s.code like 'TAP-%'
join public.memberships o on o.school_id = f.school_id and o.team_scope = 'school'
join lateral (select m.id, row_number() over (order by m.id) - 1 as place, count(*) over () as people from public.memberships m where m.school_id = f.school_id and m.role = 'teacher') t on true
join generate_series(1, 4000) n on n % t.people = t.place and n <= case s.code when 'TAP-A' then 4000 else 700 end
where f.code = 'GROWTH-4';
alter table public.observations enable always trigger _900_audit_created;
alter table public.user_sessions disable trigger _900_audit_created;
insert into public.user_sessions (school_id, membership_id, session_id, started_at, last_seen_at)
select tests.id('TAP-A'), tests.id('TAP-A crowd' || (1 + n % 60)), gen_random_uuid(), now() - make_interval(mins => n), now() from generate_series(1, 6000) n;
alter table public.user_sessions enable always trigger _900_audit_created;
analyze public.observations, public.memberships, public.user_sessions, public.schools, public.permission_ceilings;

select matches(tests.plan_as(p, format('select * from public.observations where school_id = %L order by observed_at desc limit 50', tests.id('TAP-A'))), 'Index Scan using observations_school_idx', 'budget: the school''s page goes by (school_id, observed_at desc): ' || p)
from unnest(array['admin@tap-a.test', 'principal@tap-a.test']) p;
select matches(tests.plan_as(p, format('select * from public.observations where teacher_id = %L order by observed_at desc limit 50', tests.id('TAP-A crowd10'))), 'observations_teacher_idx', 'budget: a teacher''s page goes by (teacher_id, observed_at desc): ' || p)
from unnest(array['crowd10@tap-a.test', 'leader@tap-a.test', 'admin@tap-a.test', 'principal@tap-a.test']) p;
select doesnt_match(tests.plan_as(p, format('select * from public.observations where teacher_id = %L order by observed_at desc limit 50', tests.id('TAP-A crowd10'))), 'Seq Scan', 'budget: … with no scan: ' || p)
from unnest(array['crowd10@tap-a.test', 'leader@tap-a.test']) p;
select matches(tests.plan_as('principal@tap-a.test', format('select * from public.observations where observer_id = %L order by observed_at desc limit 50', tests.id('TAP-A principal'))), 'observations_observer_idx|observations_school_idx', 'budget: an observer''s page goes by its index');
select doesnt_match(tests.plan_as(p, 'select * from public.observations order by observed_at desc limit 50'), 'Seq Scan on observations', 'budget: unfiltered, a person of one school scans nothing: ' || p)
from unnest(array['crowd10@tap-a.test', 'leader@tap-a.test']) p;
select matches(tests.plan_as('crowd10@tap-a.test', 'select * from public.observations order by observed_at desc limit 50'), 'BitmapOr', 'rls-facts: OR-ed scopes become one bitmap each');
select doesnt_match(tests.plan_as('admin@tap-a.test', format('select * from public.observations where school_id = %L order by observed_at desc limit 50', tests.id('TAP-A'))), 'Filter:[^\n]*private\.', 'budget: no helper is called per row');
select matches(tests.plan_as('teacher1@tap-a.test', format('select * from public.observations where school_id = %L', tests.id('TAP-A'))), 'InitPlan', '… but once per statement');
select matches(tests.plan_as('admin@tap-a.test', format('select * from public.user_sessions where school_id = %L order by started_at desc limit 50', tests.id('TAP-A'))), 'user_sessions_school_idx', 'budget: the school''s sessions go by their index');
select matches(tests.plan_as('crowd10@tap-a.test', format('select * from public.user_sessions where membership_id = %L order by started_at desc limit 50', tests.id('TAP-A crowd10'))), 'user_sessions_membership_idx', 'budget: one''s own sessions too');
select tests.sign_out();
create function tests.members_looked_at(p_email text) returns bigint language plpgsql as $$
declare
  v_before bigint;
begin
  perform tests.sign_in(p_email);
  v_before := pg_stat_get_xact_tuples_fetched('public.memberships'::regclass) + pg_stat_get_xact_tuples_returned('public.memberships'::regclass);
  perform private.team_with('observations.read');
  return pg_stat_get_xact_tuples_fetched('public.memberships'::regclass) + pg_stat_get_xact_tuples_returned('public.memberships'::regclass) - v_before;
end $$;
grant execute on function tests.members_looked_at to authenticated;
select cmp_ok(tests.members_looked_at('leader@tap-a.test'), '<', 20::bigint, 'budget: whom one leads is found by department, without a look at every member of the school');
select tests.sign_out();
-- What is shared with a leader is asked at every page of observations: once for all of it, whatever has gathered over the years.
alter table public.coaching_shares disable trigger _900_audit_created;
insert into public.coaching_shares (school_id, observation_id, item, teacher_id, reader_id)
select o.school_id, o.id, 'observation', o.teacher_id, tests.id('TAP-A principal') from public.observations o
where o.school_id = tests.id('TAP-A') and o.kind = 'coaching' and o.status = 'submitted' order by o.observed_at limit 300;
alter table public.coaching_shares enable always trigger _900_audit_created;
create function tests.scans_of_memberships(p_email text) returns bigint language plpgsql as $$
declare
  v_before bigint;
begin
  perform tests.sign_in(p_email);
  v_before := pg_stat_get_xact_numscans('public.memberships'::regclass);
  if (select count(*) from private.coaching_shared('observation')) < 250 then
    raise 'Only % of what is shared is read', (select count(*) from private.coaching_shared('observation'));
  end if;
  return pg_stat_get_xact_numscans('public.memberships'::regclass) - v_before;
end $$;
grant execute on function tests.scans_of_memberships to authenticated;
select cmp_ok(tests.scans_of_memberships('principal@tap-a.test'), '<', 150::bigint, 'budget: whom one leads is asked once for all that is shared, not of each of 300 items');
select tests.sign_out();
-- A page of the audit looks at what it is about, not at all that was ever logged of the school.
insert into audit.entries (school_id, action, table_name, row_id, subject_id)
select tests.id('TAP-A'), 'CREATE', 'goals', gen_random_uuid(), tests.id('TAP-A crowd' || (20 + n % 40)) from generate_series(1, 6000) n;
insert into audit.entries (school_id, action, table_name, row_id, subject_id)
select tests.id('TAP-' || (1 + n % 40)), 'CREATE', 'goals', gen_random_uuid(), gen_random_uuid() from generate_series(1, 12000) n;
insert into audit.entries (school_id, action, table_name, row_id, subject_id)
select tests.id('TAP-A'), 'UPDATE', 'memberships', tests.id('TAP-A crowd1'), tests.id('TAP-A crowd1') from generate_series(1, 5);
analyze audit.entries;
-- An index counts what is fetched by it, a table what is fetched by bitmap or scan.
create function tests.entries_counted() returns bigint language sql as $$
  select sum(pg_stat_get_xact_tuples_fetched(r.id) + pg_stat_get_xact_tuples_returned(r.id)) from pg_inherits i
  cross join lateral (select i.inhrelid union all select x.indexrelid from pg_index x where x.indrelid = i.inhrelid) r (id)
  where i.inhparent = 'audit.entries'::regclass
$$;
create function tests.entries_looked_at(p_email text, p_row_id uuid default null) returns bigint language plpgsql as $$
declare
  v_before bigint;
begin
  perform tests.sign_in(p_email);
  v_before := tests.entries_counted();
  if (select count(*) from public.audit_trail(tests.id('TAP-A'), row_id => p_row_id)) < 5 then
    raise 'Not all entries are read';
  end if;
  return tests.entries_counted() - v_before;
end $$;
grant execute on function tests.entries_counted to authenticated;
grant execute on function tests.entries_looked_at to authenticated;
select cmp_ok(tests.entries_looked_at('admin@tap-a.test', tests.id('TAP-A crowd1')), '<', 1000::bigint, 'budget: the history of one row is found by the row');
select cmp_ok(tests.entries_looked_at('crowd1@tap-a.test'), '<', 1000::bigint, 'budget: what is logged about oneself is found by oneself');
select cmp_ok(tests.entries_looked_at('admin@tap-a.test'), '<', 1000::bigint, 'budget: the newest of a school by the school, and where they came from by what they are');
select tests.sign_out();
-- The lists beside the observations go by their own indexes.
alter table public.planned_observations disable trigger _900_audit_created;
alter table public.goals disable trigger _900_audit_created;
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('year'), 'Y', 'Y', '2026-09-01', '2027-08-31');
insert into public.observation_plans (school_id, id, academic_year_id, author_id, name) values (tests.id('TAP-A'), tests.id('plan'), tests.id('year'), tests.id('TAP-A principal'), 'Plan');
insert into public.planned_observations (school_id, plan_id, observer_id, teacher_id, kind, due_on)
select tests.id('TAP-A'), tests.id('plan'), tests.id('TAP-A principal'), tests.id('TAP-A crowd' || (1 + n % 60)), (array['evaluation', 'walkthrough', 'coaching'])[1 + n % 3], date '2026-10-01' + n % 300 from generate_series(1, 4000) n;
insert into public.goals (school_id, teacher_id, title) select tests.id('TAP-A'), tests.id('TAP-A crowd' || (1 + n % 60)), 'Goal' from generate_series(1, 4000) n;
alter table public.planned_observations enable always trigger _900_audit_created;
alter table public.goals enable always trigger _900_audit_created;
analyze public.planned_observations, public.goals;
select matches(tests.plan_as(p, format('select * from public.%s where teacher_id = %L order by %s desc limit 50', t, tests.id('TAP-A crowd10'), o)), t || '_teacher_idx', format('budget: a teacher''s page of %s goes by its index: %s', t, p))
from (values ('planned_observations', 'due_on'), ('goals', 'created_at')) v (t, o), unnest(array['crowd10@tap-a.test', 'leader@tap-a.test', 'principal@tap-a.test']) p;
select matches(tests.plan_as(p, format('select * from public.observation_plans where school_id = %L', tests.id('TAP-A'))), 'Index Cond: [^\n]*plan_id = observation_plans.id\) AND \(teacher_id = ANY', 'budget: whether a plan has a visit of one''s own or of the team is found by index: ' || p)
from unnest(array['crowd10@tap-a.test', 'leader@tap-a.test']) p;
select tests.sign_out();
select is((select count(*) from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[]) where i.indrelid = 'public.user_sessions'::regclass and a.attname = 'last_seen_at'), 0::bigint, 'issue 2: no index holds the heartbeat, so that it stays a heap-only update');
select is_empty($$ select i.indexrelid::regclass from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] where i.indrelid = 'public.observations'::regclass and a.atttypid = 'timestamptz'::regtype $$, 'security-facts: no index over everyone''s dates');
select is_empty($$ select i.indexrelid::regclass from pg_index i where i.indrelid = 'public.observations'::regclass and pg_get_indexdef(i.indexrelid) ~ '\(school_id, teacher_id, observed_at' $$, 'security-facts: no (school_id, teacher_id, date)');

select * from finish();
rollback;
