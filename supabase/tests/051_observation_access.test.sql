-- Who reads and writes observations, ratings, feedback and amendments: each cell of access.md, each state, each kind.
begin;
select plan(227);
select tests.school('TAP-A'), tests.school('TAP-B');
select tests.member('TAP-A', 'both', 'teacher', null, 'MATH', 'MAIN', 'both@tap.test'), tests.member('TAP-B', 'both', 'leader', 'department', 'MATH', null, 'both@tap.test');
select tests.member('TAP-A', 'past leader', 'leader', 'department', 'MATH', null, 'past@tap.test');
update public.memberships set ends_on = '2021-06-30' where id = tests.id('TAP-A past leader');

-- leader (MATH) observes teacher1 (MATH) in every kind and state; principal observes teacher3 (LANG)
select tests.observation('TAP-A', k.kind || ' ' || s.state, 'teacher1', 'leader', k.kind, s.state)
from unnest(array['evaluation', 'walkthrough', 'coaching']) k (kind), unnest(array['draft', 'submitted', 'acknowledged']) s (state);
select tests.observation('TAP-A', 'other ' || k.kind, 'teacher3', 'principal', k.kind, 'submitted') from unnest(array['evaluation', 'coaching']) k (kind);
select tests.observation('TAP-A', 'of both', 'both', 'past leader', 'evaluation', 'submitted'), tests.observation('TAP-B', 'far', 'teacher1', 'both', 'evaluation', 'submitted');
select tests.observation('TAP-A', 'removed', 'teacher1', 'leader', 'evaluation', 'submitted');
update public.observations set deleted_at = now() where id = tests.id('TAP-A removed');

create temporary table expected (person text, sees text);
insert into expected values
  ('leader@tap-a.test', 'coaching acknowledged, coaching draft, coaching submitted, evaluation acknowledged, evaluation draft, evaluation submitted, of both, walkthrough acknowledged, walkthrough draft, walkthrough submitted'),
  ('teacher1@tap-a.test', 'coaching acknowledged, coaching submitted, evaluation acknowledged, evaluation submitted, walkthrough acknowledged, walkthrough submitted'),
  ('teacher2@tap-a.test', 'nothing'),
  ('teacher3@tap-a.test', 'other coaching, other evaluation'),
  ('principal@tap-a.test', 'evaluation acknowledged, evaluation submitted, of both, other coaching, other evaluation, walkthrough acknowledged, walkthrough submitted'),
  ('admin@tap-a.test', 'evaluation acknowledged, evaluation submitted, of both, other evaluation, walkthrough acknowledged, walkthrough submitted'),
  ('chief@tap-a.test', 'other evaluation'),
  ('mentor@tap-a.test', 'nothing'), ('student1@tap-a.test', 'nothing'), ('parent1@tap-a.test', 'nothing'), ('past@tap.test', 'nothing'), ('owner@tap.test', 'nothing'),
  ('admin@tap-b.test', 'far'), ('principal@tap-b.test', 'far'), ('leader@tap-b.test', 'far'), ('teacher1@tap-b.test', 'far'), ('teacher2@tap-b.test', 'nothing'),
  ('both@tap.test', 'far, of both');
grant select on expected to authenticated;

create function tests.short(p_seen text, p_prefix text) returns text language sql as $$
  select coalesce(string_agg(x, ', ' order by x collate "C"), 'nothing') from (select replace(regexp_replace(n, '^TAP-[AB] ', ''), p_prefix, '') as x from unnest(string_to_array(nullif(p_seen, 'nothing'), ', ')) n) y
$$;
create function tests.try_to_observe(p_email text, p_school text, p_observer text, p_teacher text, p_kind text default 'evaluation', p_framework uuid default null) returns text language sql as $$
  select tests.does_as(p_email, format('insert into public.observations (school_id, observer_id, teacher_id, framework_id, kind) values (%L, %L, %L, %L, %L)', tests.id(p_school), tests.id(p_observer), tests.id(p_teacher), coalesce(p_framework, tests.framework(p_school)), p_kind))
