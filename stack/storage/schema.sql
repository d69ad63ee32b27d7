-- Supabase's storage schema as it stands after all of its migrations, without versioned, analytics and vector buckets.
-- Runs as supabase_admin, any number of times.

create schema if not exists storage authorization supabase_admin;
grant usage on schema storage to postgres, anon, authenticated, service_role;
grant all on schema storage to supabase_storage_admin;

do $$
begin
  create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');
exception
  when duplicate_object then null;
end
$$;
alter type storage.buckettype owner to supabase_storage_admin;

-- Tables ---------------------------------------------------------------------------------------------------------

create table if not exists storage.migrations (
  id integer primary key, name varchar(100) not null unique, hash varchar(40) not null,
  executed_at timestamp default current_timestamp
);

create table if not exists storage.buckets (
  id text primary key,
  name text not null,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  public boolean default false,
  avif_autodetection boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  owner_id text,
  type storage.buckettype not null default 'STANDARD',
  versioning_status text not null default 'DISABLED',
  constraint buckets_versioning_status_check check (versioning_status in ('DISABLED', 'ENABLED', 'SUSPENDED')),
  constraint buckets_versioning_standard_only_check check (type = 'STANDARD' or versioning_status = 'DISABLED'),
  constraint buckets_versioning_dark_check check (versioning_status = 'DISABLED')
);

create unique index if not exists bname on storage.buckets (name);

create table if not exists storage.objects (
  id uuid primary key default gen_random_uuid(),
  bucket_id text,
  name text,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(),
  metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  version text,
  owner_id text,
  user_metadata jsonb,
  archived_at timestamptz,
  is_delete_marker boolean not null default false,
  is_versioned boolean not null default false,
  constraint "objects_bucketId_fkey" foreign key (bucket_id) references storage.buckets (id)
);

create unique index if not exists bucketid_objname on storage.objects (bucket_id, name);
create index if not exists idx_objects_bucket_id_name on storage.objects (bucket_id, (name collate "C"));
create index if not exists idx_objects_bucket_id_name_lower on storage.objects (bucket_id, (lower(name) collate "C"));
create index if not exists name_prefix_search on storage.objects (name text_pattern_ops);

comment on column storage.buckets.owner is 'Deprecated: owner_id holds the owner';
comment on column storage.objects.owner is 'Deprecated: owner_id holds the owner';

create table if not exists storage.s3_multipart_uploads (
  id text primary key,
  in_progress_size bigint not null default 0,
  upload_signature text not null,
  bucket_id text not null references storage.buckets (id),
  key text collate "C" not null,
  version text not null,
  owner_id text,
  created_at timestamptz not null default now(),
  user_metadata jsonb,
  metadata jsonb
);

create index if not exists idx_multipart_uploads_list on storage.s3_multipart_uploads (bucket_id, key, created_at);

create table if not exists storage.s3_multipart_uploads_parts (
  id uuid primary key default gen_random_uuid(),
  upload_id text not null references storage.s3_multipart_uploads (id) on delete cascade,
  size bigint not null default 0,
  part_number integer not null,
  bucket_id text not null references storage.buckets (id),
  key text collate "C" not null,
  etag text not null,
  owner_id text,
  version text not null,
  created_at timestamptz not null default now()
);

alter table storage.migrations owner to supabase_storage_admin;
alter table storage.buckets owner to supabase_storage_admin;
alter table storage.objects owner to supabase_storage_admin;
alter table storage.s3_multipart_uploads owner to supabase_storage_admin;
alter table storage.s3_multipart_uploads_parts owner to supabase_storage_admin;

alter table storage.migrations enable row level security;
alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
alter table storage.s3_multipart_uploads enable row level security;
alter table storage.s3_multipart_uploads_parts enable row level security;

-- The table owner's grants come first: the others are given in its name.
grant all on storage.buckets, storage.objects to postgres with grant option;
grant all on storage.buckets, storage.objects to anon, authenticated, service_role;
grant select on storage.s3_multipart_uploads, storage.s3_multipart_uploads_parts to anon, authenticated;
grant all on storage.s3_multipart_uploads, storage.s3_multipart_uploads_parts to service_role, postgres;

