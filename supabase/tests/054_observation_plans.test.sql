-- Plans of visits: who plans whom, binding to lessons, clashes, answers before a visit, coverage, reminders and locks (access.md:
-- observations create by a leader for the team; never 4 and 6).
begin;
select plan(117);
select tests.school('TAP-A'), tests.school('TAP-B');
select tests.member('TAP-A', 'both', 'teacher', null, 'LANG', 'MAIN', 'leader@tap-a.test');
select tests.member('TAP-A', 'both leads', 'leader', 'school', null, null, 'both@tap.test');
insert into public.memberships (school_id, id, user_id, role, team_scope, starts_on) values (tests.id('TAP-B'), tests.id('TAP-A both of b'), tests.person('both@tap.test'), 'leader', 'school', '2020-01-01');
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) select tests.id(c), tests.named(c || ' year'), 'Y', 'Y', current_date - 100, current_date + 200 from unnest(array['TAP-A', 'TAP-B']) c;
insert into public.classes (school_id, id, academic_year_id, grade_level_id, code, name)
select l.school_id, tests.named('TAP-A ' || c), tests.id('TAP-A year'), l.id, upper(c), c from unnest(array['a', 'b', 'c']) c, public.grade_levels l where l.school_id = tests.id('TAP-A') and l.code = 'P1';

create function tests.lesson(p_name text, p_from interval, p_teacher text default 'teacher1', p_class text default 'a') returns void language sql as $$
  insert into public.class_sessions (school_id, id, class_id, teacher_id, day, starts_at, ends_at)
  values (tests.id('TAP-A'), tests.named('TAP-A ' || p_name), tests.id('TAP-A ' || p_class), tests.id('TAP-A ' || p_teacher), ((now() + p_from) at time zone 'UTC')::date, now() + p_from, now() + p_from + interval '45 minutes')
$$;
create function tests.plans(p_email text, p_plan text, p_observer text, p_teacher text, p_kind text default 'evaluation', p_due integer default 100, p_times integer default null, p_school text default 'TAP-A') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.plan_observations(%L, %L, ''Plan'', %L, %L)', tests.id(p_school), tests.id(p_school || ' year'),
    jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('observer_id', tests.id('TAP-A ' || p_observer), 'teacher_id', tests.id('TAP-A ' || p_teacher), 'kind', p_kind, 'due_on', current_date + p_due, 'times', p_times))), tests.id('TAP-A plan ' || p_plan)));
end $$;
-- A visit as a plan makes it, by name.
create function tests.visit(p_name text, p_observer text, p_teacher text, p_kind text default 'evaluation', p_due integer default 30, p_school text default 'TAP-A') returns void language sql as $$
  insert into public.observation_plans (school_id, id, academic_year_id, author_id, name) values (tests.id(p_school), tests.named(p_school || ' plan of ' || p_name), tests.id(p_school || ' year'), tests.id(p_school || ' ' || p_observer), p_name);
  insert into public.planned_observations (school_id, id, plan_id, observer_id, teacher_id, kind, due_on)
  values (tests.id(p_school), tests.named(p_school || ' ' || p_name), tests.id(p_school || ' plan of ' || p_name), tests.id(p_school || ' ' || p_observer), tests.id(p_school || ' ' || p_teacher), p_kind, current_date + p_due)
