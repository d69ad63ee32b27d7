/** Every statement that reads the schema cache; run as `postgres` with `search_path` empty so that types are qualified. */

export const RELATIONS = `
select c.oid::text as oid, n.nspname as schema, c.relname as name, c.relkind as kind,
  case when c.relkind in ('r', 'p') then 28 when c.relkind in ('v', 'f') then pg_relation_is_updatable(c.oid, true)
    else 0 end as writes,
  obj_description(c.oid, 'pg_class') as comment,
  coalesce((
    select json_agg(json_build_object(
      'name', a.attname, 'number', a.attnum, 'type', format_type(a.atttypid, a.atttypmod),
      'base', format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid), null),
      'nullable', not a.attnotnull, 'comment', col_description(c.oid, a.attnum),
      'default', case
        when a.attidentity = 'd' then format('nextval(%L)', seq.oid::regclass)
        when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid)
      end) order by a.attnum)
    from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    left join lateral (
      select s.oid from pg_depend dep join pg_class s on s.oid = dep.objid and s.relkind = 'S'
      where dep.refobjid = c.oid and dep.refobjsubid = a.attnum and dep.deptype = 'i' limit 1
    ) seq on true
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ), '[]') as columns,
  (select json_agg(json_build_object('primary', i.indisprimary, 'columns', (
      select json_agg(a.attname order by k.n) from unnest(i.indkey::int[]) with ordinality k(attnum, n)
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum where k.n <= i.indnkeyatts)))
    from pg_index i where i.indrelid = c.oid and i.indisunique and i.indpred is null and i.indexprs is null) as keys
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'v', 'm', 'f', 'p') and n.nspname !~ '^pg_(toast|temp)'
  and n.nspname not in ('pg_catalog', 'information_schema') and not c.relispartition`;

export const FOREIGN_KEYS = `
select k.conname as constraint, k.conrelid::text as "from", k.confrelid::text as "to",
  (select json_agg(json_build_array(a.attname, f.attname) order by p.n)
    from unnest(k.conkey, k.confkey) with ordinality p(own, foreign_, n)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.own
    join pg_attribute f on f.attrelid = k.confrelid and f.attnum = p.foreign_) as columns
from pg_constraint k where k.contype = 'f' and k.conparentid = 0 order by k.conrelid, k.conname`;

export const VIEWS = `
select r.ev_class::text as oid, r.ev_action::text as action
from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
where r.rulename = '_RETURN' and c.relkind in ('v', 'm') and n.nspname = any($1)`;

export const FUNCTIONS = `
select p.oid::text as oid, n.nspname as schema, p.proname as name, p.provolatile as volatility, p.proretset as "returnsSet",
  t.typname = 'void' as "returnsVoid", p.prorows as rows,
  obj_description(p.oid, 'pg_proc') as comment,
  (coalesce(bt.typtype, t.typtype) = 'c' or (t.typname = 'record')
    or coalesce(p.proargmodes::text[] && '{t,b,o}', false)) as "returnsComposite",
  coalesce(nullif(t.typrelid, 0), nullif(bt.typrelid, 0))::text as "returnsRelation",
  p.provariadic <> 0 as variadic,
  (select setting from unnest(p.proconfig) setting where setting like 'statement_timeout=%') as timeout,
  (select json_agg(a.attname order by a.attnum) from pg_attribute a
    where a.attrelid = coalesce(nullif(t.typrelid, 0), nullif(bt.typrelid, 0)) and a.attnum > 0 and not a.attisdropped
  ) as "returnsColumns",
  coalesce((
    select json_agg(json_build_object('name', coalesce(p.proargnames[o.n], ''), 'type', format_type(o.type, null),
      'mode', coalesce(p.proargmodes[o.n], 'i'), 'relation', nullif(at.typrelid, 0)::text) order by o.n)
    from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality o(type, n)
    join pg_type at on at.oid = o.type
  ), '[]') as args,
  p.pronargdefaults as defaults
from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_type t on t.oid = p.prorettype
left join pg_type bt on bt.oid = t.typbasetype
where p.prokind = 'f' and n.nspname = any($1) and t.typname not in ('trigger', 'event_trigger', 'internal', 'language_handler')
order by n.nspname, p.proname, p.oid`;

export const ROLE_SETTINGS = `
select r.rolname as role, s.setdatabase <> 0 as local, split_part(c, '=', 1) as name, substr(c, strpos(c, '=') + 1) as value
from pg_db_role_setting s join pg_roles r on r.oid = s.setrole, unnest(s.setconfig) c
where s.setdatabase = 0 or s.setdatabase = (select oid from pg_database where datname = current_database())
order by local`;

export const USER_SETTINGS = `select name from pg_settings where context = 'user'`;