$$;
create function tests.try_to_rate(p_email text, p_name text, p_domain uuid, p_level integer default 3, p_framework uuid default null) returns text language sql as $$
  select tests.does_as(p_email, format('insert into public.observation_ratings (school_id, observation_id, framework_id, domain_id, level) values (%L, %L, %L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A ' || p_name), coalesce(p_framework, tests.framework('TAP-A')), p_domain, p_level))
$$;
grant execute on all functions in schema tests to authenticated;

select is(tests.short(tests.seen_as(person, 'public.observations'), ''), sees, 'access.md observations (evaluation, walkthrough, coaching) and never 1, 4, 6, as ' || person) from expected;
select tests.sign_out();
select is(tests.short(tests.seen_as(person, 'public.observation_ratings'), 'rating of '), sees, 'access.md ratings: as the observation, as ' || person) from expected;
select tests.sign_out();
select is(tests.short(tests.seen_as(person, 'public.observation_feedback'), 'feedback of '), sees, 'access.md feedback: as the observation, as ' || person) from expected;
select tests.sign_out();
select is(tests.short(tests.seen_as(person, 'public.action_steps'), 'step of '), sees, 'access.md action_steps: as the observation, as ' || person) from expected;
select tests.sign_out();
select is(tests.short(tests.seen_as(person, 'public.observation_amendments'), 'amendment of '), tests.short(regexp_replace(sees, '(, )?\w+ draft', '', 'g'), ''), 'access.md observation_amendments: as the observation, as ' || person) from expected;
select tests.sign_out();
select is(tests.short(tests.seen_as(person, '(select observation_id as id from public.observation_summaries) s'), ''), sees, 'blueprint: the derived summary opens nothing more, as ' || person) from expected;
select tests.sign_in_as_anon();
select throws_ok('select * from public.' || t, '42501', 'permission denied for ' || k || ' ' || t, 'access.md: anon has nothing: ' || t)
from (values ('observations', 'table'), ('observation_ratings', 'table'), ('observation_feedback', 'table'), ('observation_amendments', 'table'), ('observation_summaries', 'view'), ('frameworks', 'table')) v (t, k);

