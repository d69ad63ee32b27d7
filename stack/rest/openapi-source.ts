import { z } from "zod";
import type { Statement } from "./pipeline.ts";

const column = z.object({
  name: z.string(),
  description: z.string().nullable(),
  type: z.string(),
  nullable: z.boolean(),
  default: z.string().nullable(),
  length: z.number().nullable(),
  labels: z.array(z.string()).nullable(),
});

const table = z.object({
  name: z.string(),
  description: z.string().nullable(),
  columns: z.array(column),
});

/** What the caller may see of a schema. */
export const openApiSource = z.object({
  description: z.string().nullable(),
  tables: z.array(table),
  functions: z.array(z.string()),
});

export type OpenApiColumn = z.infer<typeof column>;
export type OpenApiTable = z.infer<typeof table>;

const COLUMNS = `
select json_agg(json_build_object(
  'name', a.attname,
  'description', col_description(c.oid, a.attnum),
  'type', case
    when t.typtype = 'd' and b.typnamespace = 'pg_catalog'::regnamespace then format_type(b.oid, null)
    when t.typtype <> 'd' and t.typnamespace = 'pg_catalog'::regnamespace then format_type(a.atttypid, null)
    else format_type(a.atttypid, a.atttypmod) end,
  'nullable', not (a.attnotnull or t.typtype = 'd' and t.typnotnull),
  'default', case
    when t.typbasetype <> 0 and d.adbin is null then pg_get_expr(t.typdefaultbin, 0)
    when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
  'length', information_schema._pg_char_max_length(
    information_schema._pg_truetypid(a.*, t.*), information_schema._pg_truetypmod(a.*, t.*)),
  'labels', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = b.oid)
) order by a.attnum)
from pg_attribute a join pg_type t on t.oid = a.atttypid join pg_type b on b.oid = pg_basetype(t.oid)
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`;

const TABLES = `
select json_agg(json_build_object(
  'name', c.relname,
  'description', obj_description(c.oid, 'pg_class'),
  'columns', coalesce((${COLUMNS}), '[]')
) order by c.relname)
from pg_class c
where c.relnamespace = n.oid and c.relkind in ('r', 'v', 'm', 'f', 'p') and not c.relispartition
  and (pg_has_role(c.relowner, 'usage')
    or has_table_privilege(c.oid, 'select, insert, update, delete, truncate, references, trigger')
    or has_any_column_privilege(c.oid, 'select, insert, update, references'))`;

/** Asks as the caller, so that the document names only what the caller holds a right to. */
export function openApiStatement(schema: string): Statement {
  return {
    text: `select null, '1', json_build_object(
        'description', obj_description(n.oid, 'pg_namespace'),
        'tables', coalesce((${TABLES}), '[]'),
        'functions', coalesce((select json_agg(p.oid::text) from pg_proc p
          where p.pronamespace = n.oid and has_function_privilege(p.oid, 'execute')), '[]')
      )::text, null, null, null
      from pg_namespace n where n.nspname = $1`,
    values: [schema],
  };
}
