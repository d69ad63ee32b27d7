-- Tenancy: districts, schools, their parts and settings. Policies are in people, where the helpers are.

create table public.districts (
  id uuid primary key default gen_random_uuid(),
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  country text not null default 'IL' constraint districts_country check (country ~ '^[A-Z]{2}$'),
  timezone private.timezone_text not null default 'Asia/Jerusalem',
  locale private.locale_text not null default 'he',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint districts_code_key unique nulls not distinct (code, deleted_at)
);
alter table public.districts enable row level security;
call private.equip('public.districts', p_nfc => '{name}');
revoke delete on public.districts from service_role;
grant select on public.districts to authenticated;
comment on table public.districts is 'A district: one admin office over several schools.';
comment on column public.districts.country is 'ISO 3166-1 alpha-2';
comment on column public.districts.timezone is 'what its new schools begin with, as the locale; both changed by rpc(''change_district'')';

create table public.schools (
  id uuid primary key default gen_random_uuid(),
  district_id uuid references public.districts on delete restrict,
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  status text not null default 'pending' constraint schools_status check (status in ('pending', 'active', 'suspended')),
  timezone private.timezone_text not null,
  locale private.locale_text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint schools_code_key unique nulls not distinct (code, deleted_at)
);
create index schools_district_id_idx on public.schools (district_id);
alter table public.schools enable row level security;
call private.equip('public.schools', p_nfc => '{name}');
revoke delete on public.schools from service_role;
grant select, update (name, timezone, locale) on public.schools to authenticated;
comment on table public.schools is 'A school is a tenant. Suspending it ends every right in it at the next statement.';
comment on column public.schools.timezone is 'days and dated rights are counted in it; the district''s where none is given';

create function private.tg_schools__follow_district() returns trigger
language plpgsql set search_path = ''
as $$
declare
  v_district public.districts;
begin
  select d.* into v_district from public.districts d where d.id = new.district_id;
  new.timezone := coalesce(new.timezone, v_district.timezone, 'Asia/Jerusalem');
  new.locale := coalesce(new.locale, v_district.locale, 'he');
  return new;
end
$$;
create trigger _150_follow_district before insert on public.schools for each row when (new.timezone is null or new.locale is null)
  execute function private.tg_schools__follow_district();

create function private.today(p_school_id uuid) returns date
language plpgsql stable set search_path = ''
as $$
begin
  return (select (now() at time zone s.timezone)::date from public.schools s where s.id = p_school_id);
end
$$;
comment on function private.today is 'The day at a school. Never current_date: that is the day of whatever timezone the request asks for (Prefer: timezone).';
grant execute on function private.today to authenticated, service_role;

create function private.tg__starts_today() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.starts_on := private.today(new.school_id);
  return new;
end
$$;
comment on function private.tg__starts_today is 'Puts the day at the school in place of the default -infinity: a default cannot look up the school.';

create table public.campuses (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint campuses_code_key unique nulls not distinct (school_id, code, deleted_at)
);
create index campuses_id_idx on public.campuses (id);
alter table public.campuses enable row level security;
call private.equip('public.campuses', p_nfc => '{name}');
grant select, insert (school_id, id, code, name), update (code, name), delete on public.campuses to authenticated;
comment on table public.campuses is 'A site of a school.';

create table public.departments (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint departments_code_key unique nulls not distinct (school_id, code, deleted_at)
);
create index departments_id_idx on public.departments (id);
alter table public.departments enable row level security;
call private.equip('public.departments', p_nfc => '{name}');
grant select, insert (school_id, id, code, name), update (code, name), delete on public.departments to authenticated;
comment on table public.departments is 'A department of a school, e.g. Mathematics.';

-- Settings: one row per key that departs from the default, so that readers of different keys are told apart by row ------------

