-- Platform: schemas, what nobody gets by default, text that is safe to store, shared triggers, and how a request is refused.

create schema private;
create schema audit;

comment on schema private is 'Helpers, definer functions and triggers. Never exposed to the API.';
comment on schema audit is 'The log and its seals. Never exposed to the API; read through rpc(''audit_trail'').';

create extension if not exists pgcrypto with schema extensions;
create extension if not exists btree_gist with schema extensions;
create extension if not exists pg_cron with schema pg_catalog;
create extension if not exists pg_net with schema extensions;
create extension if not exists supabase_vault with schema vault;

-- Only the global form reaches the default that every role may execute every new function.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke execute on functions from anon, authenticated, service_role;

grant usage on schema private to anon, authenticated, service_role, supabase_auth_admin;
grant usage on schema audit to authenticated;

-- Text ---------------------------------------------------------------------------------------------------------------

create collation private.hebrew (provider = icu, locale = 'he');
comment on collation private.hebrew is 'Hebrew alphabetical order for names; Latin names sort after in their own order.';

-- Volatile, or the planner would call it ahead of the test that it stands behind.
create function private.breaks(p_rule text, p_hint text) returns boolean
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = '23514', constraint = p_rule, message = format('Cannot save a value that breaks %s', p_rule), hint = p_hint;
end
$$;
comment on function private.breaks is 'The second half of a domain''s check, reached where the first is false: SQLSTATE 23514 with a hint, which a check alone cannot give.';
grant execute on function private.breaks to authenticated, service_role;

create domain private.name_text as text
  constraint name_text_length check ((char_length(value) between 1 and 200 and value !~ '^\s*$') is not false
    or private.breaks('name_text_length', 'A name or title has 1 to 200 characters, and not only spaces.'))
  constraint name_text_characters check ((value !~ '[\u0001-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]') is not false
    or private.breaks('name_text_characters', 'A name or title takes no line breaks, no control characters and no marks of direction.'));
comment on domain private.name_text is 'A name or title: 1 to 200 characters, no control, line or bidirectional characters (they can make a name read as another).';

create domain private.note_text as text
  constraint note_text_length check ((char_length(value) <= 20000) is not false
    or private.breaks('note_text_length', 'A text has at most 20,000 characters.'))
  constraint note_text_characters check ((value !~ '[\u0001-\u0008\u000B\u000C\u000E-\u001F\u007F\u202A-\u202E\u2066-\u2069]') is not false
    or private.breaks('note_text_characters', 'A text takes no control characters and no embedded or overriding direction; marks of direction are allowed.'));
comment on domain private.note_text is 'Free text of at most 20,000 characters. Marks of direction are allowed, embeddings and overrides are not.';

create domain private.code_text as text
  constraint code_text_form check ((value ~ '^[A-Z0-9][A-Z0-9_-]{0,39}$') is not false
    or private.breaks('code_text_form', 'A code has 1 to 40 capitals, digits, dashes and underscores, and begins with a capital or digit.'));
comment on domain private.code_text is 'A code that people read out: capitals, digits, dash and underscore, at most 40.';

create domain private.timezone_text as text
  -- By name alone: Postgres would also take "<x>+99", which moves the days on which rights begin and end.
  constraint timezone_text_name check ((value is null or value ~ '^(UTC|[A-Z][A-Za-z_]+(/[A-Za-z_]+(-[A-Za-z]+)*){1,2})$' and now() at time zone value is not null) is not false
    or private.breaks('timezone_text_name', 'A timezone is named as IANA does, e.g. Asia/Jerusalem.'));
comment on domain private.timezone_text is 'IANA name of a timezone.';

create domain private.locale_text as text
  constraint locale_text_form check ((value ~ '^[a-z]{2,3}(-[A-Z]{2})?$') is not false
    or private.breaks('locale_text_form', 'A locale is written as in he or en-IN.'));
comment on domain private.locale_text is 'BCP 47, e.g. he or en-IN.';

create function private.uuid_or_null(p_text text) returns uuid
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  return case when p_text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then p_text::uuid end;
end
$$;
comment on function private.uuid_or_null is 'The uuid that a part of a storage path spells, or null: a cast in a policy would raise for every reader.';
grant execute on function private.uuid_or_null to authenticated;

