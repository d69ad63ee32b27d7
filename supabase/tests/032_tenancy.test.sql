-- Districts, schools, their parts, settings, profiles, directory cards and memberships: who reads and changes what (access.md).
begin;
select plan(105);
select tests.school('TAP-B');
insert into public.districts (id, code, name) values (tests.named('TAP-D'), 'TAP-D', 'District');
select tests.school('TAP-A', 'TAP-D');
insert into public.directory_cards (school_id, id, membership_id, display_name) select m.school_id, tests.named('card of ' || n.name), m.id, n.name from public.memberships m join tests.names n on n.id = m.id where m.school_id in (tests.id('TAP-A'), tests.id('TAP-B'));

-- Reading ------------------------------------------------------------------------------------------------------------------

select is(tests.seen_as(p || '@tap-a.test', 'public.districts'), w, 'access.md districts: ' || p) from (values ('admin', 'TAP-D'), ('leader', 'TAP-D'), ('teacher1', 'TAP-D'), ('student1', 'nothing'), ('parent1', 'nothing')) v (p, w);
select is(tests.seen_as(p || '@tap-a.test', 'public.schools') || ', ' || tests.seen('public.campuses') || ', ' || tests.seen('public.departments'), 'TAP-A, TAP-A MAIN, TAP-A NORTH, TAP-A LANG, TAP-A MATH', 'access.md schools, campuses, departments: ' || p) from unnest(array['admin', 'leader', 'teacher1', 'student1', 'parent1']) p;
select is(tests.seen_as(p || '@tap-a.test', format('public.directory_cards where display_name ~ ''^TAP-[AB] (admin|parent1)$''')), w, 'access.md directory_cards: ' || p)
from (values ('admin', 'card of TAP-A admin, card of TAP-A parent1'), ('leader', 'card of TAP-A admin'), ('teacher1', 'card of TAP-A admin'), ('student1', 'nothing'), ('parent1', 'nothing')) v (p, w);
select is(tests.seen_as(p || '@tap-a.test', 'public.memberships'), w, 'access.md memberships: ' || p)
from (values ('leader', 'TAP-A leader, TAP-A teacher1, TAP-A teacher2'), ('chief', 'TAP-A chief, TAP-A teacher2, TAP-A teacher3'), ('teacher1', 'TAP-A teacher1'), ('student1', 'TAP-A student1'), ('parent1', 'TAP-A parent1')) v (p, w);
select is((select count(*)::text from public.memberships), '1', 'access.md memberships: … and not one more');
select is(tests.does_as('admin@tap-a.test', 'select from public.memberships'), '12 rows', 'access.md memberships: an admin reads the school''s');
select is(tests.does_as(p || '@tap-a.test', 'select from public.profiles'), '1 rows', 'access.md profiles: own: ' || p) from unnest(array['admin', 'leader', 'teacher1', 'student1', 'parent1']) p;
select is((select full_name::text from public.profiles), 'parent1', '… with the name that the sign-up gave');

-- Changing -----------------------------------------------------------------------------------------------------------------

select is(tests.does_as(p, s), w, 'access.md schools and their parts: ' || p || ': ' || left(s, 45))
from unnest(array['admin@tap-a.test', 'principal@tap-a.test', 'teacher1@tap-a.test', 'parent1@tap-a.test', 'admin@tap-b.test']) p,
  lateral (values (format('update public.schools set name = ''New'', locale = ''en'', timezone = ''Asia/Kolkata'' where id = %L', tests.id('TAP-A')), case p when 'admin@tap-a.test' then '1 rows' else '0 rows' end),
    (format('update public.departments set name = ''New'' where school_id = %L', tests.id('TAP-A')), case p when 'admin@tap-a.test' then '2 rows' else '0 rows' end),
    (format('insert into public.campuses (school_id, code, name) values (%L, %L, ''New'')', tests.id('TAP-A'), upper(split_part(p, '@', 1))), case p when 'admin@tap-a.test' then '1 rows' else '42501' end),
    (format('update public.directory_cards set title = ''Head'' where membership_id = %L', tests.id('TAP-A teacher1')), case p when 'admin@tap-a.test' then '1 rows' else '0 rows' end)) v (s, w);
