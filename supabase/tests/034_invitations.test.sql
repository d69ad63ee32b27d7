-- Invitations: memberships that wait for whoever proves the address (access.md: memberships by function, never touching own rights).
begin;
select plan(56);
select tests.school('TAP-A'), tests.school('TAP-B');

create function tests.invite(p_school text, p_people text) returns text language plpgsql as $$
begin
  return (select string_agg(split_part(i.email, '@', 1) || case when i.waiting then ' waits' else ' is here' end, ', ' order by i.email) from public.invite_people(tests.id(p_school), p_people::jsonb) i);
exception when sqlstate 'PT404' or sqlstate 'PT422' or sqlstate 'PT409' then
  return sqlstate;
end
$$;
create function tests.sign_up(p_email text, p_confirmed boolean default true) returns uuid language sql as $$
  insert into auth.users (id, email, aud, role, email_confirmed_at, raw_app_meta_data, raw_user_meta_data)
  values (tests.id(p_email), p_email, 'authenticated', 'authenticated', case when p_confirmed then now() end, '{}', '{}') returning id $$;
create function tests.token(p_email text) returns void language sql as $$
  select private.custom_access_token(jsonb_build_object('user_id', tests.id(p_email), 'authentication_method', 'password', 'claims', jsonb_build_object('session_id', gen_random_uuid()))) $$;
grant execute on all functions in schema tests to authenticated;

-- Who invites ----------------------------------------------------------------------------------------------------------------
select is(tests.invite('TAP-A', '[{"email": "new@tap.test", "full_name": "N", "role": "teacher"}]'), 'PT404', 'access.md memberships: created by admins alone: ' || p)
from unnest(array['principal@tap-a.test', 'leader@tap-a.test', 'teacher1@tap-a.test', 'student1@tap-a.test', 'parent1@tap-a.test', 'admin@tap-b.test']) p, lateral tests.sign_in(p);
select tests.sign_in('admin@tap-a.test');
select is(tests.invite('TAP-A', '[{"email": "Admin@TAP-A.test", "full_name": "Me", "role": "teacher"}]'), 'PT404', 'never 2: nobody invites themselves');
select is(tests.invite('TAP-A', p), 'PT422', 'refused with a hint: ' || left(p, 60)) from unnest(array['{}', '[]', '[{"email": "x@tap.test", "role": "teacher"}]', '[{"email": "nobody", "full_name": "N", "role": "teacher"}]',
  '[{"email": "x@tap.test", "full_name": "N", "role": "janitor"}]', '[{"email": "x@tap.test", "full_name": "N", "role": "leader"}]', '[{"email": "x@y.invalid", "full_name": "N", "role": "teacher"}]',
  format('[{"email": "x@tap.test", "full_name": "N", "role": "teacher", "department_id": "%s"}]', tests.id('TAP-B MATH')), '[{"email": "x@tap.test", "full_name": "N\u202e", "role": "teacher"}]']) p;
select is(tests.invite('TAP-A', format('[{"email": "x@tap.test", "full_name": "N", "role": "student", "student_id": "%s"}]', i)), 'PT404', 'a student is invited for a student of the school without a sign-in') from unnest(array[tests.id('TAP-B pupil1'), tests.id('TAP-A pupil1'), gen_random_uuid()]) i;
select is((select count(*) from public.memberships m join public.directory_cards d on d.membership_id = m.id where m.school_id = tests.id('TAP-A') and m.user_id is null), 0::bigint, '… and nothing half-done remains');

select is(tests.invite('TAP-A', '[{"email": " Dana@Tap.test", "full_name": "דנה", "role": "teacher", "teacher_code": "T-9"}, {"email": "avi@tap.test", "full_name": "Avi", "role": "leader", "team_scope": "school"}]'),
  'avi waits, dana waits', 'issue 4 people: several at once, by addresses that have no account');
