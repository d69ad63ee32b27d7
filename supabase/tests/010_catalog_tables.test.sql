-- What holds for every table, those that do not exist yet included (house-style 17). Exceptions are named with their reason.
begin;
select plan(42);

create temporary view tenant_tables as
select c.oid, c.relname::text as name from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname not in (
  'districts', 'schools', 'district_memberships', 'district_settings', -- above the schools
  'profiles',                                             -- the person's own, of no school
  'setting_definitions', 'permissions', 'permission_ceilings', 'notification_kinds' -- written by migrations alone, the same in every school
);
create temporary view public_tables as
select c.oid, c.relname::text as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p');
create temporary view columns as
select t.oid as table_oid, t.name as table_name, a.attnum, a.attname::text as name, a.atttypid, a.attnotnull, a.attacl
from public_tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped;
create temporary view column_grants as
select c.table_name, c.name, acl.grantee::regrole::text as grantee, acl.privilege_type
from columns c, aclexplode(c.attacl) acl where acl.grantee <> 0;
create temporary view table_grants as
select n.nspname::text as schema, c.relname::text as name, c.relkind, case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end as grantee, acl.privilege_type
from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) acl
where n.nspname in ('public', 'private', 'audit') and acl.grantee <> c.relowner;

-- Row-level security and grants ----------------------------------------------------------------------------------------

select is_empty($$ select name from public_tables t join pg_class c using (oid) where not c.relrowsecurity $$,
  'blueprint 1.1: every table of public has row-level security');
select is_empty($$ select c.relname from pg_class c where c.relnamespace = 'audit'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity $$,
  'S9/hosted: every table of audit, each partition included, has row-level security');
select is_empty($$ select g.* from table_grants g where g.grantee in ('anon', 'public') $$, 'access.md: anon and public hold no table, view or sequence');
select is_empty($$
  select a.attrelid::regclass, a.attname, acl.privilege_type from pg_attribute a join pg_class c on c.oid = a.attrelid, aclexplode(a.attacl) acl
  where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'audit'::regnamespace) and (acl.grantee = 0 or acl.grantee::regrole::text = 'anon')
$$, 'access.md: anon and public hold no column');
select is_empty($$ select g.* from table_grants g where g.schema = 'public' and g.grantee = 'authenticated' and g.privilege_type not in ('SELECT', 'DELETE') $$,
  'blueprint: authenticated holds insert and update by column only, and never truncate, references, trigger or maintain');
select is_empty($$ select g.* from table_grants g where g.grantee = 'service_role' and g.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE') $$,
  'the service key cannot truncate a table or put a trigger on it');
select is_empty($$ select g.* from table_grants g where g.schema in ('private', 'audit') and g.grantee in ('authenticated', 'service_role') $$,
  'never 7: no role of the API holds a table of private or audit');
select results_eq($$
  select c.relname::text || '.' || a.attname || ' ' || acl.privilege_type from pg_attribute a join pg_class c on c.oid = a.attrelid, aclexplode(a.attacl) acl
  where c.relnamespace in ('private'::regnamespace, 'audit'::regnamespace) and acl.grantee <> c.relowner and (acl.privilege_type <> 'SELECT'
    or acl.grantee::regrole::text <> 'authenticated' or c.relname not in ('entries', 'entry_values') or a.attname in ('ip', 'user_agent', 'session_id', 'request_id', 'digest', 'salt'))
$$, array[]::text[], 'access.md audit: the only columns held outside public are for reading entries and values, without address, agent, sign-in or salt');
select is_empty($$
  select g.* from column_grants g where g.grantee = 'authenticated' and g.privilege_type = 'UPDATE' and (g.name in (
      'school_id', 'id', 'created_at', 'created_by', 'updated_at', 'deleted_at', 'user_id', 'role', 'status', 'version', 'active', 'district_id', 'team_scope', 'scope', 'permission', 'expires_at')
    or g.name ~ '_(at|by)$' and g.name <> 'observed_at')
    and (g.table_name, g.name) not in (
      ('students', 'status'),     -- a plain column of the office's, not a step that another person takes
      ('training_events', 'starts_at'), ('training_events', 'ends_at'), ('training_events', 'registration_opens_at'), ('training_events', 'registration_closes_at'), -- its organiser's plan
      ('frameworks', 'version'))  -- the number of the edition, part of its name
$$, 'never 2, S7: no update grant on keys, dates of record, persons, roles, states or approvals');
select is_empty($$
  select g.* from column_grants g where g.grantee = 'authenticated' and g.privilege_type = 'INSERT' and g.name in (
    'created_at', 'created_by', 'updated_at', 'deleted_at', 'user_id', 'role', 'version', 'active', 'district_id', 'team_scope', 'permission', 'scope', 'submitted_at', 'acknowledged_at', 'expires_at', 'approved_by')
    and (g.table_name, g.name) not in (
      ('frameworks', 'version'),      -- as above
      ('pd_requirements', 'role'))    -- of whom hours are asked; it gives nobody a right
$$, 'never 2: no insert grant on dates of record, persons, roles or approvals');
select is_empty($$ select g.* from column_grants g where g.table_name in ('memberships', 'district_memberships', 'supervisions', 'role_permissions', 'permission_ceilings', 'school_settings', 'district_settings', 'break_glass_grants', 'user_sessions') and g.privilege_type in ('INSERT', 'UPDATE') $$,
  'access.md "by function": tables that give rights have no direct write');
