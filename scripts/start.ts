import { runStack } from "../stack/main.ts";
import { command, projectDir, stackOptions } from "./options.ts";

await command(async () => {
  const { state, port } = stackOptions();
  return await runStack({ projectDir, state, port });
});
// A service that failed to start may have left something open.
process.exit();
