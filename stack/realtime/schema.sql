-- What SQL sees of Realtime: broadcasting from the database, and the table whose policies authorize private channels.
do $$
begin
  if to_regtype('realtime.action') is null then
    create type realtime.action as enum ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'ERROR');
    create type realtime.equality_op as enum (
      'eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'in', 'like', 'ilike', 'is', 'match', 'imatch', 'isdistinct'
    );
    create type realtime.user_defined_filter as (
      column_name text, op realtime.equality_op, value text, negate boolean
    );
    create type realtime.wal_column as (
      name text, type_name text, type_oid oid, value jsonb, is_pkey boolean, is_selectable boolean
    );
    create type realtime.wal_rls as (wal jsonb, is_rls_enabled boolean, subscription_ids uuid[], errors text[]);
  end if;
end
$$;

create table if not exists realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  binary_payload bytea,
  primary key (id, inserted_at),
  constraint messages_payload_exclusive check (payload is null or binary_payload is null)
) partition by range (inserted_at);
alter table realtime.messages owner to supabase_realtime_admin;
alter table realtime.messages enable row level security;
create index if not exists messages_inserted_at_topic_index
  on realtime.messages (inserted_at desc, topic) where extension = 'broadcast' and private;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;
grant all on realtime.messages to postgres, dashboard_user;

-- Yesterday to three days ahead; older ones go. Called at start and by the worker: without today's no message is accepted.
create or replace function _stack.maintain_message_partitions() returns void
language plpgsql set search_path = '' as $$
declare
  v_day date;
  v_name text;
begin
  for v_day in select (now() at time zone 'utc')::date + n from pg_catalog.generate_series(-1, 3) as n loop
    v_name := 'messages_' || pg_catalog.to_char(v_day, 'YYYY_MM_DD');
    if pg_catalog.to_regclass('realtime.' || v_name) is null then
      execute pg_catalog.format(
        'create table realtime.%I partition of realtime.messages for values from (%L) to (%L)',
        v_name, v_day, v_day + 1);
      execute pg_catalog.format('alter table realtime.%I owner to supabase_realtime_admin', v_name);
      execute pg_catalog.format('alter table realtime.%I enable row level security', v_name);
    end if;
  end loop;
  for v_name in
    select c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'realtime.messages'::regclass
      and c.relname < 'messages_' || pg_catalog.to_char((now() at time zone 'utc')::date - 3, 'YYYY_MM_DD')
  loop
    execute pg_catalog.format('drop table realtime.%I', v_name);
  end loop;
end
$$;
revoke all on function _stack.maintain_message_partitions() from public;
select _stack.maintain_message_partitions();

create or replace function realtime.topic() returns text
language sql stable
as $$ select nullif(pg_catalog.current_setting('realtime.topic', true), '')::text $$;

create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
returns void language plpgsql
as $$
declare
  v_id uuid := pg_catalog.gen_random_uuid();
  v_payload jsonb := payload;
begin
  begin
    if pg_catalog.jsonb_typeof(v_payload) = 'object' and not v_payload ? 'id' then
      v_payload := v_payload || pg_catalog.jsonb_build_object('id', v_id);
    end if;
    perform pg_catalog.set_config('realtime.topic', topic, true);
    insert into realtime.messages (id, payload, event, topic, private, extension)
    values (v_id, v_payload, event, topic, private, 'broadcast');
  exception when others then
    raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
  end;
end
$$;

create or replace function realtime.send_binary(payload bytea, event text, topic text, private boolean default true)
returns void language plpgsql
as $$
begin
  begin
    perform pg_catalog.set_config('realtime.topic', topic, true);
    insert into realtime.messages (binary_payload, event, topic, private, extension)
    values (payload, event, topic, private, 'broadcast');
  exception when others then
    raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
  end;
end
$$;

create or replace function realtime.broadcast_changes(
  topic_name text, event_name text, operation text, table_name text, table_schema text, new record, old record,
  level text default 'ROW'
) returns void language plpgsql
as $$
begin
  if level = 'STATEMENT' then
    raise exception 'function can only be triggered for each row, not for each statement';
  end if;
  if operation not in ('INSERT', 'UPDATE', 'DELETE') then
    raise exception 'Unexpected operation type: %', operation;
  end if;
  perform realtime.send(
    pg_catalog.jsonb_build_object(
      'old_record', case when operation <> 'INSERT' then pg_catalog.to_jsonb(old) end,
      'record', case when operation <> 'DELETE' then pg_catalog.to_jsonb(new) end,
      'operation', operation, 'table', table_name, 'schema', table_schema
    ), event_name, topic_name);
exception when others then
  raise exception 'Failed to process the row: %', sqlerrm;
end
$$;

create or replace function realtime.to_regrole(role_name text) returns regrole
language sql immutable
as $$ select role_name::regrole $$;

create table if not exists realtime.subscription (
  id bigint generated always as identity primary key,
  subscription_id uuid not null,
  entity regclass not null,
  filters realtime.user_defined_filter[] not null default '{}',
  claims jsonb not null,
  claims_role regrole not null generated always as (realtime.to_regrole(claims ->> 'role')) stored,
  created_at timestamp not null default timezone('utc', now()),
  action_filter text default '*' check (action_filter in ('*', 'INSERT', 'UPDATE', 'DELETE')),
  selected_columns text[]
);
create unique index if not exists subscription_subscription_id_entity_filters_key
  on realtime.subscription (subscription_id, entity, filters, action_filter, coalesce(selected_columns, '{}'));