$$;
create function tests.schedules(p_email text, p_visit text, p_lesson text default null, p_from interval default null) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.schedule_observation(%L, %L, %L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A ' || p_visit), tests.id('TAP-A ' || p_lesson), now() + p_from, now() + p_from + interval '45 minutes'));
end $$;
create function tests.answers(p_email text, p_visit text, p_question text default 'focus', p_answer text default '"On pace"') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.answer_pre_observation(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A ' || p_visit), format('[{"question_id": "%s", "answer": %s}]', tests.id('TAP-A question ' || p_question), p_answer)));
end $$;
create function tests.refused(p_action text) returns text language sql as $$
  select format('PT404 | Cannot %s | It does not exist, is not yours to change, or is no longer in a state that allows this.', p_action)
$$;
create function tests.told(p_kind text) returns text language sql security definer as $$
  select coalesce(string_agg(coalesce(m.name, n.membership_id::text), ', ' order by m.name), 'nobody') from public.notifications n left join tests.names m on m.id = n.membership_id where n.kind = p_kind and n.read_at is null
$$;
create function tests.state_of_visit(p_name text) returns text language sql security definer as $$
  select status || case when class_session_id is not null then ' in a lesson' else '' end from public.planned_observations where id = tests.id('TAP-A ' || p_name)
$$;
create function tests.observes(p_visit text, p_teacher text, p_kind text default 'evaluation') returns text language sql as $$
  select tests.does(format('insert into public.observations (school_id, id, observer_id, teacher_id, framework_id, kind, planned_observation_id) values (%L, %L, %L, %L, %L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A observation ' || p_visit || p_kind), tests.id('TAP-A leader'), tests.id('TAP-A ' || p_teacher), tests.framework('TAP-A'), p_kind, tests.id('TAP-A ' || p_visit)))
$$;
grant execute on all functions in schema tests to authenticated;

-- Who plans whom --------------------------------------------------------------------------------------------------------------

select is(tests.plans('leader@tap-a.test', 'one', 'leader', 'teacher1', p_times => 4), 'done', 'issue 5: a leader plans the team, how often and by when');
select is((select string_agg((due_on - current_date)::text, ' ' order by due_on) from public.planned_observations where plan_id = tests.id('TAP-A plan one')), '25 50 75 100', 'issue 5: … spread evenly to the last day');
select is(tests.plans('leader@tap-a.test', 'one', 'leader', 'teacher1', p_times => 4) || (select count(*) from public.planned_observations where plan_id = tests.id('TAP-A plan one')), 'done4', 'issue 5: sent again under its own id it is made once');
select is(left(tests.plans(p, 'one', o, 'teacher1'), 5), 'PT404', 'blueprint: another''s plan id reads as none: ' || p) from (values ('principal@tap-a.test', 'principal')) v (p, o);
select is(tests.plans('principal@tap-a.test', 'two', 'chief', 'teacher3'), 'done', 'issue 5: a principal plans for another leader');
select is(tests.plans('admin@tap-a.test', 'three', 'leader', 'teacher2', 'walkthrough'), 'done', 'issue 5: the office plans for the school');
select is(tests.told('observation_planned'), 'TAP-A chief, TAP-A leader', 'issue 5: observers are told, and not of their own plans');
select is(left(tests.plans(p, 'x' || t, o, t, k), 5), 'PT404', format('access.md observations: not planned by %s: %s of %s by %s', p, k, t, o))
from (values ('leader@tap-a.test', 'leader', 'teacher3', 'evaluation'), ('leader@tap-a.test', 'chief', 'teacher1', 'evaluation'), ('principal@tap-a.test', 'chief', 'teacher1', 'evaluation'), ('principal@tap-a.test', 'leader', 'teacher1', 'coaching'),
  ('admin@tap-a.test', 'leader', 'teacher1', 'coaching'), ('admin@tap-a.test', 'admin', 'teacher1', 'evaluation'), ('teacher1@tap-a.test', 'leader', 'teacher1', 'evaluation'), ('parent1@tap-a.test', 'leader', 'teacher1', 'evaluation'),
  ('principal@tap-b.test', 'leader', 'teacher1', 'evaluation'), ('leader@tap-a.test', 'leader', 'student1', 'evaluation')) v (p, o, t, k);
select is(left(tests.plans('principal@tap-a.test', 'x', 'leader', 'teacher1', p_school => 'TAP-B'), 5), 'PT404', 'never 1: … nor in another school');
select is(left(tests.plans('both@tap.test', 'x', 'both leads', 'teacher1'), 5), 'done', 'S1: the leader of two schools plans in each');
select is(left(tests.plans('both@tap.test', 'y', 'both of b', 'teacher1'), 5), 'PT404', 'S1: … as who they are there, and one answer for it');
select is(tests.plans('leader@tap-a.test', 'self', 'leader', 'leader'), 'PT422 | Cannot plan the observations | Nobody observes themselves.', 'issue 5: nobody is planned to observe themselves');
select is(left(tests.plans('leader@tap-a.test', 'self', 'leader', 'both'), 5), 'PT404', 'issue 5: … nor in another of their roles');
select is(left(tests.plans('leader@tap-a.test', 'bad', 'leader', 'teacher1', k, d, t), 5), 'PT422', format('issue 5: bad input: %s due in %s, %s times', k, d, t))
from (values ('evaluation', -1, 1), ('evaluation', 201, 1), ('evaluation', 5, 0), ('evaluation', 5, 21), ('visit', 5, 1)) v (k, d, t);
select tests.sign_in('leader@tap-a.test');
select is(tests.does(format('select public.plan_observations(%L, %L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A year'), n, v)), 'PT422', 'issue 5: bad input: ' || left(v, 30))
from (values ('Plan', '{}'), ('Plan', '[]'), ('Plan', '[{"teacher_id": "x"}]'), (' ', format('[{"observer_id": "%s", "teacher_id": "%s", "kind": "evaluation", "due_on": "%s"}]', tests.id('TAP-A leader'), tests.id('TAP-A teacher1'), current_date + 9))) x (n, v);
select is(tests.plans('leader@tap-a.test', 'own', 'leader', 'teacher2', 'coaching'), 'done', 'never 6: coaching is planned by its own observer');

