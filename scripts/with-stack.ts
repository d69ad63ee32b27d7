import { loadConfig } from "../stack/config/config.ts";
import { readRunning } from "../stack/lock.ts";
import { findFreeBase, portsFrom } from "../stack/ports.ts";
import type { Progress } from "../stack/progress.ts";
import { deleteState, statePaths } from "../stack/state.ts";
import { stopStack } from "../stack/stop.ts";
import { type RunningStack, up } from "../stack/up.ts";
import { closeOnSignal } from "./close-on-signal.ts";
import { projectDir } from "./options.ts";

/** A stack of its own with new data, on free ports beside whatever else runs. */
export async function temporaryStack(state: string, progress: Progress): Promise<RunningStack> {
  const paths = statePaths(projectDir, state);
  const running = readRunning(paths.lockFile);
  if (running) throw new Error(`Cannot use ${state}: another command is using it (process ${running.pid})`);
  await stopStack(paths);
  deleteState(paths);
  const { api } = portsFrom(loadConfig(projectDir).config);
  const port = await findFreeBase(api + 1000);
  const starting = up({ projectDir, state, port, durable: false, progress, consoleErrors: false });
  closeOnSignal(starting);
  return await starting;
}