select is(tests.invite('TAP-A', '[{"email": "dana@tap.test", "full_name": "דנה", "role": "teacher"}]') || (select count(*) from public.invitations where email = 'dana@tap.test'), 'dana waits1', '… and again, it is the same invitation');
select is((select m.role || ' ' || m.teacher_code || ' ' || d.display_name from public.invitations i join public.memberships m on m.id = i.membership_id join public.directory_cards d on d.membership_id = m.id where i.email = 'dana@tap.test' and m.user_id is null),
  'teacher T-9 דנה', 'the membership is there at once, with its card, so that she stands in the timetable');
select tests.sign_out();

-- Whoever proves the address -----------------------------------------------------------------------------------------------------
select tests.sign_up('dana@tap.test', false);
select tests.token('dana@tap.test');
select is((select m.user_id from public.invitations i join public.memberships m on m.id = i.membership_id where i.email = 'dana@tap.test'), null, 'an address that is not proved takes nothing over');
update auth.users set email_confirmed_at = now() where id = tests.id('dana@tap.test');
select tests.token('dana@tap.test');
select is((select m.user_id from public.invitations i join public.memberships m on m.id = i.membership_id where i.email = 'dana@tap.test' and i.accepted_at is not null), tests.id('dana@tap.test'), 'issue 4 people: invitation first, sign-up later: one membership');
select is((select count(*) || ' ' || min(p.full_name) from public.profiles p where p.user_id = tests.id('dana@tap.test')), '1 דנה', '… and one profile, named as she was invited');
select tests.token('dana@tap.test');
select is((select count(*) from public.notifications n where n.row_id = (select membership_id from public.invitations where email = 'dana@tap.test')), 1::bigint, '… told once');
select tests.sign_up('eli@tap.test');
select tests.sign_in('admin@tap-a.test');
select is(tests.invite('TAP-A', '[{"email": "eli@tap.test", "full_name": "Eli", "role": "teacher"}]'), 'eli waits', 'sign-up first, invitation later: the answer does not tell that there is an account');
select tests.sign_in('eli@tap.test');
select is(public.accept_invitations() || ' ' || public.accept_invitations(), '1 0', '… which takes it over when it asks, once');
select is((select string_agg(m.role, ',') from public.memberships m), 'teacher', '… and has its rights');
select tests.sign_in('admin@tap-a.test');
select is(tests.invite('TAP-A', '[{"email": "eli@tap.test", "full_name": "Eli", "role": "teacher"}]'), 'eli is here', 'who is a member already is not invited a second time');
select tests.sign_out();
update public.memberships m set active = false, starts_on = current_date - 9, ends_on = current_date - 1 where m.user_id = tests.id('eli@tap.test');
select tests.sign_in('admin@tap-a.test');
select is(tests.invite('TAP-A', '[{"email": "eli@tap.test", "full_name": "Eli", "role": "teacher"}]'), 'eli is here', 'S1: who returns …');
select is((select count(*) || ' ' || bool_and(active) from public.memberships where user_id = tests.id('eli@tap.test')), '1 true', '… takes up the row that holds their past');
select is(tests.invite('TAP-A', '[{"email": "noa@tap.test", "full_name": "Noa", "role": "parent"}]'), 'noa waits', 'a guardian is invited');
select tests.sign_out();
select tests.sign_up('noa@tap.test');
select tests.sign_in('admin@tap-a.test');
select is((public.add_membership(tests.id('TAP-A'), tests.id('noa@tap.test'), 'parent')).id, (select i.membership_id from public.invitations i where i.email = 'noa@tap.test'), 'import meets invitation: the membership that waited is the one');

-- Taking back ------------------------------------------------------------------------------------------------------------------
select is(tests.invite('TAP-A', '[{"email": "gil@tap.test", "full_name": "Gil", "role": "teacher"}]'), 'gil waits', 'somebody is invited by mistake');
select set_config('tests.gil', (select i.id::text from public.invitations i where i.email = 'gil@tap.test'), true);
select tests.sign_in('admin@tap-b.test');
select is(tests.does(format('select public.revoke_invitation(%L, %L)', tests.id('TAP-A'), current_setting('tests.gil'))), 'PT404', 'revoked by the school''s own office');
select tests.sign_in('admin@tap-a.test');
select lives_ok(format('select public.revoke_invitation(%L, %L)', tests.id('TAP-A'), (select i.id from public.invitations i where i.email = 'gil@tap.test')), '… which takes it back');
select tests.sign_out();
select tests.sign_up('gil@tap.test');
select tests.token('gil@tap.test');
select is((select count(*) from public.memberships where user_id = tests.id('gil@tap.test')), 0::bigint, '… and nothing is left to take over');