-- Who sees what ------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
delete from public.planned_observations where school_id = tests.id('TAP-A');
delete from public.observation_plans where school_id = tests.id('TAP-A');
select tests.visit('evaluation', 'leader', 'teacher1'), tests.visit('walkthrough', 'leader', 'teacher1', 'walkthrough'), tests.visit('coaching', 'leader', 'teacher1', 'coaching'), tests.visit('other', 'principal', 'teacher3'), tests.visit('second', 'leader', 'teacher2');
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) values (tests.id('TAP-B'), tests.id('b'), 'Z', 'Z', current_date + 201, current_date + 300);
select tests.visit('far', 'leader', 'teacher1', p_school => 'TAP-B');
select is(replace(tests.seen_as(p, 'public.planned_observations'), 'TAP-A ', ''), w, 'never 4 and 6: visits as their observations will be, walkthroughs unannounced, as ' || p)
from (values ('leader@tap-a.test', 'coaching, evaluation, second, walkthrough'), ('teacher1@tap-a.test', 'coaching, evaluation'), ('teacher2@tap-a.test', 'second'), ('principal@tap-a.test', 'evaluation, other, second, walkthrough'),
  ('admin@tap-a.test', 'evaluation, other, second, walkthrough'), ('chief@tap-a.test', 'other, second'), ('mentor@tap-a.test', 'nothing'), ('student1@tap-a.test', 'nothing'), ('parent1@tap-a.test', 'nothing'), ('admin@tap-b.test', 'TAP-B far')) v (p, w);
select is(replace(tests.seen_as(p, 'public.observation_plans'), 'TAP-A plan of ', ''), w, 'never 6: a plan is seen by its author and through a visit: ' || p)
from (values ('leader@tap-a.test', 'coaching, evaluation, second, walkthrough'), ('principal@tap-a.test', 'evaluation, other, second, walkthrough'), ('teacher1@tap-a.test', 'coaching, evaluation'), ('admin@tap-b.test', 'TAP-B plan of far')) v (p, w);
select tests.sign_in('teacher1@tap-a.test');
select is((select count(*) from audit.entries where row_id = tests.id('TAP-A walkthrough')), 0::bigint, 'never 4: the audit does not announce a walkthrough either');
select isnt((select count(*) from audit.entries where row_id = tests.id('TAP-A evaluation')), 0::bigint, '… as it does what is announced');

