-- Settings of a school and of its district (access.md: school_settings, districts).
begin;
select plan(31);
insert into public.districts (id, code, name, timezone, locale) values (tests.id('TAP-D'), 'TAP-D', 'District', 'Asia/Kolkata', 'en-IN');
select tests.school('TAP-A', 'TAP-D'), tests.school('TAP-B', 'TAP-D'), tests.school('TAP-C');
insert into public.district_memberships (district_id, user_id, role, starts_on) values
  (tests.id('TAP-D'), tests.person('chief@tap-d.test'), 'admin', '2020-01-01'), (tests.id('TAP-D'), tests.person('leader@tap-d.test'), 'leader', '2020-01-01');

create function tests.setting(p_school text, p_key text) returns text language plpgsql as $$
begin
  return (select s.value::text || ' by ' || s.source from public.settings(tests.id(p_school)) s where s.key = p_key);
end
$$;
create function tests.set(p_school text, p_key text, p_value text) returns text language sql as $$
  select tests.does(format('select public.set_school_setting(%L, %L, %L)', tests.id(p_school), p_key, p_value)) $$;
create function tests.ask(p_key text, p_value text) returns text language sql as $$
  select tests.does(format('select public.set_district_setting(%L, %L, %L)', tests.id('TAP-D'), p_key, p_value)) $$;
grant execute on all functions in schema tests to authenticated;

select tests.sign_in('admin@tap-a.test');
select is(tests.setting('TAP-A', 'register_hours'), '24 by default', 'issue 4 settings: what nobody has set is the default');
select is(tests.set('TAP-A', k, v), w, format('issue 4 settings: validated by type and bounds: %s = %s', k, v)) from (values ('register_hours', '48', '1 rows'), ('register_hours', '0', 'PT422'),
  ('register_hours', '721', 'PT422'), ('register_hours', '1.5', 'PT422'), ('register_hours', '"48"', 'PT422'), ('register_hours', 'null', 'PT422'), ('half_days', '1', 'PT422'), ('second_factor_roles', '["janitor"]', 'PT422'), ('nothing_such', '1', 'PT422')) v (k, v, w);
select is(tests.setting('TAP-A', 'register_hours'), '48 by school', '… and then the school''s own');
select is(tests.ask('register_hours', '12'), 'PT404', 'access.md districts: a school''s admin asks nothing of the district');
select tests.sign_in('leader@tap-d.test');
select is(tests.ask('register_hours', '12'), 'PT404', 'access.md districts: nor does the district''s leader');

select tests.sign_in('chief@tap-d.test');
select is(public.set_district_setting(tests.id('TAP-D'), 'register_hours', '12'), 1, 'issue 4 settings: a district''s value is followed by the schools that have not set their own');
select is(tests.setting('TAP-A', 'register_hours') || ', ' || tests.setting('TAP-B', 'register_hours'), '48 by school, 12 by district', '… and shown with its source');
select is(tests.ask('register_hours', '"12"'), 'PT422', 'validated there as well');
select is(tests.ask('second_factor_roles', '["admin"]'), 'PT422', 'a district''s admin does not lock themselves out');
select tests.sign_in('admin@tap-b.test');
select is(tests.set('TAP-B', 'register_hours', '36') || ', ' || tests.setting('TAP-B', 'register_hours'), '1 rows, 36 by school', 'a school replaces what it inherits');
select is((public.reset_school_setting(tests.id('TAP-B'), 'register_hours')).value, '12', '… and gives its own up again');
select is(tests.does(format('select public.reset_school_setting(%L, %L)', tests.id(s), 'register_hours')), 'PT404', 'reset: not of another school, and not what was never set: ' || s) from unnest(array['TAP-A', 'TAP-C']) s;
select tests.sign_in('chief@tap-d.test');
select is(public.set_district_setting(tests.id('TAP-D'), 'register_hours', '6'), 1, 'what follows the district again moves with it');
select tests.sign_out();
select is((select private.setting(tests.id('TAP-B'), 'register_hours')), '6'::jsonb, '… at once');
update public.schools set district_id = tests.id('TAP-D') where id = tests.id('TAP-C');
select is((select private.setting(tests.id('TAP-C'), 'register_hours')), '6'::jsonb, 'a school that joins a district follows it');
update public.schools set district_id = null where id = tests.id('TAP-C');
select is((select private.setting(tests.id('TAP-C'), 'register_hours')), '24'::jsonb, '… and one that leaves does not any more');
insert into public.schools (id, district_id, code, name, status) values (tests.id('TAP-E'), tests.id('TAP-D'), 'TAP-E', 'New', 'active');
select is((select s.timezone || ' ' || s.locale from public.schools s where s.id = tests.id('TAP-E')), 'Asia/Kolkata en-IN', 'issue 4 settings: a new school begins with the district''s timezone and locale');
select tests.sign_in('chief@tap-d.test');
select is((public.change_district(tests.id('TAP-D'), p_name, null, null)).name::text, 'Renamed', 'access.md districts: its admin changes the name') from (values ('Renamed')) v (p_name);
select is(tests.does(format('select public.change_district(%L, null, %L)', tests.id('TAP-D'), 'Mars/Olympus')), 'PT422', '… to what there is');
select tests.sign_in('teacher1@tap-a.test');
select is((select string_agg(distinct d.audience, ',') from public.settings(tests.id('TAP-A')) s join public.setting_definitions d using (key)), 'staff', 'access.md school_settings: a teacher reads what concerns teaching');
select tests.sign_in('parent1@tap-a.test');
select is((select count(*) from public.settings(tests.id('TAP-A'))), 0::bigint, 'access.md school_settings: a parent none');
select tests.sign_out();
select cmp_ok((select count(*) from audit.entries e where e.table_name = 'district_settings' and e.xid = pg_current_xact_id()), '>=', 2::bigint, 'issue 4 settings: every change is audited');
select * from finish();
rollback;