select is_empty($$ select g.name from table_grants g where g.schema = 'public' and g.name = 'student_records' $$, 'access.md student_records: no role of the API reads or writes the table, the service key neither');
select is_empty($$
  select t.name from public_tables t join columns c on c.table_oid = t.oid and c.name = 'deleted_at'
  join table_grants g on g.schema = 'public' and g.name = t.name and g.privilege_type = 'DELETE'
  where not exists (select from pg_trigger x where x.tgrelid = t.oid and x.tgname = '_200_soft_delete')
$$, 'S11: whoever of the API may delete from a table with deleted_at meets the soft delete trigger');
select is_empty($$ select * from pg_publication_tables where schemaname in ('public', 'private', 'audit') $$, 'access.md: no table of ours is published to postgres_changes');
select ok(not has_schema_privilege('anon', 'public', 'create') and not has_schema_privilege('authenticated', 'public', 'create') and not has_schema_privilege('service_role', 'public', 'create')
  and not has_schema_privilege('anon', 'audit', 'usage') and not has_schema_privilege('authenticated', 'private', 'create'), 'no role of the API makes objects in our schemas, and anon does not enter audit');

create table public.probe (id uuid primary key);
create function public.probe() returns void language sql as 'select';
create table private.probe (id uuid primary key);
create function private.probe() returns void language sql as 'select';
create sequence public.probe_seq;
select is_empty($$ select g.* from table_grants g where g.name like 'probe%' and g.grantee <> 'postgres' $$, 'house-style 3: a new table or sequence is granted to nobody');
select is_empty($$ select r from unnest(array['anon', 'authenticated', 'service_role', 'supabase_auth_admin']) r where has_function_privilege(r, 'public.probe()', 'execute') or has_function_privilege(r, 'private.probe()', 'execute') $$,
  'house-style 3: a new function is executable by nobody (the global default, not the schema''s)');
drop table public.probe, private.probe;
drop function public.probe(), private.probe();
drop sequence public.probe_seq;

-- Keys and foreign keys -------------------------------------------------------------------------------------------------

select is_empty($$ select t.name from tenant_tables t where not exists (select from columns c where c.table_oid = t.oid and c.name = 'school_id' and c.atttypid = 'uuid'::regtype and c.attnotnull) $$,
  'blueprint 1.2: every tenant table has school_id uuid not null');
select is_empty($$
  select t.name from tenant_tables t where not exists (select from pg_constraint k where k.conrelid = t.oid and k.contype = 'p'
    and array(select a.attname::text from unnest(k.conkey) with ordinality u (n, place) join pg_attribute a on a.attrelid = t.oid and a.attnum = u.n order by u.place) = array['school_id', 'id'])
$$, 'blueprint: the primary key of every tenant table is (school_id, id)');
select is_empty($$
  select t.name from tenant_tables t where not exists (select from pg_index i join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
    where i.indrelid = t.oid and a.attname = 'id' and i.indpred is null and i.indisvalid)
$$, 'blueprint: every tenant table has an index that leads on id');
select is_empty($$ select t.name from public_tables t where not exists (select from pg_constraint k where k.conrelid = t.oid and k.contype = 'p') $$, 'every table has a primary key');
select is_empty($$
  select k.conrelid::regclass, k.conname from pg_constraint k join tenant_tables child on child.oid = k.conrelid join tenant_tables parent on parent.oid = k.confrelid
  where k.contype = 'f' and not (cardinality(k.conkey) >= 2
    and (select attname from pg_attribute where attrelid = k.conrelid and attnum = k.conkey[1]) = 'school_id'
    and (select attname from pg_attribute where attrelid = k.confrelid and attnum = k.confkey[1]) = 'school_id')
$$, 'blueprint 1.2: foreign keys between tenant tables are composite, school_id first');
select is_empty($$
  select k.conrelid::regclass, k.conname from pg_constraint k where k.contype = 'f' and k.connamespace in ('public'::regnamespace, 'private'::regnamespace, 'audit'::regnamespace) and k.confdeltype = 'a'
$$, 'house-style 5: every foreign key states on delete');
select is_empty($$
  select k.conrelid::regclass, k.conname from pg_constraint k join tenant_tables child on child.oid = k.conrelid join tenant_tables parent on parent.oid = k.confrelid
  where k.contype = 'f' and k.confdeltype in ('n', 'd') and (k.confdelsetcols is null or k.conkey[1] = any (k.confdelsetcols))
$$, 'blueprint: set null between tenant tables names its columns, and never school_id');
select is_empty($$
  select k.conrelid::regclass, k.conname from pg_constraint k join public_tables t on t.oid = k.conrelid
  where k.contype = 'f' and not exists (select from pg_index i where i.indrelid = k.conrelid and i.indpred is null and i.indisvalid and i.indexprs is null
    and ((select array_agg(x order by x) from unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) x) = (select array_agg(x order by x) from unnest(k.conkey) x)
      -- a membership's id alone selects as well, and a composite index would spoil the lists (security-facts, numbers)
      or k.confrelid = 'public.memberships'::regclass and i.indkey[0] = k.conkey[2]))
