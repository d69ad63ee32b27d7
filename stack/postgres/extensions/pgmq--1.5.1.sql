create table pgmq.meta (
  queue_name varchar unique not null,
  is_partitioned boolean not null,
  is_unlogged boolean not null,
  created_at timestamptz not null default now()
);

create type pgmq.message_record as (
  msg_id bigint, read_ct integer, enqueued_at timestamptz, vt timestamptz, message jsonb, headers jsonb
);
create type pgmq.queue_record as (
  queue_name varchar, is_partitioned boolean, is_unlogged boolean, created_at timestamptz
);
create type pgmq.metrics_result as (
  queue_name text, queue_length bigint, newest_msg_age_sec int, oldest_msg_age_sec int, total_messages bigint,
  scrape_time timestamptz, queue_visible_length bigint
);

create function pgmq.format_table_name(queue_name text, prefix text) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  if queue_name ~ '\$|;|--|''' then
    raise exception 'queue name contains invalid characters: $, ;, --, or \''';
  end if;
  return pg_catalog.lower(prefix || '_' || queue_name);
end
$$;

create function pgmq.validate_queue_name(queue_name text) returns void
language plpgsql set search_path = ''
as $$
begin
  if pg_catalog.length(queue_name) > 47 then
    raise exception 'queue name is too long, maximum length is 47 characters';
  end if;
end
$$;

create function pgmq._create(p_queue text, p_unlogged boolean) returns void
language plpgsql set search_path = ''
as $$
declare
  v_queue text := pgmq.format_table_name(p_queue, 'q');
  v_archive text := pgmq.format_table_name(p_queue, 'a');
begin
  perform pgmq.validate_queue_name(p_queue);
  -- Two creations of one queue at once must not both find it absent.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('pgmq.' || v_queue, 0));
  if pg_catalog.to_regclass(pg_catalog.format('pgmq.%I', v_queue)) is null then
    execute pg_catalog.format(
      'create %s table pgmq.%I (msg_id bigint generated always as identity primary key, read_ct int not null default 0, '
      'enqueued_at timestamptz not null default now(), vt timestamptz not null, message jsonb, headers jsonb)',
      case when p_unlogged then 'unlogged' else '' end, v_queue);
    execute pg_catalog.format('create index %I on pgmq.%I (vt)', v_queue || '_vt_idx', v_queue);
  end if;
  if pg_catalog.to_regclass(pg_catalog.format('pgmq.%I', v_archive)) is null then
    execute pg_catalog.format(
      'create table pgmq.%I (msg_id bigint primary key, read_ct int not null default 0, enqueued_at timestamptz not null '
      'default now(), archived_at timestamptz not null default now(), vt timestamptz not null, message jsonb, headers jsonb)',
      v_archive);
    execute pg_catalog.format('create index %I on pgmq.%I (archived_at)', 'archived_at_idx_' || p_queue, v_archive);
  end if;
  insert into pgmq.meta (queue_name, is_partitioned, is_unlogged) values (p_queue, false, p_unlogged)
  on conflict do nothing;
end
$$;

create function pgmq.create_non_partitioned(queue_name text) returns void
language sql set search_path = '' as $$ select pgmq._create($1, false) $$;
create function pgmq.create_unlogged(queue_name text) returns void
language sql set search_path = '' as $$ select pgmq._create($1, true) $$;
create function pgmq.create(queue_name text) returns void
language sql set search_path = '' as $$ select pgmq._create($1, false) $$;

create function pgmq.create_partitioned(
  queue_name text, partition_interval text default '10000', retention_interval text default '100000'
) returns void
language plpgsql set search_path = ''
as $$ begin raise exception 'pg_partman is required for partitioned queues' using errcode = '0A000'; end $$;

create function pgmq.convert_archive_partitioned(
  table_name text, partition_interval text default '10000', retention_interval text default '100000',
  leading_partition int default 10
) returns void
language plpgsql set search_path = ''
as $$ begin raise exception 'pg_partman is required for partitioned queues' using errcode = '0A000'; end $$;

create function pgmq.drop_queue(queue_name text) returns boolean
language plpgsql set search_path = ''
as $$
begin
  if not exists (select from pgmq.meta m where m.queue_name = $1) then
    raise notice 'pgmq queue `%` does not exist', $1;
    return false;
  end if;
  execute pg_catalog.format('drop table if exists pgmq.%I', pgmq.format_table_name($1, 'q'));
  execute pg_catalog.format('drop table if exists pgmq.%I', pgmq.format_table_name($1, 'a'));
  delete from pgmq.meta m where m.queue_name = $1;
  return true;
end
$$;
create function pgmq.drop_queue(queue_name text, partitioned boolean) returns boolean
language sql set search_path = '' as $$ select pgmq.drop_queue($1) $$;

