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
import { teacherCases } from "./cases/teacher.ts";
import { core } from "./generate/generate.ts";
import { measure, openPlace } from "./measure.ts";
import { type Compared, printCases, printRegister } from "./print.ts";
import { makeBareTable, measureRegister } from "./register.ts";
import { findScene, type Scene } from "./scene.ts";

const casesFor = (scene: Scene): Case[] => [
  ...teacherCases(scene),
  ...leaderCases(scene),
  ...searchCases(scene),
  ...parentCases(scene),
];

async function prepare(target: Target): Promise<{ scene: Scene; counts: object }> {
  await using db = openKysely(target, "supabase_admin");
  await makeBareTable(db);
  const { rows } = await sql<object>`
    select (select count(*) from bench.schools)::integer as schools, (select count(*) from public.students)::integer as students,
      (select count(*) from public.memberships where role = 'teacher')::integer as teachers, (select count(*) from public.attendance_entries)::integer as entries,
      pg_size_pretty(pg_database_size(current_database())) as size`.execute(db);
  return { scene: await findScene(db), counts: rows[0] ?? {} };
}

await command(async () => {
  const options = benchOptions("200");
  const runs = options.runs ?? 51;
  const small = Math.max(2, Math.round(options.size / 10));
  await using databases = await openBenchDatabases([
    { ...options, content: core(".stack-bench-core") },
    { ...options, size: small, content: core(".stack-bench-core-tenth") },
  ]);
  const prepared = [];
  for (const target of databases.targets) prepared.push(await prepare(target));
  for (const { counts } of prepared) console.log(`  ${JSON.stringify(counts)}`);
  const scenes = prepared.map(({ scene }) => scene);
  const places = await Promise.all(databases.targets.map(openPlace));
  const compared: Compared[] = [];
  const plans: Record<string, string> = {};
  try {
    for (const [i, { who, what }] of casesFor(scenes[0] as Scene).entries()) {
      const cases = scenes.map((scene) => casesFor(scene)[i] as Case);
      const [large, tenth] = await measure(places, cases, runs);
      if (large === undefined || tenth === undefined) continue;
      compared.push({ who, what, large, tenth });
      plans[`${who} ${what}`.replace(/\W+/g, "-")] = Object.entries({ large, tenth })
        .flatMap(([size, found]) => [
          `${size}, as the signed-in user\n\n${found.plans.asUser}`,
          `${size}, by hand, without row-level security\n\n${found.plans.byHand}`,
        ])
        .join("\n\n");
    }
    const registers = await measureRegister(places, scenes, runs);
    printCases(compared, runs);
    printRegister(registers, runs);
    saveResults(
      "core",
      { runs, databases: prepared.map(({ counts }) => counts), cases: compared.map(withoutPlans), registers },
      plans,
    );
  } finally {
    await Promise.all(places.flatMap(({ user, owner }) => [user.end(), owner.end()]));
  }
  return 0;
});

function withoutPlans({ large, tenth, ...rest }: Compared): object {
  const { plans: _large, ...largeNumbers } = large;
  const { plans: _tenth, ...tenthNumbers } = tenth;
  return { ...rest, large: largeNumbers, tenth: tenthNumbers };
}
