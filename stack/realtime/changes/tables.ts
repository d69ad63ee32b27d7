import type pg from "pg";
import { z } from "zod";

export interface TableColumn {
  name: string;
  /** As in pg_type. */
  type: string;
  /** The same, fit for a statement under any search_path. */
  sqlType: string;
  typeOid: number;
  isPrimaryKey: boolean;
  /** Of a stored generated column. */
  expression: string | null;
  /** Roles that may select it. */
  readers: string[];
}

/** What the catalog says of a table at this moment. */
export interface Table {
  oid: number;
  /** Quoted. */
  sqlName: string;
  hasRls: boolean;
  columns: TableColumn[];
}

// Attributes are asked for their type by their own row: one that was dropped has none.
const QUERY = `
  select c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) as "sqlName", c.relrowsecurity as "hasRls",
    (
      select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
        'name', a.attname, 'type', t.typname, 'sqlType', pg_catalog.format('%I.%I', tn.nspname, t.typname),
        'typeOid', a.atttypid::bigint,
        'expression', case when a.attgenerated = 's' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end,
        'isPrimaryKey', coalesce(a.attnum = any (p.indkey), false),
        'readers', array(
          select r.name from pg_catalog.unnest($2::text[]) as r(name)
          where pg_catalog.has_column_privilege(r.name::name, c.oid, a.attnum, 'select')
        )
      ) order by a.attnum), '[]')
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_type t on t.oid = a.atttypid
      join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
      left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      left join pg_catalog.pg_index p on p.indrelid = a.attrelid and p.indisprimary
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) as columns
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid = any ($1::oid[])`;

const found = z.array(
  z.object({
    oid: z.number(),
    sqlName: z.string(),
    hasRls: z.boolean(),
    columns: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        sqlType: z.string(),
        typeOid: z.number(),
        expression: z.string().nullable(),
        isPrimaryKey: z.boolean(),
        readers: z.array(z.string()),
      }),
    ),
  }),
);

/** Asked anew for every batch, so that a grant that was taken back counts at once. */
export async function loadTables(pool: pg.Pool, oids: number[], roles: string[]): Promise<Map<number, Table>> {
  const { rows } = await pool.query(QUERY, [oids, roles]);
  return new Map(found.parse(rows).map((table) => [table.oid, table]));
}