$$, 'house-style 5: every foreign key has an index that leads with its columns, or with the membership it names');
select is_empty($$
  select i.indexrelid::regclass, w.indexrelid::regclass from pg_index i join pg_class c on c.oid = i.indrelid and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'audit'::regnamespace)
  join pg_index w on w.indrelid = i.indrelid and w.indexrelid <> i.indexrelid and w.indpred is null and w.indexprs is null
  join pg_class x on x.oid = i.indexrelid join pg_class y on y.oid = w.indexrelid and y.relam = x.relam
  where not i.indisunique and i.indpred is null and i.indexprs is null and (w.indkey::int2[])[0:i.indnatts - 1] = (i.indkey::int2[])[0:i.indnatts - 1] and (w.indoption::int2[])[0:i.indnatts - 1] = (i.indoption::int2[])[0:i.indnatts - 1]
$$, 'house-style 5: no index repeats the beginning of another');
select is_empty($$
  select i.indexrelid::regclass from pg_index i join tenant_tables t on t.oid = i.indrelid
  where i.indisunique and (select attname from pg_attribute where attrelid = t.oid and attnum = i.indkey[0]) <> 'school_id'
    -- an id that no client chooses tells nobody anything
    and not (i.indnatts = 1 and exists (select from columns c where c.table_oid = t.oid and c.attnum = i.indkey[0] and c.name = 'id' and c.atttypid = 'uuid'::regtype)
      and not exists (select from column_grants g where g.table_name = t.name and g.name = 'id' and g.grantee = 'authenticated' and g.privilege_type = 'INSERT'))
$$, 'blueprint: every unique key of a tenant table begins with school_id, or a conflict would tell of another school');
select is_empty($$
  select k.conrelid::regclass, k.conname from pg_constraint k join tenant_tables t on t.oid = k.conrelid
  where k.contype = 'x' and (not (select attnum from pg_attribute where attrelid = t.oid and attname = 'school_id') = any (k.conkey)
    or exists (select from columns c where c.table_oid = t.oid and c.name = 'deleted_at') and pg_get_constraintdef(k.oid) !~ 'WHERE .*\(deleted_at IS NULL\)\)+$')
$$, 'blueprint: exclusion constraints hold school_id and are of live rows');
select is_empty($$
  select k.conrelid::regclass, k.conname, c.name from pg_constraint k join columns c on c.table_oid = k.conrelid and c.attnum = any (k.conkey)
  where k.contype = 'x' and c.atttypid = 'uuid'::regtype and c.name <> 'school_id'
$$, 'budget: exclusion constraints hold other ids as bytes, or the planner would look up by them in an index that cannot');
select is_empty($$
  select k.conrelid::regclass, k.conname from pg_constraint k join public_tables t on t.oid = k.conrelid
  where k.contype = 'f' and cardinality(k.conkey) > 1 and k.conname ~ '_school_id_' or k.contype = 'c' and k.conname ~ '_check\d*$'
$$, 'blueprint: composite keys are named for their role and checks for their rule: clients embed and report by these names');

-- Columns ------------------------------------------------------------------------------------------------------------------

select is_empty($$
  select c.table_name, c.name, c.atttypid::regtype from columns c join pg_type y on y.oid = c.atttypid
  where y.typtype = 'e' or c.atttypid in ('money'::regtype, 'json'::regtype, 'timestamp'::regtype, 'timetz'::regtype, 'bpchar'::regtype)
    -- a wall clock, as a weekly timetable has
    or c.atttypid = 'time'::regtype and c.name !~ '_time$'
$$, 'blueprint: no enums (not leakproof under row-level security), no money, no json, no timestamps without a zone');
select is_empty($$
  select i.indexrelid::regclass, a.attname from pg_index i join public_tables t on t.oid = i.indrelid join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[])
  where a.atttypid in ('numeric'::regtype, 'jsonb'::regtype) or (select typtype from pg_type where oid = a.atttypid) = 'e'
