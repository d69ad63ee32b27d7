-- Audit: who did what to which row. Entries are append-only and sealed per school; their values lie apart, because values
-- can be erased by law and entries cannot. What the tables' owner does to the log shows in rpc('verify_audit').

create table audit.entries (
  id bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  -- The writing transaction: sealing goes by it, never by id or time, which slow transactions write out of order.
  xid xid8 not null default pg_current_xact_id(),
  -- The nil uuid for what belongs to no school.
  school_id uuid not null,
  action text not null constraint entries_action check (action in ('CREATE', 'READ', 'UPDATE', 'DELETE', 'RESTORE', 'LOGIN', 'LOGOUT', 'EXPORT', 'ERASE')),
  table_name text not null,
  row_id uuid,
  -- The membership or student whom the row is about; null while the row is walled.
  subject_id uuid,
  columns text[],
  actor_id uuid,
  membership_id uuid,
  role text,
  session_id uuid,
  request_id text,
  ip inet,
  user_agent text,
  -- sha256 of the salt and the values, in audit.entry_values
  digest bytea,
  -- the digest is all that was kept
  walled boolean not null default false,
  details jsonb,
  primary key (xid, id, at)
) partition by range (at);
create index entries_school_id_at_idx on audit.entries (school_id, at desc, id desc);
create index entries_row_id_at_idx on audit.entries (row_id, at desc);
create index entries_subject_id_at_idx on audit.entries (subject_id, at desc) where subject_id is not null;
comment on table audit.entries is 'One line per change, sensitive read, sign-in and sign-out. Nobody changes or deletes one; monthly partitions.';

create table audit.entry_values (
  entry_id bigint not null,
  at timestamptz not null,
  salt uuid not null default gen_random_uuid(),
  before jsonb,
  after jsonb,
  primary key (entry_id, at)
) partition by range (at);
comment on table audit.entry_values is 'Changed values of an entry, null where the table is walled; erased only by the retention function, which writes an ERASE entry.';

create table audit.seals (
  school_id uuid not null,
  epoch integer not null,
  seq bigint not null,
  from_xid xid8 not null,
  to_xid xid8 not null,
  entry_ids bigint[] not null,
  -- sha256 of each entry, 32 bytes apiece, in the order of entry_ids
  entry_hashes bytea not null,
  previous_hash bytea not null,
  hash bytea not null,
  sealed_at timestamptz not null default clock_timestamp(),
  primary key (school_id, epoch, seq)
);
comment on table audit.seals is 'One hash chain per school. Transaction ids restart when a database is restored or moved: close the epoch then.';

create table audit.seal_state (
  single boolean primary key default true constraint seal_state_single check (single),
  epoch integer not null default 1,
  next_xid xid8 not null default '0',
  -- entries up to this id belong to earlier epochs, whose transaction ids mean nothing here
  after_id bigint not null default 0
);
insert into audit.seal_state default values;

create table audit.published_heads (
  id bigint generated always as identity primary key,
  taken_at timestamptz not null default now(),
  heads jsonb not null,
  request_id bigint,
  confirmed_at timestamptz
);
comment on table audit.published_heads is 'Chain heads sent out of the database; sent again until the receiver has answered 200.';

alter table audit.entries enable row level security;
alter table audit.entry_values enable row level security;
alter table audit.seals enable row level security;
alter table audit.seal_state enable row level security;
alter table audit.published_heads enable row level security;

-- Append-only --------------------------------------------------------------------------------------------------------

create function audit.tg__append_only() returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = '42501', message = format('Cannot %s %s: the audit log is append-only', lower(tg_op), tg_table_name),
    hint = 'Values are erased by the retention function alone.';
end
$$;

create function audit.make_partitions(p_months integer default 12) returns integer
language plpgsql set search_path = '' set timezone = 'UTC'
as $$
declare
  v_month date;
  v_table text;
  v_name text;
  v_made integer := 0;
begin
  for v_month in select generate_series(date_trunc('month', now()), date_trunc('month', now()) + make_interval(months => p_months), '1 month')::date loop
    foreach v_table in array array['entries', 'entry_values'] loop
      v_name := format('%s_%s', v_table, to_char(v_month, 'YYYY_MM'));
      if to_regclass('audit.' || v_name) is null then
        execute format('create table audit.%I partition of audit.%I for values from (%L) to (%L)', v_name, v_table,
          v_month::timestamptz, (v_month + interval '1 month')::timestamptz);
        execute format('alter table audit.%I enable row level security', v_name);
        execute format('create trigger _100_no_truncate before truncate on audit.%I for each statement execute function audit.tg__append_only()', v_name);
        execute format('alter table audit.%I enable always trigger _100_no_truncate', v_name);
        v_made := v_made + 1;
      end if;
    end loop;
  end loop;
  return v_made;