select is(tests.does_as('admin@tap-a.test', format('update public.schools set %s where id = %L', c, tests.id('TAP-A'))), '42501', 'access.md schools: never code, status or district: ' || c) from unnest(array['code = ''X''', 'status = ''active''', 'district_id = null', 'deleted_at = now()']) c;
select is(tests.does_as('admin@tap-a.test', format('update public.schools set %s where id = %L', c, tests.id('TAP-A'))) in ('22023', '23514'), true, 'a school has a real timezone and locale: ' || c) from unnest(array['timezone = ''Mars/Olympus''', 'locale = ''hebrew''']) c;
select is(tests.does_as('admin@tap-a.test', s), '42501', 'access.md: no school or district is made through the API: ' || left(s, 40)) from unnest(array['insert into public.schools (code, name) values (''X'', ''X'')', 'insert into public.districts (code, name) values (''X'', ''X'')', 'delete from public.schools', 'update public.districts set name = ''X''', 'insert into public.district_memberships (district_id, user_id, role) values (gen_random_uuid(), gen_random_uuid(), ''admin'')', 'update public.district_memberships set active = true']) s;
select is(tests.does_as('admin@tap-a.test', format('insert into public.directory_cards (school_id, membership_id, display_name) values (%L, %L, ''X'')', tests.id('TAP-A'), tests.id(m))), '42501', 'blueprint: a card is of a member of the school alone: ' || m) from unnest(array['TAP-B teacher1', 'TAP-A nobody']) m;
select is(tests.does_as('teacher1@tap-a.test', 'update public.profiles set full_name = ''Other'''), '1 rows', 'access.md profiles: one changes one''s own');
select is(tests.does('update public.profiles set user_id = gen_random_uuid()'), '42501', '… and not whose it is');
select tests.sign_in_as_service();
select is(tests.does('delete from public.schools where id = tests.id(''TAP-B'')') || tests.does('delete from public.districts where id = tests.id(''TAP-D'')'), '4250142501', 'S11: no school or district is deleted through the API');

-- Settings -----------------------------------------------------------------------------------------------------------------

select is(tests.does_as('admin@tap-a.test', format($$ select public.set_school_setting(%L, %L, %L) $$, tests.id('TAP-A'), k, v)), w, format('school_settings: %s = %s', k, left(v, 20)))
from (values ('session_idle_minutes', '20', '1 rows'), ('session_idle_minutes', '25', '1 rows'), ('session_idle_minutes', '0', 'PT422'), ('session_idle_minutes', '241', 'PT422'), ('session_idle_minutes', '2.5', 'PT422'), ('session_idle_minutes', '"20"', 'PT422'), ('session_idle_minutes', 'null', 'PT422'),
  ('session_idle_minutes', '99999999999999999999', 'PT422'), ('session_expiry_revokes', 'true', '1 rows'), ('session_expiry_revokes', '1', 'PT422'), ('second_factor_roles', '["leader", "teacher"]', '1 rows'), ('second_factor_roles', '["owner"]', 'PT422'), ('second_factor_roles', '"teacher"', 'PT422'), ('second_factor_roles', '[]', '1 rows'),
  ('no_such_key', '1', 'PT422'), ('break_glass_minutes', '61', 'PT422'), ('acknowledgement_days', '7', '1 rows')) v (k, v, w);
select is(tests.does_as('admin@tap-a.test', format($$ select public.set_school_setting(%L, 'second_factor_roles', '["admin"]') $$, tests.id('TAP-A'))), 'PT422', 'nobody locks themselves out by demanding a second factor that they have not shown');
select is(tests.does_as(p, format($$ select public.set_school_setting(%L, 'acknowledgement_days', '9') $$, tests.id('TAP-A'))), 'PT404', 'access.md school_settings: changed by admins alone: ' || p) from unnest(array['principal@tap-a.test', 'teacher1@tap-a.test', 'student1@tap-a.test', 'admin@tap-b.test']) p;
select is(tests.does_as('admin@tap-a.test', s), '42501', 'access.md school_settings: by function only: ' || left(s, 30)) from unnest(array['update public.school_settings set value = ''1''', 'delete from public.school_settings', 'insert into public.school_settings (school_id, key, value) values (gen_random_uuid(), ''x'', ''1'')']) s;
select tests.sign_out();
select is((select string_agg(key || '=' || value, ', ' order by key) from public.school_settings where school_id = tests.id('TAP-A')), 'acknowledgement_days=7, second_factor_roles=[], session_expiry_revokes=true, session_idle_minutes=25', 'school_settings: one row per key');
select is(private.setting(tests.id('TAP-A'), 'session_idle_minutes')::text || '/' || private.setting(tests.id('TAP-B'), 'session_idle_minutes')::text, '25/10', 'school_settings: an absent key is the default');
select is(tests.does_as(p || '@tap-a.test', 'select from public.school_settings'), w, 'access.md school_settings: ' || p) from (values ('admin', '4 rows'), ('principal', '4 rows'), ('leader', '4 rows'), ('teacher1', '1 rows'), ('student1', '0 rows'), ('parent1', '0 rows')) v (p, w);
select is(tests.does_as('admin@tap-b.test', 'select from public.school_settings'), '0 rows', 'never 1: another school''s settings');

-- Requests ------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
create function tests.request(p_headers text) returns text language plpgsql as $$
begin
  perform set_config('request.headers', p_headers, true);
  return tests.says('select private.check_request()');
end $$;
select is(left(tests.request(h), 5), w, 'S12: a count by estimate is refused, and nothing else: ' || coalesce(h, 'no headers'))
from (values ('{"prefer": "count=planned"}', 'PT400'), ('{"prefer": "return=minimal, count=estimated"}', 'PT400'), ('{"prefer": "Count = \"Planned\""}', 'PT400'), ('{"prefer": "count=exact"}', 'done'), ('{}', 'done'), ('', 'done')) v (h, w);

select * from finish();
rollback;
