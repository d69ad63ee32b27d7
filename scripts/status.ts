import { statePaths } from "../stack/state.ts";
import { panel, readStatus } from "../stack/status.ts";
import { command, projectDir, stackOptions } from "./options.ts";

await command(async () => {
  const { state, output = "pretty" } = stackOptions();
  const status = readStatus(projectDir, statePaths(projectDir, state));
  if (!status) throw new Error("No stack is running in this folder; start one with: npm start");
  const { lock, connection } = status;
  const forms: Record<string, () => string> = {
    pretty: () =>
      `The stack is ${lock.status === "ready" ? "running" : "starting"} (process ${lock.pid}).\n\n${panel(connection)}`,
    env: () =>
      Object.entries(connection)
        .map(([name, value]) => `${name}=${value}`)
        .join("\n"),
    json: () => JSON.stringify(connection, null, 2),
  };
  const form = forms[output];
  if (!form) throw new Error(`Cannot print the status as "${output}": choose pretty, env or json`);
  process.stdout.write(`${form()}\n`);
  return 0;
});