-- Create --------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select is(tests.try_to_observe('leader@tap-a.test', 'TAP-A', 'TAP-A leader', 'TAP-A teacher1'), '1 rows', 'access.md observations: a leader creates, of the team');
select is(tests.try_to_observe('leader@tap-a.test', 'TAP-A', 'TAP-A leader', 'TAP-A teacher2', 'coaching'), '1 rows', 'access.md observations: … coaching too');
select is(tests.try_to_observe('principal@tap-a.test', 'TAP-A', 'TAP-A principal', 'TAP-A teacher3'), '1 rows', 'access.md observations: a principal creates, of any teacher');
select is(tests.try_to_observe('leader@tap-a.test', 'TAP-A', 'TAP-A leader', 'TAP-A teacher3'), '42501', 'access.md observations: not of a teacher outside the team');
select is(tests.try_to_observe('leader@tap-a.test', 'TAP-A', 'TAP-A leader', 'TAP-A chief'), '42501', 'access.md observations: not of a leader');
select is(tests.try_to_observe('leader@tap-a.test', 'TAP-A', 'TAP-A principal', 'TAP-A teacher1'), '42501', 'never 2: not in another''s name');
select is(tests.try_to_observe('teacher1@tap-a.test', 'TAP-A', 'TAP-A teacher1', 'TAP-A teacher2'), '42501', 'access.md observations: a teacher creates none');
select is(tests.try_to_observe('admin@tap-a.test', 'TAP-A', 'TAP-A admin', 'TAP-A teacher1'), '42501', 'access.md observations: an admin creates none');
select is(tests.try_to_observe('student1@tap-a.test', 'TAP-A', 'TAP-A student1', 'TAP-A teacher1'), '42501', 'access.md observations: a student creates none');
select is(tests.try_to_observe('past@tap.test', 'TAP-A', 'TAP-A past leader', 'TAP-A teacher1'), '42501', 'never 8: a leader who has left creates none');
select is(tests.try_to_observe('leader@tap-b.test', 'TAP-A', 'TAP-B leader', 'TAP-A teacher1'), '42501', 'never 1: another school''s leader creates none');
select is(tests.try_to_observe('both@tap.test', 'TAP-B', 'TAP-B both', 'TAP-B teacher1'), '1 rows', 'S1: the leader of two schools creates where they lead');
select is(tests.try_to_observe('both@tap.test', 'TAP-A', 'TAP-A both', 'TAP-A teacher1'), '42501', 'S1: … and not where they teach');
select tests.sign_out();
select tests.member('TAP-A', 'leader as parent', 'parent', null, null, null, 'leader@tap-a.test');
select is(tests.try_to_observe('leader@tap-a.test', 'TAP-A', 'TAP-A leader as parent', 'TAP-A teacher1'), '42501', 'access.md observations: one observes as a leader, not in another of one''s roles');
select tests.sign_out();
select is(tests.try_to_observe('leader@tap-a.test', 'TAP-A', 'TAP-A leader', t), '42501', 'blueprint: one answer for a teacher who is ' || t)
from unnest(array['TAP-B teacher1', 'TAP-A nobody', 'TAP-A teacher3']) t;
select tests.sign_out();
select is(tests.try_to_observe('leader@tap-a.test', 'TAP-A', 'TAP-A leader', 'TAP-A teacher1', 'evaluation', tests.framework('TAP-B')), '42501', 'never 1: not by another school''s framework');
select is(tests.does_as('leader@tap-a.test', format('insert into public.observations (school_id, observer_id, teacher_id, framework_id, status) values (%L, %L, %L, %L, ''submitted'')', tests.id('TAP-A'), tests.id('TAP-A leader'), tests.id('TAP-A teacher1'), tests.framework('TAP-A'))), '42501', 'never 2: nobody inserts a state');
select tests.sign_out();
update public.memberships set ends_on = '2021-01-01' where id = tests.id('TAP-A teacher2');
select is(tests.try_to_observe('leader@tap-a.test', 'TAP-A', 'TAP-A leader', 'TAP-A teacher2'), '42501', 'access.md scopes: not of a teacher who has left');

-- Change and remove ------------------------------------------------------------------------------------------------------------