create table public.setting_definitions (
  key text primary key constraint setting_definitions_key check (key ~ '^[a-z]+(_[a-z]+)*$'),
  audience text not null constraint setting_definitions_audience check (audience in ('office', 'staff')),
  type text not null constraint setting_definitions_type check (type in ('boolean', 'integer', 'roles')),
  minimum integer,
  maximum integer,
  default_value jsonb not null,
  description text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint setting_definitions_bounds check ((type = 'integer') = (minimum is not null and maximum is not null))
);
alter table public.setting_definitions enable row level security;
grant select on public.setting_definitions to authenticated, service_role;
comment on table public.setting_definitions is 'What can be set, of which type, within which bounds. Only migrations write it.';
comment on column public.setting_definitions.audience is 'office: admins and leaders read it; staff: teachers too';

insert into public.setting_definitions (key, audience, type, minimum, maximum, default_value, description) values
  ('second_factor_roles', 'office', 'roles', null, null, '[]', 'Roles whose rights in the school need a sign-in with a second factor (aal2)'),
  ('session_idle_minutes', 'office', 'integer', 1, 240, '10', 'Minutes without a heartbeat after which a session is closed'),
  ('session_expiry_revokes', 'office', 'boolean', null, null, 'false', 'Whether an expired session also ends the sign-in'),
  ('break_glass_minutes', 'office', 'integer', 5, 60, '30', 'How long an emergency access lasts at most'),
  ('terms_per_year', 'staff', 'integer', 1, 12, '4', 'Terms that a year may have'),
  ('announcements_per_day', 'staff', 'integer', 1, 500, '30', 'Announcements that one person may make in 24 hours'),
  ('absence_notifications', 'staff', 'boolean', null, null, 'true', 'Whether guardians are notified of an absence on its day'),
  ('digest_hour', 'office', 'integer', 0, 23, '18', 'Hour of the day at which mails that sum up notifications are sent'),
  ('homerooms_per_level', 'staff', 'integer', 1, 40, '6', 'Homerooms that a level may have in one year'),
  ('past_class_days', 'staff', 'integer', 0, 730, '90', 'Days after the end of a year during which its teachers still read the rows of their classes'),
  ('register_hours', 'staff', 'integer', 1, 720, '24', 'Hours after a session until which its register can be taken or changed'),
  ('half_days', 'staff', 'boolean', null, null, 'false', 'Whether a day on which half of the sessions or more were missed counts as half a day of absence'),
  ('chronic_absence_percent', 'staff', 'integer', 1, 100, '10', 'Percent of days from which absence is chronic'),
  ('chronic_absence_days', 'staff', 'integer', 1, 200, '10', 'Days below which absence is not measured'),
  ('acknowledgement_days', 'staff', 'integer', 1, 90, '14', 'Days within which a teacher should acknowledge a submitted observation'),
  ('check_in_minutes', 'staff', 'integer', 0, 240, '30', 'Minutes before and after a training during which its code checks in'),
  ('training_reminder_hours', 'staff', 'integer', 1, 168, '24', 'Hours before a training at which registrants are reminded'),
  ('second_approval_hours', 'staff', 'integer', 1, 24, '8', 'Claims of more hours need two people''s approval, the second over the whole school'),
  ('observation_lock_days', 'staff', 'integer', 0, 365, '30', 'Days after its acknowledgement during which an observation can still be amended'),
  ('observation_reminder_days', 'staff', 'integer', 1, 60, '7', 'Days before a planned visit is due from which its observer is reminded'),
  ('calibration_minimum_percent', 'staff', 'integer', 0, 100, '0', 'Weighted kappa, in percent, that an observer reaches in calibrations on a framework before submitting evaluations by it; 0 asks for none'),
  ('comparison_minimum', 'office', 'integer', 3, 50, '5', 'Teachers rated in a year from which the school''s numbers stand in the comparison of its district');

