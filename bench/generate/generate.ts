import { type Kysely, sql } from "kysely";
import type { Database } from "../support/database.ts";
import { generateObservations } from "./observations.ts";
import { generateDistrictPeople, generatePeople } from "./people.ts";
import { generateTenancy } from "./tenancy.ts";
import { withoutTriggers } from "./triggers.ts";

/** Fills a migrated, empty database. Runs as supabase_admin, over one connection. */
export async function generate(db: Kysely<Database>, size: number, say: (line: string) => void): Promise<void> {
  await sql`create schema bench`.execute(db);
  say("schools");
  await generateTenancy(db);
  say("people");
  await withoutTriggers(db, ["auth.users", "public.memberships", "public.supervisions"], () => generatePeople(db));
  await generateDistrictPeople(db);
  say(`${size.toLocaleString("en")} observations`);
  await withoutTriggers(db, ["public.observations"], () => generateObservations(db, size));
  say("statistics");
  await sql`vacuum (analyze)`.execute(db);
}
