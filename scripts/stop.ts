import { statePaths } from "../stack/state.ts";
import { stopStack } from "../stack/stop.ts";
import { command, projectDir, stackOptions } from "./options.ts";

await command(async () => {
  const stopped = await stopStack(statePaths(projectDir, stackOptions().state));
  process.stdout.write(`${stopped ? "Stopped. The data stays for the next start." : "No stack is running."}\n`);
  return 0;
});