create function private.jsonb_or_null(p_text text) returns jsonb
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  return p_text::jsonb;
exception when invalid_text_representation then
  return null;
end
$$;
comment on function private.jsonb_or_null is 'What another server answered, or null where it is no JSON.';

create function private.inet_or_null(p_text text) returns inet
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  return p_text::inet;
exception when invalid_text_representation then
  return null;
end
$$;
comment on function private.inet_or_null is 'A client''s address as a proxy wrote it, or null.';

-- Refusals -----------------------------------------------------------------------------------------------------------

create function private.refuse(p_action text, p_hint text default 'It does not exist, is not yours to change, or is no longer in a state that allows this.')
returns void
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'PT404', message = format('Cannot %s', p_action), hint = p_hint;
end
$$;
comment on function private.refuse is 'The one answer for absent, foreign and wrong state alike: SQLSTATE PT404, HTTP 404.';
grant execute on function private.refuse to authenticated, service_role;

create function private.reject(p_action text, p_hint text) returns void
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'PT422', message = format('Cannot %s', p_action), hint = p_hint;
end
$$;
comment on function private.reject is 'Input that is well-formed and means nothing here: SQLSTATE PT422, HTTP 422. The hint says what would do.';
grant execute on function private.reject to authenticated, service_role;

-- PostgREST calls this before every request. Planner estimates pass row-level security for leakproof operators, so a
-- count by estimate tells how many rows other schools have (security-facts S12); there is no setting that forbids it.
create function private.check_request() returns void
language plpgsql stable set search_path = ''
as $$
begin
  if nullif(current_setting('request.headers', true), '')::jsonb ->> 'prefer' ~* 'count\s*=\s*"?(planned|estimated)' then
    raise exception using errcode = 'PT400', message = 'Cannot count by estimate', hint = 'Ask for count=exact.';
  end if;
end
$$;
grant execute on function private.check_request to anon, authenticated, service_role;
alter role authenticator set pgrst.db_pre_request = 'private.check_request';
notify pgrst, 'reload config';

-- Shared triggers; private.equip (audit) puts them on a table ----------------------------------------------------------

create function private.tg__set_updated_at() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create function private.tg__normalise() returns trigger
language plpgsql set search_path = ''
as $$
declare
  v_row jsonb := to_jsonb(new);
  v_column text;
  v_changes jsonb := '{}';
begin
  foreach v_column in array tg_argv loop
    if v_row ->> v_column is not null then
      v_changes := v_changes || jsonb_build_object(v_column, normalize(v_row ->> v_column, nfc));
    end if;
  end loop;
  return jsonb_populate_record(new, v_changes);
end
$$;
comment on function private.tg__normalise is 'Stores the columns named in the arguments in Unicode form C; its WHEN lets composed text pass untouched.';

create function private.tg__keep_identity() returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = '42501', message = format('Cannot change the key or the origin of a row of %I', tg_table_name),
    hint = 'A row stays in its school; make a new one instead.';
end
$$;
comment on function private.tg__keep_identity is 'Fires when school_id, id or created_at would change, by whatever role.';

-- definer: because locking a row asks for the right to change it, which the caller may hold for its parts alone.
create function private.tg__hold_parent() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_row jsonb := case tg_op when 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
  v_held boolean;
begin
  execute format('select true from public.%I p where p.school_id = $1 and p.id = $2 and p.status = any ($3) for share', tg_argv[0])
    into v_held using (v_row ->> 'school_id')::uuid, (v_row ->> tg_argv[1])::uuid, tg_argv[2]::text[];
  if v_held is null and tg_op = 'INSERT' then
    raise exception using errcode = '42501', message = format('new row violates row-level security policy for table "%s"', tg_table_name);
  end if;
  return case when v_held then case tg_op when 'DELETE' then old else new end end;
end
$$;
comment on function private.tg__hold_parent is
  'A policy sees its parent''s state as it was when the statement began. This locks the parent (table, key column, states) for the rest of the transaction and looks again, so that a part cannot change beside a submission; it then answers as the policy would.';

-- definer: because the hidden row would fail the caller's own select policy. Cascades run as the table's owner, so the
-- trigger's WHEN lets them delete physically and integrity holds.
create function private.tg__soft_delete() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_old jsonb := to_jsonb(old);
  v_child record;
  v_live boolean;
