import { sql } from "kysely";
import { command } from "../../scripts/options.ts";
import { openBenchDatabase } from "../support/bench-database.ts";
import { openKysely } from "../support/database.ts";
import { benchOptions } from "../support/options.ts";
import { type Line, milliseconds, printTable, saveResults } from "../support/results.ts";
import { KINDS, LARGEST, makeBatch } from "./batch.ts";
import { type Measured, measure, type Pair } from "./measure.ts";

const SIZES = [LARGEST, 40, 1];
const MOST = { insert: 2, update: 3 };

function lineOf({ rows, kind }: Measured, statement: "insert" | "update", { audited, bare }: Pair): Line {
  const ratio = audited / bare;
  const most = MOST[statement];
  const bound = rows === LARGEST;
  return {
    cells: [
      statement,
      rows.toLocaleString("en"),
      kind,
      milliseconds(audited),
      milliseconds(bare),
      ratio.toFixed(2),
      bound ? most.toFixed(2) : "",
    ],
    within: bound ? ratio <= most : null,
  };
}

await command(async () => {
  const options = benchOptions();
  const runs = options.runs ?? 9;
  await using database = await openBenchDatabase(options);
  await using db = openKysely(database.target, "supabase_admin");
  await makeBatch(db);
  const { rows: principals } = await sql<{ user_id: string }>`
    select user_id from public.memberships where team_scope = 'school' and via_district_membership_id is null order by id limit 1`.execute(
    db,
  );
  const actor = principals[0]?.user_id;
  if (actor === undefined) throw new Error("Cannot find a principal in the generated data");
  const tidy = async () => {
    await sql`vacuum public.observations, audit.entries, audit.entry_values`.execute(db);
  };
  const found: Measured[] = [];
  for (const rows of SIZES) {
    const few = rows < LARGEST;
    for (const kind of KINDS) {
      found.push(
        await measure(database.target, {
          actor,
          kind,
          rows,
          runs: few ? runs * 7 : runs,
          tidy: few ? async () => {} : tidy,
        }),
      );
    }
  }
  const lines = (["insert", "update"] as const).flatMap((statement) =>
    found.map((each) => lineOf(each, statement, each[statement])),
  );
  const head = ["statement", "rows", "kind", "audited", "without", "ratio", "at most"];
  printTable(`Writing observations into ${options.size.toLocaleString("en")}, ms, median of ${runs} runs`, head, lines);
  saveResults("audit", { size: options.size, runs, writes: found });
  return 0;
});