-- Scheduling ------------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select tests.lesson('lesson', '2 days'), tests.lesson('later', '3 days'), tests.lesson('cancelled', '4 days'), tests.lesson('past', '-1 day'), tests.lesson('of teacher2', '2 days 10 minutes', 'teacher2', 'b'), tests.lesson('own', '5 days', 'both', 'c'), tests.lesson('beside own', '5 days 10 minutes');
update public.class_sessions set status = 'cancelled' where id = tests.id('TAP-A cancelled');
select is(tests.schedules(p, 'evaluation', 'lesson'), tests.refused('schedule the visit'), 'issue 5: nobody but its observer schedules a visit: ' || p) from unnest(array['teacher1@tap-a.test', 'principal@tap-a.test', 'admin@tap-a.test', 'leader@tap-b.test']) p;
select is(tests.schedules('leader@tap-a.test', v, 'lesson'), tests.refused('schedule the visit'), 'blueprint: absent and foreign answer alike: ' || v) from unnest(array['none', 'other']) v;
select is(tests.schedules('leader@tap-a.test', 'evaluation', 'lesson') || ' ' || tests.state_of_visit('evaluation'), 'done scheduled in a lesson', 'issue 5: a visit is bound to a lesson of its teacher');
select is(tests.told('observation_scheduled'), 'TAP-A teacher1', 'issue 5: … and announced');
select is(tests.schedules('leader@tap-a.test', 'walkthrough', 'later') || tests.told('observation_scheduled'), 'doneTAP-A teacher1', 'issue 5: a walkthrough is not');
select is(tests.schedules('leader@tap-a.test', 'second', 'of teacher2'), format('PT409 | Cannot schedule the visit | You make visit %s from %s to %s.', tests.id('TAP-A evaluation'), to_char((now() + interval '2 days') at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), to_char((now() + interval '2 days 45 minutes') at time zone 'UTC', 'HH24:MI')), 'issue 5: two visits at once are refused, by name');
select alike(tests.schedules('leader@tap-a.test', 'coaching', 'beside own'), format('PT409 | Cannot schedule the visit | You hold session %s from%%', tests.id('TAP-A own')), 'issue 5: so is a visit in the observer''s own lesson');
select is(tests.schedules('leader@tap-a.test', 'coaching', l), 'PT422 | Cannot schedule the visit | ' || h, 'issue 5: bad input: a lesson that is ' || l)
from (values ('cancelled', 'The session is cancelled.'), ('past', 'Name a session of the teacher, or a time, that has not begun.'), ('of teacher2', 'It is not a session that the teacher holds.'), ('none', 'It is not a session that the teacher holds.')) v (l, h);
select is(left(tests.schedules('leader@tap-a.test', 'coaching', p_from => f), 5), w, 'issue 5: or to a time: ' || coalesce(f::text, 'none')) from (values (null::interval, 'PT422'), (interval '-1 hour', 'PT422'), (interval '6 days', 'done')) v (f, w);
select is(tests.schedules('leader@tap-a.test', 'evaluation', 'later'), format('PT409 | Cannot schedule the visit | You make visit %s from %s to %s.', tests.id('TAP-A walkthrough'), to_char((now() + interval '3 days') at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), to_char((now() + interval '3 days 45 minutes') at time zone 'UTC', 'HH24:MI')) , 'issue 5: moving meets the same rule');
select is(tests.state_of_visit('evaluation'), 'scheduled in a lesson', '… and leaves it where it was');
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format('select public.change_session(%L, %L, ''cancelled'')', tests.id('TAP-A'), tests.id('TAP-A lesson'))), '1 rows', 'the office cancels the lesson');
select is(tests.state_of_visit('evaluation') || ', ' || tests.told('observation_unscheduled'), 'planned, TAP-A leader', 'issue 5: … which opens the visit again and tells its observer');
select is(tests.does_as('principal@tap-a.test', format('select public.cancel_planned_observation(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A ' || v))), w, 'issue 5: who plans for its teacher cancels a visit, coaching none but its observer: ' || v) from (values ('walkthrough', '1 rows'), ('coaching', 'PT404'), ('walkthrough', 'PT404')) x (v, w);
select is(tests.does_as('teacher1@tap-a.test', format('select public.cancel_planned_observation(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A evaluation'))), 'PT404', 'issue 5: … and no teacher');
select is(tests.told('observation_cancelled'), 'TAP-A leader', 'issue 5: its observer is told, of a walkthrough nobody else');
select tests.sign_out();
select tests.visit('called off', 'leader', 'teacher1');
select is(tests.schedules('leader@tap-a.test', 'called off', p_from => interval '9 days') || tests.does_as('principal@tap-a.test', format('select public.cancel_planned_observation(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A called off'))) || ' ' || tests.told('observation_cancelled'), 'done1 rows TAP-A leader, TAP-A leader, TAP-A teacher1', 'issue 5: … and of an announced one its teacher');

