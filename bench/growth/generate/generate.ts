import { type Kysely, sql } from "kysely";
import type { Content } from "../../support/content.ts";
import type { Database } from "../../support/database.ts";
import { withoutTriggers } from "../../support/without-triggers.ts";
import { generateGoalsAndHours, generateObservations } from "./observations.ts";
import { generateChief, generatePeople, generateSchools } from "./schools.ts";

const TABLES = [
  "auth.users",
  "public.memberships",
  "public.directory_cards",
  "public.observation_plans",
  "public.planned_observations",
  "public.observations",
  "public.observation_ratings",
  "public.action_steps",
  "public.goals",
  "public.goal_updates",
  "public.pd_hours",
];

async function generate(db: Kysely<Database>, teachers: number): Promise<void> {
  await sql`select set_config('work_mem', '256MB', false), set_config('synchronous_commit', 'off', false)`.execute(db);
  await sql`create schema bench`.execute(db);
  await generateSchools(db, teachers);
  await withoutTriggers(db, TABLES, async () => {
    await generatePeople(db);
    await generateObservations(db);
    await generateGoalsAndHours(db);
  });
  await generateChief(db);
  await sql`vacuum (analyze)`.execute(db);
}

/** Counted in teachers of the school that is measured: 200 of them have 12,000 observations of five years. */
export const growth: Content = {
  state: ".stack-bench-growth",
  generators: ["bench/growth/generate"],
  title: (size) => `a school of ${size.toLocaleString("en")} teachers, and twenty others`,
  generate,
};
