-- draft -> submitted -> acknowledged, reflection, discussion and amendment: who may take each step, and one answer for
-- absent, foreign and wrong state (blueprint, rules; never 2 to 4).
begin;
select plan(93);
select tests.school('TAP-A'), tests.school('TAP-B');
select tests.observation('TAP-A', k || ' ' || s, 'teacher1', 'leader', k, s) from unnest(array['evaluation', 'coaching']) k, unnest(array['draft', 'submitted', 'acknowledged']) s;
select tests.observation('TAP-A', 'other', 'teacher3', 'principal', 'evaluation', 'draft'), tests.observation('TAP-B', 'far', 'teacher1', 'leader', 'evaluation', 'draft'), tests.observation('TAP-B', 'far submitted', 'teacher1', 'leader', 'evaluation', 'submitted');
delete from public.observation_amendments where school_id = tests.id('TAP-A');

create function tests.step(p_email text, p_step text, p_name text, p_more text default '') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.%I(%L, %L%s)', p_step, tests.id(split_part(p_name, ' ', 1)), tests.id(p_name), p_more));
end $$;
create function tests.state(p_name text) returns text language plpgsql security definer as $$
begin
  return (select concat_ws(' ', status, 'v' || version, case when submitted_at is not null then 's' end, case when acknowledged_at is not null then 'a' end) from public.observations where id = tests.id(p_name));
end $$;
create function tests.refused(p_action text) returns text language sql as $$
  select format('PT404 | Cannot %s | It does not exist, is not yours to change, or is no longer in a state that allows this.', p_action)
$$;
grant execute on all functions in schema tests to authenticated;

-- Submit -------------------------------------------------------------------------------------------------------------------

select is(tests.step(p, 'submit_observation', 'TAP-A evaluation draft'), tests.refused('submit the observation'), 'access.md observations: nobody else submits a draft: ' || p)
from unnest(array['teacher1@tap-a.test', 'principal@tap-a.test', 'admin@tap-a.test', 'chief@tap-a.test', 'leader@tap-b.test']) p;
select is(tests.state('TAP-A evaluation draft'), 'draft v1', '… and it stays a draft');
select is(tests.step('leader@tap-a.test', 'submit_observation', 'TAP-A evaluation draft'), 'done', 'access.md observations: its observer submits it');
select is(tests.state('TAP-A evaluation draft'), 'submitted v1 s', '… with the time');
select is(tests.step('leader@tap-a.test', 'submit_observation', x), tests.refused('submit the observation'), 'blueprint: absent, foreign and wrong state answer alike: ' || n)
from (values ('TAP-A evaluation draft', 'submitted a moment ago'), ('TAP-A evaluation acknowledged', 'acknowledged'), ('TAP-A other', 'another observer''s'), ('TAP-B far', 'another school''s'), ('TAP-A nothing', 'none')) v (x, n);
select is(tests.says(format('select public.submit_observation(%L, %L)', tests.id('TAP-A'), tests.id('TAP-B far'))), tests.refused('submit the observation'), 'never 1: … also under one''s own school');
select tests.sign_out();
select tests.observation('TAP-A', 'unrated', 'teacher1', 'leader', 'evaluation', 'draft'), tests.observation('TAP-A', 'unrated visit', 'teacher1', 'leader', 'walkthrough', 'draft'), tests.observation('TAP-A', 'ahead', 'teacher1', 'leader', 'evaluation', 'draft');
update public.observation_ratings set level = null where observation_id in (tests.id('TAP-A unrated'), tests.id('TAP-A unrated visit'));
update public.observations set observed_at = now() + interval '1 day' where id = tests.id('TAP-A ahead');
select is(left(tests.step('leader@tap-a.test', 'submit_observation', 'TAP-A unrated'), 5) || tests.state('TAP-A unrated'), 'PT422draft v1', 'an evaluation rates a domain, or stays a draft: nothing half-done');
select is(tests.step('leader@tap-a.test', 'submit_observation', 'TAP-A unrated visit'), 'done', 'a walkthrough need not');
select is(left(tests.step('leader@tap-a.test', 'submit_observation', 'TAP-A ahead'), 5) || tests.state('TAP-A ahead'), 'PT422draft v1', 'what lies ahead is not submitted');
select tests.sign_out();
update public.memberships set active = false where id = tests.id('TAP-A leader');
select is(tests.step('leader@tap-a.test', 'submit_observation', 'TAP-A coaching draft'), tests.refused('submit the observation'), 'never 8: an observer who has left submits nothing');
select tests.sign_out();
update public.memberships set active = true where id = tests.id('TAP-A leader');

-- Acknowledge ----------------------------------------------------------------------------------------------------------------

