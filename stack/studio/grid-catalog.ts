import type pg from "pg";

/** Schemas with nothing of the project's, or of Supabase's, in them. */
const SCHEMAS = `
select nspname as name from pg_namespace
where nspname !~ '^pg_' and nspname <> 'information_schema' and has_schema_privilege(oid, 'usage')
order by nspname <> 'public', nspname`;

const RELATIONS = `
select c.oid, n.nspname as schema, c.relname as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')`;

// The editor addresses a row by its `id` alone and finds a table's key by the table's bare name.
const CATALOG = `
with relation as (${RELATIONS}), key as (
  select r.oid, r.name, coalesce(bool_or(a.attname = 'id'), false) as by_id
  from relation r left join pg_index i on i.indrelid = r.oid and i.indisprimary
  left join pg_attribute a on a.attrelid = r.oid and a.attnum = any (i.indkey)
  group by r.oid, r.name
)
select
  (select coalesce(json_agg(json_build_object('name', name, 'schema', schema) order by schema, name), '[]')
    from relation) as tables,
  (select coalesce(json_agg(json_build_object(
      'schema', r.schema, 'table', r.name, 'name', a.attname, 'type', format_type(a.atttypid, null),
      'nullable', not a.attnotnull, 'default_value', pg_get_expr(d.adbin, d.adrelid),
      'is_identity', a.attidentity <> '' or a.attgenerated <> '') order by r.oid, a.attnum), '[]')
    from relation r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum) as columns,
  (select coalesce(json_agg(json_build_object('table', name, 'columns', json_build_array('id'))), '[]')
    from (select name from key group by name having bool_and(by_id)) editable) as primary_keys`;

export async function gridSchemas(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(SCHEMAS);
  return rows.map(({ name }) => name);
}

/** Tables, columns and keys in the shape that the table editor reads. */
export async function gridCatalog(pool: pg.Pool): Promise<object> {
  const { rows } = await pool.query<object>(CATALOG);
  return rows[0] ?? {};
}
