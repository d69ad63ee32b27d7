import { type Kysely, sql } from "kysely";
import type { Database } from "./database.ts";

interface TriggerState {
  table: string;
  name: string;
  state: "O" | "A" | "R" | "D";
}

const ENABLE = { O: "enable trigger", A: "enable always trigger", R: "enable replica trigger" };

/**
 * Runs `work` with the tables' own triggers off and foreign keys unchecked, then puts each trigger back as it was.
 * Needs a superuser. The replica role alone is not enough: the audit triggers fire in it too.
 */
export async function withoutTriggers(
  db: Kysely<Database>,
  tables: string[],
  work: () => Promise<void>,
): Promise<void> {
  const { rows } = await sql<TriggerState>`
    select tgrelid::regclass::text as "table", quote_ident(tgname) as name, tgenabled as state
    from pg_catalog.pg_trigger where not tgisinternal and tgenabled <> 'D' and tgrelid = any (${tables}::regclass[])`.execute(
    db,
  );
  const alter = (table: string, action: string) => sql.raw(`alter table ${table} ${action}`).execute(db);
  for (const { table, name } of rows) await alter(table, `disable trigger ${name}`);
  await sql`set session_replication_role = replica`.execute(db);
  try {
    await work();
  } finally {
    await sql`reset session_replication_role`.execute(db);
    for (const { table, name, state } of rows) {
      if (state !== "D") await alter(table, `${ENABLE[state]} ${name}`);
    }
  }
}
