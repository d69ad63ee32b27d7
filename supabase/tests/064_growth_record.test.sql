-- The year in numbers and one's own growth record: rights are those of the tables, and the export is logged or does not happen (never 6; access.md, "logged").
begin;
select plan(36);
select tests.school('TAP-A'), tests.school('TAP-B');
select tests.observation('TAP-A', k || ' ' || s, 'teacher1', 'leader', k, s) from unnest(array['evaluation', 'coaching']) k, unnest(array['draft', 'submitted']) s;
select tests.observation('TAP-A', 'of another', 'teacher2', 'leader', 'evaluation', 'submitted');
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on, is_current) values
  (tests.id('TAP-A'), tests.named('TAP-A now'), 'NOW', 'Now', current_date - 100, current_date + 100, true), (tests.id('TAP-A'), tests.named('TAP-A last'), 'LAST', 'Last', current_date - 400, current_date - 101, false);
insert into public.goals (school_id, id, teacher_id, title, progress_method, stated_progress)
values (tests.id('TAP-A'), tests.id('whole'), null, 'The whole school reads', 'children', null), (tests.id('TAP-A'), tests.id('other'), tests.id('TAP-A teacher2'), 'Another''s', 'stated', 5);
insert into public.goals (school_id, teacher_id, parent_id, title, progress_method, stated_progress) values (tests.id('TAP-A'), tests.id('TAP-A teacher1'), tests.id('whole'), 'Open questions', 'stated', 35);
insert into public.action_steps (school_id, observation_id, description) values (tests.id('TAP-A'), tests.id('TAP-A evaluation submitted'), 'Wait three seconds');
create function tests.category(p_code text) returns uuid language sql stable security definer as $$ select id from public.pd_categories where school_id = tests.id('TAP-A') and code = p_code $$;
grant execute on all functions in schema tests to authenticated;
insert into public.pd_requirements (school_id, academic_year_id, role, category_id, hours)
values (tests.id('TAP-A'), tests.id('TAP-A now'), 'teacher', null, 10), (tests.id('TAP-A'), tests.id('TAP-A now'), 'teacher', tests.category('SUBJECT'), 4), (tests.id('TAP-A'), tests.id('TAP-A last'), 'teacher', null, 99);
insert into public.pd_hours (school_id, membership_id, category_id, activity, done_on, hours, status, approver_id, approved_at, endorser_id, return_reason)
select tests.id('TAP-A'), tests.id('TAP-A ' || t), c, a, current_date - d, h, s, case s when 'approved' then tests.id('TAP-A principal') end, case s when 'approved' then now() end, case s when 'endorsed' then tests.id('TAP-A leader') end, case s when 'returned' then 'Which?' end
from (values ('teacher1', tests.category('PEDAGOGY'), 'a', 1, 9, 'approved'), ('teacher1', tests.category('SUBJECT'), 'b', 2, 1.5, 'approved'), ('teacher1', tests.category('SUBJECT'), 'c', 3, 2, 'pending'), ('teacher1', null, 'd', 4, 3, 'endorsed'),
  ('teacher1', null, 'e', 5, 8, 'returned'), ('teacher1', null, 'f', 150, 7, 'approved'), ('teacher3', null, 'g', 1, 5, 'approved')) v (t, c, a, d, h, s);

-- Summary -------------------------------------------------------------------------------------------------------------------

create function tests.summary(p_email text, p_more text default '') returns text language plpgsql as $$
declare
  v_line text;
begin
  perform tests.sign_in(p_email);
  execute format('select string_agg(concat_ws('' '', split_part(n.name, '' '', 2), trim_scale(s.required), trim_scale(s.approved), trim_scale(s.pending), trim_scale(s.missing)), '', '' order by n.name) from public.pd_summary(%L%s) s join tests.names n on n.id = s.membership', tests.id('TAP-A'), p_more) into v_line;
  return coalesce(v_line, 'nothing');
