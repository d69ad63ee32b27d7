-- What holds for every policy, those that do not exist yet included (house-style 4 and 17, the rules of the blueprint).
begin;
select plan(22);

create temporary view policies as
select n.nspname::text as schema, c.relname::text as table_name, c.oid as table_oid, p.oid, p.polname::text as name, p.polcmd as command, p.polpermissive as permissive, p.polroles as roles,
  pg_get_expr(p.polqual, p.polrelid) as using_text, pg_get_expr(p.polwithcheck, p.polrelid) as check_text,
  concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) as text
from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'audit', 'storage');
create temporary view api_grants as
select c.oid as table_oid, c.relname::text as table_name, a.attname::text as column_name, acl.privilege_type
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped, lateral (
  select g.privilege_type from aclexplode(c.relacl) g where g.grantee::regrole::text = 'authenticated'
  union select g.privilege_type from aclexplode(a.attacl) g where g.grantee::regrole::text = 'authenticated') acl
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p');
create temporary view has_column as
select a.attrelid as table_oid, a.attname::text as name from pg_attribute a where a.attnum > 0 and not a.attisdropped;

-- How many, for whom -----------------------------------------------------------------------------------------------------

select is_empty($$ select schema, table_name, command, count(*) from policies where permissive and schema in ('public', 'audit') group by 1, 2, 3 having count(*) > 1 $$,
  'house-style 4: one permissive policy per command');
