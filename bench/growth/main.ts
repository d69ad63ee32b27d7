import { command } from "../../scripts/options.ts";
import { openBenchDatabases } from "../support/bench-database.ts";
import { openKysely } from "../support/database.ts";
import { benchOptions } from "../support/options.ts";
import { saveResults } from "../support/results.ts";
import { casesOf } from "./cases/cases.ts";
import { growth } from "./generate/generate.ts";
import { measure } from "./measure.ts";
import { type Measured, printPages } from "./print.ts";
import { findScene } from "./scene.ts";

const TEACHERS = "200";

await command(async () => {
  const { size, fresh, runs = 51 } = benchOptions(TEACHERS);
  await using databases = await openBenchDatabases([{ size, fresh, content: growth }]);
  const [target] = databases.targets;
  if (target === undefined) throw new Error("Cannot open the database");
  await using db = openKysely(target, "supabase_admin");
  const scene = await findScene(db);
  const { teachers, observations, ratings } = scene.counts;
  const count = (number: number) => number.toLocaleString("en");
  console.log(`  ${count(teachers)} teachers, ${count(observations)} observations, ${count(ratings)} ratings`);
  const measured: Measured[] = [];
  for (const each of casesOf(scene))
    measured.push({ page: each.page, who: each.who, found: await measure(target, each, runs) });
  printPages(measured, runs);
  const name = ({ page, who }: Measured) => `${page} ${who}`.replace(/\W+/g, "-");
  const plans = Object.fromEntries(measured.map((each) => [name(each), each.found.plans]));
  const pages = measured.map(({ page, who, found: { plans: _, ...numbers } }) => ({ page, who, ...numbers }));
  saveResults("growth", { runs, ...scene.counts, pages }, plans);
  return 0;
});
