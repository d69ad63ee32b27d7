/** Everything in the catalog that says who may do what; the same rows mean the same rights. */
export const RIGHTS = `
  select 'relation' as kind, c.oid::regclass::text as name, c.relacl::text as acl, c.relowner::regrole::text as owner,
    c.relrowsecurity::text as more from pg_class c where c.relnamespace::regnamespace::text !~ '^pg_'
  union all select 'function', p.oid::regprocedure::text, p.proacl::text, p.proowner::regrole::text, p.prosecdef::text
    from pg_proc p where p.pronamespace::regnamespace::text !~ '^pg_'
  union all select 'schema', nspname, nspacl::text, nspowner::regrole::text, '' from pg_namespace where nspname !~ '^pg_'
  union all select 'default', defaclnamespace::text || defaclobjtype::text, defaclacl::text, defaclrole::regrole::text, ''
    from pg_default_acl
  union all select 'column', attrelid::regclass::text || '.' || attname, attacl::text, '', '' from pg_attribute
    where attacl is not null
  union all select 'policy', polname || polrelid::regclass::text, pg_get_expr(polqual, polrelid), polroles::text, '' from pg_policy
  union all select 'member', roleid::regrole::text || member::regrole::text, '', '', '' from pg_auth_members
  order by 1, 2`;
