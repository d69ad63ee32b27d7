-- Goals: own ones and the school's, trees without rings, progress stated or derived and never both, approval by another (access.md:
-- goals, goal_updates; never 3).
begin;
select plan(129);
select tests.school('TAP-A'), tests.school('TAP-B');
select tests.member('TAP-A', 'leader as teacher', 'teacher', null, 'MATH', 'MAIN', 'leader@tap-a.test');

create function tests.sets(p_email text, p_name text, p_teacher text, p_parent text default null, p_method text default 'updates', p_stated integer default null, p_school text default 'TAP-A') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.does(format('insert into public.goals (school_id, id, teacher_id, parent_id, title, progress_method, stated_progress) values (%L, %L, %L, %L, %L, %L, %L)', tests.id(p_school), tests.id('TAP-A ' || p_name), tests.id('TAP-A ' || p_teacher), tests.id('TAP-A ' || p_parent), p_name, p_method, p_stated));
end $$;
create function tests.changes(p_email text, p_name text, p_change text) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.does(format('update public.goals set %s where id = %L', p_change, tests.id('TAP-A ' || p_name)));
end $$;
create function tests.step(p_email text, p_step text, p_name text, p_more text default '') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.%I(%L, %L%s)', p_step, tests.id('TAP-A'), tests.id('TAP-A ' || p_name), p_more));
end $$;
create function tests.progress(p_email text, p_name text) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return (select coalesce(progress::text, 'hidden') || ' of ' || children from public.goal_progress(tests.id('TAP-A'), array[tests.id('TAP-A ' || p_name)]));
end $$;
create function tests.refused(p_action text) returns text language sql as $$
  select format('PT404 | Cannot %s | It does not exist, is not yours to change, or is no longer in a state that allows this.', p_action)
$$;
create function tests.approval(p_name text) returns text language sql security definer as $$
  select coalesce((select replace(n.name, 'TAP-A ', '') from public.goals g join tests.names n on n.id = g.approved_by where g.id = tests.id('TAP-A ' || p_name) and g.approved_at is not null), 'none')
$$;
create function tests.deep(p_under text, p_levels integer) returns text language sql as $$
  select tests.does(format('insert into public.goals (school_id, id, parent_id, title) select %L, tests.id(''deep '' || n), case n when 1 then %L else tests.id(''deep '' || n - 1) end, ''Deep'' from generate_series(1, %s) n', tests.id('TAP-A'), tests.id('TAP-A ' || p_under), p_levels))
$$;
grant execute on all functions in schema tests to authenticated, service_role;
select tests.named('TAP-A ' || n) is not null as named from unnest(array['school', 'school2', 'mine', 'part', 'of teacher2', 'of teacher3', 'of leader']) n;

-- Setting goals --------------------------------------------------------------------------------------------------------------------

select is(tests.sets('principal@tap-a.test', 'school', null, null, 'children'), '1 rows', 'access.md goals: a principal sets the school''s');
select is(tests.sets('admin@tap-a.test', 'school2', null, 'school'), '1 rows', 'access.md goals: an admin too, as part of another');
select is(tests.sets('teacher1@tap-a.test', 'mine', 'teacher1', 'school'), '1 rows', 'access.md goals: a teacher sets their own, for the school''s');
select is(tests.sets('teacher1@tap-a.test', 'part', 'teacher1', 'mine', 'stated', 10), '1 rows', 'access.md goals: … and as part of an own one');
select is(tests.sets('teacher2@tap-a.test', 'of teacher2', 'teacher2', 'school', 'stated', 50) || tests.sets('teacher3@tap-a.test', 'of teacher3', 'teacher3') || tests.sets('leader@tap-a.test', 'of leader', 'leader as teacher'), '1 rows1 rows1 rows', 'access.md goals: … each their own');
select is(tests.sets(p, 'x', t, r, m, s, c), w, format('access.md goals: refused to %s: of %s under %s, %s %s', p, t, r, m, s))
from (values ('teacher1@tap-a.test', 'teacher2', null, 'updates', null, 'TAP-A', '42501'), ('teacher1@tap-a.test', null, null, 'updates', null, 'TAP-A', '42501'), ('leader@tap-a.test', null, null, 'updates', null, 'TAP-A', '42501'), ('leader@tap-a.test', 'teacher1', null, 'updates', null, 'TAP-A', '42501'),
  ('principal@tap-a.test', 'teacher1', null, 'updates', null, 'TAP-A', '42501'), ('student1@tap-a.test', 'student1', null, 'updates', null, 'TAP-A', '42501'), ('parent1@tap-a.test', 'parent1', null, 'updates', null, 'TAP-A', '42501'), ('principal@tap-b.test', null, null, 'updates', null, 'TAP-A', '42501'),
  ('teacher1@tap-a.test', 'teacher1', 'of teacher2', 'updates', null, 'TAP-A', '42501'), ('teacher1@tap-a.test', 'teacher1', 'none', 'updates', null, 'TAP-A', '42501'), ('principal@tap-b.test', null, 'school', 'updates', null, 'TAP-B', '42501'),
  ('teacher1@tap-a.test', 'teacher1', null, 'stated', null, 'TAP-A', '23514'), ('teacher1@tap-a.test', 'teacher1', null, 'updates', 10, 'TAP-A', '23514'), ('teacher1@tap-a.test', 'teacher1', null, 'children', 10, 'TAP-A', '23514'), ('teacher1@tap-a.test', 'teacher1', null, 'stated', 101, 'TAP-A', '23514'),
  ('teacher1@tap-a.test', 'teacher1', null, 'guessed', null, 'TAP-A', '23514')) v (p, t, r, m, s, c, w);
