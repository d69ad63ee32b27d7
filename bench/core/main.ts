import { sql } from "kysely";
import { command } from "../../scripts/options.ts";
import { openBenchDatabases } from "../support/bench-database.ts";
import { openKysely, type Target } from "../support/database.ts";
import { benchOptions } from "../support/options.ts";
import { saveResults } from "../support/results.ts";
import type { Case } from "./cases/case.ts";
import { leaderCases } from "./cases/leaders.ts";
import { parentCases } from "./cases/parent.ts";
import { searchCases } from "./cases/search.ts";
import { summaryCases } from "./cases/summary.ts";
import { teacherCases } from "./cases/teacher.ts";
import { core } from "./generate/generate.ts";
import { type Found, measure, openPlace } from "./measure.ts";
import { type Compared, printCases, printRegister } from "./print.ts";
import { makeBareTable, measureRegister } from "./register.ts";
import { findScene, type Scene } from "./scene.ts";

const SCHOOLS = "200";
/** The school that is measured is the second. */
const FEWEST = 2;

const casesOf = (scene: Scene): Case[] => [
  ...teacherCases(scene),
  ...leaderCases(scene),
  ...searchCases(scene),
  ...parentCases(scene),
  ...summaryCases(scene),
];

interface Counts {
  schools: number;
  students: number;
  teachers: number;
  attendance_entries: number;
  size: string;
}

async function prepare(target: Target): Promise<{ scene: Scene; counts: Counts }> {
  await using db = openKysely(target, "supabase_admin");
  await makeBareTable(db);
  const { rows } = await sql<Counts>`
    select (select count(*) from bench.schools)::integer as schools, (select count(*) from public.students)::integer as students,
      (select count(*) from public.memberships where role = 'teacher')::integer as teachers,
      (select count(*) from public.attendance_entries)::integer as attendance_entries, pg_size_pretty(pg_database_size(current_database())) as size`.execute(
    db,
  );
  const [counts] = rows;
  if (counts === undefined) throw new Error("Cannot count what was generated");
  const { size, ...numbers } = counts;
  const words = Object.entries(numbers).map(
    ([name, value]) => `${value.toLocaleString("en")} ${name.replace("_", " ")}`,
  );
  console.log(`  ${words.join(", ")}, ${size}`);
  return { scene: await findScene(db), counts };
}

function plansOf(found: Record<string, Found>): string {
  const of = ([size, { plans }]: [string, Found]) => [
    `${size}, as the signed-in user\n\n${plans.asUser}`,
    `${size}, by hand, without row-level security\n\n${plans.byHand}`,
  ];
  return Object.entries(found).flatMap(of).join("\n\n");
}

function withoutPlans({ plans: _, ...numbers }: Found): Omit<Found, "plans"> {
  return numbers;
}

await command(async () => {
  const { size, fresh, runs = 51 } = benchOptions(SCHOOLS);
  await using databases = await openBenchDatabases([
    { size, fresh, content: core(".stack-bench-core") },
    { size: Math.max(FEWEST, Math.round(size / 10)), fresh, content: core(".stack-bench-core-tenth") },
  ]);
  const prepared = [];
  for (const target of databases.targets) prepared.push(await prepare(target));
  const scenes = prepared.map(({ scene }) => scene);
  const [largeCases = [], tenthCases = []] = scenes.map(casesOf);
  await using places = new AsyncDisposableStack();
  const open = [];
  for (const target of databases.targets) open.push(places.use(await openPlace(target)));

  const compared: Compared[] = [];
  const plans: Record<string, string> = {};
  for (const [i, { who, what }] of largeCases.entries()) {
    const cases = [...largeCases.slice(i, i + 1), ...tenthCases.slice(i, i + 1)];
    const [large, tenth] = await measure(open, cases, runs);
    if (large === undefined || tenth === undefined) throw new Error(`Cannot measure "${who}, ${what}" at both sizes`);
    compared.push({ who, what, large, tenth });
    plans[`${who} ${what}`.replace(/\W+/g, "-")] = plansOf({ large, tenth });
  }
  const registers = await measureRegister(open, scenes, runs);
  printCases(compared, runs);
  printRegister(registers, runs);
  const queries = compared.map(({ large, tenth, ...rest }) => ({
    ...rest,
    large: withoutPlans(large),
    tenth: withoutPlans(tenth),
  }));
  saveResults("core", { runs, databases: prepared.map(({ counts }) => counts), queries, registers }, plans);
  return 0;
});