end
$$;
comment on function audit.make_partitions is 'Makes the monthly partitions from this month on; returns how many were new. Without one every write would fail, hence a year ahead.';

select audit.make_partitions();

create trigger _100_append_only before update or delete on audit.entries for each row execute function audit.tg__append_only();
alter table audit.entries enable always trigger _100_append_only;
create trigger _110_no_truncate before truncate on audit.entries for each statement execute function audit.tg__append_only();
alter table audit.entries enable always trigger _110_no_truncate;
create trigger _100_append_only before update or delete on audit.seals for each row execute function audit.tg__append_only();
alter table audit.seals enable always trigger _100_append_only;
create trigger _110_no_truncate before truncate on audit.seals for each statement execute function audit.tg__append_only();
alter table audit.seals enable always trigger _110_no_truncate;

-- Writing ------------------------------------------------------------------------------------------------------------

create type audit.request_context as (actor_id uuid, session_id uuid, request_id text, ip inet, user_agent text);

create function audit.request_context() returns audit.request_context
language plpgsql stable set search_path = ''
as $$
declare
  v_claims jsonb := nullif(current_setting('request.jwt.claims', true), '');
  v_headers jsonb := nullif(current_setting('request.headers', true), '');
begin
  return row(
    private.uuid_or_null(v_claims ->> 'sub'),
    private.uuid_or_null(v_claims ->> 'session_id'),
    left(v_headers ->> 'x-request-id', 100),
    private.inet_or_null(trim(split_part(v_headers ->> 'x-forwarded-for', ',', 1))),
    left(v_headers ->> 'user-agent', 300))::audit.request_context;
end
$$;

create function audit.database_role() returns text
language plpgsql stable set search_path = ''
as $$
begin
  return coalesce(nullif(current_setting('role', true), 'none'), session_user);
end
$$;
comment on function audit.database_role is 'In which capacity somebody acts who is no member of the school: service_role, postgres, …';

create function audit.wall_patterns(p_wall jsonb) returns jsonb[]
language sql immutable set search_path = ''
as $$
  select case p_wall
    when 'true' then array['{}']::jsonb[]
    when 'false' then array[]::jsonb[]
    else array(select jsonb_build_object(w.key, v.value) from jsonb_each(p_wall) w, jsonb_array_elements(w.value) v)
  end
$$;
comment on function audit.wall_patterns is 'A wall is true, false, or {"column": ["value", …]}: rows with one of these values are logged without their content. As patterns, row @> any (patterns) says whether a row is walled.';

create function audit.school_of(p_table text, p_row jsonb) returns uuid
language plpgsql immutable set search_path = ''
as $$
begin
  return coalesce(p_row ->> 'school_id', case p_table when 'schools' then p_row ->> 'id' end, '00000000-0000-0000-0000-000000000000')::uuid;
end
$$;

create function audit.values_digest(p_salt uuid, p_before jsonb, p_after jsonb) returns bytea
language plpgsql immutable set search_path = ''
as $$
begin
  return sha256(uuid_send(p_salt) || convert_to(coalesce(p_before::text, '') || chr(10) || coalesce(p_after::text, ''), 'UTF8'));
end
$$;

-- The functions below keep their plans, and a plan that suits one row must not meet ten thousand: hence no nested loops. Each
-- "offset 0" keeps the planner from making the json of a row anew wherever it is used.

-- definer: because nobody else may insert into the log.
create function audit.tg__created() returns trigger
language plpgsql security definer set search_path = '' set enable_nestloop = off
as $$
declare
  v_at timestamptz := clock_timestamp();
  v_context audit.request_context := audit.request_context();
  v_capacity text := audit.database_role();
  v_wall jsonb[] := tg_argv[0];
  v_subject text := tg_argv[1];
begin
  with fresh as materialized (
    select nextval('audit.entries_id_seq') as id, gen_random_uuid() as salt, r.after, audit.school_of(tg_table_name, r.after) as school_id, r.after @> any (v_wall) as walled
    from (select to_jsonb(n) as after from created n offset 0) r
  ), logged as (
    insert into audit.entries (id, at, school_id, action, table_name, row_id, subject_id, actor_id, membership_id, role, session_id, request_id, ip, user_agent, digest, walled)
    overriding system value
    select f.id, v_at, f.school_id, 'CREATE', tg_table_name, (f.after ->> 'id')::uuid, case when not f.walled then (f.after ->> v_subject)::uuid end,
      v_context.actor_id, a.membership_id, coalesce(a.role, v_capacity), v_context.session_id, v_context.request_id, v_context.ip, v_context.user_agent,
      audit.values_digest(f.salt, null, f.after), f.walled
    from fresh f
    left join private.actor_memberships a on a.user_id = v_context.actor_id and a.school_id = f.school_id
  )
  insert into audit.entry_values (entry_id, at, salt, after)
  select f.id, v_at, f.salt, case when not f.walled then f.after end from fresh f;
  return null;
