-- Supabase's roles with Supabase's powers. Runs as supabase_admin, the superuser of initdb.
do $$
declare
  v_role text;
begin
  foreach v_role in array array[
    'postgres', 'anon', 'authenticated', 'service_role', 'authenticator', 'supabase_auth_admin',
    'supabase_storage_admin', 'supabase_realtime_admin', 'supabase_functions_admin', 'dashboard_user',
    'supabase_replication_admin', 'supabase_etl_admin', 'supabase_read_only_user', 'pgbouncer',
    'supabase_privileged_role', 'stack_table_lender'
  ] loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      execute pg_catalog.format('create role %I', v_role);
    end if;
  end loop;
end
$$;

alter role supabase_admin superuser createdb createrole replication bypassrls login password 'postgres';
alter role postgres nosuperuser createdb createrole login replication bypassrls inherit password 'postgres';
alter role anon nologin inherit;
alter role authenticated nologin inherit;
alter role service_role nologin inherit bypassrls;
alter role authenticator login noinherit password 'postgres';
alter role supabase_auth_admin login noinherit password 'postgres';
alter role supabase_storage_admin login noinherit createrole password 'postgres';
alter role supabase_realtime_admin nologin noinherit;
alter role supabase_functions_admin login noinherit createrole password 'postgres';
alter role dashboard_user nologin createdb createrole replication;
alter role supabase_replication_admin login replication password 'postgres';
alter role supabase_etl_admin login replication password 'postgres';
alter role supabase_read_only_user login bypassrls password 'postgres';
alter role pgbouncer login password 'postgres';

alter role supabase_admin set search_path = "$user", public, auth, extensions;
alter role supabase_admin set log_statement = 'none';
alter role postgres set search_path = "$user", public, extensions;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role supabase_auth_admin set search_path = auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60s';
alter role supabase_auth_admin set log_statement = 'none';
alter role supabase_storage_admin set search_path = storage;
alter role supabase_storage_admin set log_statement = 'none';
alter role supabase_functions_admin set search_path = supabase_functions;

grant anon, authenticated, service_role to authenticator, supabase_storage_admin, supabase_realtime_admin;
-- The admin option on authenticator is what `alter role authenticator set pgrst.…` needs.
grant anon, authenticated, service_role, authenticator to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;
grant pg_read_all_data to supabase_read_only_user;

do $$
begin
  if pg_catalog.current_setting('server_version_num')::int >= 160000 then
    execute 'grant authenticator to postgres with admin true, inherit false, set true';
    execute 'grant pg_create_subscription to postgres with admin option';
    execute 'grant supabase_auth_admin, supabase_storage_admin, supabase_realtime_admin to stack_table_lender '
      'with inherit true, set false';
  else
    grant supabase_auth_admin, supabase_storage_admin, supabase_realtime_admin to stack_table_lender;
  end if;
end
$$;

-- Settings that Supabase lets postgres change although PostgreSQL reserves them for superusers.
do $$
declare
  v_setting text;
begin
  foreach v_setting in array array[
    'pgrst.db_pre_request', 'pgrst.db_schemas', 'pgrst.db_extra_search_path', 'pgrst.db_max_rows',
    'pgrst.db_aggregates_enabled', 'pgrst.db_plan_enabled', 'pgrst.db_tx_end', 'pgrst.db_root_spec',
    'pgrst.db_anon_role', 'pgrst.db_hoisted_tx_settings', 'pgrst.jwt_aud', 'pgrst.jwt_role_claim_key',
    'pgrst.openapi_mode', 'pgrst.openapi_server_proxy_uri', 'pgrst.server_cors_allowed_origins',
    'pgrst.server_timing_enabled', 'pgrst.server_trace_header',
    'app.settings.jwt_secret', 'app.settings.jwt_exp',
    'log_min_duration_statement', 'log_min_messages', 'log_statement', 'session_replication_role',
    'track_functions', 'track_io_timing', 'pg_stat_statements.track'
  ] loop
    execute pg_catalog.format('grant set on parameter %s to postgres', v_setting);
  end loop;
  grant set on parameter log_min_messages to supabase_realtime_admin;
end
$$;
