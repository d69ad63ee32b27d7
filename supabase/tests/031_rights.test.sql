-- Who gives and takes rights: overrides below their ceilings, memberships and supervisions by function, never one's own,
-- and memberships that follow a district (access.md: memberships, supervisions, permissions; never 2).
begin;
select plan(126);
select tests.school('TAP-A'), tests.school('TAP-B');

-- As admin: overrides -----------------------------------------------------------------------------------------------------

select tests.sign_in('admin@tap-a.test');
select is(tests.does(format($$ select public.set_role_permission(%L, 'leader', 'observations.create', 'none') $$, tests.id('TAP-A'))), '1 rows', 'access.md permissions: an admin narrows a role');
select tests.sign_in('leader@tap-a.test');
select is(tests.who($$private.team_in_force('observations.create')$$) || ' / ' || tests.who($$private.team_in_force('observations.read')$$), 'nothing / TAP-A teacher1, TAP-A teacher2', 'access.md permissions: … which takes effect at the next statement, in that right alone');
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format($$ select public.set_role_permission(%L, 'leader', 'observations.create', 'team') $$, tests.id('TAP-A'))), '1 rows', 'access.md permissions: … and gives it back');
select is(tests.does(format($$ select public.set_role_permission(%L, %L, %L, %L) $$, tests.id('TAP-A'), r, p, s)), 'PT422', format('S5: never above the role''s ceiling: %s × %s × %s', r, p, s))
from (values ('parent', 'students.read', 'school'), ('student', 'observations.read', 'own'), ('teacher', 'students.read', 'school'), ('teacher', 'observations.read', 'team'), ('leader', 'students.read', 'school'), ('leader', 'memberships.manage', 'school'), ('leader', 'audit.read', 'team')) v (r, p, s);
select is(tests.does(format($$ select public.set_role_permission(%L, 'admin', %L, 'none') $$, tests.id('TAP-A'), p)), 'PT422', 'S5: the fixed core is not narrowed, lest the school lock itself out: ' || p)
from unnest(array['permissions.manage', 'memberships.manage', 'memberships.read', 'settings.read', 'settings.manage', 'audit.read']) p;
select is(tests.does(format($$ select public.set_role_permission(%L, 'leader', 'observations.read', 'everything') $$, tests.id('TAP-A'))), 'PT422', 'a scope that does not exist is no scope');
select is(tests.does(format($$ insert into public.role_permissions (school_id, role, permission, scope) values (%L, 'leader', 'students.read', 'team') $$, tests.id('TAP-A'))), '42501', 'access.md permissions: by function only');
select is(tests.does(format($$ update public.permission_ceilings set max_scope = 'school' where role = 'parent' $$)), '42501', 'S5: ceilings are the migrations''');
select is(tests.does(format($$ select public.set_role_permission(%L, 'leader', 'students.read', 'none') $$, tests.id('TAP-B'))), 'PT404', 'never 1: nothing in another school');
select is(tests.does_as(p || '@tap-a.test', format($$ select public.set_role_permission(%L, 'leader', 'students.read', 'none') $$, tests.id('TAP-A'))), 'PT404', format('access.md permissions: a %s overrides nothing', p))
from unnest(array['principal', 'teacher1', 'student1', 'parent1']) p;
select is(tests.does_as('admin@tap-a.test', format($$ select public.set_role_permission(%L, 'admin', 'observations.create', 'school') $$, tests.id('TAP-A'))), 'PT404', 'never 2: an admin widens no role that they hold');
select tests.sign_in_as_service();
select is(tests.does(format($$ insert into public.role_permissions (school_id, role, permission, scope) values (%L, 'parent', 'students.read', 'school') $$, tests.id('TAP-A'))), '23503', 'S5: a role without a ceiling has no override, by whatever hand');
select is(tests.does(format($$ insert into public.role_permissions (school_id, role, permission, scope) values (%L, 'teacher', 'students.read', 'school') $$, tests.id('TAP-A'))), 'PT422', 'S5: … and none above it');
select tests.sign_in('teacher1@tap-a.test');
select is((select count(*) from public.permissions) + (select count(*) from public.permission_ceilings) + (select count(*) from public.role_permissions), 0::bigint, 'access.md permissions: teachers do not read them');
select tests.sign_in('leader@tap-a.test');
select is((select count(*) > 0 from public.permissions) and (select count(*) > 0 from public.permission_ceilings) and (select count(*) = 1 from public.role_permissions), true, 'access.md permissions: leaders read them');

