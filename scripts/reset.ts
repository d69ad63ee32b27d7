import { consoleProgress } from "../stack/progress.ts";
import { deleteState, statePaths } from "../stack/state.ts";
import { stopStack } from "../stack/stop.ts";
import { up } from "../stack/up.ts";
import { closeOnSignal } from "./close-on-signal.ts";
import { command, projectDir, stackOptions } from "./options.ts";

await command(async () => {
  const { state, port } = stackOptions();
  const paths = statePaths(projectDir, state);
  const stopped = await stopStack(paths);
  if (stopped) process.stdout.write("Stopped the running stack.\n");
  deleteState(paths);
  const starting = up({ projectDir, state, port, progress: consoleProgress() });
  closeOnSignal(starting);
  await (await starting).close();
  process.stdout.write(
    `The data is new: migrations and seed as they are now. Nothing is running; start ${stopped ? "again " : ""}with: npm start\n`,
  );
  return 0;
});