select is(tests.step(p, 'acknowledge_observation', 'TAP-A evaluation submitted'), tests.refused('acknowledge the observation'), 'never 3: nobody acknowledges for another: ' || p)
from unnest(array['leader@tap-a.test', 'principal@tap-a.test', 'admin@tap-a.test', 'teacher2@tap-a.test', 'teacher1@tap-b.test', 'parent1@tap-a.test']) p;
select is(tests.step('teacher1@tap-a.test', 'acknowledge_observation', x), tests.refused('acknowledge the observation'), 'blueprint: absent, hidden, foreign and wrong state answer alike: ' || n)
from (values ('TAP-A ahead', 'a draft about me'), ('TAP-A evaluation acknowledged', 'acknowledged'), ('TAP-B far submitted', 'another school''s'), ('TAP-A nothing', 'none')) v (x, n);
select is(tests.step('teacher1@tap-a.test', 'acknowledge_observation', 'TAP-A ' || k || ' submitted'), 'done', 'access.md observations: the teacher acknowledges: ' || k) from unnest(array['evaluation', 'coaching']) k;
select is(tests.state('TAP-A evaluation submitted'), 'acknowledged v1 s a', '… with the time');
select is(tests.step('teacher1@tap-a.test', 'acknowledge_observation', 'TAP-A evaluation submitted'), tests.refused('acknowledge the observation'), 'twice is once');

-- Reflect and discuss ----------------------------------------------------------------------------------------------------------

select is(tests.step('teacher1@tap-a.test', 'reflect_on_observation', 'TAP-A evaluation submitted', ', ''I agree'''), 'done', 'access.md observations: the teacher reflects');
select is((select f.teacher_reflection || ' / ' || a.description from public.observation_feedback f join public.action_steps a using (observation_id) where f.observation_id = tests.id('TAP-A evaluation submitted')), 'I agree / Next step', '… and leaves the action step as it is');
select is(tests.step(p, 'reflect_on_observation', 'TAP-A evaluation submitted', ', ''Mine'''), tests.refused('reflect on the observation'), 'S7: nobody else reflects: ' || p) from unnest(array['leader@tap-a.test', 'admin@tap-a.test', 'teacher2@tap-a.test', 'teacher1@tap-b.test']) p;
select is(tests.step('teacher1@tap-a.test', 'reflect_on_observation', 'TAP-A ahead', ', ''Early'''), tests.refused('reflect on the observation'), 'never 4: not on a draft');
select is(tests.step('leader@tap-a.test', 'record_discussion', 'TAP-A evaluation submitted', ', current_date'), 'done', 'access.md feedback: the observer records the discussion');
select is((select discussion_met_on from public.observation_feedback where observation_id = tests.id('TAP-A evaluation submitted')), current_date, '… with its day');
select is(tests.step(p, 'record_discussion', 'TAP-A evaluation submitted', ', current_date'), tests.refused('record the discussion'), 'S7: nobody else does: ' || p) from unnest(array['teacher1@tap-a.test', 'principal@tap-a.test', 'admin@tap-a.test', 'leader@tap-b.test']) p;
select is(left(tests.step('leader@tap-a.test', 'record_discussion', 'TAP-A evaluation submitted', ', ' || d), 5), 'PT422', 'a discussion is of a day between the visit and today at the school: ' || d) from unnest(array['current_date + 9', 'current_date + 1', '(select o.observed_at::date - 1 from public.observations o where o.id = ' || quote_literal(tests.id('TAP-A evaluation submitted')) || ')', '''-infinity''', '''infinity''']) d;
select is(tests.step('leader@tap-a.test', 'record_discussion', 'TAP-A ahead', ', current_date'), tests.refused('record the discussion'), 'nor one of a draft');

-- Amend ------------------------------------------------------------------------------------------------------------------------------

select is(tests.step(p, 'amend_observation', 'TAP-A evaluation submitted', ', ''Other'''), tests.refused('amend the observation'), 'access.md observation_amendments: nobody else amends: ' || p) from unnest(array['teacher1@tap-a.test', 'principal@tap-a.test', 'admin@tap-a.test', 'leader@tap-b.test']) p;
select is(tests.step('leader@tap-a.test', 'amend_observation', x, ', ''Because'''), tests.refused('amend the observation'), 'blueprint: absent, foreign and wrong state answer alike: ' || n)
from (values ('TAP-A ahead', 'a draft'), ('TAP-A other', 'another observer''s'), ('TAP-B far submitted', 'another school''s'), ('TAP-A nothing', 'none')) v (x, n);
select is(left(tests.step('leader@tap-a.test', 'amend_observation', 'TAP-A evaluation submitted', ', '' '''), 5), 'PT422', 'an amendment has a reason');
select is(left(tests.step('leader@tap-a.test', 'amend_observation', 'TAP-A evaluation submitted', format(', ''Because'', null, %L', r)), 5), 'PT422', 'bad ratings are refused: ' || n)
from (values
  (jsonb_build_array(jsonb_build_object('domain_id', tests.domain('TAP-A', 1, 'GROWTH-5'), 'level', 1)), 'a domain of another framework'),
  (jsonb_build_array(jsonb_build_object('domain_id', tests.domain('TAP-B', 1), 'level', 1)), 'a domain of another school'),
  (jsonb_build_array(jsonb_build_object('domain_id', tests.domain('TAP-A', 1), 'level', 5)), 'a level that the framework does not have'),
  (jsonb_build_array(jsonb_build_object('domain_id', tests.domain('TAP-A', 1), 'level', 'x')), 'a level that is no number'),
  (jsonb_build_array(jsonb_build_object('domain_id', tests.domain('TAP-A', 1), 'level', 99999999)), 'a level too large'),
  (jsonb_build_array(jsonb_build_object('domain_id', tests.domain('TAP-A', 1), 'level', 1), jsonb_build_object('domain_id', tests.domain('TAP-A', 1), 'level', 2)), 'a domain twice'),
  (jsonb_build_array(jsonb_build_object('domain_id', tests.domain('TAP-A', 1), 'level', null)), 'nothing rated, in an evaluation'),
  ('[1]', 'a number'), ('{"level": 1}', 'an object')) v (r, n);