-- As admin: memberships -------------------------------------------------------------------------------------------------------

select tests.sign_out();
select tests.person('new@tap.test');
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format($$ insert into public.memberships (school_id, user_id, role) values (%L, %L, 'teacher') $$, tests.id('TAP-A'), tests.id('new@tap.test'))), '42501', 'access.md memberships: by function only');
select is(tests.does(format($$ select public.add_membership(%L, %L, 'teacher', teacher_code => 'T-9') $$, tests.id('TAP-A'), tests.id('new@tap.test'))), '1 rows', 'access.md memberships: an admin adds one');
select tests.sign_in('new@tap.test');
select is(tests.who('private.my_schools()'), 'TAP-A', 'access.md memberships: … in force at once');
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format($$ select public.end_membership(%L, (select id from public.memberships where user_id = %L)) $$, tests.id('TAP-A'), tests.id('new@tap.test'))), '1 rows', 'access.md memberships: … and ends it');
select tests.sign_in('new@tap.test');
select is(tests.who('private.my_schools()'), 'nothing', 'never 8: … at the next statement');
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format($$ select public.end_membership(%L, (select id from public.memberships where user_id = %L), current_date + 9) $$, tests.id('TAP-A'), tests.id('new@tap.test'))), 'PT404', '… once: ending what has ended does not revive it');
select is(tests.does(format($$ select public.add_membership(%L, %L, 'teacher') $$, tests.id('TAP-A'), tests.id('new@tap.test'))), '1 rows', 'S1: who returns takes up the same row');
select results_eq(format($$ select count(*)::int, max(teacher_code::text) from public.memberships where user_id = %L $$, tests.id('new@tap.test')), $$ values (1, 'T-9') $$, 'S1: … one lasting row per school, person and role');
select is(tests.does(format($$ select public.end_membership(%L, (select id from public.memberships where user_id = %L), (current_date + 30)) $$, tests.id('TAP-A'), tests.id('new@tap.test'))), '1 rows', 'an end may lie ahead');
select tests.sign_in('new@tap.test');
select is(tests.who('private.my_schools()'), 'TAP-A', 'access.md: … and until then the membership is in force');
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format($$ select public.add_membership(%L, %L, 'leader') $$, tests.id('TAP-A'), tests.id('new@tap.test'))), 'PT422', 'S3: a leader without a team is refused, never the principal');
select is(tests.does(format($$ select public.add_membership(%L, %L, 'leader', 'department') $$, tests.id('TAP-A'), tests.id('new@tap.test'))), 'PT422', 'S3: a department leader names the department');
select is(tests.says(format($$ select public.add_membership(%L, %L, 'leader', 'department', department_id => %L) $$, tests.id('TAP-A'), tests.id('new@tap.test'), d)), tests.says(format($$ select public.add_membership(%L, %L, 'leader', 'department', department_id => gen_random_uuid()) $$, tests.id('TAP-A'), tests.id('new@tap.test'))), 'never 1: another school''s department reads as none')
from (values (tests.id('TAP-B MATH'))) v (d);
select is(tests.does(format($$ select public.add_membership(%L, %L, null) $$, tests.id('TAP-A'), tests.id('new@tap.test'))), 'PT422', 'a membership is in a role');
select is(tests.does(format($$ select public.add_membership(%L, %L, 'teacher', 'school') $$, tests.id('TAP-A'), tests.id('new@tap.test'))), 'PT422', 'S3: only leaders have a team');
select is(tests.does(format($$ select public.add_membership(%L, gen_random_uuid(), 'teacher') $$, tests.id('TAP-A'))), 'PT404', 'who is unknown is not added');
select is(tests.does(format($$ select public.add_membership(%L, %L, 'teacher') $$, tests.id('TAP-B'), tests.id('new@tap.test'))), 'PT404', 'never 1: not to another school');
select is(tests.does(format($$ select public.end_membership(%L, %L) $$, tests.id('TAP-B'), tests.id('TAP-B teacher1'))), 'PT404', 'never 1: … nor from it');

