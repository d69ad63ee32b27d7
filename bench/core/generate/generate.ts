import { type Kysely, sql } from "kysely";
import type { Content } from "../../support/content.ts";
import type { Database } from "../../support/database.ts";
import { withoutTriggers } from "../../support/without-triggers.ts";
import { generateEntries, generateMarks } from "./attendance.ts";
import { generateClasses, generateEnrollments } from "./classes.ts";
import { generatePeople, generateSearchable } from "./people.ts";
import { generateSchools } from "./schools.ts";
import { generateSessions } from "./sessions.ts";
import { withoutIndexes } from "./without-indexes.ts";

const PEOPLE = [
  "auth.users",
  "public.memberships",
  "public.students",
  "public.guardianships",
  "public.directory_cards",
];
const CLASSES = ["public.classes", "public.class_teachers", "public.enrollments", "public.class_sessions"];
const ATTENDANCE = ["public.attendance_entries", "public.attendance_marks"];

async function generate(db: Kysely<Database>, schools: number): Promise<void> {
  for (const [name, value] of Object.entries({
    maintenance_work_mem: "1GB",
    work_mem: "256MB",
    max_parallel_maintenance_workers: "1",
    synchronous_commit: "off",
  })) {
    await sql`select set_config(${name}, ${value}, false)`.execute(db);
  }
  const bulk = (tables: string[], work: () => Promise<void>) => withoutIndexes(db, tables, work);
  await sql`create schema bench`.execute(db);
  await generateSchools(db, schools);
  await withoutTriggers(db, [...PEOPLE, ...CLASSES, ...ATTENDANCE], async () => {
    await bulk(["public.guardianships"], () => generatePeople(db));
    await bulk(["private.searchable_people"], () => generateSearchable(db));
    await generateClasses(db);
    await bulk(["public.enrollments"], () => generateEnrollments(db));
    await bulk(["public.class_sessions"], () => generateSessions(db));
    await sql`analyze public.enrollments, public.class_sessions`.execute(db);
    await bulk(ATTENDANCE, async () => {
      await generateEntries(db);
      await generateMarks(db);
    });
  });
  await sql`vacuum (analyze)`.execute(db);
}

/** Counted in schools: 200 of them are 225,000 students, 7,500 teachers and 20 million attendance entries. */
export function core(state: string): Content {
  return {
    state,
    generators: ["bench/core/generate"],
    title: (size) => `${size.toLocaleString("en")} schools`,
    generate,
  };
}
