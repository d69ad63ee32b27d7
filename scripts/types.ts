import { writeFileSync } from "node:fs";
import { consoleProgress } from "../stack/progress.ts";
import { statePaths } from "../stack/state.ts";
import { readStatus } from "../stack/status.ts";
import { generateTypes, typesFile } from "./generate-types.ts";
import { command, projectDir, stackOptions } from "./options.ts";
import { temporaryStack } from "./with-stack.ts";

const TEMPORARY = ".stack-test/types";

await command(async () => {
  const paths = statePaths(projectDir, stackOptions().state);
  const running = readStatus(projectDir, paths);
  if (running?.lock.status === "ready") {
    writeFileSync(typesFile, await generateTypes(paths, running.connection.SUPABASE_DB_URL));
  } else {
    const stack = await temporaryStack(TEMPORARY, consoleProgress());
    try {
      writeFileSync(typesFile, await generateTypes(statePaths(projectDir, TEMPORARY), stack.ctx.dbUrl));
    } finally {
      await stack.close();
    }
  }
  process.stdout.write("Wrote supabase/database.types.ts\n");
  return 0;
});