end
$$;

-- definer: because nobody else may insert into the log.
create function audit.tg__updated() returns trigger
language plpgsql security definer set search_path = '' set enable_nestloop = off
as $$
declare
  v_at timestamptz := clock_timestamp();
  v_context audit.request_context := audit.request_context();
  v_capacity text := audit.database_role();
  v_wall jsonb[] := tg_argv[0];
  v_subject text := tg_argv[1];
begin
  with changed as materialized (
    select nextval('audit.entries_id_seq') as id, gen_random_uuid() as salt, r.row, d.columns, d.before, d.after, audit.school_of(tg_table_name, r.row) as school_id,
      r.row @> any (v_wall) as walled, r.row @> any (v_wall) or r.was @> any (v_wall) as withheld
    from (select to_jsonb(n) as row, to_jsonb(o) as was from updated n join outdated o on o.id = n.id offset 0) r
    cross join lateral (
      select array_agg(n.key order by n.key) as columns, jsonb_object_agg(n.key, r.was -> n.key) as before, jsonb_object_agg(n.key, n.value) as after
      from jsonb_each(r.row) n where n.value is distinct from r.was -> n.key and n.key <> 'updated_at') d
    -- An id is unique within its school alone: clients may choose it.
    where d.columns is not null and r.row ->> 'school_id' is not distinct from r.was ->> 'school_id'
  ), logged as (
    insert into audit.entries (id, at, school_id, action, table_name, row_id, subject_id, columns, actor_id, membership_id, role, session_id, request_id, ip, user_agent, digest, walled)
    overriding system value
    select c.id, v_at, c.school_id, case when not 'deleted_at' = any (c.columns) then 'UPDATE' when c.row ->> 'deleted_at' is null then 'RESTORE' else 'DELETE' end,
      tg_table_name, (c.row ->> 'id')::uuid, case when not c.walled then (c.row ->> v_subject)::uuid end, c.columns,
      v_context.actor_id, a.membership_id, coalesce(a.role, v_capacity), v_context.session_id, v_context.request_id, v_context.ip, v_context.user_agent,
      audit.values_digest(c.salt, c.before, c.after), c.withheld
    from changed c
    left join private.actor_memberships a on a.user_id = v_context.actor_id and a.school_id = c.school_id
  )
  insert into audit.entry_values (entry_id, at, salt, before, after)
  select c.id, v_at, c.salt, case when not c.withheld then c.before end, case when not c.withheld then c.after end from changed c;
  return null;
end
$$;

-- For deletions, and for updates of which only some columns count: a trigger with a list of columns has no transition tables.
-- definer: because nobody else may insert into the log.
create function audit.tg__changed() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_at timestamptz := clock_timestamp();
  v_context audit.request_context := audit.request_context();
  v_wall jsonb[] := tg_argv[0];
  v_old jsonb := to_jsonb(old);
  v_new jsonb := case tg_op when 'UPDATE' then to_jsonb(new) end;
  v_row jsonb := coalesce(v_new, v_old);
  v_school uuid := audit.school_of(tg_table_name, v_row);
  v_walled boolean := v_row @> any (v_wall);
  v_withheld boolean := v_walled or v_old @> any (v_wall);
  v_columns text[];
  v_before jsonb := v_old;
  v_after jsonb;
  v_action text := tg_op;
  v_membership uuid;
  v_role text;
  v_id bigint;
  v_salt uuid := gen_random_uuid();
begin
  if tg_op = 'UPDATE' then
    select array_agg(n.key order by n.key), jsonb_object_agg(n.key, v_old -> n.key), jsonb_object_agg(n.key, n.value)
    into v_columns, v_before, v_after
    from jsonb_each(v_new) n where n.value is distinct from v_old -> n.key and n.key <> 'updated_at';
    if v_columns is null then
      return null;
    end if;
    v_action := case when not 'deleted_at' = any (v_columns) then 'UPDATE' when v_new ->> 'deleted_at' is null then 'RESTORE' else 'DELETE' end;
  end if;
  select a.membership_id, a.role into v_membership, v_role
  from private.actor_memberships a where a.user_id = v_context.actor_id and a.school_id = v_school;
  insert into audit.entries (at, school_id, action, table_name, row_id, subject_id, columns, actor_id, membership_id, role, session_id, request_id, ip, user_agent, digest, walled)
  values (v_at, v_school, v_action, tg_table_name, (v_row ->> 'id')::uuid, case when not v_walled then (v_row ->> tg_argv[1])::uuid end, v_columns,
    v_context.actor_id, v_membership, coalesce(v_role, audit.database_role()), v_context.session_id, v_context.request_id, v_context.ip, v_context.user_agent,
    audit.values_digest(v_salt, v_before, v_after), v_withheld)
  returning id into v_id;
  insert into audit.entry_values (entry_id, at, salt, before, after)
  values (v_id, v_at, v_salt, case when not v_withheld then v_before end, case when not v_withheld then v_after end);
  return null;
