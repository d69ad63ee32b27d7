-- Policies need the table's owner. Membership in the owners is lent to postgres for one single command and taken back
-- at its end. Code of the user's can run inside such a command (a domain's check while a literal is read), so any
-- command that starts while the loan stands is refused.
create or replace function _stack.lend_tables() returns event_trigger
language plpgsql security definer set search_path = '' as $$
begin
  if session_user = 'supabase_admin' then
    return;
  end if;
  if exists (
    select from pg_catalog.pg_auth_members
    where roleid = 'stack_table_lender'::regrole and member = 'postgres'::regrole
  ) then
    raise exception 'permission denied for % inside another command', tg_tag using errcode = '42501';
  end if;
  if tg_tag in ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'DROP TRIGGER') then
    if pg_catalog.current_setting('server_version_num')::int >= 160000 then
      execute 'grant stack_table_lender to postgres with admin false, inherit true, set false';
    else
      grant stack_table_lender to postgres;
    end if;
  end if;
end
$$;

create or replace function _stack.return_tables() returns event_trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_table text;
begin
  if session_user = 'supabase_admin' then
    return;
  end if;
  revoke stack_table_lender from postgres;
  select c.relname into v_table
  from pg_catalog.pg_event_trigger_ddl_commands() d
  join pg_catalog.pg_policy p on d.classid = 'pg_catalog.pg_policy'::regclass and p.oid = d.objid
  join pg_catalog.pg_class c on c.oid = p.polrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('auth', 'storage', 'realtime')
    and (n.nspname, c.relname) not in (select t.schema_name, t.table_name from _stack.policy_tables t)
  limit 1;
  if found then
    raise exception 'must be owner of table %', v_table using errcode = '42501';
  end if;
end
$$;

create or replace function _stack.check_drop() returns event_trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_table text;
begin
  if session_user = 'supabase_admin' then
    return;
  end if;
  select d.address_names[2] into v_table
  from pg_catalog.pg_event_trigger_dropped_objects() d
  where d.object_type in ('policy', 'trigger')
    and d.address_names[1] in ('auth', 'storage', 'realtime')
    and (
      (d.address_names[1], d.address_names[2]) not in (select t.schema_name, t.table_name from _stack.policy_tables t)
      or d.object_type = 'trigger' and (d.address_names[1], d.address_names[2], d.address_names[3])
        in (select s.schema_name, s.table_name, s.trigger_name from _stack.service_triggers s)
    )
  limit 1;
  if found then
    raise exception 'must be owner of relation %', v_table using errcode = '42501';
  end if;
end
$$;

create or replace function extensions.pgrst_ddl_watch() returns event_trigger
language plpgsql set search_path = '' as $$
begin
  if exists (
    select from pg_catalog.pg_event_trigger_ddl_commands()
    where schema_name is distinct from 'pg_temp' and command_tag in (
      'CREATE SCHEMA', 'ALTER SCHEMA', 'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE',
      'CREATE FOREIGN TABLE', 'ALTER FOREIGN TABLE', 'CREATE VIEW', 'ALTER VIEW', 'CREATE MATERIALIZED VIEW',
      'ALTER MATERIALIZED VIEW', 'CREATE FUNCTION', 'ALTER FUNCTION', 'CREATE PROCEDURE', 'ALTER PROCEDURE',
      'CREATE TRIGGER', 'CREATE TYPE', 'ALTER TYPE', 'CREATE RULE', 'COMMENT', 'GRANT', 'REVOKE'
    )
  ) then
    notify pgrst, 'reload schema';
  end if;
end
$$;

create or replace function extensions.pgrst_drop_watch() returns event_trigger
language plpgsql set search_path = '' as $$
begin
  if exists (
    select from pg_catalog.pg_event_trigger_dropped_objects()
    where not is_temporary and object_type in (
      'schema', 'table', 'table column', 'table constraint', 'foreign table', 'view', 'materialized view', 'function',
      'procedure', 'trigger', 'type', 'rule'
    )
  ) then
    notify pgrst, 'reload schema';
  end if;
end
$$;

create or replace function extensions.grant_pg_cron_access() returns event_trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (
    select from pg_catalog.pg_event_trigger_ddl_commands() d
    join pg_catalog.pg_extension e on d.classid = 'pg_catalog.pg_extension'::regclass and e.oid = d.objid
    where e.extname = 'pg_cron'
  ) then
    return;
  end if;
  grant usage on schema cron to postgres with grant option;
  grant all on all functions in schema cron to postgres with grant option;
  grant all on all tables in schema cron to postgres with grant option;
  revoke all on table cron.job from postgres;
  grant select on table cron.job to postgres with grant option;
end
$$;

create or replace function extensions.grant_pg_net_access() returns event_trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (
    select from pg_catalog.pg_event_trigger_ddl_commands() d
    join pg_catalog.pg_extension e on d.classid = 'pg_catalog.pg_extension'::regclass and e.oid = d.objid
    where e.extname = 'pg_net'
  ) then
    grant usage on schema net to supabase_functions_admin, postgres, anon, authenticated, service_role;
  end if;
end
$$;

do $$
declare
  v_trigger record;
begin
  for v_trigger in
    select * from (values
      ('stack_lend_tables', 'ddl_command_start', '', '_stack.lend_tables'),
      ('stack_return_tables', 'ddl_command_end',
        'when tag in (''CREATE POLICY'', ''ALTER POLICY'', ''DROP POLICY'', ''DROP TRIGGER'')', '_stack.return_tables'),
      ('stack_check_drop', 'sql_drop', 'when tag in (''DROP POLICY'', ''DROP TRIGGER'')', '_stack.check_drop'),
      ('pgrst_ddl_watch', 'ddl_command_end', '', 'extensions.pgrst_ddl_watch'),
      ('pgrst_drop_watch', 'sql_drop', '', 'extensions.pgrst_drop_watch'),
      ('issue_pg_cron_access', 'ddl_command_end', 'when tag in (''CREATE EXTENSION'')',
        'extensions.grant_pg_cron_access'),
      ('issue_pg_net_access', 'ddl_command_end', 'when tag in (''CREATE EXTENSION'')', 'extensions.grant_pg_net_access')
    ) as t(name, event, filter, function)
  loop
    if not exists (select from pg_catalog.pg_event_trigger where evtname = v_trigger.name) then
      execute pg_catalog.format(
        'create event trigger %I on %s %s execute function %s()',
        v_trigger.name, v_trigger.event, v_trigger.filter, v_trigger.function
      );
    end if;
    -- Always: a session in replica mode must not step around them.
    execute pg_catalog.format('alter event trigger %I enable always', v_trigger.name);
  end loop;
end
$$;

insert into _stack.service_triggers (schema_name, table_name, trigger_name)
select n.nspname, c.relname, t.tgname
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_proc p on p.oid = t.tgfoid
join pg_catalog.pg_namespace f on f.oid = p.pronamespace
-- A service's trigger runs a function of the service; a project's runs one of the project.
where n.nspname in ('auth', 'storage', 'realtime') and f.nspname = n.nspname and not t.tgisinternal
on conflict do nothing;