create function pgmq.detach_archive(queue_name text) returns void
language sql set search_path = '' as $$ select null::void $$;

create function pgmq._send(p_queue text, p_msgs jsonb[], p_headers jsonb[], p_at timestamptz) returns setof bigint
language plpgsql set search_path = ''
as $$
begin
  if p_headers is not null and pg_catalog.cardinality(p_headers) <> pg_catalog.cardinality(p_msgs) then
    raise exception 'msgs and headers array lengths must match';
  end if;
  return query execute pg_catalog.format(
    'insert into pgmq.%I (vt, message, headers) '
    'select $3, m.message, m.headers from unnest($1, $2) with ordinality as m(message, headers, n) order by m.n returning msg_id',
    pgmq.format_table_name(p_queue, 'q')
  ) using p_msgs, coalesce(p_headers, array[]::jsonb[]), p_at;
end
$$;

create function pgmq.send(queue_name text, msg jsonb) returns setof bigint
language sql volatile set search_path = ''
as $$ select pgmq._send($1, array[$2], null, pg_catalog.clock_timestamp()) $$;

create function pgmq.send_batch(queue_name text, msgs jsonb[]) returns setof bigint
language sql volatile set search_path = ''
as $$ select pgmq._send($1, $2, null, pg_catalog.clock_timestamp()) $$;

create function pgmq.send(queue_name text, msg jsonb, headers jsonb) returns setof bigint
language sql volatile set search_path = ''
as $$ select pgmq._send($1, array[$2], array[$3], pg_catalog.clock_timestamp()) $$;

create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[]) returns setof bigint
language sql volatile set search_path = ''
as $$ select pgmq._send($1, $2, $3, pg_catalog.clock_timestamp()) $$;

create function pgmq.send(queue_name text, msg jsonb, delay integer) returns setof bigint
language sql volatile set search_path = ''
as $$ select pgmq._send($1, array[$2], null, pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => $3)) $$;

create function pgmq.send_batch(queue_name text, msgs jsonb[], delay integer) returns setof bigint
language sql volatile set search_path = ''
as $$ select pgmq._send($1, $2, null, pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => $3)) $$;

create function pgmq.send(queue_name text, msg jsonb, delay timestamptz) returns setof bigint
language sql volatile set search_path = ''
as $$ select pgmq._send($1, array[$2], null, $3) $$;

create function pgmq.send_batch(queue_name text, msgs jsonb[], delay timestamptz) returns setof bigint
language sql volatile set search_path = ''
as $$ select pgmq._send($1, $2, null, $3) $$;

create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay integer) returns setof bigint
language sql volatile set search_path = ''
as $$ select pgmq._send($1, array[$2], array[$3], pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => $4)) $$;

create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay integer) returns setof bigint
language sql volatile set search_path = ''
as $$ select pgmq._send($1, $2, $3, pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => $4)) $$;

create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay timestamptz) returns setof bigint
language sql volatile set search_path = ''
as $$ select pgmq._send($1, array[$2], array[$3], $4) $$;

create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay timestamptz) returns setof bigint
language sql volatile set search_path = ''
as $$ select pgmq._send($1, $2, $3, $4) $$;

create function pgmq.read(queue_name text, vt integer, qty integer, conditional jsonb default '{}')
returns setof pgmq.message_record
language plpgsql volatile set search_path = ''
as $$
begin
  return query execute pg_catalog.format(
    'with taken as ('
    '  select msg_id from pgmq.%1$I where vt <= clock_timestamp() and ($3 = ''{}''::jsonb or message @> $3)'
    '  order by msg_id limit $1 for update skip locked) '
    'update pgmq.%1$I q set vt = clock_timestamp() + make_interval(secs => $2), read_ct = q.read_ct + 1 '
    'from taken where q.msg_id = taken.msg_id '
    'returning q.msg_id, q.read_ct, q.enqueued_at, q.vt, q.message, q.headers',
    pgmq.format_table_name($1, 'q')
  ) using $3, $2, coalesce($4, '{}');
end
$$;

create function pgmq.read_with_poll(
  queue_name text, vt integer, qty integer, max_poll_seconds integer default 5, poll_interval_ms integer default 100,
  conditional jsonb default '{}'
) returns setof pgmq.message_record
language plpgsql volatile set search_path = ''
as $$
declare
  v_until timestamptz := pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => $4);
begin
  loop
    return query select * from pgmq.read($1, $2, $3, $6);
    if found or pg_catalog.clock_timestamp() >= v_until then
      return;
    end if;
    perform pg_catalog.pg_sleep($5 / 1000.0);
  end loop;
end
$$;