select is_empty($$ select schema, table_name, name from policies where permissive and command = '*' $$, 'house-style 4: no permissive policy for all commands at once');
select is_empty($$ select schema, table_name, name from policies where array(select r::regrole::text from unnest(roles) r) <> array['authenticated'] $$, 'blueprint: every policy is to authenticated, none to public or anon');
select is_empty($$ select schema, table_name, name from policies where permissive and (using_text = 'true' or check_text = 'true') $$, 'splinter 0024: no permissive policy is simply true');
select is_empty($$ select schema, table_name, name from policies where permissive and command = 'w' and check_text is null $$, 'house-style 4: every update policy says what the new row must be');
select is_empty($$
  select distinct g.table_name, g.privilege_type from api_grants g where not exists (select from policies p where p.table_oid = g.table_oid and p.permissive
    and p.command = case g.privilege_type when 'SELECT' then 'r' when 'INSERT' then 'a' when 'UPDATE' then 'w' when 'DELETE' then 'd' end)
$$, 'every grant to authenticated has its policy: rows are asked for as well as columns');
select is_empty($$
  select p.table_name, p.name from policies p where p.schema = 'public' and p.permissive and not exists (select from api_grants g where g.table_oid = p.table_oid
    and g.privilege_type = case p.command when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' end)
    and p.table_name not in ('student_records') -- its policy is false, and says so to whoever adds a grant
$$, 'every policy has its grant: none that misleads a reader');
select is_empty($$ select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not exists (select from policies p where p.table_oid = c.oid) $$,
  'splinter 0008: every table of public has a policy');

-- What they may say ---------------------------------------------------------------------------------------------------------

select is_empty($$
  select schema, table_name, name, m[1] from policies, regexp_matches(regexp_replace(text, 'SELECT \(?(private|auth)\.\w+\(', '', 'g'), '((?:private|auth)\.\w+)\(', 'g') m
  where m[1] not in (
    'private.uuid_or_null',  -- pure, of a path
    'private.can_select')    -- asks the table that an entry is about, as the reader; of one page of values only
$$, 'blueprint RLS budget: helpers are called once per statement, inside (select …)');
select is_empty($$
  select schema, table_name, name, m[1] from policies, regexp_matches(text, 'SELECT (private\.\w+\([^()]*\))', 'g') m
  where m[1] !~ '^private\.\w+\(((''[^'']*''(::[a-z\[\]]+)?|true|false)(, )?)*\)$' and m[1] !~ 'private\.(uuid_or_null|can_select)\('
$$, 'blueprint: a helper takes no column of the row, or it would run for each');
select is_empty($$ select schema, table_name, name from policies where text ~ '(IN|ANY) \( ?SELECT (DISTINCT )?private\.' $$, 'blueprint: = any (array(select …)), never in (select helper)');
select is_empty($$
  select p.schema, p.table_name, p.name from policies p where p.schema = 'public' and p.text ~ 'auth\.uid\(' and exists (select from has_column c where c.table_oid = p.table_oid and c.name = 'school_id')
$$, 'S2: own rows of a school go through memberships in force, never through auth.uid()');
select is_empty($$ select schema, table_name, name from policies where text ~ 'user_meta_?data|app_metadata' $$, 'never 10: the token''s metadata decides nothing');
select is_empty($$
  select p.table_name, p.name from policies p where p.schema = 'public' and p.permissive and p.command in ('r', 'w', 'd') and p.using_text <> 'false' and p.using_text !~ 'deleted_at IS NULL'
    and exists (select from has_column c where c.table_oid = p.table_oid and c.name = 'deleted_at')
$$, 'blueprint: policies hide removed rows from everyone');
select is_empty($$
  select distinct p.table_name, p.name, a.attname from policies p
  join pg_constraint k on k.conrelid = p.table_oid and k.contype = 'f' and cardinality(k.conkey) > 1
  join pg_attribute a on a.attrelid = p.table_oid and a.attnum = any (k.conkey)
  where p.schema = 'public' and p.permissive and p.command in ('a', 'w') and not p.check_text ~ ('\m' || a.attname || '\M')
    and exists (select from api_grants g where g.table_oid = p.table_oid and g.column_name = a.attname and g.privilege_type = case p.command when 'a' then 'INSERT' else 'UPDATE' end)
    and (p.table_name, a.attname) not in (
      ('observation_ratings', 'level'))  -- a small number and no id; its key is bound to the framework, whose levels everybody reads
$$, 'blueprint: a write''s with check bounds every reference it carries to live rows that the caller can see');
select is_empty($$
  with recursive mentions as (
    select distinct p.table_oid as from_table, d.refobjid as to_table from policies p
    join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> p.table_oid
  ), paths as (
    select m.from_table, m.to_table from mentions m union select w.from_table, m.to_table from paths w join mentions m on m.from_table = w.to_table
  )
  select from_table::regclass from paths where from_table = to_table
$$, 'blueprint: no two tables mention each other in policies, by whatever detour');
select is_empty($$
  select distinct p.table_name, f.proname from policies p join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass
  join pg_proc f on f.oid = d.refobjid join pg_language l on l.oid = f.prolang
  where f.pronamespace = 'private'::regnamespace and f.proname not in ('uuid_or_null') and (l.lanname <> 'plpgsql' or f.provolatile <> 's')
$$, 'S13: policy helpers are stable plpgsql');
select is_empty($$
  select distinct c.relname from pg_class c join has_column a on a.table_oid = c.oid and (a.name = 'student_id' or c.relname = 'students') where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    and c.relname not in ('student_records') -- no role of the API reads it; its functions ask for blocks
    and not exists (select from policies p where p.table_oid = c.oid and not p.permissive and p.command = '*' and p.using_text ~ 'private\.blocked_students\(')
$$, 'access.md "deny wins": every table about a student has the restrictive policy of legal blocks');
select is_empty($$
  select p.schema, p.table_name, p.name from policies p where p.schema = 'storage' and p.text !~ 'bucket_id = '
$$, 'storage: every policy is of one bucket');
select is_empty($$
  select p.table_name, p.name from policies p where p.schema = 'storage' and p.text ~ '::uuid'
$$, 'security-facts 4: no cast of a path, which would raise for every reader');
select is_empty($$
  select p.name from policies p where p.table_name in ('observations', 'observation_summaries') and p.command = 'r' and (p.text !~ 'coaching' or p.text !~ 'draft')
$$, 'never 4 and 6: drafts and coaching are conditions in the policy, no permission');

select is_empty($$
  select p.table_name from policies p join pg_trigger x on x.tgrelid = p.table_oid and x.tgname = '_200_soft_delete'
  where p.schema = 'public' and p.command = 'd' and p.text ~ 'schools_with\('
    and p.table_name not in ('framework_domains', 'framework_look_fors') -- parts of a draft
    and p.table_name not in (select t.table_name from private.restorable_tables t)
$$, 'blueprint: whatever an office removes it lists and restores');

select * from finish();
rollback;
