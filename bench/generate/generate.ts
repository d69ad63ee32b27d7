import { type Kysely, sql } from "kysely";
import type { Database } from "../support/database.ts";
import { withoutTriggers } from "../support/without-triggers.ts";
import { generateObservations } from "./observations.ts";
import { generateDistrictPeople, generatePeople } from "./people.ts";
import { generateTenancy } from "./tenancy.ts";

/** Fills a migrated, empty database. Runs as supabase_admin, over one connection. */
export async function generate(db: Kysely<Database>, size: number): Promise<void> {
  await sql`create schema bench`.execute(db);
  await generateTenancy(db);
  await withoutTriggers(db, ["auth.users", "public.memberships", "public.supervisions"], () => generatePeople(db));
  await generateDistrictPeople(db);
  await withoutTriggers(db, ["public.observations"], () => generateObservations(db, size));
  await sql`vacuum (analyze)`.execute(db);
}