begin
  for v_child in
    select c.conrelid::regclass as name,
      (select string_agg(format('%I = %L', child.attname, v_old ->> parent.attname), ' and ')
       from unnest(c.conkey, c.confkey) as k (child_key, parent_key)
       join pg_catalog.pg_attribute child on child.attrelid = c.conrelid and child.attnum = k.child_key
       join pg_catalog.pg_attribute parent on parent.attrelid = c.confrelid and parent.attnum = k.parent_key) as condition
    from pg_catalog.pg_constraint c
    join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attname = 'deleted_at' and not a.attisdropped
    where c.confrelid = tg_relid and c.contype = 'f' and c.confdeltype in ('a', 'r')
  loop
    execute format('select exists (select from %s where %s and deleted_at is null)', v_child.name, v_child.condition) into v_live;
    if v_live then
      raise exception using errcode = '23503', message = format('Cannot remove a row of %I that rows of %s refer to', tg_table_name, v_child.name),
        hint = 'Remove or move those rows first.';
    end if;
  end loop;
  execute format('update %I.%I set deleted_at = clock_timestamp() where school_id = $1 and id = $2 and deleted_at is null', tg_table_schema, tg_table_name)
    using old.school_id, old.id;
  return null;
end
$$;
comment on function private.tg__soft_delete is
  'Turns a client''s delete into deleted_at. Refuses while live rows refer by a key that restricts; parts (on delete cascade) follow their parent through their policies.';

-- definer: because what clashes may be hidden from who writes; it is named only to those who hold the right over the school.
create function private.tg__name_clash() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_clashes boolean;
begin
  if new.school_id = any (array(select private.schools_with(tg_argv[0]))) then
    for v_at in 1 .. tg_nargs - 2 by 2 loop
      execute tg_argv[v_at] into v_clashes using new;
      if v_clashes then
        raise exception using errcode = 'PT409', message = format('Cannot save the row of %s', tg_table_name), hint = tg_argv[v_at + 1];
      end if;
    end loop;
  end if;
  return new;
exception when data_exception then
  -- An end before its beginning: the table's own check says so.
  return new;
end
$$;

create procedure private.name_clashes(p_table regclass, p_permission text, p_hints jsonb)
language plpgsql set search_path = ''
as $$
declare
  v_constraint record;
  v_arguments text := quote_literal(p_permission);
begin
  for v_constraint in
    select c.conname, string_agg(format('(%s) as k%s', pg_get_indexdef(c.conindid, k.at::integer, true), k.at), ', ' order by k.at) as keys,
      string_agg(format('o.k%1$s operator(%2$I.%3$s) n.k%1$s', k.at, s.nspname, p.oprname), ' and ' order by k.at) as comparison,
      (select pg_get_expr(i.indpred, i.indrelid) from pg_catalog.pg_index i where i.indexrelid = c.conindid) as predicate
    from pg_catalog.pg_constraint c
    cross join lateral unnest(c.conexclop) with ordinality k (operator, at)
    join pg_catalog.pg_operator p on p.oid = k.operator join pg_catalog.pg_namespace s on s.oid = p.oprnamespace
    where c.conrelid = p_table and c.contype = 'x' and p_hints ? c.conname
    group by c.oid, c.conname, c.conindid order by c.conname
  loop
    v_arguments := v_arguments || format(', %L, %L', format(
      'select exists (select from (select id, %1$s from %2$s where school_id = ($1).school_id and %3$s) o, (select %1$s from (select ($1).*) n where %3$s) n where o.id <> ($1).id and %4$s)',
      v_constraint.keys, p_table, coalesce(v_constraint.predicate, 'true'), v_constraint.comparison), p_hints ->> v_constraint.conname);
  end loop;
  execute format('create trigger _160_name_clash before insert or update on %s for each row execute function private.tg__name_clash(%s)', p_table, v_arguments);
end
$$;
comment on procedure private.name_clashes is
  'Has a table''s exclusion constraints {name: hint} asked before a row is written, so that whoever holds the permission over the school learns what clashes: PT409 with the hint. Of two writes at once the constraint still refuses one, as 23P01.';