end $$;
grant execute on function tests.summary to authenticated;
select is(tests.summary('teacher1@tap-a.test'), 'teacher1 10 10.5 5 2.5', 'issue 5: required, approved, pending; what is missing of a category is missing, however many hours there are in all');
select is(tests.summary('teacher1@tap-a.test', format(', %L', tests.id('TAP-A last'))), 'teacher1 99 7 0 92', '… of another year');
select is(tests.summary(p), w, 'access.md pd_hours: the summary is of those whose hours one reads: ' || p)
from (values ('teacher2@tap-a.test', 'teacher2 10 0 0 10'), ('leader@tap-a.test', 'leader 0 0 0 0, teacher1 10 10.5 5 2.5, teacher2 10 0 0 10'), ('chief@tap-a.test', 'chief 0 0 0 0, teacher2 10 0 0 10, teacher3 10 5 0 5'), ('parent1@tap-a.test', 'nothing'), ('admin@tap-b.test', 'nothing')) v (p, w);
select is(tests.summary(p, format(', membership_id => %L', tests.id('TAP-A teacher3'))), w, 'access.md pd_hours: … by name too: ' || p) from (values ('principal@tap-a.test', 'teacher3 10 5 0 5'), ('admin@tap-a.test', 'teacher3 10 5 0 5'), ('leader@tap-a.test', 'nothing'), ('teacher1@tap-a.test', 'nothing')) v (p, w);
select tests.sign_in('teacher1@tap-a.test');
select is((select string_agg(concat_ws(' ', coalesce(c ->> 'code', '-'), c ->> 'required', c ->> 'approved', c ->> 'pending', c ->> 'missing'), ', ') from public.pd_summary(tests.id('TAP-A')) s, jsonb_array_elements(s.categories) c), 'PEDAGOGY 0 9.00 0 0, SUBJECT 4.00 1.50 2.00 2.50, - 0 0 3.00 0', 'issue 5: … and by category');
select tests.sign_out();
insert into public.role_permissions (school_id, role, permission, scope) values (tests.id('TAP-A'), 'leader', 'pd_hours.read', 'none');
select is(tests.summary('leader@tap-a.test'), 'leader 0 0 0 0', 'a right that the school took away shows as absent people, not as people without hours');

-- Export --------------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
create function tests.export(p_email text, p_more text default '') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.my_growth_record(%L%s)', tests.id('TAP-A'), p_more));
end $$;
create function tests.exports() returns text language sql security definer as $$
  select coalesce(string_agg(concat_ws(' ', n.name, e.role, e.details ->> 'format'), ', ' order by e.id), 'none') from audit.entries e join tests.names n on n.id = e.subject_id where e.school_id = tests.id('TAP-A') and e.action = 'EXPORT'
$$;
grant execute on all functions in schema tests to authenticated;
select is(tests.export(p, m), w, 'issue 5: one''s own record, of staff: ' || p || m)
from (values ('parent1@tap-a.test', '', 'PT404 | Cannot export the growth record | It does not exist, is not yours to change, or is no longer in a state that allows this.'), ('admin@tap-b.test', '', 'PT404 | Cannot export the growth record | It does not exist, is not yours to change, or is no longer in a state that allows this.'),
  ('teacher1@tap-a.test', ', ''xml''', 'PT422 | Cannot export the growth record | A format is json or pdf.'), ('teacher1@tap-a.test', ', null', 'PT422 | Cannot export the growth record | A format is json or pdf.')) v (p, m, w);