end
$$;

-- definer: because nobody else may insert into the log. Called by functions that read or end something sensitive.
create function private.log_event(p_school_id uuid, p_action text, p_table text, p_row_id uuid, p_subject_id uuid, p_details jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_context audit.request_context := audit.request_context();
begin
  insert into audit.entries (school_id, action, table_name, row_id, subject_id, actor_id, membership_id, role, session_id, request_id, ip, user_agent, details)
  select p_school_id, p_action, p_table, p_row_id, p_subject_id, v_context.actor_id, a.membership_id, coalesce(a.role, audit.database_role()),
    v_context.session_id, v_context.request_id, v_context.ip, v_context.user_agent, p_details
  from (select 1) one
  left join private.actor_memberships a on a.user_id = v_context.actor_id and a.school_id = p_school_id;
  if p_action = 'READ' then
    -- The server's log keeps this line even where the caller makes the transaction fail after the read.
    raise log 'READ of % % in school % by user %, request %', p_table, coalesce(p_row_id, p_subject_id), p_school_id, v_context.actor_id, v_context.request_id;
  end if;
end
$$;

-- Every table's triggers and its service grant, in one call -------------------------------------------------------------

create procedure private.equip(p_table regclass, p_nfc text[] default '{}', p_wall jsonb default 'false', p_subject text default null, p_audit_updates text default null)
language plpgsql set search_path = ''
as $$
declare
  v_columns text[] := array(select attname from pg_catalog.pg_attribute where attrelid = p_table and attnum > 0 and not attisdropped);
  v_identity text[] := array(select c from unnest(array['school_id', 'id', 'created_at']) c where c = any (v_columns));
  v_arguments text := format('%L', audit.wall_patterns(p_wall)) || coalesce(format(', %L', p_subject), '');
begin
  if cardinality(p_nfc) > 0 then
    execute format('create trigger _100_normalise before insert or update on %s for each row when (%s) execute function private.tg__normalise(%s)', p_table,
      (select string_agg(format('new.%I is not nfc normalized', c), ' or ') from unnest(p_nfc) c),
      (select string_agg(quote_literal(c), ', ') from unnest(p_nfc) c));
  end if;
  if v_columns @> array['school_id', 'id', 'deleted_at'] then
    execute format($t$create trigger _200_soft_delete before delete on %s for each row
      when (current_user in ('authenticated', 'service_role')) execute function private.tg__soft_delete()$t$, p_table);
  end if;
  -- "update of" is looked up in the statement; a WHEN is parsed anew by each statement, which a heartbeat feels.
  execute format('create trigger _300_keep_identity before update of %s on %s for each row when ((%s) is distinct from (%s)) execute function private.tg__keep_identity()',
    (select string_agg(quote_ident(c), ', ') from unnest(v_identity) c), p_table,
    (select string_agg(format('old.%I', c), ', ') from unnest(v_identity) c), (select string_agg(format('new.%I', c), ', ') from unnest(v_identity) c));
  execute format('create trigger _400_set_updated_at before update %s on %s for each row execute function private.tg__set_updated_at()', 'of ' || p_audit_updates, p_table);
  execute format('create trigger _900_audit_created after insert on %s referencing new table as created for each statement execute function audit.tg__created(%s)', p_table, v_arguments);
  if p_audit_updates is null then
    execute format('create trigger _900_audit_changed after update on %s referencing old table as outdated new table as updated for each statement execute function audit.tg__updated(%s)',
      p_table, v_arguments);
  else
    execute format('create trigger _900_audit_changed after update of %s on %s for each row execute function audit.tg__changed(%s)', p_audit_updates, p_table, v_arguments);
  end if;
  execute format('create trigger _900_audit_deleted after delete on %s for each row execute function audit.tg__changed(%s)', p_table, v_arguments);
  execute format('alter table %s enable always trigger _900_audit_created', p_table);
  execute format('alter table %s enable always trigger _900_audit_changed', p_table);
  execute format('alter table %s enable always trigger _900_audit_deleted', p_table);
  execute format('grant select, insert, update, delete on %s to service_role', p_table);
end
$$;
comment on procedure private.equip is
  'The conventions as triggers: Unicode form C, soft delete, keys that stay, updated_at, audit. p_wall: audit.wall_patterns; p_subject: the column that says whom a row is about; p_audit_updates: the columns whose update counts as a change, for updated_at and for the audit; all when null.';