$$, 'blueprint: nothing is filtered by an index on a type whose = is not leakproof');
select is_empty($$
  select t.name, w.name from public_tables t cross join (values ('created_at'), ('updated_at')) w (name)
  where not exists (select from columns c where c.table_oid = t.oid and c.name = w.name and c.atttypid = 'timestamptz'::regtype and c.attnotnull)
$$, 'blueprint: created_at and updated_at everywhere');
select is_empty($$
  select c.table_name, c.name from columns c where c.name ~ '_id$' and c.atttypid = 'uuid'::regtype
    and not exists (select from pg_constraint k where k.conrelid = c.table_oid and k.contype = 'f' and c.attnum = any (k.conkey))
    and (c.table_name, c.name) not in (
      ('notifications', 'row_id'),       -- of the table that it names
      ('frameworks', 'origin_id'),       -- what the product ships lies outside every school
      ('user_sessions', 'session_id'))   -- a sign-in outlives its row in auth.sessions
$$, 'every reference is a foreign key');
select is_empty($$
  select c.table_name, c.name from columns c join tenant_tables t on t.oid = c.table_oid join pg_constraint k on k.conrelid = t.oid and k.contype = 'f' and c.attnum = any (k.conkey)
  where k.confrelid = 'auth.users'::regclass and (t.name, c.name) not in (('memberships', 'user_id')) -- the one row that says who the person is
$$, 'S1: a tenant row refers to memberships, never to users');

-- Triggers -----------------------------------------------------------------------------------------------------------------

select is_empty($$
  select t.name, w.name from public_tables t cross join (values ('_900_audit_created'), ('_900_audit_changed'), ('_900_audit_deleted')) w (name)
  where t.name not in ('setting_definitions', 'permissions', 'permission_ceilings', 'notification_kinds') -- no role of the API writes them
    and not exists (select from pg_trigger x join pg_proc p on p.oid = x.tgfoid where x.tgrelid = t.oid and x.tgname = w.name and x.tgenabled = 'A' and p.pronamespace = 'audit'::regnamespace)
$$, 'blueprint audit: every table has its three audit triggers, enabled always');
select is_empty($$
  select t.name, p.proname from public_tables t join pg_proc p on p.oid = any (array['private.tg__set_updated_at()'::regprocedure, 'private.tg__keep_identity()'::regprocedure])
  where t.name not in ('setting_definitions', 'permissions', 'permission_ceilings', 'notification_kinds')
    and not exists (select from pg_trigger x where x.tgrelid = t.oid and x.tgfoid = p.oid and x.tgenabled <> 'D')
$$, 'blueprint: updated_at is kept and keys do not change, in every table');
select is_empty($$
  select c.table_name, c.name from columns c
  where c.atttypid in ('private.name_text'::regtype, 'private.note_text'::regtype) and not exists (select from pg_trigger x
    where x.tgrelid = c.table_oid and x.tgname = '_100_normalise' and x.tgenabled <> 'D' and c.name = any (string_to_array(encode(x.tgargs, 'escape'), '\000')))
$$, 'blueprint: every name and note is stored in Unicode form C');
select is_empty($$ select x.tgrelid::regclass, x.tgname from pg_trigger x join pg_class c on c.oid = x.tgrelid where c.relnamespace in ('public'::regnamespace, 'audit'::regnamespace) and not x.tgisinternal and (x.tgenabled in ('D', 'R') or x.tgname !~ '^_\d{3}_[a-z_]+$') $$,
  'house style: triggers are on, and their names carry their order');

-- Views and comments ----------------------------------------------------------------------------------------------------------

select is_empty($$ select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and (c.relkind in ('m', 'f') or c.relkind = 'v' and not coalesce(c.reloptions, '{}') && array['security_invoker=true', 'security_invoker=on']) $$,
  'house-style 8: views of public are invoker''s, and there is no materialized view or foreign table');
select is_empty($$ select c.relname from pg_class c where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p', 'v') and obj_description(c.oid, 'pg_class') is null $$,
  'house-style 10: every table and view has a comment');
select results_eq($$ select extname::text from pg_extension e where e.extnamespace in ('public'::regnamespace, 'private'::regnamespace, 'audit'::regnamespace) $$, array[]::text[], 'no extension lives in our schemas');

select * from finish();
rollback;
