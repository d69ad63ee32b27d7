create schema cron;

create sequence cron.jobid_seq;
create sequence cron.runid_seq;

create table cron.job (
  jobid bigint primary key default pg_catalog.nextval('cron.jobid_seq'),
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport int not null default coalesce(pg_catalog.inet_server_port(), 5432),
  database text not null default pg_catalog.current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  constraint jobname_username_uniq unique (jobname, username)
);
alter table cron.job enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);
grant select on cron.job to public;

create table cron.job_run_details (
  jobid bigint,
  runid bigint primary key default pg_catalog.nextval('cron.runid_seq'),
  job_pid int,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);
alter table cron.job_run_details enable row level security;
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);
grant select, delete on cron.job_run_details to public;

grant usage on sequence cron.jobid_seq, cron.runid_seq to public;

-- One field of a schedule: lists of *, values, ranges and steps.
create function cron._is_valid_field(p_field text, p_low int, p_high int, p_names text[]) returns boolean
language plpgsql immutable set search_path = ''
as $$
declare
  v_item text;
  v_match text[];
  v_from int;
  v_to int;
begin
  if p_field ~ '^,|,$|,,' then
    return false;
  end if;
  foreach v_item in array pg_catalog.string_to_array(p_field, ',') loop
    v_match := pg_catalog.regexp_match(v_item, '^(?:\*|([0-9]{1,4}|[a-z]{3})(?:-([0-9]{1,4}|[a-z]{3}))?)(?:/([0-9]{1,4}))?$');
    if v_match is null or v_match[3]::int = 0 or (v_match[3] is not null and v_match[1] is not null and v_match[2] is null) then
      return false;
    end if;
    continue when v_match[1] is null;
    v_from := case when v_match[1] ~ '^[0-9]' then v_match[1]::int
      else pg_catalog.array_position(p_names, v_match[1]) - 1 + p_low end;
    v_to := case when v_match[2] is null then v_from when v_match[2] ~ '^[0-9]' then v_match[2]::int
      else pg_catalog.array_position(p_names, v_match[2]) - 1 + p_low end;
    if v_from is null or v_to is null or v_from < p_low or v_to > p_high or v_from > v_to then
      return false;
    end if;
  end loop;
  return true;
end
$$;

create function cron._is_valid_schedule(p_schedule text) returns boolean
language plpgsql immutable set search_path = ''
as $$
declare
  v_schedule text := pg_catalog.lower(pg_catalog.btrim(p_schedule, E' \t\n'));
  v_fields text[] := pg_catalog.regexp_split_to_array(v_schedule, '\s+');
begin
  if v_schedule ~ '^([1-9]|[1-5][0-9])\s+seconds?$' then
    return true;
  end if;
  if v_schedule in ('@reboot', '@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually') then
    return true;
  end if;
  return pg_catalog.cardinality(v_fields) = 5
    and cron._is_valid_field(v_fields[1], 0, 59, '{}')
    and cron._is_valid_field(v_fields[2], 0, 23, '{}')
    and (v_fields[3] = '$' or cron._is_valid_field(v_fields[3], 1, 31, '{}'))
    and cron._is_valid_field(v_fields[4], 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}')
    and cron._is_valid_field(v_fields[5], 0, 7, '{sun,mon,tue,wed,thu,fri,sat}');
end
$$;

create function cron._check_job() returns trigger
language plpgsql set search_path = ''
as $$
declare
  v_can_login boolean;
begin
  if not cron._is_valid_schedule(new.schedule) then
    raise exception 'invalid schedule: %', new.schedule using errcode = '22023',
      hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
  end if;
  select r.rolcanlogin into v_can_login from pg_catalog.pg_roles r where r.rolname = new.username;
  if v_can_login is null then
    raise exception 'role "%" does not exist', new.username using errcode = '42704';
  elsif not v_can_login then
    raise exception 'role "%" can not log in', new.username
      using errcode = '22023', detail = 'Jobs may only be run by roles that have the LOGIN attribute.';
  end if;
  return new;
end
$$;
create trigger _check_job before insert or update on cron.job for each row execute function cron._check_job();

create function cron._notify_worker() returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform pg_catalog.pg_notify('stack_cron', '');
  return null;
end
$$;
create trigger _notify_worker after insert or update or delete or truncate on cron.job
  for each statement execute function cron._notify_worker();
create function cron.job_cache_invalidate() returns trigger
language plpgsql set search_path = ''
as $$ begin return null; end $$;

