-- Break-glass: the one way into a coaching observation for somebody who is not in it (access.md, break_glass_grants; never 6).
begin;
select plan(49);
select tests.school('TAP-A'), tests.school('TAP-B');
select tests.member('TAP-A', 'admin2', 'admin');
select tests.observation('TAP-A', k || ' ' || s, 'teacher1', 'leader', k, s) from unnest(array['evaluation', 'coaching']) k, unnest(array['draft', 'submitted']) s;
select tests.observation('TAP-B', 'coaching', 'teacher1', 'leader', 'coaching', 'submitted');

create function tests.break_in(p_email text, p_name text, p_reason text default 'A safeguarding matter', p_minutes integer default 15, p_aal text default 'aal2') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email, p_aal);
  return tests.says(format('select public.break_glass(%L, %L, %L, %L)', tests.id(split_part(p_name, ' ', 1)), tests.id(p_name), p_reason, p_minutes));
end $$;
create function tests.look(p_email text, p_school text default 'TAP-A', p_aal text default 'aal2') returns text language plpgsql as $$
declare
  v_grant uuid;
begin
  perform tests.sign_out();
  select id into v_grant from public.break_glass_grants where school_id = tests.id(p_school);
  perform tests.sign_in(p_email, p_aal);
  return tests.says(format('select public.read_behind_glass(%L, %L)', tests.id(p_school), coalesce(v_grant, gen_random_uuid())));
end $$;
create function tests.refused(p_action text) returns text language sql as $$
  select format('PT404 | Cannot %s | It does not exist, is not yours to change, or is no longer in a state that allows this.', p_action)
$$;
grant execute on all functions in schema tests to authenticated;

-- Opening ----------------------------------------------------------------------------------------------------------------------

select is(left(tests.break_in('admin@tap-a.test', 'TAP-A coaching submitted', p_aal => 'aal1'), 5), 'PT403', 'access.md break_glass_grants: second factor');
select is(left(tests.break_in('admin@tap-a.test', 'TAP-A coaching submitted', r), 5), 'PT422', 'access.md break_glass_grants: a reason: ' || coalesce(r, 'null')) from unnest(array[null, '', 'short', '             ']) r;
select is(left(tests.break_in('admin@tap-a.test', 'TAP-A coaching submitted', p_minutes => m), 5), 'PT422', 'access.md break_glass_grants: within the school''s limit: ' || coalesce(m::text, 'null')) from unnest(array[null, 0, -5, 31, 600]) m;
select is(tests.break_in('admin@tap-a.test', x), tests.refused('break the glass'), 'blueprint: one answer for ' || n)
from (values ('TAP-A coaching draft', 'a draft'), ('TAP-A evaluation draft', 'an evaluation''s draft'), ('TAP-A evaluation submitted', 'what is not coaching'), ('TAP-B coaching', 'another school''s'), ('TAP-A nothing', 'none')) v (x, n);
select is(tests.break_in(p, 'TAP-A coaching submitted'), tests.refused('break the glass'), 'access.md break_glass_grants: admins alone: ' || p)
from unnest(array['principal@tap-a.test', 'chief@tap-a.test', 'teacher2@tap-a.test', 'parent1@tap-a.test', 'admin@tap-b.test']) p;
select tests.sign_out();
select is((select count(*) from public.break_glass_grants where school_id = tests.id('TAP-A')), 0::bigint, '… and nothing is left of a refusal');
select is(tests.break_in('admin@tap-a.test', 'TAP-A coaching submitted'), 'done', 'access.md break_glass_grants: an admin opens, with reason and second factor');
select is((select (expires_at = now() + interval '15 minutes')::text || (admin_id = tests.id('TAP-A admin')) || (teacher_id = tests.id('TAP-A teacher1')) || (observer_id = tests.id('TAP-A leader')) from public.break_glass_grants), 'truetruetruetrue', '… for a quarter of an hour, by and about whom it says');
select is(tests.seen_as('admin@tap-a.test', 'public.observations'), 'TAP-A evaluation submitted', 'the glass opens a function, not the table: the wall stands');
select is(tests.does(format($$ insert into public.break_glass_grants (school_id, admin_id, observation_id, teacher_id, observer_id, reason, expires_at) values (%L, %L, %L, %L, %L, 'x', now() + interval '1 year') $$, tests.id('TAP-A'), tests.id('TAP-A admin'), tests.id('TAP-A coaching submitted'), tests.id('TAP-A teacher1'), tests.id('TAP-A leader'))), '42501', 'access.md break_glass_grants: by function only');
select is(tests.does('update public.break_glass_grants set expires_at = now() + interval ''1 year'''), '42501', 'access.md break_glass_grants: … and not longer');