select is(tests.does_as('leader@tap-a.test', format('update public.observations set notes = ''changed'' where id = %L', tests.id('TAP-A ' || k || ' draft'))), '1 rows', 'access.md observations: an observer changes their own draft: ' || k) from unnest(array['evaluation', 'walkthrough', 'coaching']) k;
select is(tests.does_as('leader@tap-a.test', format('update public.observations set notes = ''changed'' where id = %L', tests.id('TAP-A evaluation ' || s))), '0 rows', 'never 4: … and not once it is ' || s) from unnest(array['submitted', 'acknowledged']) s;
select is(tests.does_as(p, format('update public.observations set notes = ''changed'' where observer_id = %L', tests.id('TAP-A leader'))), '0 rows', 'access.md observations: nobody else changes any: ' || p)
from unnest(array['admin@tap-a.test', 'principal@tap-a.test', 'teacher1@tap-a.test', 'student1@tap-a.test', 'admin@tap-b.test', 'both@tap.test', 'past@tap.test']) p;
select is(tests.does_as('leader@tap-a.test', format('update public.observations set %s where id = %L', c, tests.id('TAP-A evaluation draft'))), '42501', 'never 2: not by hand: ' || c)
from unnest(array['status = ''submitted''', 'submitted_at = now()', 'teacher_id = gen_random_uuid()', 'observer_id = teacher_id', 'kind = ''coaching''', 'version = 2', 'school_id = gen_random_uuid()', 'deleted_at = now()', 'acknowledged_at = now()']) c;
select tests.sign_out();
select is((select count(*) from public.observations where notes = 'changed'), 3::bigint, 'no refused change has changed anything');
select is(tests.does_as('leader@tap-a.test', format('select public.remove(''observations'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A walkthrough draft'))), '1 rows', 'access.md observations: an observer removes their own draft');
select is(tests.does_as('leader@tap-a.test', format('select public.remove(''observations'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A walkthrough submitted'))), 'PT404', 'never 4: … and nothing submitted');
select is(tests.does_as(p, format('select public.remove(''observations'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A evaluation draft'))), 'PT404', 'access.md observations: nobody else removes any: ' || p)
from unnest(array['admin@tap-a.test', 'principal@tap-a.test', 'teacher1@tap-a.test', 'admin@tap-b.test']) p;
select is(tests.seen_as('leader@tap-a.test', format('public.observation_ratings where observation_id = %L', tests.id('TAP-A walkthrough draft'))), 'nothing', 'S11: what belongs to a removed draft is hidden with it');
select tests.sign_out();
select is((select count(*) from public.observation_ratings where observation_id = tests.id('TAP-A walkthrough draft') and deleted_at is null), 1::bigint, 'S11: … and kept');

-- Ratings --------------------------------------------------------------------------------------------------------------------------

select is(tests.try_to_rate('leader@tap-a.test', 'evaluation draft', tests.domain('TAP-A', 2), 4), '1 rows', 'access.md ratings: the observer rates in a draft');
select is(tests.try_to_rate('leader@tap-a.test', 'evaluation draft', tests.domain('TAP-A', 3), null), '1 rows', 'issue 2: "not observed" is null');
select is((select count(*) || ' ' || avg(level)::numeric(3, 2) from public.observation_ratings where observation_id = tests.id('TAP-A evaluation draft')), '3 3.00', 'issue 2: … and outside the average');
select is((select format('%s rated, %s not observed, %s', domains_rated, domains_not_observed, average_level) from public.observation_summaries where observation_id = tests.id('TAP-A evaluation draft')), '2 rated, 1 not observed, 3.00', 'issue 2: the summary says so');
select is(tests.try_to_rate('leader@tap-a.test', 'evaluation draft', tests.domain('TAP-A', 2)), '23505', 'a domain is rated once in a version');
select is(tests.try_to_rate('leader@tap-a.test', 'evaluation draft', tests.domain('TAP-A', 4), 5), '23503', 'issue 2: levels are the framework''s: no fifth of four');
select is(tests.try_to_rate('leader@tap-a.test', 'evaluation draft', tests.domain('TAP-A', 4), 0), '23503', 'issue 2: … and no zeroth');
select is(tests.try_to_rate('leader@tap-a.test', 'evaluation draft', tests.domain('TAP-A', 1, 'GROWTH-5')), '42501', 'issue 2: a domain of another framework is refused');
select is(tests.try_to_rate('leader@tap-a.test', 'evaluation draft', tests.domain('TAP-A', 1, 'GROWTH-5'), 3, tests.framework('TAP-A', 'GROWTH-5')), '42501', 'issue 2: … with its own framework named too');
select is(tests.try_to_rate('leader@tap-a.test', 'evaluation draft', tests.domain('TAP-B', 4)), tests.try_to_rate('leader@tap-a.test', 'evaluation draft', gen_random_uuid()), 'never 1: another school''s domain reads as none');
select is(tests.try_to_rate('leader@tap-a.test', 'evaluation submitted', tests.domain('TAP-A', 2)), '42501', 'never 4: nothing is rated once submitted');
select is(tests.try_to_rate(p, 'evaluation draft', tests.domain('TAP-A', 4)), '42501', 'access.md ratings: nobody else rates: ' || p) from unnest(array['teacher1@tap-a.test', 'principal@tap-a.test', 'admin@tap-a.test', 'leader@tap-b.test']) p;
select is(tests.does_as('leader@tap-a.test', format('update public.observation_ratings set level = 1 where observation_id = %L', tests.id('TAP-A evaluation draft'))), '3 rows', 'access.md ratings: the observer changes them in a draft');
select is(tests.does_as(p, format('update public.observation_ratings set level = 1 where observation_id = %L', tests.id('TAP-A evaluation submitted'))), '0 rows', 'never 4: a submitted rating never changes: ' || p) from unnest(array['leader@tap-a.test', 'teacher1@tap-a.test', 'principal@tap-a.test', 'admin@tap-a.test']) p;
select is(tests.does_as('leader@tap-a.test', format('update public.observation_ratings set %s where observation_id = %L', c, tests.id('TAP-A evaluation draft'))), '42501', 'never 2: not by hand: ' || c) from unnest(array['version = 2', 'observation_id = gen_random_uuid()', 'domain_id = gen_random_uuid()', 'deleted_at = now()']) c;
select is(tests.does_as('leader@tap-a.test', format('select public.remove(''observation_ratings'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A rating of evaluation ' || s))), w, format('never 4: a rating is removed from a draft alone: %s', s)) from (values ('draft', '1 rows'), ('submitted', 'PT404')) v (s, w);

-- Feedback -------------------------------------------------------------------------------------------------------------------------

select is(tests.does_as('leader@tap-a.test', format('update public.action_steps set description = ''Next'' where observation_id = %L', tests.id('TAP-A evaluation ' || s))), w, 'access.md action_steps: the observer writes them until it is acknowledged: ' || s) from (values ('draft', '1 rows'), ('submitted', '1 rows'), ('acknowledged', '0 rows')) v (s, w);
select is(tests.does_as(p, format('update public.action_steps set description = ''Mine'' where school_id = %L', tests.id('TAP-A'))), '0 rows', 'access.md action_steps: nobody else does: ' || p) from unnest(array['teacher1@tap-a.test', 'admin@tap-a.test', 'leader@tap-b.test']) p;
select is(tests.does_as('leader@tap-a.test', format('update public.observation_feedback set %s where observation_id = %L', c, tests.id('TAP-A evaluation submitted'))), '42501', 'S7: the teacher''s column and the day are set by function: ' || c) from unnest(array['teacher_reflection = ''Agreed''', 'discussion_met_on = current_date']) c;
select is(tests.does_as('leader@tap-a.test', format('insert into public.observation_amendments (school_id, observation_id, version, reason) values (%L, %L, 3, ''x'')', tests.id('TAP-A'), tests.id('TAP-A evaluation submitted'))), '42501', 'access.md observation_amendments: by function only');

-- Frameworks -----------------------------------------------------------------------------------------------------------------------

select is((select string_agg(code || ' of ' || (select count(*) from public.framework_levels l where (l.school_id, l.framework_id) = (f.school_id, f.id)), ', ' order by code) from public.frameworks f where school_id = tests.id('TAP-A')), 'GROWTH-4 of 4, GROWTH-5 of 5', 'issue 2: a school has a framework of four levels and one of five');
select is(tests.does_as(p, format('select from public.frameworks where school_id = %L', tests.id('TAP-A'))), w, 'access.md frameworks: read by staff: ' || p)
from (values ('admin@tap-a.test', '2 rows'), ('leader@tap-a.test', '2 rows'), ('teacher1@tap-a.test', '2 rows'), ('student1@tap-a.test', '0 rows'), ('parent1@tap-a.test', '0 rows'), ('admin@tap-b.test', '0 rows')) v (p, w);
select tests.sign_in('admin@tap-a.test');
select lives_ok(format($$ insert into public.frameworks (school_id, id, code, name) values (%L, %L, 'OWN', 'Our own') $$, tests.id('TAP-A'), tests.id('own')), 'access.md frameworks: an admin writes a draft');
select is(tests.does(format($$ select public.publish_framework(%L, %L) $$, tests.id('TAP-A'), tests.id('own'))), 'PT404', 'a framework without domains and levels is not published');
select lives_ok(format($$ insert into public.framework_levels (school_id, framework_id, level, code, name) select %L, %L, n, 'L' || n, 'Level' from generate_series(1, 2) n $$, tests.id('TAP-A'), tests.id('own')), 'access.md frameworks: … its levels');
select lives_ok(format($$ insert into public.framework_domains (school_id, id, framework_id, code, name) values (%L, %L, %L, 'D', 'Domain') $$, tests.id('TAP-A'), tests.id('own domain'), tests.id('own')), 'access.md frameworks: … and its domains');
select is(tests.seen_as('leader@tap-a.test', format('public.frameworks where id = %L', tests.id('own'))), 'nothing', 'access.md frameworks: a draft is the admin''s');
select is(tests.try_to_observe('leader@tap-a.test', 'TAP-A', 'TAP-A leader', 'TAP-A teacher1', 'evaluation', tests.id('own')), '42501', 'nobody observes by a draft');
select is(tests.does_as('admin@tap-a.test', format($$ select public.publish_framework(%L, %L) $$, tests.id('TAP-A'), tests.id('own'))), '1 rows', 'access.md frameworks: the admin publishes it');
select is(tests.does(format($$ update public.frameworks set name = 'Other' where id = %L $$, tests.id('own'))) || tests.does(format($$ update public.framework_levels set name = 'Other' where framework_id = %L $$, tests.id('own'))) || tests.does(format($$ update public.framework_domains set name = 'Other' where framework_id = %L $$, tests.id('own'))), '0 rows0 rows0 rows', 'access.md frameworks: published versions never change');
select is(tests.does(format($$ insert into public.framework_domains (school_id, framework_id, code, name) values (%L, %L, 'E', 'More') $$, tests.id('TAP-A'), tests.id('own'))), '42501', 'access.md frameworks: … nor grow');
select is(tests.does(format($$ select public.remove('frameworks', %L, %L) $$, tests.id('TAP-A'), tests.id('own'))) || tests.does(format($$ select public.remove('framework_domains', %L, %L) $$, tests.id('TAP-A'), tests.id('own domain'))), 'PT404PT404', 'access.md frameworks: … nor go');
select is(tests.does(format($$ update public.frameworks set status = 'draft' where id = %L $$, tests.id('own'))), '42501', 'never 2: nor return to draft');
select is(tests.does_as(p, format($$ insert into public.frameworks (school_id, code, name) values (%L, 'X', 'X') $$, tests.id('TAP-A'))), '42501', 'access.md frameworks: nobody else writes one: ' || p) from unnest(array['principal@tap-a.test', 'teacher1@tap-a.test', 'admin@tap-b.test']) p;
select is(tests.does_as('principal@tap-a.test', format($$ select public.retire_framework(%L, %L) $$, tests.id('TAP-A'), tests.id('own'))), 'PT404', 'access.md frameworks: nor retires one');
select is(tests.does_as('admin@tap-a.test', format($$ select public.retire_framework(%L, %L) $$, tests.id('TAP-A'), tests.id('own'))), '1 rows', 'access.md frameworks: the admin retires it');
select is(tests.try_to_observe('leader@tap-a.test', 'TAP-A', 'TAP-A leader', 'TAP-A teacher1', 'evaluation', tests.id('own')), '42501', 'nobody observes by a retired one');

-- A district by pages ------------------------------------------------------------------------------------------------------------

select tests.sign_out();
insert into public.districts (id, code, name) values (tests.id('TAP-D'), 'TAP-D', 'D');
update public.schools set district_id = tests.id('TAP-D') where id in (tests.id('TAP-A'), tests.id('TAP-B'));
update public.observations set observed_at = date_trunc('hour', now()) where school_id in (tests.id('TAP-A'), tests.id('TAP-B'));
create function tests.paged(p_size integer) returns bigint language plpgsql as $$
declare
  v_ids uuid[] := '{}';
  v_last public.observations;
begin
  loop
    for v_last in select o.* from public.district_observations(tests.id('TAP-D'), v_last.observed_at, p_size, v_last.id) o loop
      v_ids := v_ids || v_last.id;
    end loop;
    exit when not found or cardinality(v_ids) > 100;
  end loop;
  return (select count(distinct x) * 100 + count(*) from unnest(v_ids) x);
end $$;
grant execute on function tests.paged to authenticated;
select tests.sign_in('principal@tap-a.test');
select is(tests.paged(n), (select count(*) * 101 from public.observations where school_id = tests.id('TAP-A')), format('of lessons at one hour no page of %s loses one, or shows it twice', n)) from unnest(array[1, 2, 3, 50]) n;

select * from finish();
rollback;
