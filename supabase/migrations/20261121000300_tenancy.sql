-- Tenancy: districts, schools, their parts and settings. Policies are in people, where the helpers are.

create table public.districts (
  id uuid primary key default gen_random_uuid(),
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  country text not null default 'IL' constraint districts_country check (country ~ '^[A-Z]{2}$'),
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

create table public.schools (
  id uuid primary key default gen_random_uuid(),
  district_id uuid references public.districts on delete restrict,
  code private.code_text not null,
  name private.name_text collate private.hebrew not null,
  status text not null default 'pending' constraint schools_status check (status in ('pending', 'active', 'suspended')),
  -- By name alone: Postgres would also take "<x>+99", which moves the days on which rights begin and end.
  timezone text not null default 'Asia/Jerusalem' constraint schools_timezone
    check (timezone ~ '^(UTC|[A-Z][A-Za-z_]+(/[A-Za-z_]+(-[A-Za-z]+)*){1,2})$' and now() at time zone timezone is not null),
  locale text not null default 'he' constraint schools_locale check (locale ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
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
comment on column public.schools.timezone is 'IANA name; days and dated rights are counted in it';
comment on column public.schools.locale is 'BCP 47, e.g. he or en-IN';

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

-- Settings: one row per key that a school sets itself, so that readers of different keys are told apart by row ------------

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
  ('homerooms_per_level', 'staff', 'integer', 1, 40, '6', 'Homerooms that a level may have in one year'),
  ('past_class_days', 'staff', 'integer', 0, 730, '90', 'Days after the end of a year during which its teachers still read the rows of their classes'),
  ('register_hours', 'staff', 'integer', 1, 720, '24', 'Hours after a session until which its register can be taken or changed'),
  ('half_days', 'staff', 'boolean', null, null, 'false', 'Whether a day on which half of the sessions or more were missed counts as half a day of absence'),
  ('chronic_absence_percent', 'staff', 'integer', 1, 100, '10', 'Percent of days from which absence is chronic'),
  ('chronic_absence_days', 'staff', 'integer', 1, 200, '10', 'Days below which absence is not measured'),
  ('acknowledgement_days', 'staff', 'integer', 1, 90, '14', 'Days within which a teacher should acknowledge a submitted observation'),
  ('observation_lock_days', 'staff', 'integer', 0, 365, '30', 'Days after its acknowledgement during which an observation can still be amended'),
  ('observation_reminder_days', 'staff', 'integer', 1, 60, '7', 'Days before a planned visit is due from which its observer is reminded'),
  ('calibration_minimum_percent', 'staff', 'integer', 0, 100, '0', 'Weighted kappa, in percent, that an observer reaches in calibrations on a framework before submitting evaluations by it; 0 asks for none');

create table public.school_settings (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  key text not null references public.setting_definitions on delete restrict,
  value jsonb not null,
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
comment on table public.school_settings is 'What a school has set itself; an absent key means the default. Changed by rpc(''set_school_setting'').';

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

create function private.tg_school_settings__check() returns trigger
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
create trigger _150_check before insert or update on public.school_settings for each row execute function private.tg_school_settings__check();