-- Answers ------------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
insert into public.pre_observation_questions (school_id, id, framework_id, question) values (tests.id('TAP-A'), tests.id('TAP-A question focus'), null, 'What shall I look at?'), (tests.id('TAP-A'), tests.id('TAP-A question framework'), tests.framework('TAP-A', 'GROWTH-5'), 'Which task?'), (tests.id('TAP-B'), tests.id('TAP-A question far'), null, 'Far?');
select is(tests.answers('teacher1@tap-a.test', 'evaluation') || tests.answers('teacher1@tap-a.test', 'evaluation', p_answer => '"On questions"'), 'donedone', 'issue 5: the teacher answers before the visit, and again');
select results_eq(format('select question::text, answer::text from public.pre_observation_answers where planned_observation_id = %L', tests.id('TAP-A evaluation')), $$ values ('What shall I look at?', 'On questions') $$, '… in one place, beside the question as it was asked');
select is(tests.told('observation_answered'), 'TAP-A leader', 'issue 5: the observer is told');
select is(tests.answers(p, 'evaluation'), tests.refused('answer before the visit'), 'never 3: nobody answers for another: ' || p) from unnest(array['leader@tap-a.test', 'teacher2@tap-a.test', 'admin@tap-a.test', 'teacher1@tap-b.test']) p;
select is(tests.answers('teacher1@tap-a.test', 'walkthrough'), tests.refused('answer before the visit'), 'never 4: a walkthrough asks nothing');
select is(left(tests.answers('teacher1@tap-a.test', 'evaluation', q, a), 5), 'PT422', format('issue 5: bad input: question %s, answer %s', q, a)) from (values ('framework', '"x"'), ('far', '"x"'), ('none', '"x"'), ('focus', '5'), ('focus', 'null')) v (q, a);

-- From the visit to its observation, and coverage -------------------------------------------------------------------------------------------

