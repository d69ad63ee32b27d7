import { command } from "../../scripts/options.ts";
import { openBenchDatabases } from "../support/bench-database.ts";
import { openKysely } from "../support/database.ts";
import { benchOptions } from "../support/options.ts";
import { type Line, milliseconds, printTable, saveResults } from "../support/results.ts";
import { casesOf } from "./cases.ts";
import { growth } from "./generate/generate.ts";
import { type Found, measure } from "./measure.ts";
import { findScene } from "./scene.ts";

const TEACHERS = "200";
/** The blueprint's RLS budget: 1.25 times the page by hand, plus half a millisecond. */
const budget = (byHand: number) => 1.25 * byHand + 0.5;
const MOST_AGGREGATES = 3;

function line(who: string, taken: number, name: string, beside: number, allowed: number): Line {
  const cells = [who, milliseconds(taken), name, milliseconds(beside), (taken / beside).toFixed(2)];
  return { cells: [...cells, milliseconds(allowed)], within: taken <= allowed };
}

function linesOf(who: string, { page, byHand, aggregate, aggregateByHand }: Found): Line[] {
  return [
    line(who, page, "the page by hand, without policies", byHand, budget(byHand)),
    line(who, page, "its largest aggregate, as the user", aggregate, MOST_AGGREGATES * aggregate),
    line(who, page, "its largest aggregate, by hand", aggregateByHand, MOST_AGGREGATES * aggregateByHand),
  ];
}

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
  const found: (Found & { who: string })[] = [];
  for (const each of casesOf(scene)) found.push({ who: each.who, ...(await measure(target, each, runs)) });
  printTable(
    `rpc team_board, ms of database time, median of ${runs} interleaved runs`,
    ["who", "team_board", "beside", "ms", "ratio", "at most"],
    found.flatMap(({ who, ...each }) => linesOf(who, each)),
  );
  const plans = Object.fromEntries(found.map(({ who, plans }) => [who.replace(/\W+/g, "-"), plans]));
  const pages = found.map(({ plans: _, ...numbers }) => numbers);
  saveResults("growth", { runs, ...scene.counts, pages }, plans);
  return 0;
});