-- Ended while it waits ----------------------------------------------------------------------------------------------------------
select tests.sign_in('admin@tap-a.test');
select is(tests.invite('TAP-A', '[{"email": "ben@tap.test", "full_name": "Ben", "role": "teacher"}]'), 'ben waits', 'a teacher is invited');
select is(tests.does(format('select public.end_membership(%L, %L)', tests.id('TAP-A'), (select i.membership_id from public.invitations i where i.email = 'ben@tap.test'))), '1 rows', '… and does not come');
select is(tests.invite('TAP-A', '[{"email": "ben@tap.test", "full_name": "Ben", "role": "teacher"}]'), 'ben waits', '… but then does, and is invited again');
select tests.sign_out();
select tests.sign_up('ben@tap.test');
select tests.token('ben@tap.test');
select is((select string_agg(m.role || ' ' || m.active || coalesce(' ' || m.ends_on, ''), ', ') from public.memberships m where m.user_id = tests.id('ben@tap.test')), 'teacher true', '… to the membership that waited');
select tests.sign_in('admin@tap-a.test');
select is(tests.invite('TAP-A', '[{"email": "tal@tap.test", "full_name": "Tal", "role": "teacher"}]'), 'tal waits', 'another is invited');
select is(tests.does(format('select public.end_membership(%L, %L)', tests.id('TAP-A'), (select i.membership_id from public.invitations i where i.email = 'tal@tap.test'))), '1 rows', '… and does not come either');
select is(tests.invite('TAP-A', format('[{"email": "tal@tap.test", "full_name": "Tal", "role": "teacher", "starts_on": "%s"}]', current_date + 30)), 'tal waits', '… but will in a month');
select tests.sign_out();
select tests.sign_up('tal@tap.test');
select tests.token('tal@tap.test');
select is((select m.active || ' ' || m.resumes_on - current_date from public.memberships m where m.user_id = tests.id('tal@tap.test')), 'true 30', '… and has no right before');

-- Students without a mailbox ----------------------------------------------------------------------------------------------------
insert into public.students (school_id, id, given_name, family_name) select tests.id('TAP-A'), tests.named('TAP-A pupil' || n), 'Pupil', n::text from generate_series(7, 10) n;
select tests.sign_in('admin@tap-a.test');
select is((select p.email from public.prepare_sign_in(tests.id('TAP-A'), tests.id('TAP-A pupil7'), 'Gal.7') p), 'gal.7+tap-a@students.invalid', 'issue 4 people: a student gets an address that receives no mail');
select is((select count(*) from public.prepare_sign_in(tests.id('TAP-A'), tests.id('TAP-A pupil7'), 'gal.7')), 1::bigint, '… the same one again');
select is(tests.does(format('select public.prepare_sign_in(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A ' || p), u)), w, 'prepare_sign_in: ' || p || ' ' || u)
from (values ('pupil8', 'gal.7', 'PT409'), ('pupil7', 'other', 'PT409'), ('pupil8', 'א', 'PT422'), ('nobody', 'x1', 'PT404')) v (p, u, w);
select is(string_agg(tests.invite('TAP-A', format('[{"email": "family@tap.test", "full_name": "Pupil", "role": "student", "student_id": "%s"}]', tests.id('TAP-A ' || p))), ', ' order by p), 'family waits, PT409', 'an address that waits for one child is not answered for another')
from unnest(array['pupil10', 'pupil8']) p;
select tests.sign_in('admin@tap-b.test');
select is(tests.does(format('select public.prepare_sign_in(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A pupil7'), 'gal.7')), 'PT404', 'never 1: not by another school''s office');
select is((select count(*) from public.invitations), 0::bigint, 'access.md memberships: an office reads its own school''s invitations');
select tests.sign_out();
select * from finish();
rollback;