select is(tests.does_as('teacher1@tap-a.test', format('update public.goals set due_on = %L where id = %L', d, tests.id('TAP-A mine'))), '23514', 'issue 5: bad input: a goal is due on a day that pages can print, not ' || d) from unnest(array['infinity', '-infinity', '5874897-12-31', '4713-01-01 BC']) d;
select is(replace(tests.seen_as(p, 'public.goals where school_id in (select id from tests.names)'), 'TAP-A ', ''), w, 'access.md goals: read as ' || p)
from (values ('teacher1@tap-a.test', 'mine, part, school, school2'), ('teacher3@tap-a.test', 'of teacher3, school, school2'), ('leader@tap-a.test', 'mine, of leader, of teacher2, part, school, school2'), ('chief@tap-a.test', 'of teacher2, of teacher3, school, school2'), ('mentor@tap-a.test', 'school, school2'),
  ('principal@tap-a.test', 'mine, of leader, of teacher2, of teacher3, part, school, school2'), ('admin@tap-a.test', 'mine, of leader, of teacher2, of teacher3, part, school, school2'), ('student1@tap-a.test', 'nothing'), ('parent1@tap-a.test', 'nothing'), ('admin@tap-b.test', 'nothing')) v (p, w);

-- Changing them, and trees -----------------------------------------------------------------------------------------------------------