-- Helpers for policies ---------------------------------------------------------------------------------------------

create or replace function storage.foldername(name text) returns text[]
language plpgsql immutable as $$
declare
  v_tokens constant text[] := string_to_array(name, '/');
begin
  return v_tokens[1:cardinality(v_tokens) - 1];
end
$$;

create or replace function storage.filename(name text) returns text
language sql immutable as $$
  select split_part(name, '/', -1)
$$;

create or replace function storage.extension(name text) returns text
language sql immutable as $$
  select split_part(split_part(name, '/', -1), '.', -1)
$$;

create or replace function storage.operation() returns text
language sql stable as $$
  select current_setting('storage.operation', true)
$$;

-- Both spellings of an operation are the same one: storage.object.list and object.list.
create or replace function storage.allow_any_operation(expected_operations text[]) returns boolean
language sql stable as $$
  select coalesce(
    regexp_replace(storage.operation(), '^storage\.', '') in (
      select regexp_replace(expected, '^storage\.', '') from unnest(expected_operations) expected where expected <> ''
    ),
    false
  )
$$;

create or replace function storage.allow_only_operation(expected_operation text) returns boolean
language sql stable as $$
  select storage.allow_any_operation(array[expected_operation])
$$;

-- Asks whether the caller may insert: the success is reported as an error so that nothing stays.
create or replace function storage.can_insert_object(bucketid text, name text, owner uuid, metadata jsonb) returns void
language plpgsql as $$
begin
  insert into storage.objects (bucket_id, name, owner, metadata) values (bucketid, name, owner, metadata);
  raise sqlstate 'PT200' using message = 'ROLLBACK', detail = 'rollback successful insert';
end
$$;

create or replace function storage.get_size_by_bucket() returns table (size bigint, bucket_id text)
language sql stable as $$
  select sum((o.metadata ->> 'size')::bigint)::bigint, o.bucket_id from storage.objects o group by o.bucket_id
$$;

-- Listings ---------------------------------------------------------------------------------------------------------

-- The folder of a key below a prefix, its delimiter included; null for a key that lies in the prefix itself.
create or replace function storage.get_common_prefix(p_key text, p_prefix text, p_delimiter text) returns text
language sql immutable as $$
  select case
    when position(p_delimiter in substr(p_key, length(p_prefix) + 1)) > 0
    then left(p_key, length(p_prefix) + position(p_delimiter in substr(p_key, length(p_prefix) + 1))
      + length(p_delimiter) - 1)
  end
$$;

-- Case-insensitive, by offset, names relative to the prefix. Sorted by name, folders and files are mixed; by a time,
-- folders come first, by name. `levels` is kept for the signature: the level follows from the prefix.
create or replace function storage.search(
  prefix text, bucketname text, limits integer default 100, levels integer default 1, offsets integer default 0,
  search text default '', sortcolumn text default 'name', sortorder text default 'asc'
) returns table (
  name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb
)
language plpgsql stable as $$
declare
  v_folder constant text := coalesce(prefix, '');
  v_wanted constant text := v_folder || coalesce(search, '');
  v_column constant text := case
    when lower(sortcolumn) in ('updated_at', 'created_at', 'last_accessed_at') then lower(sortcolumn)
  end;
  v_direction constant text := case when lower(sortorder) = 'desc' then 'desc' else 'asc' end;
  v_order constant text := case
    when v_column is null then format('sort_key %s', v_direction)
    else format('(id is null) desc, %I %s nulls first, sort_key %s', v_column, v_direction, v_direction)
  end;
