-- "Every scope is bounded by: membership in force, school active, row not deleted, second factor where the school demands it"
-- (access.md), at the next statement on a token already issued (never, 8).
begin;
select plan(45);
select tests.school('TAP-A'), tests.school('TAP-B');
select tests.member('TAP-A', 'both', 'teacher', null, 'MATH', 'MAIN', 'both@tap.test'), tests.member('TAP-B', 'both', 'leader', 'department', 'LANG', null, 'both@tap.test');
select tests.observation('TAP-A', 'visit', 'both', 'leader', 'evaluation', 'submitted'), tests.observation('TAP-B', 'visit', 'teacher3', 'principal', 'evaluation', 'submitted');

-- In force -----------------------------------------------------------------------------------------------------------------

select tests.sign_in('both@tap.test');
select is(tests.who('private.my_memberships()'), 'TAP-A both, TAP-B both', 'a person of two schools holds both memberships');
select is(tests.who($$private.my_memberships('{teacher}')$$), 'TAP-A both', 'my_memberships keeps to the roles that are asked for');
select is(tests.who('private.my_schools()'), 'TAP-A, TAP-B', 'my_schools has both schools');
select is(tests.seen('public.observations'), 'TAP-A visit, TAP-B visit', 'each membership opens what it opens');

select tests.sign_out();
update public.memberships set active = false where id = tests.id('TAP-A both');
select tests.sign_in('both@tap.test');
select is(tests.who('private.my_memberships()'), 'TAP-B both', 'never 8: an inactive membership is none');
select is(tests.seen('public.observations'), 'TAP-B visit', 'never 8: … and closes at the next statement');
select is(tests.who('private.all_my_memberships()'), 'TAP-A both, TAP-B both', 'S6: for "never myself" it still counts');
select tests.sign_out();
update public.memberships set active = true, ends_on = '2020-12-31' where id = tests.id('TAP-A both');
select tests.sign_in('both@tap.test');
select is(tests.who('private.my_memberships()'), 'TAP-B both', 'access.md: an ended membership is none');
select tests.sign_out();
update public.memberships set starts_on = current_date + 2, ends_on = null where id = tests.id('TAP-A both');
select tests.sign_in('both@tap.test');
select is(tests.who('private.my_memberships()'), 'TAP-B both', 'access.md: one that has not begun is none');
select tests.sign_out();
update public.memberships set starts_on = '2020-01-01', deleted_at = now() where id = tests.id('TAP-A both');
select tests.sign_in('both@tap.test');
select is(tests.who('private.my_memberships()'), 'TAP-B both', 'access.md: a removed one is none');
select tests.sign_out();
update public.memberships set deleted_at = null where id = tests.id('TAP-A both');
select tests.sign_in('both@tap.test');
select is(tests.who('private.my_memberships()'), 'TAP-A both, TAP-B both', 'all is well again');

-- Days are the school's own. Kiritimati is 14 hours ahead and Pago Pago 11 behind: at any moment their dates differ.
select tests.sign_out();
update public.schools set timezone = 'Pacific/Kiritimati' where id = tests.id('TAP-A');
update public.schools set timezone = 'Pacific/Pago_Pago' where id = tests.id('TAP-B');
update public.memberships set starts_on = (now() at time zone 'Pacific/Kiritimati')::date where user_id = tests.id('both@tap.test');
select tests.sign_in('both@tap.test');
select is(tests.who('private.my_memberships()'), 'TAP-A both', 'schools.timezone: a membership begins on the school''s own day');
select tests.sign_out();
update public.memberships set starts_on = '2020-01-01', ends_on = (now() at time zone 'Pacific/Pago_Pago')::date where user_id = tests.id('both@tap.test');
select tests.sign_in('both@tap.test');
select is(tests.who('private.my_memberships()'), 'TAP-B both', 'schools.timezone: … and ends with it');
select tests.sign_out();
update public.memberships set ends_on = null where user_id = tests.id('both@tap.test');