select is(tests.changes(p, n, 'description = ''Changed'''), w, format('access.md goals: text is changed by whose goal it is: %s of %s', n, p))
from (values ('teacher1@tap-a.test', 'mine', '1 rows'), ('principal@tap-a.test', 'school', '1 rows'), ('leader@tap-a.test', 'mine', '0 rows'), ('principal@tap-a.test', 'mine', '0 rows'), ('teacher1@tap-a.test', 'school', '0 rows'), ('teacher2@tap-a.test', 'mine', '0 rows'), ('leader@tap-a.test', 'school', '0 rows')) v (p, n, w);
select is(tests.changes('teacher1@tap-a.test', 'mine', c), '42501', 'never 2 and 3: not by hand: ' || c) from unnest(array['approved_at = now()', 'approved_by = teacher_id', 'status = ''achieved''', 'stated_progress = 5', 'progress_method = ''stated''', 'teacher_id = null', 'deleted_at = now()']) c;
select tests.sign_in('teacher1@tap-a.test');
select is(tests.says(format('update public.goals set parent_id = %L where id = %L', tests.id('TAP-A part'), tests.id('TAP-A mine'))), 'PT422 | Cannot align the goal | A goal cannot be its own ancestor.', 'issue 5: a goal that is its own ancestor');
select is(tests.says(format('update public.goals set parent_id = id where id = %L', tests.id('TAP-A mine'))), 'PT422 | Cannot align the goal | A goal cannot be its own ancestor.', 'issue 5: … or its own parent');
select tests.sign_in('principal@tap-a.test');
select is(tests.does(format('update public.goals set parent_id = %L where id = %L', tests.id('TAP-A school2'), tests.id('TAP-A school'))), 'PT422', 'issue 5: … among the school''s too');
select tests.sign_in_as_service();
select is(tests.does(format('update public.goals set parent_id = %L where id = %L', tests.id('TAP-A part'), tests.id('TAP-A school'))), 'PT422', 'issue 5: … by whatever hand');
select is(tests.does(format('insert into public.goals (school_id, id, parent_id, title) values (%L, %L, %L, ''A''), (%1$L, %3$L, %2$L, ''B'')', tests.id('TAP-A'), gen_random_uuid(), gen_random_uuid())), 'PT422', 'issue 5: … and in one statement');
select is(tests.does(format('update public.goals set parent_id = %L where id = %L', tests.id('TAP-A of teacher2'), tests.id('TAP-A mine'))), 'PT422', 'a teacher''s goal serves no other teacher''s');
select is(tests.does(format('update public.goals set parent_id = %L where id = %L', tests.id('TAP-A of teacher2'), tests.id('TAP-A school2'))), 'PT422', 'nor the school''s a teacher''s');
select is(tests.does(format('insert into public.goals (school_id, parent_id, title) values (%L, %L, ''Far'')', tests.id('TAP-B'), tests.id('TAP-A school'))), '23503', 'blueprint 1.2: nor one of another school');
select is(tests.deep('school2', 7), 'PT422', 'a tree is eight levels deep at most, so that its progress can be reckoned');
select is(tests.deep('school2', 6), '6 rows', '… and eight are eight');
select is(tests.does(format('update public.goals set parent_id = %L where id = %L', tests.id('TAP-A mine'), tests.id('TAP-A part'))) || tests.does(format('update public.goals set parent_id = tests.id(''deep 3'') where id = %L', tests.id('TAP-A mine'))), '1 rows1 rows', 'a branch is counted as deep as it is');
select is(tests.does(format('update public.goals set parent_id = tests.id(''deep 6'') where id = %L', tests.id('TAP-A mine'))), 'PT422', '… wherever it goes');
select tests.sign_out();
update public.goals set parent_id = tests.id('TAP-A school') where id = tests.id('TAP-A mine');
update public.goals set parent_id = null where title = 'Deep';
delete from public.goals where title = 'Deep';
select is(tests.does_as('principal@tap-a.test', format('select public.remove(''goals'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A school'))), '23503', 'S11: a goal that others serve is not removed');
select is(tests.does_as(p, format('select public.remove(''goals'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A of teacher3'))), w, 'access.md goals: removed by whose it is: ' || p) from (values ('chief@tap-a.test', 'PT404'), ('admin@tap-a.test', 'PT404'), ('teacher3@tap-a.test', '1 rows')) v (p, w);
select is(tests.does_as(p, format('select public.restore(''goals'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A of teacher3'))) || tests.does_as('teacher3@tap-a.test', format('select public.remove(''goals'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A of teacher3'))), w, 'blueprint: who sets the school''s goals brings a removed one back: ' || p) from (values ('teacher3@tap-a.test', 'PT404PT404'), ('principal@tap-a.test', '1 rows1 rows')) v (p, w);

-- Progress: by one way alone ------------------------------------------------------------------------------------------------------------

select is(tests.step('teacher1@tap-a.test', 'record_goal_progress', 'mine', ', 30, ''Begun'''), 'done', 'access.md goals: a teacher records progress');
select is(tests.step('teacher1@tap-a.test', 'record_goal_progress', 'mine', format(', 40, null, %L', tests.id('sent'))) || tests.step('teacher1@tap-a.test', 'record_goal_progress', 'mine', format(', 40, null, %L', tests.id('sent'))), 'donedone', 'issue 5: sent again');
select results_eq(format('select progress::int, note::text from public.goal_updates where goal_id = %L order by created_at', tests.id('TAP-A mine')), $$ values (30, 'Begun'), (40, null) $$, 'issue 5: … it is in the history once');
select is(tests.progress('teacher1@tap-a.test', 'mine'), '40.0 of 1', 'issue 5: progress from updates is the latest, whatever its parts');
select is(tests.step('teacher1@tap-a.test', 'record_goal_progress', 'part', ', 25') || tests.progress('teacher1@tap-a.test', 'part'), 'done25.0 of 0', 'issue 5: what is stated is the number on the goal');
select is((select stated_progress || ' ' || (select string_agg(progress::text, ',') from public.goal_updates u where u.goal_id = g.id) from public.goals g where g.id = tests.id('TAP-A part')), '25 25', 'issue 5: … and in its history');
select is(tests.step('principal@tap-a.test', 'record_goal_progress', 'school', ', 50'), 'PT422 | Cannot record progress | The goal''s progress is derived from its child goals.', 'issue 5: what is derived is not stated');
select tests.sign_out();
select is(tests.does(format('insert into public.goal_updates (school_id, goal_id, progress_method, author_id, progress) values (%L, %L, %L, %L, 5)', tests.id('TAP-A'), tests.id('TAP-A school'), m, tests.id('TAP-A principal'))), w, 'issue 5: … by whatever hand: ' || m) from (values ('children', '23514'), ('updates', '23503')) v (m, w);
select is(tests.does(format('update public.goals set stated_progress = 5 where id = %L', tests.id('TAP-A ' || n))), '23514', 'issue 5: … nor is anything stated beside: ' || n) from unnest(array['school', 'mine']) n;
select is(left(tests.step('teacher1@tap-a.test', 'record_goal_progress', 'mine', ', ' || x), 5), 'PT422', 'issue 5: bad input: ' || x) from unnest(array['-1', '101', 'null', '99999']) x;
select is(tests.step(p, 'record_goal_progress', 'mine', ', 99'), tests.refused('record progress'), 'access.md goals: nobody else records: ' || p) from unnest(array['leader@tap-a.test', 'principal@tap-a.test', 'teacher2@tap-a.test', 'admin@tap-a.test', 'teacher1@tap-b.test']) p;
select is(tests.step('principal@tap-a.test', 'record_goal_progress', 'school2', ', 80') || tests.step('leader@tap-a.test', 'record_goal_progress', 'school2', ', 90'), 'done' || tests.refused('record progress'), 'access.md goals: the school''s by who sets them');
select is(tests.progress('principal@tap-a.test', 'school'), round((80 + 40 + 50) / 3.0, 1) || ' of 3', 'issue 5: progress from children is their unweighted mean');
select is(tests.progress('teacher1@tap-a.test', 'school'), 'hidden of 2', 'issue 5: … and hidden from who does not see them all while fewer than three teachers are behind it');
select tests.sign_out();
insert into public.goals (school_id, id, teacher_id, parent_id, title) values (tests.id('TAP-A'), tests.id('TAP-A third'), tests.id('TAP-A teacher3'), tests.id('TAP-A school'), 'Third');
select is(tests.progress('teacher1@tap-a.test', 'school'), '42.5 of 2', 'issue 5: … with three it is one number for all; a goal without progress yet counts as nothing done');
select is(tests.step('teacher3@tap-a.test', 'set_goal_status', 'third', ', ''abandoned'''), 'done', 'a goal is given up');
select is(tests.progress('admin@tap-a.test', 'school'), '56.7 of 3', 'issue 5: what is abandoned counts in no mean');
select is(tests.progress(p, 'mine'), null, 'access.md goals: no number of a goal that one does not see: ' || p) from unnest(array['teacher2@tap-a.test', 'parent1@tap-a.test', 'admin@tap-b.test']) p;
select is(tests.seen_as('teacher2@tap-a.test', format('public.goal_updates where goal_id = %L', tests.id('TAP-A mine'))), 'nothing', 'access.md goal_updates: as the goal');
select tests.sign_in('teacher1@tap-a.test');
select is(tests.does(format('insert into public.goal_updates (school_id, goal_id, progress_method, author_id, note) values (%L, %L, ''updates'', %L, ''x'')', tests.id('TAP-A'), tests.id('TAP-A mine'), tests.id('TAP-A principal'))), '42501', 'never 2: history is written by functions');
select is(tests.does('update public.goal_updates set progress = 1 where true'), '42501', '… and never rewritten');

-- Approval, comments, status ---------------------------------------------------------------------------------------------------------------

select is(tests.step(p, 'approve_goal', 'mine'), tests.refused('approve the goal'), 'access.md goals: not approved by ' || p) from unnest(array['teacher1@tap-a.test', 'teacher2@tap-a.test', 'chief@tap-a.test', 'admin@tap-a.test', 'mentor@tap-a.test', 'parent1@tap-a.test', 'leader@tap-b.test']) p;
select is(tests.step('leader@tap-a.test', 'approve_goal', 'of leader'), tests.refused('approve the goal'), 'never 3: nobody approves their own goal, in another role of theirs either');
select is(tests.step('principal@tap-a.test', 'approve_goal', 'school'), tests.refused('approve the goal'), 'the school''s goals ask for no approval');
select is(tests.step('leader@tap-a.test', 'approve_goal', 'mine', ', ''Well chosen'', now() - interval ''1 day'''), tests.refused('approve the goal'), 'a goal that has changed since it was read is not approved unseen');
select is(tests.step('leader@tap-a.test', 'approve_goal', 'mine', format(', ''Well chosen'', %L', (select updated_at from public.goals where id = tests.id('TAP-A mine')))) || ' ' || tests.approval('mine'), 'done leader', 'access.md goals: a leader of the teacher''s approves');
select is(tests.step('principal@tap-a.test', 'approve_goal', 'mine'), tests.refused('approve the goal'), '… once');
select is(tests.changes('teacher1@tap-a.test', 'mine', 'title = ''Easier''') || ' ' || tests.approval('mine'), '1 rows none', 'issue 5: a change of its text takes the approval back');
select is(tests.step('principal@tap-a.test', 'approve_goal', 'mine') || ' ' || tests.approval('mine'), 'done principal', '… and it is approved anew');
select is(tests.changes('teacher1@tap-a.test', 'mine', 'title = ''Easier''') || ' ' || tests.approval('mine'), '1 rows principal', 'the same text again takes nothing back');
select is(tests.step(p, 'comment_on_goal', 'mine', ', ''Why?'''), w, 'access.md goals: comments by the teacher and by their leaders: ' || p)
from (values ('leader@tap-a.test', 'done'), ('teacher1@tap-a.test', 'done'), ('admin@tap-a.test', tests.refused('comment on the goal')), ('teacher2@tap-a.test', tests.refused('comment on the goal')), ('chief@tap-a.test', tests.refused('comment on the goal'))) v (p, w);
select is(left(tests.step('leader@tap-a.test', 'comment_on_goal', 'mine', ', '' '''), 5), 'PT422', 'issue 5: bad input: an empty comment');
select tests.sign_out();
select is((select string_agg(distinct n.kind || ' to ' || replace(m.name, 'TAP-A ', ''), ', ' order by n.kind || ' to ' || replace(m.name, 'TAP-A ', '')) from public.notifications n join tests.names m on m.id = n.membership_id where n.table_name = 'goals'), 'goal_approved to teacher1, goal_commented to leader, goal_commented to principal, goal_commented to teacher1', 'issue 5: those who take part are told');
select is((select string_agg(replace(n.name, 'TAP-A ', '') || ': ' || u.note, '; ' order by u.created_at) from public.goal_updates u join tests.names n on n.id = u.author_id where u.goal_id = tests.id('TAP-A mine') and u.note is not null), 'teacher1: Begun; leader: Well chosen; leader: Why?; teacher1: Why?', 'issue 5: the history says who said what');
select is(tests.step(p, 'set_goal_status', 'mine', ', ''achieved'''), w, 'access.md goals: status by whose goal it is: ' || p) from (values ('leader@tap-a.test', tests.refused('change the goal''s status')), ('teacher1@tap-a.test', 'done'), ('teacher1@tap-a.test', tests.refused('change the goal''s status'))) v (p, w);
select is(left(tests.step('teacher1@tap-a.test', 'set_goal_status', 'mine', ', ''done'''), 5), 'PT422', 'issue 5: bad input: an unknown status');
select is(tests.changes('teacher1@tap-a.test', 'mine', 'title = ''Later''') || tests.step('teacher1@tap-a.test', 'record_goal_progress', 'mine', ', 100'), '0 rows' || tests.refused('record progress'), 'issue 5: a closed goal does not change');
select is(tests.step('teacher1@tap-a.test', 'set_goal_status', 'mine', ', ''open''') || tests.step('teacher1@tap-a.test', 'record_goal_progress', 'mine', ', 100'), 'donedone', '… until it is opened again');
select tests.sign_out();
update public.memberships set active = false where id = tests.id('TAP-A teacher1');
select is(tests.step('leader@tap-a.test', 'approve_goal', 'part'), tests.refused('approve the goal'), 'access.md scopes: not of a teacher who has left');

select * from finish();
rollback;