create table public.school_settings (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  key text not null references public.setting_definitions on delete restrict,
  value jsonb not null,
  inherited boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint school_settings_key unique (school_id, key)
);
create index school_settings_id_idx on public.school_settings (id);
create index school_settings_key_idx on public.school_settings (key);
alter table public.school_settings enable row level security;
call private.equip('public.school_settings');
grant select on public.school_settings to authenticated;
comment on table public.school_settings is 'What holds in a school where it is not the default: set by itself (rpc(''set_school_setting'')) or by its district.';
comment on column public.school_settings.inherited is 'a copy of the district''s value, which the school has not replaced by its own';

create table public.district_settings (
  id uuid primary key default gen_random_uuid(),
  district_id uuid not null references public.districts on delete restrict,
  key text not null references public.setting_definitions on delete restrict,
  value jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint district_settings_key unique (district_id, key)
);
create index district_settings_key_idx on public.district_settings (key);
alter table public.district_settings enable row level security;
call private.equip('public.district_settings');
grant select on public.district_settings to authenticated;
comment on table public.district_settings is 'What a district asks of its schools: copied into each that has not set the key itself. Changed by rpc(''set_district_setting'').';

-- definer: because policies and jobs read settings whatever their caller may see.
create function private.setting(p_school_id uuid, p_key text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return coalesce(
    (select s.value from public.school_settings s where s.school_id = p_school_id and s.key = p_key),
    (select d.default_value from public.setting_definitions d where d.key = p_key));
end
$$;
comment on function private.setting is 'The value in force of one setting of one school.';

create function private.tg__check_setting() returns trigger
language plpgsql set search_path = ''
as $$
declare
  v_definition public.setting_definitions;
begin
  select * into v_definition from public.setting_definitions d where d.key = new.key;
  if not coalesce(case v_definition.type
      when 'boolean' then jsonb_typeof(new.value) = 'boolean'
      when 'integer' then jsonb_typeof(new.value) = 'number' and new.value::text ~ '^\d{1,6}$'
        and new.value::integer between v_definition.minimum and v_definition.maximum
      when 'roles' then jsonb_typeof(new.value) = 'array' and new.value <@ '["admin", "leader", "teacher", "student", "parent"]'
    end, false) then
    perform private.reject(format('set %s', new.key), coalesce(
      format('It takes a value of type %s%s.', v_definition.type, format(' from %s to %s', v_definition.minimum, v_definition.maximum)), 'There is no such setting.'));
  end if;
  return new;
end
$$;
create trigger _150_check before insert or update on public.school_settings for each row execute function private.tg__check_setting();
create trigger _150_check before insert or update on public.district_settings for each row execute function private.tg__check_setting();

-- definer: because the copies have no write grant, and follow whoever changes a district or moves a school.
create function private.sync_district_settings(p_district_id uuid, p_school_id uuid default null) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.school_settings as o (school_id, key, value, inherited)
  select s.id, d.key, d.value, true from public.district_settings d join public.schools s on s.district_id = d.district_id
  where d.district_id = p_district_id and (p_school_id is null or s.id = p_school_id)
  order by s.id, d.key
  on conflict (school_id, key) do update set value = excluded.value where o.inherited and o.value <> excluded.value;
  -- What a school has from a district that it has left.
  update public.school_settings o set value = d.default_value from public.setting_definitions d
  where o.school_id = p_school_id and o.inherited and d.key = o.key and o.value <> d.default_value
    and not exists (select from public.district_settings x where x.district_id = p_district_id and x.key = o.key);
end
$$;
comment on function private.sync_district_settings is 'Copies a district''s settings into its schools, or into one of them, where they have not set their own.';

-- definer: as above.
create function private.tg__sync_district_settings() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_table_name = 'schools' then
    perform private.sync_district_settings(new.district_id, new.id);
  else
    perform private.sync_district_settings(new.district_id);
  end if;
  return null;
end
$$;
create trigger _500_sync_settings after insert or update on public.district_settings for each row execute function private.tg__sync_district_settings();
create trigger _510_sync_settings after insert or update of district_id on public.schools for each row execute function private.tg__sync_district_settings();
