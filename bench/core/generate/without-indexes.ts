import { type Kysely, sql } from "kysely";
import type { Database } from "../../support/database.ts";

interface Dropped {
  drop: string;
  create: string;
}

/**
 * Runs `work` with the tables' indexes, keys and exclusions gone, and the foreign keys that rest on those, then makes each
 * again from its own definition, in the order in which it was first made: the planner breaks a tie by it.
 */
export async function withoutIndexes(db: Kysely<Database>, tables: string[], work: () => Promise<void>): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db);
  const indexes = await sql<Dropped>`
    select case when k.oid is null then format('drop index %s', i.indexrelid::regclass) else format('alter table %s drop constraint %I', i.indrelid::regclass, k.conname) end as drop,
      case when k.oid is null then pg_get_indexdef(i.indexrelid) else format('alter table %s add constraint %I %s', i.indrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) end as create
    from pg_catalog.pg_index i left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
    where i.indrelid = any (${tables}::regclass[]) order by i.indexrelid`.execute(db);
  const references = await sql<Dropped>`
    select format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname) as drop,
      format('alter table %s add constraint %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) as create
    from pg_catalog.pg_constraint k where k.contype = 'f' and k.confrelid = any (${tables}::regclass[])`.execute(db);
  const dropped = [...indexes.rows, ...references.rows];
  for (const { drop } of dropped.toReversed()) await run(drop);
  await work();
  for (const { create } of dropped) await run(create);
}
