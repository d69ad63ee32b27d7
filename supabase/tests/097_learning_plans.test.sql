-- Plan guards: lists of registrations and hours go by one index for each branch of their policy.
begin;
select plan(11);
select tests.school('TAP-A');
select tests.member('TAP-A', 'crowd' || n, 'teacher', null, case when n % 10 = 0 then 'MATH' else 'LANG' end) from generate_series(1, 60) n;
insert into public.schools (id, code, name, status) select tests.id('TAP-' || n), 'TAP-' || n, 'Other', 'active' from generate_series(1, 20) n;
insert into public.memberships (school_id, id, role, team_scope, starts_on)
select tests.id('TAP-' || n), tests.id(format('TAP-%s %s', n, p)), case p when 0 then 'leader' else 'teacher' end, case p when 0 then 'school' end, '2020-01-01' from generate_series(1, 20) n, generate_series(0, 20) p;
alter table public.training_events disable trigger _900_audit_created;
alter table public.training_registrations disable trigger _900_audit_created;
alter table public.pd_hours disable trigger _900_audit_created;
alter table public.pd_hours disable trigger _500_fit_day;
insert into public.training_events (school_id, organiser_id, title, status, starts_at, ends_at, published_at)
select o.school_id, o.id, 'Training', 'published', now() - make_interval(days => n), now() - make_interval(days => n) + interval '1 hour', now()
from public.memberships o join public.schools s on s.id = o.school_id and s.code like 'TAP-%', generate_series(1, 60) n where o.role = 'leader' and o.id <> tests.id('TAP-A chief') and o.id <> tests.id('TAP-A mentor');
insert into public.training_registrations (school_id, training_event_id, organiser_id, membership_id, status, queue_number, registered_at)
select e.school_id, e.id, e.organiser_id, t.id, 'registered', row_number() over (partition by e.id), e.starts_at
from public.training_events e join public.schools s on s.id = e.school_id and s.code like 'TAP-%' join public.memberships t on t.school_id = e.school_id and t.role = 'teacher' and hashtext(e.id::text || t.id) % 3 = 0;
insert into public.pd_hours (school_id, membership_id, activity, done_on, hours)
select t.school_id, t.id, 'Activity', current_date - n, 1 from public.memberships t join public.schools s on s.id = t.school_id and s.code like 'TAP-%', generate_series(1, 60) n where t.role = 'teacher';
alter table public.training_events enable always trigger _900_audit_created;
alter table public.training_registrations enable always trigger _900_audit_created;
alter table public.pd_hours enable always trigger _900_audit_created;
alter table public.pd_hours enable trigger _500_fit_day;
analyze public.memberships, public.schools, public.training_events, public.training_registrations, public.pd_hours;

grant execute on all functions in schema tests to authenticated;

select matches(tests.plan_as(p, format('select * from public.%s where membership_id = %L order by %s desc limit 50', t, tests.id('TAP-A crowd10'), d)), i, format('budget: a person''s %s go by their index: %s', t, p))
from (values ('training_registrations', 'registered_at', 'training_registrations_membership_idx'), ('pd_hours', 'done_on', 'pd_hours_membership_idx')) v (t, d, i), unnest(array['crowd10@tap-a.test', 'leader@tap-a.test']) p;
select matches(tests.plan_as('admin@tap-a.test', format('select * from public.%s where school_id = %L order by %s desc limit 50', t, tests.id('TAP-A'), d)), i, format('budget: the school''s %s go by theirs', t))
from (values ('training_registrations', 'registered_at', 'training_registrations_school_idx'), ('pd_hours', 'done_on', 'pd_hours_school_idx'), ('training_events', 'starts_at', 'training_events_school_idx')) v (t, d, i);
select doesnt_match(tests.plan_as(p, format('select * from public.%s order by %s desc limit 50', t, d)), 'Seq Scan on ' || t, format('budget: unfiltered, a person of one school scans nothing: %s, %s', t, p))
from (values ('training_registrations', 'registered_at'), ('pd_hours', 'done_on')) v (t, d), unnest(array['crowd10@tap-a.test', 'leader@tap-a.test']) p;

select * from finish();
rollback;