-- Who is told -------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select is(tests.does_as(p, 'select from public.break_glass_grants'), w, 'access.md break_glass_grants: read by the admin and the people concerned: ' || p)
from (values ('admin@tap-a.test', '1 rows'), ('teacher1@tap-a.test', '1 rows'), ('leader@tap-a.test', '1 rows'), ('principal@tap-a.test', '0 rows'), ('teacher2@tap-a.test', '0 rows'), ('admin@tap-b.test', '0 rows')) v (p, w);
select tests.sign_out();
select is((select string_agg(format('%s of %s to %s', n.kind, n.table_name, replace(m.name, 'TAP-A ', '')), ', ' order by m.name) from public.notifications n join tests.names m on m.id = n.membership_id where n.school_id = tests.id('TAP-A')), 'coaching_opened of break_glass_grants to leader, coaching_opened of break_glass_grants to teacher1', 'access.md break_glass_grants: … who are told at once, and nobody else');

-- Reading ------------------------------------------------------------------------------------------------------------------------

select is(tests.look('admin@tap-a.test', p_aal => 'aal1'), tests.refused('read behind the glass'), 'access.md break_glass_grants: second factor at each read');
select is(tests.look(p), tests.refused('read behind the glass'), 'access.md break_glass_grants: own grants alone: ' || p) from unnest(array['admin2@tap-a.test', 'principal@tap-a.test', 'teacher2@tap-a.test', 'admin@tap-b.test']) p;
select tests.sign_out();
select is((select count(*) from audit.entries where school_id = tests.id('TAP-A') and action = 'READ'), 0::bigint, '… and a refused read reads nothing');
select is(tests.look('admin@tap-a.test'), 'done', 'access.md break_glass_grants: the admin reads');
select tests.sign_out();
select results_eq(format($$ select table_name, row_id, subject_id, membership_id, details ->> 'reason', role from audit.entries where school_id = %L and action = 'READ' $$, tests.id('TAP-A')),
  format($$ values ('observations', %L::uuid, %L::uuid, %L::uuid, 'A safeguarding matter', 'admin') $$, tests.id('TAP-A coaching submitted'), tests.id('TAP-A teacher1'), tests.id('TAP-A admin')), 'access.md break_glass_grants: each read is logged, with who and why');
select tests.sign_in('admin@tap-a.test', 'aal2');
select is((select (x -> 'observation' ->> 'notes') || ' ' || jsonb_array_length(x -> 'ratings') || jsonb_array_length(x -> 'amendments') || (x -> 'feedback' ->> 'teacher_reflection') || (x #>> '{action_steps,0,description}') from public.read_behind_glass(tests.id('TAP-A'), (select id from public.break_glass_grants)) x), 'Notes of coaching submitted 11First thoughtsNext step', '… and gives the whole of it');
select tests.sign_in('teacher1@tap-a.test');
select is((select count(*) from public.audit_trail(tests.id('TAP-A')) t where t.action = 'READ'), 2::bigint, 'access.md break_glass_grants: each read is told to the teacher, in their audit');
select tests.sign_in('teacher2@tap-a.test');
select is((select count(*) from public.audit_trail(tests.id('TAP-A')) t where t.action = 'READ'), 0::bigint, '… and to no other');
select tests.sign_out();
insert into public.role_permissions (school_id, role, permission, scope) values (tests.id('TAP-A'), 'admin', 'break_glass.use', 'none');
select is(tests.look('admin@tap-a.test'), tests.refused('read behind the glass'), 'access.md: a school that closes the glass closes open grants');
select tests.sign_out();
delete from public.role_permissions where school_id = tests.id('TAP-A');
update public.memberships set active = false where id = tests.id('TAP-A admin');
select is(tests.look('admin@tap-a.test'), tests.refused('read behind the glass'), 'never 8: a membership that ends closes it');
select tests.sign_out();
update public.memberships set active = true where id = tests.id('TAP-A admin');
update public.break_glass_grants set expires_at = now() - interval '1 second' where school_id = tests.id('TAP-A');
select is(tests.look('admin@tap-a.test'), tests.refused('read behind the glass'), 'access.md break_glass_grants: it expires');
select tests.sign_out();
select is(tests.does(format('update public.break_glass_grants set expires_at = created_at + interval ''61 minutes'' where school_id = %L', tests.id('TAP-A'))), '23514', 'access.md break_glass_grants: at most 60 minutes, by whatever hand');
insert into public.school_settings (school_id, key, value) values (tests.id('TAP-A'), 'break_glass_minutes', '5');
select is(left(tests.break_in('admin@tap-a.test', 'TAP-A coaching submitted', p_minutes => 6), 5) || tests.break_in('admin@tap-a.test', 'TAP-A coaching submitted', p_minutes => 5), 'PT422done', 'setting break_glass_minutes: the school''s own limit holds');

select * from finish();
rollback;
