-- Settings of a school, what it follows of its district, and the district itself.

create function private.keep_own_rights(p_school_ids uuid[], p_key text, p_value jsonb) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if p_key = 'second_factor_roles' and (select auth.jwt()) ->> 'aal' is distinct from 'aal2'
    and exists (select from private.current_memberships c where c.school_id = any (p_school_ids) and p_value ? c.role) then
    perform private.reject('set second_factor_roles', 'It would end your own rights at once: sign in with a second factor (aal2) first.');
  end if;
end
$$;

-- definer: because the table has no write grant; the right is checked in the same statement.
create function private.set_school_setting(p_school_id uuid, p_key text, p_value jsonb) returns public.school_settings
language plpgsql security definer set search_path = ''
as $$
declare
  v_setting public.school_settings;
begin
  perform private.keep_own_rights(array[p_school_id], p_key, p_value);
  insert into public.school_settings as s (school_id, key, value)
  select p_school_id, p_key, p_value where p_school_id = any (array(select private.schools_with('settings.manage')))
  on conflict (school_id, key) do update set value = excluded.value, inherited = false
  returning s.* into v_setting;
  if v_setting.id is null then
    perform private.refuse('change the setting');
  end if;
  return v_setting;
end
$$;
grant execute on function private.set_school_setting to authenticated;

create function public.set_school_setting(school_id uuid, key text, value jsonb) returns public.school_settings
language sql set search_path = ''
as $$ select private.set_school_setting(set_school_setting.school_id, set_school_setting.key, set_school_setting.value) $$;
comment on function public.set_school_setting is 'Sets one setting of a school (admins), whatever its district has set. Value: see setting_definitions. PT404 not allowed; PT422 not a value that the setting takes.';
grant execute on function public.set_school_setting to authenticated;

-- definer: as above.
create function private.reset_school_setting(p_school_id uuid, p_key text) returns public.school_settings
language plpgsql security definer set search_path = ''
as $$
declare
  v_value jsonb := (select coalesce(x.value, d.default_value) from public.setting_definitions d
    left join public.district_settings x on x.key = d.key and x.district_id = (select s.district_id from public.schools s where s.id = p_school_id)
    where d.key = p_key);
  v_setting public.school_settings;
begin
  perform private.keep_own_rights(array[p_school_id], p_key, v_value);
  update public.school_settings s set value = v_value, inherited = true
  where s.school_id = p_school_id and s.key = p_key and s.school_id = any (array(select private.schools_with('settings.manage')))
  returning s.* into v_setting;
  if v_setting.id is null then
    perform private.refuse('reset the setting');
  end if;
  return v_setting;
end
$$;
grant execute on function private.reset_school_setting to authenticated;

create function public.reset_school_setting(school_id uuid, key text) returns public.school_settings
language sql set search_path = ''
as $$ select private.reset_school_setting(reset_school_setting.school_id, reset_school_setting.key) $$;
comment on function public.reset_school_setting is 'Gives up a school''s own value: from now on the setting follows the district, or the default (admins). PT404 not allowed, or nothing was set.';
grant execute on function public.reset_school_setting to authenticated;

create function public.settings(school_id uuid) returns table (key text, value jsonb, source text, description text)
language sql stable set search_path = ''
as $$
  select d.key, coalesce(s.value, d.default_value),
    case when s.id is null or s.inherited and s.value = d.default_value then 'default' when s.inherited then 'district' else 'school' end, d.description
  from public.setting_definitions d
  left join public.school_settings s on s.school_id = settings.school_id and s.key = d.key
  where settings.school_id = any (array(select private.schools_with('settings.read')))
    or d.audience = 'staff' and settings.school_id = any (array(select private.my_schools('{admin,leader,teacher}')))
  order by d.key
$$;
comment on function public.settings is 'Every setting of a school that the caller may read, with the value in force and its source: school, district or default.';
grant execute on function public.settings to authenticated;

-- definer: because policies read district memberships whatever the caller may see of them.
create function private.districts_of_admin() returns setof uuid
language plpgsql stable security definer rows 1 set search_path = ''
as $$
begin
  return query select distinct d.district_id from private.current_memberships c
  join public.district_memberships d on d.id = (select m.via_district_membership_id from public.memberships m where m.id = c.id) and d.user_id = c.user_id and d.active
  where c.role = 'admin' and d.role = 'admin';
end
$$;
comment on function private.districts_of_admin is 'Districts whose admin the caller is, with rights in force in at least one of its schools.';
grant execute on function private.districts_of_admin to authenticated;

create policy "staff read what their district asks" on public.district_settings for select to authenticated
  using (district_id = any (array(select private.districts_of_admin()))
    or district_id = any (array(select private.my_districts())) and key in (select d.key from public.setting_definitions d where d.audience = 'staff'));

-- definer: as above; a trigger writes the copy of each school, so that no row points out of its school.
create function private.set_district_setting(p_district_id uuid, p_key text, p_value jsonb) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid;
begin
  perform private.keep_own_rights(array(select s.id from public.schools s where s.district_id = p_district_id), p_key, p_value);
  insert into public.district_settings as s (district_id, key, value)
  select p_district_id, p_key, p_value where p_district_id = any (array(select private.districts_of_admin()))
  on conflict (district_id, key) do update set value = excluded.value
  returning s.id into v_id;
  if v_id is null then
    perform private.refuse('change the district''s setting');
  end if;
  return (select count(*) from public.school_settings o join public.schools s on s.id = o.school_id where s.district_id = p_district_id and o.key = p_key and o.inherited);
end
$$;
grant execute on function private.set_district_setting to authenticated;

create function public.set_district_setting(district_id uuid, key text, value jsonb) returns integer
language sql set search_path = ''
as $$ select private.set_district_setting(set_district_setting.district_id, set_district_setting.key, set_district_setting.value) $$;
comment on function public.set_district_setting is 'Sets what every school of a district follows that has not set it itself (the district''s admins); returns how many follow. PT404, PT422.';
grant execute on function public.set_district_setting to authenticated;

-- definer: because a district has no write grant.
create function private.change_district(p_district_id uuid, p_name text, p_timezone text, p_locale text) returns public.districts
language plpgsql security definer set search_path = ''
as $$
declare
  v_district public.districts;
begin
  update public.districts d set name = coalesce(p_name, d.name), timezone = coalesce(p_timezone, d.timezone), locale = coalesce(p_locale, d.locale)
  where d.id = p_district_id and d.deleted_at is null and d.id = any (array(select private.districts_of_admin()))
  returning d.* into v_district;
  if v_district.id is null then
    perform private.refuse('change the district');
  end if;
  return v_district;
exception when check_violation or invalid_parameter_value then
  perform private.reject('change the district', 'A name of 1 to 200 characters, an IANA timezone, a locale such as he or en-IN.');
end
$$;
grant execute on function private.change_district to authenticated;

create function public.change_district(district_id uuid, name text default null, timezone text default null, locale text default null) returns public.districts
language sql set search_path = ''
as $$ select private.change_district(change_district.district_id, change_district.name, change_district.timezone, change_district.locale) $$;
comment on function public.change_district is 'Changes a district''s name, and the timezone and locale that its new schools begin with (the district''s admins); what is not named stays. PT404, PT422.';
grant execute on function public.change_district to authenticated;