-- What cannot be evaluated later is refused here, with Supabase's messages. A column that the role may not select counts as
-- none: by filtering on it one could guess its values.
create or replace function realtime.subscription_check_filters() returns trigger
language plpgsql
as $$
declare
  v_role text := new.claims ->> 'role';
  v_filter realtime.user_defined_filter;
  v_type regtype;
  v_sql_type text;
  v_count int;
  v_column text;
begin
  foreach v_filter in array new.filters loop
    select t.oid, pg_catalog.format('%I.%I', n.nspname, t.typname) into v_type, v_sql_type
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where a.attrelid = new.entity and a.attnum > 0 and not a.attisdropped and a.attname = v_filter.column_name
      and pg_catalog.has_column_privilege(v_role, a.attrelid, a.attnum, 'select');
    if not found then
      raise exception 'invalid column for filter %', v_filter.column_name;
    end if;
    case v_filter.op
      when 'in' then
        execute pg_catalog.format('select pg_catalog.cardinality(%L::%s[])', v_filter.value, v_sql_type) into v_count;
        if v_count > 100 then
          raise exception 'too many values for `in` filter. Maximum 100';
        end if;
      when 'is' then
        if v_filter.value not in ('null', 'true', 'false', 'unknown') then
          raise exception 'invalid value for is filter: must be null, true, false, or unknown';
        elsif v_filter.value <> 'null' and v_type <> 'boolean'::regtype then
          raise exception 'is % filter requires a boolean column, got %', v_filter.value, v_type;
        end if;
      when 'like', 'ilike', 'match', 'imatch' then
        begin
          execute pg_catalog.format(
            'select null::%s %s %L', v_sql_type,
            case v_filter.op when 'like' then '~~' when 'ilike' then '~~*' when 'match' then '~' else '~*' end, '');
        exception when undefined_function or ambiguous_function then
          raise exception 'operator % requires a text-compatible column type, got %', v_filter.op, v_type;
        end;
        if v_filter.op in ('match', 'imatch') then
          begin
            perform '' ~ v_filter.value;
          exception when others then
            raise exception 'invalid regular expression for % filter: %', v_filter.op, sqlerrm;
          end;
        end if;
      else
        execute pg_catalog.format('select %L::%s', v_filter.value, v_sql_type);
    end case;
  end loop;

  foreach v_column in array coalesce(new.selected_columns, '{}') loop
    if not exists (
      select from pg_catalog.pg_attribute a
      where a.attrelid = new.entity and a.attnum > 0 and not a.attisdropped and a.attname = v_column
        and pg_catalog.has_column_privilege(v_role, a.attrelid, a.attnum, 'select')
    ) then
      raise exception 'invalid column for select %', v_column;
    end if;
  end loop;

  -- One order, so that the unique index knows equal filters in whatever order they came.
  new.filters := array(select f from pg_catalog.unnest(new.filters) as f order by f.column_name, f.op, f.value, f.negate);
  new.selected_columns := (select pg_catalog.array_agg(c order by c) from pg_catalog.unnest(new.selected_columns) as c);
  return new;
end
$$;
create or replace trigger tr_check_filters before insert or update on realtime.subscription
  for each row execute function realtime.subscription_check_filters();
alter table realtime.subscription owner to supabase_realtime_admin;
grant select on realtime.subscription to anon, authenticated, service_role;
grant all on realtime.subscription to postgres, dashboard_user;

-- What each asker sees of its keys (p_keys[p_keys_of[n]], arguments of the probe), by the policies as they stand. Each asks in a
-- subtransaction of its own that is always undone: what a policy's function has set for one must not be there for the next.
-- The search_path is the API's, on which functions of policies may rely.
create or replace function realtime.visible_rows(
  p_probe text, p_role text, p_claims text[], p_keys_of int[], p_keys text[]
) returns table (asker int, seen int[], failure text)
language plpgsql set search_path = public, extensions set plan_cache_mode = force_generic_plan
as $$
declare
  v_prepared boolean := false;
  v_done boolean;
begin
  if exists (select from pg_catalog.pg_prepared_statements where name = 'visible_rows_probe') then
    deallocate visible_rows_probe;
  end if;
  for v_n in 1 .. pg_catalog.cardinality(p_claims) loop
    asker := v_n;
    seen := '{}';
    failure := null;
    v_done := false;
    begin
      perform pg_catalog.set_config('request.jwt.claims', p_claims[v_n], true);
      perform pg_catalog.set_config('role', p_role, true);
      if not v_prepared then
        execute 'prepare visible_rows_probe as ' || p_probe;
        v_prepared := true;
      end if;
      execute pg_catalog.format('execute visible_rows_probe(%s)', p_keys[p_keys_of[v_n]]) into seen;
      v_done := true;
      raise exception 'undone';
    exception when others then
      if v_done then
        seen := coalesce(seen, '{}');
      else
        seen := '{}';
        failure := sqlerrm;
      end if;
    end;
    return next;
  end loop;
end
$$;
revoke all on function realtime.visible_rows(text, text, text[], int[], text[]) from public;
grant usage on schema realtime to authenticator;
grant execute on function realtime.visible_rows(text, text, text[], int[], text[]) to authenticator;

do $$
begin
  if not exists (select from pg_publication where pubname = 'supabase_realtime_messages_publication') then
    create publication supabase_realtime_messages_publication for table realtime.messages with (publish = 'insert');
  end if;
end
$$;
