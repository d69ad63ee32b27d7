import { parseArgs } from "node:util";
import { supabaseCli } from "../stack/cli.ts";
import { statePaths } from "../stack/state.ts";
import { readStatus } from "../stack/status.ts";
import { command, projectDir } from "./options.ts";

await command(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      state: { type: "string" },
      file: { type: "string", short: "f" },
      output: { type: "string", short: "o" },
      "read-only": { type: "boolean" },
    },
  });
  if (positionals.length === 0 && !values.file) {
    throw new Error('Give a statement or a file: npm run db -- "select 1", or npm run db -- -f file.sql');
  }
  const paths = statePaths(projectDir, values.state);
  const status = readStatus(projectDir, paths);
  if (!status) throw new Error("No stack is running in this folder; start one with: npm start");
  const flags = [
    ...(values.file ? ["--file", values.file] : []),
    ...(values["read-only"] ? ["--read-only"] : []),
    "--output",
    values.output ?? "table",
  ];
  const cli = supabaseCli(projectDir, paths, status.connection.SUPABASE_DB_URL);
  const { code, stdout, stderr } = await cli.query([...flags, ...positionals]);
  process.stdout.write(stdout);
  // On success it only repeats which database it asks.
  if (code !== 0) process.stderr.write(stderr);
  return code;
});