create function pgmq.pop(queue_name text) returns setof pgmq.message_record
language plpgsql volatile set search_path = ''
as $$
begin
  return query execute pg_catalog.format(
    'delete from pgmq.%1$I where msg_id = ('
    '  select msg_id from pgmq.%1$I where vt <= clock_timestamp() order by msg_id limit 1 for update skip locked) '
    'returning msg_id, read_ct, enqueued_at, vt, message, headers', pgmq.format_table_name($1, 'q'));
end
$$;

create function pgmq.archive(queue_name text, msg_ids bigint[]) returns setof bigint
language plpgsql volatile set search_path = ''
as $$
begin
  return query execute pg_catalog.format(
    'with gone as (delete from pgmq.%I where msg_id = any ($1) returning msg_id, vt, read_ct, enqueued_at, message, headers) '
    'insert into pgmq.%I (msg_id, vt, read_ct, enqueued_at, message, headers) '
    'select msg_id, vt, read_ct, enqueued_at, message, headers from gone returning msg_id',
    pgmq.format_table_name($1, 'q'), pgmq.format_table_name($1, 'a')
  ) using $2;
end
$$;
create function pgmq.archive(queue_name text, msg_id bigint) returns boolean
language sql volatile set search_path = ''
as $$ select pg_catalog.count(*) > 0 from pgmq.archive($1, array[$2]) $$;

create function pgmq.delete(queue_name text, msg_ids bigint[]) returns setof bigint
language plpgsql volatile set search_path = ''
as $$
begin
  return query execute pg_catalog.format(
    'delete from pgmq.%I where msg_id = any ($1) returning msg_id', pgmq.format_table_name($1, 'q')) using $2;
end
$$;
create function pgmq.delete(queue_name text, msg_id bigint) returns boolean
language sql volatile set search_path = ''
as $$ select pg_catalog.count(*) > 0 from pgmq.delete($1, array[$2]) $$;

create function pgmq.set_vt(queue_name text, msg_id bigint, vt integer) returns setof pgmq.message_record
language plpgsql volatile set search_path = ''
as $$
begin
  return query execute pg_catalog.format(
    'update pgmq.%I set vt = clock_timestamp() + make_interval(secs => $1) where msg_id = $2 '
    'returning msg_id, read_ct, enqueued_at, vt, message, headers', pgmq.format_table_name($1, 'q')
  ) using $3, $2;
end
$$;

create function pgmq.purge_queue(queue_name text) returns bigint
language plpgsql volatile set search_path = ''
as $$
declare
  v_count bigint;
begin
  execute pg_catalog.format('select count(*) from pgmq.%I', pgmq.format_table_name($1, 'q')) into v_count;
  execute pg_catalog.format('truncate table pgmq.%I', pgmq.format_table_name($1, 'q'));
  return v_count;
end
$$;

create function pgmq.list_queues() returns setof pgmq.queue_record
language sql stable set search_path = ''
as $$ select queue_name, is_partitioned, is_unlogged, created_at from pgmq.meta $$;

create function pgmq.metrics(queue_name text) returns pgmq.metrics_result
language plpgsql stable set search_path = ''
as $$
declare
  v_result pgmq.metrics_result;
  v_table text := pgmq.format_table_name($1, 'q');
begin
  execute pg_catalog.format(
    'select $1, count(*), extract(epoch from clock_timestamp() - max(enqueued_at))::int, '
    'extract(epoch from clock_timestamp() - min(enqueued_at))::int, '
    '(select case when s.is_called then s.last_value else 0 end from pgmq.%I s), '
    'clock_timestamp(), count(*) filter (where vt <= clock_timestamp()) from pgmq.%I',
    v_table || '_msg_id_seq', v_table
  ) into v_result using $1;
  return v_result;
end
$$;

create function pgmq.metrics_all() returns setof pgmq.metrics_result
language sql stable set search_path = ''
as $$ select m.* from pgmq.meta q, pgmq.metrics(q.queue_name::text) m $$;

-- As on Supabase, the project's owner of everything is postgres.
do $$
declare
  v_object record;
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'postgres') then
    return;
  end if;
  alter schema pgmq owner to postgres;
  for v_object in
    select pg_catalog.format('function %s', p.oid::regprocedure) as named
    from pg_catalog.pg_proc p where p.pronamespace = 'pgmq'::regnamespace
    union all
    select pg_catalog.format('%s %s', case c.relkind when 'c' then 'type' else 'table' end, c.oid::regclass)
    from pg_catalog.pg_class c where c.relnamespace = 'pgmq'::regnamespace and c.relkind in ('r', 'c')
  loop
    execute pg_catalog.format('alter %s owner to postgres', v_object.named);
  end loop;
end
$$;

select pg_catalog.pg_extension_config_dump('pgmq.meta', '');