select tests.sign_in('leader@tap-a.test');
select is(tests.observes('evaluation', 'teacher2') || tests.observes('evaluation', 'teacher1', 'walkthrough') || tests.observes('other', 'teacher3') || tests.observes('walkthrough', 'teacher1', 'walkthrough'), '42501425014250142501', 'issue 5: an observation names a live visit of its own people and kind, or none');
select is(tests.observes('evaluation', 'teacher1') || tests.observes('second', 'teacher2'), '1 rows1 rows', 'issue 5: … and then begins from it');
select is(tests.says(format('select public.save_observation_draft(%L, gen_random_uuid(), ''{}'', %L, %L, planned_observation_id => %L)', tests.id('TAP-A'), tests.id('TAP-A teacher1'), tests.framework('TAP-A'), tests.id('TAP-A evaluation'))), 'PT409 | Cannot save the draft | Another observation of the planned visit is there already.', 'issue 5: … once');
select tests.sign_out();
select is(tests.does(format('insert into public.observations (school_id, observer_id, teacher_id, framework_id, planned_observation_id) values (%L, %L, %L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A leader'), tests.id('TAP-A teacher1'), tests.framework('TAP-A'), tests.id('TAP-A evaluation'))), '23505', 'issue 5: one observation fulfils a visit');
create function tests.coverage(p_email text) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return (select string_agg(format('%s %s: %s of %s, %s overdue', (select replace(name, 'TAP-A ', '') from tests.names where id = c.teacher_id), c.kind, c.done, c.planned, c.overdue), '; ' order by c.kind, c.planned, c.due) from (select *, next_due_on as due from public.observation_coverage where school_id = tests.id('TAP-A')) c);
end $$;
grant execute on all functions in schema tests to authenticated;
update public.planned_observations set due_on = current_date - 1 where id in (tests.id('TAP-A evaluation'), tests.id('TAP-A second'));
insert into public.observation_ratings (school_id, observation_id, framework_id, domain_id, level) values (tests.id('TAP-A'), tests.id('TAP-A observation evaluationevaluation'), tests.framework('TAP-A'), tests.domain('TAP-A'), 3);
select is(tests.does_as('leader@tap-a.test', format('select public.submit_observation(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A observation evaluationevaluation'))), '1 rows', 'issue 5: the observation is submitted');
select is(tests.coverage(p), w, 'issue 5: coverage: planned, done, overdue; drafts, cancelled visits and others'' coaching count in none, as ' || p)
from (values ('leader@tap-a.test', 'teacher1 coaching: 0 of 1, 0 overdue; teacher2 evaluation: 0 of 1, 1 overdue; teacher1 evaluation: 1 of 1, 0 overdue'),
  ('principal@tap-a.test', 'teacher2 evaluation: 0 of 1, 1 overdue; teacher3 evaluation: 0 of 1, 0 overdue; teacher1 evaluation: 1 of 1, 0 overdue'),
  ('teacher1@tap-a.test', 'teacher1 coaching: 0 of 1, 0 overdue; teacher1 evaluation: 1 of 1, 0 overdue'), ('parent1@tap-a.test', null)) v (p, w);
select is(tests.does_as('leader@tap-a.test', format('select public.%s(%L, %L)', f, tests.id('TAP-A'), tests.id('TAP-A evaluation'))), 'PT404', 'issue 5: a visit that was made is neither moved nor cancelled: ' || f) from unnest(array['schedule_observation', 'cancel_planned_observation']) f;
select is(tests.answers('teacher1@tap-a.test', 'evaluation'), tests.refused('answer before the visit'), 'issue 5: … nor answered');

-- Reminders ----------------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select set_config('request.jwt.claims', '', true);
update public.planned_observations set due_on = current_date + 7 where id = tests.id('TAP-A coaching');
update public.planned_observations set due_on = current_date + 8 where id = tests.id('TAP-A other');
select tests.observation('TAP-A', 'old', 'teacher3', 'principal', 'evaluation', 'submitted'), tests.observation('TAP-A', 'new', 'teacher3', 'principal', 'evaluation', 'submitted'), tests.observation('TAP-A', 'read', 'teacher3', 'principal', 'evaluation', 'acknowledged');
update public.observations set submitted_at = now() - interval '15 days' where id in (tests.id('TAP-A old'), tests.id('TAP-A read'));
create function tests.reminders() returns text language sql as $$
  select coalesce(string_agg(format('%s %s to %s', n.kind, replace(r.name, 'TAP-A ', ''), replace(m.name, 'TAP-A ', '')), '; ' order by n.kind), 'none')
  from public.notifications n join tests.names r on r.id = n.row_id join tests.names m on m.id = n.membership_id
  where n.school_id = tests.id('TAP-A') and n.kind in ('observation_due', 'observation_overdue', 'observation_unacknowledged') and n.read_at is null