select is(tests.exports(), 'none', '… and what is refused is no export');
select is(tests.export('teacher1@tap-a.test') || tests.export('teacher1@tap-a.test', ', ''pdf'''), 'donedone', 'issue 5: the record is exported');
select is(tests.exports(), 'TAP-A teacher1 teacher json, TAP-A teacher1 teacher pdf', 'access.md "logged": … each time with an entry about its holder');
select tests.sign_in('teacher1@tap-a.test');
create temporary table exported as select public.my_growth_record(tests.id('TAP-A')) as value;
grant select on exported to authenticated;
select is((select string_agg(concat_ws(' ', n.name, o ->> 'coaching'), ', ' order by n.name) from exported, jsonb_array_elements(value -> 'observations') o join tests.names n on n.id = (o ->> 'id')::uuid), 'TAP-A coaching submitted true, TAP-A evaluation submitted false', 'never 4 and 6: what was submitted to the person, one''s own coaching and marked so, no draft');
select is((select string_agg(distinct r ->> 'level', ', ') from exported, jsonb_array_elements(value -> 'observations') o, jsonb_array_elements(o -> 'ratings') r), '2', '… with its ratings');
select is((select jsonb_array_length(value -> 'pd_hours') from exported), 6, '… and hours');
select is((select string_agg(concat_ws(' ', g ->> 'title', g ->> 'progress', g ->> 'serves'), ', ') from exported, jsonb_array_elements(value -> 'goals') g), 'Open questions 35.0 The whole school reads', '… and one''s own goals, with their progress');
select is((select count(*)::integer from exported, jsonb_array_elements(value -> 'observations') o, jsonb_array_elements(o -> 'action_steps') a where a ->> 'description' = 'Wait three seconds'), 1, '… and the action steps');
select is((select count(*)::integer from exported, jsonb_array_elements(value -> 'observations') o where o -> 'notes' <> 'null'), 2, '… as they were written');
select is(tests.does('select private.log_growth_export(null, ''json'')'), 'PT404', 'the log takes no line about a school that is not one''s own');
select tests.sign_in('leader@tap-a.test');
select is(jsonb_array_length(public.my_growth_record(tests.id('TAP-A')) -> 'observations'), 0, 'never 6: whom one has observed is not in one''s own record');
select tests.sign_out();
create function tests.no_log() returns trigger language plpgsql as $$ begin raise exception 'the log is full'; end $$;
create trigger _999_full before insert on audit.entries for each row when (new.action = 'EXPORT') execute function tests.no_log();
select is(tests.export('teacher1@tap-a.test'), 'P0001 | the log is full', 'access.md "logged": without a line in the log there is no export');
select tests.sign_out();
drop trigger _999_full on audit.entries;
update public.memberships set ends_on = current_date - 1 where id = tests.id('TAP-A teacher1');
select is(left(tests.export('teacher1@tap-a.test'), 5), 'PT404', 'never 8: whoever has left exports nothing');

-- A teacher who leads now keeps the record of the years before ----------------------------------------------------------------------

select tests.sign_out();
select tests.member('TAP-A', 'chosen', 'leader', 'department', 'LANG', null, 'teacher1@tap-a.test');
create function tests.kept() returns text language plpgsql as $$
declare
  v_record jsonb;
begin
  perform tests.sign_in('teacher1@tap-a.test');
  v_record := public.my_growth_record(tests.id('TAP-A'));
  return concat_ws(' ', jsonb_array_length(v_record -> 'observations'), jsonb_array_length(v_record -> 'goals'), jsonb_array_length(v_record -> 'pd_hours'), (select count(*) from public.observations),
    (select count(*) from public.action_steps), (select count(*) from public.observation_feedback), (select jsonb_array_length(public.teacher_board(tests.id('TAP-A')) -> 'observations')));
exception when others then
  return sqlstate;
end $$;
grant execute on function tests.kept to authenticated;
select is(tests.kept(), '2 1 6 2 3 2 1', 'issue 5: whoever leads now has the record of the years as a teacher, own coaching with it, and no draft');
select is(tests.summary('teacher1@tap-a.test'), 'chosen 0 0 0 0, teacher1 10 10.5 5 2.5', '… and the hours of then');
select is(tests.does(format('select public.acknowledge_observation(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A evaluation submitted'))), 'PT404', 'never 8: … to read: the role of then does nothing any more');
select tests.sign_out();
insert into public.school_settings (school_id, key, value) values (tests.id('TAP-A'), 'second_factor_roles', '["teacher"]');
select is(tests.kept(), '0 0 0 0 0 0', 'never 8: … and asks for the second factor of the role of then');
select tests.sign_out();
update public.school_settings set value = '[]' where school_id = tests.id('TAP-A') and key = 'second_factor_roles';
update public.memberships set active = false where id = tests.id('TAP-A chosen');
select tests.member('TAP-A', 'mother', 'parent', null, null, null, 'teacher1@tap-a.test');
select is(tests.kept(), 'PT404', 'never 8: whoever is a parent here and no longer staff has none of it');
select tests.sign_in('teacher1@tap-a.test');
select is((select count(*) from public.observations) + (select count(*) from public.goals) + (select count(*) from public.pd_hours), 0::bigint, '… in no table either');

select * from finish();
rollback;