-- The functions below run with the caller's rights and write through this view: it lends the table, and its check
-- compares the job's owner with the real caller, which a definer function could not know.
create view cron._own_jobs as
  select * from cron.job
  where username = current_user or (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user)
  with check option;
grant select, insert, update, delete on cron._own_jobs to public;

create function cron.schedule(schedule text, command text) returns bigint
language plpgsql strict set search_path = ''
as $$
declare
  v_id bigint;
begin
  insert into cron._own_jobs (schedule, command, username) values ($1, $2, current_user) returning jobid into v_id;
  return v_id;
end
$$;

create function cron.schedule(job_name text, schedule text, command text) returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_id bigint;
begin
  if $1 is null then raise exception 'job_name can not be NULL' using errcode = 'XX000'; end if;
  if $2 is null then raise exception 'schedule can not be NULL' using errcode = 'XX000'; end if;
  if $3 is null then raise exception 'command can not be NULL' using errcode = 'XX000'; end if;
  insert into cron._own_jobs as j (jobname, schedule, command, username) values ($1, $2, $3, current_user)
  on conflict (jobname, username) do update set schedule = excluded.schedule, command = excluded.command
  returning j.jobid into v_id;
  return v_id;
end
$$;

create function cron._may_act_for(p_username text, p_action text) returns void
language plpgsql set search_path = ''
as $$
begin
  if p_username <> current_user and not (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) then
    raise exception 'must be superuser to %', p_action using errcode = 'XX000';
  end if;
end
$$;

create function cron.schedule_in_database(
  job_name text, schedule text, command text, database text, username text default null, active boolean default true
) returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_id bigint;
begin
  if $1 is null then raise exception 'job_name can not be NULL' using errcode = 'XX000'; end if;
  if $2 is null then raise exception 'schedule can not be NULL' using errcode = 'XX000'; end if;
  if $3 is null then raise exception 'command can not be NULL' using errcode = 'XX000'; end if;
  if $4 is null then raise exception 'database can not be NULL' using errcode = 'XX000'; end if;
  perform cron._may_act_for(coalesce($5, current_user), 'create a job for another role');
  insert into cron._own_jobs as j (jobname, schedule, command, database, username, active)
  values ($1, $2, $3, $4, coalesce($5, current_user), $6)
  on conflict (jobname, username) do update set
    schedule = excluded.schedule, command = excluded.command, database = excluded.database, active = excluded.active
  returning j.jobid into v_id;
  return v_id;
end
$$;

create function cron.alter_job(
  job_id bigint, schedule text default null, command text default null, database text default null,
  username text default null, active boolean default null
) returns void
language plpgsql set search_path = ''
as $$
begin
  if pg_catalog.num_nonnulls($2, $3, $4, $5, $6) = 0 then
    raise exception 'no updates specified' using errcode = 'XX000',
      hint = 'You must specify at least one job attribute to change when calling alter_job';
  end if;
  if $5 is not null then
    perform cron._may_act_for($5, 'alter username');
  end if;
  update cron._own_jobs j
  set schedule = coalesce($2, j.schedule), command = coalesce($3, j.command), database = coalesce($4, j.database),
    username = coalesce($5, j.username), active = coalesce($6, j.active)
  where j.jobid = $1;
  if not found then
    raise exception 'Job % does not exist or you don''t own it', $1 using errcode = 'XX000';
  end if;
end
$$;

create function cron.unschedule(job_id bigint) returns boolean
language plpgsql strict set search_path = ''
as $$
begin
  delete from cron._own_jobs j where j.jobid = $1;
  if not found then
    raise exception 'could not find valid entry for job %', $1 using errcode = 'XX000';
  end if;
  return true;
end
$$;

create function cron.unschedule(job_name text) returns boolean
language plpgsql strict set search_path = ''
as $$
begin
  delete from cron._own_jobs j where j.jobname = $1 and j.username = current_user;
  if not found then
    raise exception 'could not find valid entry for job ''%''', $1 using errcode = 'XX000';
  end if;
  return true;
end
$$;

revoke all on function cron.schedule_in_database(text, text, text, text, text, boolean) from public;
revoke all on function cron.alter_job(bigint, text, text, text, text, boolean) from public;

select pg_catalog.pg_extension_config_dump('cron.job', '');
select pg_catalog.pg_extension_config_dump('cron.jobid_seq', '');
select pg_catalog.pg_extension_config_dump('cron.job_run_details', '');
select pg_catalog.pg_extension_config_dump('cron.runid_seq', '');