$$;
select ok(private.send_reminders() >= 3, 'issue 5: reminders are sent by a job');
select is(tests.reminders(), 'observation_due coaching to leader; observation_overdue second to leader; observation_unacknowledged old to teacher3', 'issue 5: … of what is due within a week, overdue, and unread for longer than acknowledgement_days; to the one concerned');
update public.notifications set read_at = now() where school_id = tests.id('TAP-A');
select is(private.send_reminders(), 0, 'issue 5: … each once');
select is(tests.reminders(), 'none', '… also when it was read');
delete from public.observation_amendments where school_id = tests.id('TAP-A');
insert into public.observation_amendments (school_id, observation_id, version, reason, created_at) values (tests.id('TAP-A'), tests.id('TAP-A old'), 2, 'Misread', now() - interval '1 day');
update public.observations set version = 2 where id = tests.id('TAP-A old');
update public.observations set status = 'submitted', acknowledged_at = null, version = 2 where id = tests.id('TAP-A read');
insert into public.observation_amendments (school_id, observation_id, version, reason, created_at) values (tests.id('TAP-A'), tests.id('TAP-A read'), 2, 'Misread', now() - interval '13 days');
select is(private.send_reminders() || tests.reminders(), '0none', 'issue 5: an amendment waits from its own day on: nobody is reminded of what changed lately');
delete from public.observation_amendments where observation_id = tests.id('TAP-A old');
insert into public.observation_amendments (school_id, observation_id, version, reason, created_at) values (tests.id('TAP-A'), tests.id('TAP-A old'), 2, 'Misread', now() - interval '15 days');
select is(private.send_reminders() || tests.reminders(), '1observation_unacknowledged old to teacher3', '… and then once more, though the observation was reminded of before');
update public.notifications set read_at = now() where school_id = tests.id('TAP-A');
select is(private.send_reminders(), 0, '… once');
select results_eq($$ select jobname::text collate "default" from cron.job where jobname ~ '^growth_' and active order by 1 $$, array['growth_lock_observations', 'growth_send_reminders'], 'house-style 9: the jobs are there');

-- Locks --------------------------------------------------------------------------------------------------------------------------------

select tests.observation('TAP-A', 'long ago', 'teacher1', 'leader', 'evaluation', 'acknowledged'), tests.observation('TAP-A', 'lately', 'teacher1', 'leader', 'coaching', 'acknowledged');
update public.observations set acknowledged_at = now() - interval '31 days' where id = tests.id('TAP-A long ago');
update public.observations set acknowledged_at = now() - interval '29 days' where id = tests.id('TAP-A lately');
select ok(private.lock_observations() >= 1, 'issue 5: observations are locked by a job');
select is((select string_agg(replace(n.name, 'TAP-A ', ''), ', ') from public.observations o join tests.names n using (id) where o.school_id = tests.id('TAP-A') and o.locked_at is not null), 'long ago', 'issue 5: … observation_lock_days after they were acknowledged');
select is(tests.does_as('leader@tap-a.test', format('select public.amend_observation(%L, %L, ''Late'')', tests.id('TAP-A'), tests.id('TAP-A long ago'))), 'PT404', 'issue 5: what is locked is not amended');
select is(tests.does_as(p, format('select public.lock_observation(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A lately'))), w, 'issue 5: its observer locks an observation, once, nobody else: ' || p)
from (values ('teacher1@tap-a.test', 'PT404'), ('principal@tap-a.test', 'PT404'), ('leader@tap-a.test', '1 rows'), ('leader@tap-a.test', 'PT404')) v (p, w);
select is(tests.does_as('principal@tap-a.test', format('select public.lock_observation(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A old'))), 'PT404', 'issue 5: … and none that waits to be read');

select * from finish();
rollback;