begin
  return query execute format(
    $query$
      with below as (
        select o.*, storage.get_common_prefix(o.name, $2, '/') as folder
        from storage.objects o
        where o.bucket_id = $3 and lower(o.name) collate "C" >= lower($2)
          and starts_with(lower(o.name), lower($2))
      ), entries as (
        select min(rtrim(b.folder, '/') collate "C") as full_name, null::uuid as id, null::timestamptz as updated_at,
          null::timestamptz as created_at, null::timestamptz as last_accessed_at, null::jsonb as metadata,
          lower(b.folder) collate "C" as sort_key
        from below b
        where b.folder is not null
        group by lower(b.folder)
        union all
        select b.name, b.id, b.updated_at, b.created_at, b.last_accessed_at, b.metadata, lower(b.name) collate "C"
        from below b
        where b.folder is null
      )
      select substr(e.full_name, length($1) + 1), e.id, e.updated_at, e.created_at, e.last_accessed_at, e.metadata
      from entries e
      order by %s
      limit $4 offset $5
    $query$,
    v_order
  ) using v_folder, v_wanted, bucketname, least(coalesce(limits, 100), 1500), coalesce(offsets, 0);
end
$$;

-- Case-sensitive, by cursor: entries after `start_after`. A folder's own key ends with the delimiter, and so does a
-- cursor that stands on one, which keeps the file `a` and the folder `a/` apart.
create or replace function storage.list_objects_with_delimiter(
  _bucket_id text, prefix_param text, delimiter_param text, max_keys integer default 100,
  start_after text default '', next_token text default '', sort_order text default 'asc'
) returns table (
  name text, id uuid, metadata jsonb, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz
)
language plpgsql stable as $$
declare
  v_prefix constant text := coalesce(prefix_param, '');
  v_after constant text := coalesce(nullif(next_token, ''), start_after, '');
  v_descending constant boolean := lower(sort_order) = 'desc';
begin
  return query execute format(
    $query$
      with below as (
        select o.*, storage.get_common_prefix(o.name, $1, $2) as folder
        from storage.objects o
        where o.bucket_id = $3 and o.name collate "C" >= $1 and starts_with(o.name, $1)
      ), entries as (
        select distinct on (b.folder) b.folder collate "C" as sort_key, null::uuid as id, null::jsonb as metadata,
          null::timestamptz as updated_at, null::timestamptz as created_at, null::timestamptz as last_accessed_at
        from below b
        where b.folder is not null
        union all
        select b.name collate "C", b.id, b.metadata, b.updated_at, b.created_at, b.last_accessed_at
        from below b
        where b.folder is null
      )
      select case when e.id is null then left(e.sort_key, -length($2)) else e.sort_key end,
        e.id, e.metadata, e.updated_at, e.created_at, e.last_accessed_at
      from entries e
      where $4 = '' or e.sort_key %s $4
      order by e.sort_key %s
      limit $5
    $query$,
    case when v_descending then '<' else '>' end, case when v_descending then 'desc' else 'asc' end
  ) using v_prefix, delimiter_param, _bucket_id, v_after, max_keys;
end
$$;

-- A page of folders and files. By a time, a folder's is that of its oldest object, and the cursor is a pair: the time in
-- milliseconds, then the key.
create or replace function storage.search_v2(
  prefix text, bucket_name text, limits integer default 100, levels integer default 1, start_after text default '',
  sort_order text default 'asc', sort_column text default 'name', sort_column_after text default ''
) returns table (
  key text, name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz,
  metadata jsonb
)
language plpgsql stable as $$
declare
  v_limit constant integer := least(coalesce(limits, 100), 1500);
  v_descending constant boolean := lower(sort_order) = 'desc';