select is(tests.state('TAP-A evaluation submitted') || (select count(*) from public.observation_ratings where observation_id = tests.id('TAP-A evaluation submitted')), 'acknowledged v1 s a1', '… and leave nothing half-done');
select is(tests.step('leader@tap-a.test', 'amend_observation', 'TAP-A evaluation submitted', format(', ''Misread the board'', ''New notes'', %L', jsonb_build_array(jsonb_build_object('domain_id', tests.domain('TAP-A', 1), 'level', 4), jsonb_build_object('domain_id', tests.domain('TAP-A', 2), 'level', null, 'evidence', 'Not seen')))), 'done', 'access.md observation_amendments: the observer amends');
select is(tests.state('TAP-A evaluation submitted'), 'submitted v2 s', 'never 4: … which asks the teacher anew');
select results_eq(format($$ select version, level::int, evidence::text from public.observation_ratings where observation_id = %L order by 1, 2 $$, tests.id('TAP-A evaluation submitted')), $$ values (1, 2, 'Seen'), (2, 4, 'Seen'), (2, null, 'Not seen') $$, 'never 4: both versions stay, and what is not named carries over');
select results_eq(format($$ select version, reason::text, notes::text from public.observation_amendments where observation_id = %L $$, tests.id('TAP-A evaluation submitted')), $$ values (2, 'Misread the board', 'New notes') $$, 'issue 2: … with the reason');
select is((select average_level from public.observation_summaries where observation_id = tests.id('TAP-A evaluation submitted')), 4.00, 'the summary is of the version in force');
select is(tests.step('leader@tap-a.test', 'amend_observation', 'TAP-A evaluation submitted', ', ''Again'''), 'done', 'a second amendment');
select is((select count(*) from public.observation_ratings where observation_id = tests.id('TAP-A evaluation submitted') and version = 3), 2::bigint, '… carries all ratings over');
select is(tests.step('teacher1@tap-a.test', 'acknowledge_observation', 'TAP-A evaluation submitted', ', 2'), tests.refused('acknowledge the observation'), 'never 3: … but not what was amended since it was read');
select is(tests.step('teacher1@tap-a.test', 'acknowledge_observation', 'TAP-A evaluation submitted', ', 3'), 'done', 'never 3: the teacher acknowledges the version in force');
select is(tests.step('leader@tap-a.test', 'amend_observation', 'TAP-A coaching acknowledged', ', ''Because'''), 'done', 'coaching is amended likewise');
select is(tests.seen_as('principal@tap-a.test', format('public.observation_amendments where observation_id = %L', tests.id('TAP-A coaching acknowledged'))), 'nothing', 'never 6: … and stays between the two');

-- Constraints under it all -------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select is(tests.does(format('update public.observations set %s where id = %L', c, tests.id('TAP-A ahead'))), '23514', 'the table itself refuses: ' || c)
from unnest(array['status = ''submitted''', 'submitted_at = now()', 'status = ''done''', 'kind = ''x''', 'version = 0', 'observed_at = ''-infinity''', 'observed_at = ''1899-12-31T23:59:59Z''', 'observed_at = now() + interval ''2 years''', 'status = ''acknowledged'', submitted_at = now()']) c;
select is(tests.does(format('update public.observations set observer_id = teacher_id where id = %L', tests.id('TAP-A ahead'))), '23514', 'nobody observes themselves, by whatever hand');
select is(tests.does(format('update public.observations set teacher_id = %L where id = %L', tests.id('TAP-B teacher1'), tests.id('TAP-A ahead'))), '23503', 'blueprint 1.2: a reference to another school cannot be written, by whatever hand');
select is(tests.does(format('update public.observation_ratings set domain_id = %L where observation_id = %L', tests.domain('TAP-A', 1, 'GROWTH-5'), tests.id('TAP-A ahead'))), '23503', 'issue 2: nor a domain of another framework');

select * from finish();
rollback;