-- Never myself ------------------------------------------------------------------------------------------------------------------

select is(tests.does(format($$ select public.add_membership(%L, %L, %L, %L) $$, tests.id('TAP-A'), tests.id('admin@tap-a.test'), r, case r when 'leader' then 'school' end)), 'PT404', 'never 2: an admin gives themselves no role: ' || r)
from unnest(array['admin', 'leader', 'teacher', 'parent']) r;
select is(tests.does(format($$ select public.end_membership(%L, %L, (current_date + 999)) $$, tests.id('TAP-A'), tests.id('TAP-A admin'))), 'PT404', 'never 2: … nor longer dates');
select is(tests.does(format('update public.memberships set ends_on = null, role = ''admin'' where id = %L', tests.id('TAP-A admin'))), '42501', 'never 2: … by update');
select tests.sign_in('teacher1@tap-a.test');
select is(tests.does(format($$ insert into public.memberships (school_id, user_id, role) values (%L, %L, 'admin') on conflict (school_id, user_id, role) do update set active = true $$, tests.id('TAP-A'), tests.id('teacher1@tap-a.test'))), '42501', 'never 2: … by insert or on conflict');
select is(tests.does(format($$ select public.add_membership(%L, %L, 'admin') $$, tests.id('TAP-A'), tests.id('new@tap.test'))), 'PT404', 'access.md memberships: a teacher adds nobody');
select tests.sign_in_as_service();
select is(tests.does(format($$ update public.memberships set role = 'admin' where id = %L $$, tests.id('TAP-A teacher1'))), '42501', 'S6: nobody''s role changes in place, by the service key neither');
select is(tests.does(format($$ update public.memberships set user_id = %L where id = %L $$, tests.id('new@tap.test'), tests.id('TAP-A teacher1'))), '42501', 'S6: … nor the person');

-- One's own rights --------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
create function tests.rights(p_email text) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return (select string_agg(concat_ws(' ', n.name, r.role, r.team_scope, r.school_name, r.timezone, r.permissions ->> 'observations.read', r.permissions ->> 'trainings.attend', r.permissions ->> 'frameworks.manage'), ', ' order by n.name)
    from public.my_memberships() r join tests.names n on n.id = r.membership_id);
end $$;
grant execute on function tests.rights to authenticated;
select is(tests.rights(p || '@tap-a.test'), w, 'access.md "how a right comes about": ' || p || ' is told the own memberships and what they may do')
from (values ('leader', 'TAP-A leader leader department TAP-A UTC team'), ('teacher1', 'TAP-A teacher1 teacher TAP-A UTC own'), ('parent1', 'TAP-A parent1 parent TAP-A UTC'),
  ('admin', 'TAP-A admin admin TAP-A UTC school school')) v (p, w);
select tests.does_as('admin@tap-a.test', format($$ select public.set_role_permission(%L, 'teacher', 'trainings.attend', 'none') $$, tests.id('TAP-A')));
select is(tests.rights('teacher1@tap-a.test'), 'TAP-A teacher1 teacher TAP-A UTC', '… as the school has set it');
select tests.sign_out();
update public.schools set status = 'suspended' where id = tests.id('TAP-A');
select is(tests.rights('leader@tap-a.test'), null, 'never 8: … and nothing while the school is suspended');
select tests.sign_out();
update public.schools set status = 'active' where id = tests.id('TAP-A');
update public.role_permissions set scope = 'own' where school_id = tests.id('TAP-A') and permission = 'trainings.attend';