begin
  if sort_column not in ('updated_at', 'created_at') then
    return query
      select split_part(l.name, '/', levels), l.name, l.id, l.updated_at, l.created_at, l.last_accessed_at, l.metadata
      from storage.list_objects_with_delimiter(bucket_name, prefix, '/', v_limit, start_after, '', sort_order) l;
    return;
  end if;
  return query execute format(
    $query$
      with below as (
        select o.*, storage.get_common_prefix(o.name, $1, '/') as folder
        from storage.objects o
        where o.bucket_id = $2 and o.name collate "C" >= $1 and starts_with(o.name, $1)
      ), entries as (
        select b.folder collate "C" as sort_key, null::uuid as id, min(b.created_at) as updated_at,
          min(b.created_at) as created_at, null::timestamptz as last_accessed_at, null::jsonb as metadata
        from below b
        where b.folder is not null
        group by b.folder
        union all
        select b.name collate "C", b.id, b.updated_at, b.created_at, b.last_accessed_at, b.metadata
        from below b
        where b.folder is null
      )
      select split_part(e.sort_key, '/', $3), case when e.id is null then left(e.sort_key, -1) else e.sort_key end,
        e.id, e.updated_at, e.created_at, e.last_accessed_at, e.metadata
      from entries e
      where $4 = '' or (date_trunc('milliseconds', e.%1$I), e.sort_key) %2$s ($5::timestamptz, $4 collate "C")
      order by date_trunc('milliseconds', e.%1$I) %3$s, e.sort_key %3$s
      limit $6
    $query$,
    sort_column, case when v_descending then '<' else '>' end, case when v_descending then 'desc' else 'asc' end
  ) using coalesce(prefix, ''), bucket_name, levels, coalesce(start_after, ''),
    coalesce(nullif(sort_column_after, ''), 'epoch'), v_limit;
end
$$;

create or replace function storage.list_multipart_uploads_with_delimiter(
  bucket_id text, prefix_param text, delimiter_param text, max_keys integer default 100,
  next_key_token text default '', next_upload_token text default ''
) returns table (key text, id text, created_at timestamptz)
language sql stable as $$
  with entries as (
    select coalesce(storage.get_common_prefix(u.key, prefix_param, delimiter_param), u.key) collate "C" as entry,
      u.id, u.created_at
    from storage.s3_multipart_uploads u
    where u.bucket_id = list_multipart_uploads_with_delimiter.bucket_id
      and starts_with(u.key, prefix_param)
      and (next_upload_token = '' or u.id collate "C" > next_upload_token)
  )
  select distinct on (e.entry) e.entry, e.id, e.created_at
  from entries e
  where next_upload_token <> '' or next_key_token = '' or e.entry > next_key_token
  order by e.entry, e.created_at
  limit max_keys
$$;

-- Triggers ---------------------------------------------------------------------------------------------------------

create or replace function storage.update_updated_at_column() returns trigger
language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create or replace trigger update_objects_updated_at before update on storage.objects
  for each row execute function storage.update_updated_at_column();

create or replace function storage.enforce_bucket_name_length() returns trigger
language plpgsql as $$
begin
  if length(new.name) > 100 then
    raise exception 'bucket name "%" is too long (% characters). Max is 100.', new.name, length(new.name);
  end if;
  return new;
end
$$;

create or replace trigger enforce_bucket_name_length_trigger
  before insert or update of name on storage.buckets
  for each row execute function storage.enforce_bucket_name_length();

-- A row that goes by SQL alone leaves its bytes behind; the service says that it takes care of them.
create or replace function storage.protect_delete() returns trigger
language plpgsql as $$
begin
  if coalesce(current_setting('storage.allow_delete_query', true), 'false') <> 'true' then
    raise exception 'Direct deletion from storage tables is not allowed. Use the Storage API instead.'
      using hint = 'This prevents accidental data loss from orphaned objects.', errcode = '42501';
  end if;
  return null;
end
$$;

create or replace trigger protect_buckets_delete before delete on storage.buckets
  for each statement execute function storage.protect_delete();
create or replace trigger protect_objects_delete before delete on storage.objects
  for each statement execute function storage.protect_delete();

do $$
declare
  v_function regprocedure;
begin
  for v_function in select oid from pg_proc where pronamespace = 'storage'::regnamespace loop
    execute format('alter function %1$s owner to supabase_storage_admin;
      grant execute on function %1$s to postgres, anon, authenticated, service_role', v_function);
  end loop;
end
$$;