select tests.member('TAP-A', 'parent3', 'parent'), tests.member('TAP-B', 'parent3', 'parent');
insert into public.guardianships (school_id, student_id, guardian_id, starts_on, ends_on)
select tests.id(c), tests.id(c || ' pupil1'), tests.id(c || ' parent3'), '2020-01-01', (now() at time zone 'Pacific/Pago_Pago')::date from unnest(array['TAP-A', 'TAP-B']) c;
insert into public.supervisions (school_id, supervisor_id, teacher_id, starts_on, ends_on)
select tests.id(c), tests.id(c || ' mentor'), tests.id(c || ' teacher1'), '2020-01-01', (now() at time zone 'Pacific/Pago_Pago')::date from unnest(array['TAP-A', 'TAP-B']) c;
select tests.sign_in('parent3@tap-a.test');
select is(tests.who('private.my_children()'), 'nothing', 'schools.timezone: a guardianship that ended yesterday there has ended');
select tests.sign_in('parent3@tap-b.test');
select is(tests.who('private.my_children()'), 'TAP-B pupil1', 'schools.timezone: … and lasts to the end of the day elsewhere');
select tests.sign_in('mentor@tap-a.test');
select is(tests.who($$private.team_with('observations.read')$$), 'nothing', 'schools.timezone: a supervision that ended yesterday there has ended');
select tests.sign_in('mentor@tap-b.test');
select is(tests.who($$private.team_with('observations.read')$$), 'TAP-B teacher1', 'schools.timezone: … and lasts to the end of the day elsewhere');
select tests.sign_out();
update public.schools set timezone = 'UTC' where id in (tests.id('TAP-A'), tests.id('TAP-B'));
-- Whether it is still that day in UTC depends on the hour.
update public.supervisions set ends_on = '2020-12-31' where supervisor_id in (tests.id('TAP-A mentor'), tests.id('TAP-B mentor'));

-- School, second factor, sign-in ------------------------------------------------------------------------------------------------

update public.schools set status = 'suspended' where id = tests.id('TAP-A');
select tests.sign_in('both@tap.test');
select is(tests.who('private.my_memberships()'), 'TAP-B both', 'never 8: a suspended school gives nothing');
select is(tests.seen('public.schools'), 'TAP-B', 'never 8: … not even its name');
select tests.sign_in('admin@tap-a.test');
select is(tests.seen('public.memberships') || tests.seen('public.observations') || tests.who($$private.schools_with('school.manage')$$), 'nothingnothingnothing', 'never 8: … to its admin neither');
select tests.sign_out();
update public.schools set status = 'pending' where id = tests.id('TAP-A');
select tests.sign_in('both@tap.test');
select is(tests.who('private.my_memberships()'), 'TAP-B both', 'access.md: nor a school not yet active');
select tests.sign_out();
update public.schools set status = 'active' where id = tests.id('TAP-A');
insert into public.school_settings (school_id, key, value) values (tests.id('TAP-A'), 'second_factor_roles', '["teacher"]');
select tests.sign_in('both@tap.test');
select is(tests.who('private.my_memberships()'), 'TAP-B both', 'access.md: where the school demands a second factor of the role, one factor gives nothing');
select is(tests.seen('public.observations'), 'TAP-B visit', 'access.md: … and shows nothing');
select tests.sign_in('both@tap.test', 'aal2');
select is(tests.who('private.my_memberships()'), 'TAP-A both, TAP-B both', 'access.md: two factors do');
select tests.sign_in('leader@tap-a.test');
select is(tests.who('private.my_memberships()'), 'TAP-A leader', 'access.md: of another role it is not demanded');
select tests.sign_out();
delete from public.school_settings where school_id = tests.id('TAP-A') and key = 'second_factor_roles';
insert into private.revoked_sessions (session_id) values (tests.id('sign-in 1 of both@tap.test'));
select tests.sign_in('both@tap.test');
select is(tests.who('private.my_memberships()') || tests.who('private.my_schools()'), 'nothingnothing', 'hosted: a revoked sign-in gives nothing while its token lives');
select tests.sign_in('both@tap.test', 'aal1', '2');
select is(tests.who('private.my_memberships()'), 'TAP-A both, TAP-B both', 'hosted: … and another sign-in of the person does');
select tests.sign_out();
delete from private.revoked_sessions where session_id = tests.id('sign-in 1 of both@tap.test');
select tests.sign_in('owner@tap.test');
select is(tests.who('private.my_memberships()') || tests.seen('public.schools') || tests.seen('public.observations') || tests.seen('public.profiles'), 'nothingnothingnothingnothing', 'access.md: who is in no school sees nothing');

-- Teams ---------------------------------------------------------------------------------------------------------------------------

