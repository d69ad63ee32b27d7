import { command } from "../../scripts/options.ts";
import { openBenchDatabases } from "../support/bench-database.ts";
import { benchOptions } from "../support/options.ts";
import { growth } from "./generate/generate.ts";

await command(async () => {
  const { size, fresh } = benchOptions("200");
  await using databases = await openBenchDatabases([{ size, fresh, content: growth }]);
  const [target] = databases.targets;
  if (target === undefined) throw new Error("Cannot open the database");
  console.log(target);
  await new Promise((r) => setTimeout(r, 3_000_000));
  return 0;
});