-- Supervisions --------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select tests.member('TAP-A', 'admin as leader', 'leader', 'named', null, null, 'admin@tap-a.test');
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format($$ select public.add_supervision(%L, %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A mentor'), tests.id('TAP-A teacher1'))), '1 rows', 'access.md supervisions: an admin puts a teacher under a leader');
select tests.sign_in('mentor@tap-a.test');
select is(tests.who($$private.team_with('observations.read')$$), 'TAP-A teacher1', 'access.md supervisions: … who leads them now');
select is((select count(*) from public.supervisions), 1::bigint, 'access.md supervisions: the leader reads it');
select tests.sign_in('teacher1@tap-a.test');
select is((select count(*) from public.supervisions), 1::bigint, 'access.md supervisions: … and the teacher');
select tests.sign_in('teacher2@tap-a.test');
select is((select count(*) from public.supervisions), 0::bigint, 'access.md supervisions: … and no other teacher');
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format($$ select public.add_supervision(%L, %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A mentor'), tests.id('TAP-A teacher1'))), 'PT409', 'a supervision does not overlap itself');
select is(tests.does(format($$ select public.add_supervision(%L, %L, %L, current_date + 9, current_date) $$, tests.id('TAP-A'), tests.id('TAP-A mentor'), tests.id('TAP-A teacher2'))), 'PT422', 'blueprint: a constraint answers under a stable code');
select is(tests.does(format($$ select public.add_supervision(%L, %L, %L, current_date, '5874897-12-31') $$, tests.id('TAP-A'), tests.id('TAP-A mentor'), tests.id('TAP-A teacher2'))), 'PT422', '… for the last day that there is, too');
select is(tests.does(format($$ select public.end_supervision(%L, (select id from public.supervisions where supervisor_id = %L), '5874897-12-31') $$, tests.id('TAP-A'), tests.id('TAP-A mentor'))), 'PT422', '… and at the end');
select is(tests.does(format($$ select public.add_supervision(%L, %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A admin as leader'), tests.id('TAP-A teacher1'))), 'PT404', 'never 2: an admin gives themselves no team');
select is(tests.says(format($$ select public.add_supervision(%L, %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A mentor'), t)), 'PT404 | Cannot add the supervision | It does not exist, is not yours to change, or is no longer in a state that allows this.', 'one answer for ' || n)
from (values (tests.id('TAP-B teacher1'), 'a teacher of another school'), (gen_random_uuid(), 'nobody'), (tests.id('TAP-A student1'), 'a student')) v (t, n);
select is(tests.does(format($$ insert into public.supervisions (school_id, supervisor_id, teacher_id) values (%L, %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A mentor'), tests.id('TAP-A teacher2'))), '42501', 'access.md supervisions: by function only');
select is(tests.does(format($$ select public.end_supervision(%L, (select id from public.supervisions where supervisor_id = %L)) $$, tests.id('TAP-A'), tests.id('TAP-A mentor'))), '1 rows', 'access.md supervisions: an admin ends it');
select tests.sign_in('mentor@tap-a.test');
select is(tests.who($$private.team_with('observations.read')$$), 'nothing', 'never 8: a supervision that is ended leads nobody at the next statement, on its first day too');
select is(tests.does(format($$ select public.add_supervision(%L, %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A mentor'), tests.id('TAP-A teacher2'))), 'PT404', 'never 2: a leader takes nobody into their team');

-- The day at the school ----------------------------------------------------------------------------------------------------------------

-- At any hour it is another day in one of these than at the server.
select tests.sign_out();
select tests.school('TAP-WEST', p_timezone => 'Pacific/Pago_Pago'), tests.school('TAP-EAST', p_timezone => 'Pacific/Kiritimati');
create temporary view days as
select s.code::text as code, s.id, lower(s.code) as host, (now() at time zone s.timezone)::date as today from public.schools s where s.id in (tests.id('TAP-WEST'), tests.id('TAP-EAST'));
grant select on days to authenticated;
select is((select bool_or(d.today <> current_date) from days d), true, 'one of the schools is in another day than the server');
insert into public.memberships (school_id, user_id, role) select d.id, tests.person('fresh@' || d.host || '.test'), 'teacher' from days d;
insert into public.guardianships (school_id, id, student_id, guardian_id) select d.id, tests.named(d.code || ' fresh'), tests.id(d.code || ' pupil1'), tests.id(d.code || ' parent2') from days d;
select is((select m.starts_on from public.memberships m where m.school_id = d.id and m.user_id = tests.id('fresh@' || d.host || '.test')), d.today, 'a membership without a beginning begins on the day at the school: ' || d.code) from days d;
select is((select g.starts_on from public.guardianships g where g.id = tests.id(d.code || ' fresh')), d.today, '… and a guardianship: ' || d.code) from days d;
create function tests.supervised(p_code text) returns text language plpgsql as $$
declare
  v_supervision public.supervisions;
begin
  perform tests.sign_in('admin@' || lower(p_code) || '.test');
  v_supervision := public.add_supervision(tests.id(p_code), tests.id(p_code || ' mentor'), tests.id(p_code || ' teacher1'));
  perform tests.sign_in('mentor@' || lower(p_code) || '.test');
  return tests.who($w$private.team_with('observations.read')$w$) || ' from ' || v_supervision.starts_on;
end $$;
select is(tests.supervised(d.code), d.code || ' teacher1 from ' || d.today, 'access.md supervisions: it holds from the day at the school: ' || d.code) from (select * from days offset 0) d;
select is(tests.does_as('admin@' || d.host || '.test', format('select public.end_membership(%L, %L, %L)', d.id, tests.id(d.code || ' teacher3'), d.today)), '1 rows', 'a membership ends after the day at the school: ' || d.code) from days d;
select tests.sign_out();
select is((select m.active from public.memberships m where m.id = tests.id(d.code || ' teacher3')), true, '… and is in force to its end: ' || d.code) from days d;

-- Who left comes back on a day to come.
create function tests.comes_back(p_code text, p_host text, p_day date) returns text language plpgsql as $$
declare
  v_answer text;
  v_teacher uuid := tests.id(p_code || ' teacher2');
begin
  perform tests.sign_in('admin@' || p_host || '.test');
  v_answer := tests.does(format('select public.add_membership(%L, %L, %L, null, null, null, null, %L, %L)', tests.id(p_code), tests.id('teacher2@' || p_host || '.test'), 'teacher', p_day, p_day - 1))
    || ', ' || tests.does(format('select public.add_membership(%L, %L, %L, null, null, null, null, %L)', tests.id(p_code), tests.id('teacher2@' || p_host || '.test'), 'teacher', p_day));
  perform tests.sign_in('teacher2@' || p_host || '.test');
  v_answer := v_answer || ', ' || (select count(*) from public.my_memberships());
  perform tests.sign_out();
  return v_answer || ', ' || (select count(*) from private.members_in_force f where f.id = v_teacher) || ', ' || (select m.starts_on from public.memberships m where m.id = v_teacher);
end $$;
select is(tests.comes_back(d.code, d.host, d.today + 1), 'PT422, 1 rows, 1, 1, 2020-01-01', 'who is there stays, whatever day is named: ' || d.code) from (select * from days offset 0) d;
update public.memberships m set active = false, ends_on = d.today - 9 from days d where m.id = tests.id(d.code || ' teacher2');
select is(tests.comes_back(d.code, d.host, d.today + 1), 'PT422, 1 rows, 0, 0, 2020-01-01', 'access.md memberships: who left has no right before the day of the return, and keeps the first day: ' || d.code) from (select * from days offset 0) d;
update public.memberships m set resumes_on = d.today from days d where m.id = tests.id(d.code || ' teacher2');
select is((select count(*) from private.members_in_force f where f.id = tests.id(d.code || ' teacher2')) || ', ' || (select count(*) from public.my_memberships()), '1, 1', '… and has it from that day on at the school: ' || d.code)
from (select * from days offset 0) d, lateral tests.sign_in('teacher2@' || d.host || '.test');
select tests.sign_out();
update public.memberships m set starts_on = d.today + 9, resumes_on = null from days d where m.id = tests.id(d.code || ' teacher2');
select is(tests.does_as('admin@' || d.host || '.test', format('select public.add_membership(%L, %L, %L, null, null, null, null, %L)', d.id, tests.id('teacher2@' || d.host || '.test'), 'teacher', d.today + 30)), '1 rows', 'who has not begun yet: ' || d.code) from (select * from days offset 0) d;
select tests.sign_out();
select is((select m.starts_on - d.today from public.memberships m where m.id = tests.id(d.code || ' teacher2')), 30, '… begins on the day that was named last: ' || d.code) from days d;

-- Districts -------------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
insert into public.districts (id, code, name) values (tests.named('TAP-D'), 'TAP-D', 'District'), (tests.named('TAP-E'), 'TAP-E', 'Other');
update public.schools set district_id = tests.id('TAP-D') where id = tests.id('TAP-A');
insert into public.district_memberships (id, district_id, user_id, role, starts_on) values
  (tests.named('TAP-D admin'), tests.id('TAP-D'), tests.person('admin@tap-d.test'), 'admin', '2020-01-01'), (tests.named('TAP-D leader'), tests.id('TAP-D'), tests.person('leader@tap-d.test'), 'leader', '2020-01-01');
select tests.sign_in('admin@tap-d.test');
select is(tests.who($$private.schools_with('school.manage')$$), 'TAP-A', 'access.md: a district admin is admin in the schools of the district');
select is(tests.seen('public.district_memberships') || tests.seen('public.districts'), 'TAP-D adminTAP-D', 'access.md: … reads their own district membership, and the district');
select tests.sign_in('leader@tap-d.test');
select is(tests.who($$private.schools_with('observations.read')$$), 'TAP-A', 'access.md: a district leader is principal there');
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format($$ select public.end_membership(%L, (select id from public.memberships where user_id = %L)) $$, tests.id('TAP-A'), tests.id('admin@tap-d.test'))), 'PT404', 'S4: a school''s admin does not end what follows the district');
select is(tests.does(format($$ select public.add_membership(%L, %L, 'leader', 'named') $$, tests.id('TAP-A'), tests.id('leader@tap-d.test'))), 'PT404', 'S4: … nor changes it by adding it again');
select tests.sign_out();
update public.schools set district_id = tests.id('TAP-D') where id = tests.id('TAP-B');
select tests.sign_in('admin@tap-d.test');
select is(tests.who($$private.schools_with('school.manage')$$), 'TAP-A, TAP-B', 'S4: a school that joins brings the district''s people in');
select tests.sign_out();
update public.schools set district_id = tests.id('TAP-E') where id = tests.id('TAP-A');
select tests.sign_in('admin@tap-d.test');
select is(tests.who($$private.schools_with('school.manage')$$), 'TAP-B', 'S4: one that leaves shuts them out');
select tests.sign_out();
update public.schools set district_id = null where id = tests.id('TAP-B');
select tests.sign_in('admin@tap-d.test');
select is(tests.who('private.my_schools()'), 'nothing', 'S4: … for no district too');
select tests.sign_out();
update public.schools set district_id = tests.id('TAP-D') where id = tests.id('TAP-A');
select tests.sign_in('admin@tap-d.test');
select is(tests.who($$private.schools_with('school.manage')$$), 'TAP-A', 'S4: one that returns opens the same membership');
select tests.sign_out();
update public.district_memberships set role = 'leader' where id = tests.id('TAP-D admin');
select tests.sign_in('admin@tap-d.test');
select is(tests.who($$private.schools_with('school.manage')$$) || tests.who($$private.schools_with('observations.read')$$), 'nothingTAP-A', 'S4: a district role that changes takes the old one away');
select tests.sign_out();
update public.district_memberships set user_id = tests.person('other@tap-d.test') where id = tests.id('TAP-D admin');
select tests.sign_in('admin@tap-d.test');
select is(tests.who('private.my_schools()'), 'nothing', 'S4: … as does one that passes to another person');
select tests.sign_out();
update public.district_memberships set district_id = tests.id('TAP-E') where id = tests.id('TAP-D leader');
select tests.sign_in('leader@tap-d.test');
select is(tests.who('private.my_schools()'), 'nothing', 'S4: a person who changes district leaves the schools of the old one');
select tests.sign_out();
update public.district_memberships set active = false where district_id = tests.id('TAP-D');
select tests.sign_in('other@tap-d.test');
select is(tests.who('private.my_schools()'), 'nothing', 'never 8: ending a district membership works at the next statement');


-- Who has the role at the school already keeps it ------------------------------------------------------------------------------------------

select tests.sign_out();
update public.schools set district_id = tests.id('TAP-D') where id in (tests.id('TAP-A'), tests.id('TAP-B'));
create function tests.leads(p_email text) returns text language sql as $$
  select tests.sign_in(p_email);
  select coalesce(nullif(tests.who($w$private.schools_with('observations.read')$w$), 'nothing'), tests.who($w$private.team_with('observations.read')$w$)) $$;
create function tests.as_owner(p_sql text) returns text language plpgsql as $$
begin
  perform tests.sign_out();
  execute p_sql;
  return private.sync_districts();
end $$;
grant execute on function tests.as_owner, tests.leads to authenticated;
select is(tests.as_owner(format($q$ insert into public.district_memberships (id, district_id, user_id, role, starts_on) values (%L, %L, %L, 'leader', current_date + 9) $q$, tests.named('TAP-D next'), tests.id('TAP-D'), tests.id('leader@tap-a.test'))) || tests.leads('leader@tap-a.test'),
  '0TAP-A teacher1, TAP-A teacher2', 'S4: a department''s leader whom the district calls for a day to come leads the department until then');
select is(tests.as_owner(format($q$ update public.district_memberships set starts_on = '2019-01-01' where id = %L $q$, tests.id('TAP-D next'))) || tests.leads('leader@tap-a.test'), '0TAP-A, TAP-B', '… and every school from then on');
select is(tests.as_owner(format($q$ update public.district_memberships set ends_on = current_date - 9 where id = %L $q$, tests.id('TAP-D next'))) || tests.leads('leader@tap-a.test'), '0TAP-A teacher1, TAP-A teacher2', '… and the department again, and no more, when it has ended');
select tests.sign_out();
select is((select m.starts_on || coalesce(m.ends_on::text, ', no end') from public.memberships m where m.id = tests.id('TAP-A leader')), '2020-01-01, no end', '… since when and for as long as the school had said');
select is(tests.as_owner(format($q$ update public.district_memberships set ends_on = null where id = %L $q$, tests.id('TAP-D next'))) || tests.as_owner(format('update public.schools set district_id = null where id = %L', tests.id('TAP-A'))) || tests.leads('leader@tap-a.test'),
  '00TAP-B', '… not while one school of it is left');
select tests.sign_out();
select is((select m.team_scope || (m.via_district_membership_id is null) from public.memberships m where m.id = tests.id('TAP-A leader')), 'departmenttrue', '… but in the school that left, as it was there');

-- The days pass without anybody writing.
select is(tests.as_owner(format($q$ update public.schools set district_id = %L where id = %L $q$, tests.id('TAP-D'), tests.id('TAP-A'))) || tests.as_owner(format($q$ update public.district_memberships set starts_on = current_date + 9 where id = %L $q$, tests.id('TAP-D next'))), '00', 'a district membership that is to begin again');
alter table public.district_memberships disable trigger _500_sync_memberships;
select is(tests.as_owner(format($q$ update public.district_memberships set starts_on = '2019-01-01' where id = %L $q$, tests.id('TAP-D next'))) || tests.as_owner('select 1') || tests.leads('leader@tap-a.test'), '10TAP-A, TAP-B', 'S4: on its first day the job gives the schools, once');
select is(tests.as_owner(format($q$ update public.district_memberships set ends_on = current_date - 2 where id = %L $q$, tests.id('TAP-D next'))) || tests.as_owner('select 1') || tests.leads('leader@tap-a.test'), '10TAP-A teacher1, TAP-A teacher2', '… and after its last one the department, once');
select is(tests.as_owner('alter table public.district_memberships enable trigger _500_sync_memberships'), '0', 'nothing else has begun or ended');
select tests.sign_in('admin@tap-b.test');
select is(tests.does(format($$ select public.add_membership(%L, %L, 'leader', 'department', null, %L) $$, tests.id('TAP-B'), tests.id('leader@tap-a.test'), tests.id('TAP-B LANG'))), '1 rows', 'S4: who was there for the district may be called by the school itself');
select is(tests.leads('leader@tap-a.test'), 'TAP-A teacher1, TAP-A teacher2, TAP-B teacher3', '… and leads what the school gives');

select * from finish();
rollback;