select tests.sign_in('leader@tap-a.test');
select is(tests.who($$private.team_with('observations.read')$$), 'TAP-A both, TAP-A teacher1, TAP-A teacher2', 'access.md team: by department');
select is(tests.who($$private.schools_with('observations.read')$$), 'nothing', 'S3: a department leader leads no school');
select tests.sign_in('chief@tap-a.test');
select is(tests.who($$private.team_with('observations.read')$$), 'TAP-A teacher2, TAP-A teacher3', 'access.md team: by campus');
select tests.sign_in('principal@tap-a.test');
select is(tests.who($$private.schools_with('observations.read')$$), 'TAP-A', 'access.md team: school makes the principal');
select tests.sign_in('mentor@tap-a.test');
select is(tests.who($$private.team_with('observations.read')$$), 'nothing', 'access.md team: by name, with nobody named');
select tests.sign_out();
insert into public.supervisions (school_id, supervisor_id, teacher_id, starts_on) values (tests.id('TAP-A'), tests.id('TAP-A mentor'), tests.id('TAP-A teacher3'), '2020-01-01'), (tests.id('TAP-A'), tests.id('TAP-A leader'), tests.id('TAP-A teacher3'), '2020-01-01');
select tests.sign_in('mentor@tap-a.test');
select is(tests.who($$private.team_with('observations.read')$$), 'TAP-A teacher3', 'access.md team: by name');
select tests.sign_in('leader@tap-a.test');
select is(tests.who($$private.team_with('observations.read')$$), 'TAP-A both, TAP-A teacher1, TAP-A teacher2, TAP-A teacher3', 'access.md team: department and supervisions add up');
select tests.sign_out();
update public.memberships set campus_id = tests.id('TAP-A NORTH') where id = tests.id('TAP-A leader');
update public.supervisions set deleted_at = now() where supervisor_id = tests.id('TAP-A leader');
select tests.sign_in('leader@tap-a.test');
select is(tests.who($$private.team_with('observations.read')$$), 'TAP-A teacher2', 'access.md team: campus and department where both are set');

-- Never oneself, and never across schools
select tests.sign_out();
select tests.member('TAP-B', 'both as teacher', 'teacher', null, 'LANG', null, 'both@tap.test');
insert into public.supervisions (school_id, supervisor_id, teacher_id, starts_on) values (tests.id('TAP-B'), tests.id('TAP-B both'), tests.id('TAP-B both as teacher'), '2020-01-01');
select tests.sign_in('both@tap.test');
select is(tests.who($$private.team_with('observations.read')$$), 'TAP-B teacher3', 'access.md team: never mine, by department or by name');
select is(tests.who($$private.team_in_force('observations.create')$$), 'TAP-B teacher3', 'access.md team: … nor to act on');
select is(tests.who($$private.team_with('observations.read')$$) || tests.who($$private.schools_with('observations.read')$$), 'TAP-B teacher3nothing', 'S1: leading in one school opens nothing in the other where one teaches');
select tests.sign_out();
update public.memberships set ends_on = '2024-06-30' where id = tests.id('TAP-B teacher3');
select tests.sign_in('both@tap.test');
select is(tests.who($$private.team_with('observations.read')$$), 'TAP-B teacher3', 'team_with keeps those who left: their past is the team''s');
select is(tests.who($$private.team_in_force('observations.create')$$), 'nothing', 'team_in_force does not: nobody observes who is gone');
select tests.sign_out();
update public.memberships set ends_on = null, active = false where id = tests.id('TAP-B teacher3');
select tests.sign_in('both@tap.test');
select is(tests.who($$private.team_in_force('observations.create')$$), 'nothing', '… nor who is inactive');
select tests.sign_out();
update public.memberships set ends_on = null, starts_on = '2020-01-01', active = true, deleted_at = now() where id = tests.id('TAP-B teacher3');
select tests.sign_in('both@tap.test');
select is(tests.who($$private.team_with('observations.read')$$), 'nothing', 'a removed membership is in no team');
select tests.sign_in('teacher1@tap-a.test');
select is(tests.who($$private.team_with('observations.read')$$) || tests.who($$private.team_in_force('observations.read')$$) || tests.who($$private.schools_with('observations.read')$$), 'nothingnothingnothing', 'access.md: a teacher has no team');
select tests.sign_in_as_anon();
select throws_ok('select * from private.my_memberships()', '42501', null, 'access.md: anon asks no helper');

select * from finish();
rollback;
