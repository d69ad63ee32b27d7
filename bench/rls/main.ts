import { command } from "../../scripts/options.ts";
import { openBenchDatabase } from "../support/bench-database.ts";
import { openKysely } from "../support/database.ts";
import { benchOptions } from "../support/options.ts";
import { type Line, milliseconds, printTable, saveResults } from "../support/results.ts";
import { type Case, casesFor } from "./cases.ts";
import { type Measured, measure } from "./measure.ts";
import { findPersonas } from "./personas.ts";

/** The blueprint's RLS budget: 1.25 times the query by hand, plus half a millisecond. */
const budget = ({ byHand }: { byHand: number }) => 1.25 * byHand + 0.5;

function lineOf(each: Case, found: Measured): Line & { allowed: number } {
  const { prepared, planned } = found;
  const allowed = each.limit ?? budget(prepared);
  const within = each.informative ? null : prepared.asUser <= allowed;
  const cells = [each.persona, each.filter, String(found.rows)];
  cells.push(
    milliseconds(prepared.asUser),
    milliseconds(prepared.byHand),
    (prepared.asUser / prepared.byHand).toFixed(2),
  );
  cells.push(each.informative ? "" : milliseconds(allowed), milliseconds(planned.asUser), milliseconds(planned.byHand));
  return { cells, within, allowed };
}

const HEAD = ["who", "filter", "rows", "as user", "by hand", "ratio", "budget", "unprepared", "by hand"];

await command(async () => {
  const options = benchOptions();
  const runs = options.runs ?? 51;
  await using database = await openBenchDatabase(options);
  await using db = openKysely(database.target, "supabase_admin");
  const lines: Line[] = [];
  const figures: object[] = [];
  const plans: Record<string, string> = {};
  for (const each of casesFor(await findPersonas(db))) {
    const found = await measure(database.target, each, runs);
    const { allowed, ...line } = lineOf(each, found);
    lines.push(line);
    const { plans: own, ...numbers } = found;
    figures.push({ ...numbers, budget: each.informative ? null : allowed, within: line.within });
    const name = `${each.persona} ${each.filter}`.replace(/\W+/g, "-");
    plans[name] = `As the signed-in user\n\n${own.asUser}\n\nBy hand, without row-level security\n\n${own.byHand}`;
  }
  const size = options.size.toLocaleString("en");
  printTable(
    `A page of 50 of ${size} observations, ms of database time, median of ${runs} interleaved runs`,
    HEAD,
    lines,
  );
  saveResults("rls", { size: options.size, runs, pages: figures }, plans);
  return 0;
});
