import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { processStart, readRunning } from "./lock.ts";
import { clearLeftovers } from "./postgres/postmaster.ts";
import type { StatePaths } from "./state.ts";

const PATIENCE = 30_000;

/** Asks the running stack to stop and waits for it; also ends a database server that a killed stack left. False when none ran. */
export async function stopStack({ lockFile, dataDir }: StatePaths): Promise<boolean> {
  const running = readRunning(lockFile);
  if (running) {
    process.kill(running.pid, "SIGTERM");
    const deadline = Date.now() + PATIENCE;
    while (processStart(running.pid) === running.started) {
      if (Date.now() > deadline) {
        throw new Error(`Cannot stop the stack: process ${running.pid} is still alive after ${PATIENCE / 1000} s`);
      }
      await sleep(50);
    }
  }
  await clearLeftovers(dataDir, pino({ level: "silent" }));
  return running !== null;
}
