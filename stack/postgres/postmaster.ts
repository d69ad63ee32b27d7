import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

export function pidFile(dataDir: string): string {
  return path.join(dataDir, "postmaster.pid");
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** True when the server has written "ready" as its state, the eighth line of its pid file. */
export function isReady(dataDir: string, pid: number): boolean {
  if (!existsSync(pidFile(dataDir))) return false;
  const lines = readFileSync(pidFile(dataDir), "utf8").split("\n");
  return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
}

function isZombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Whether that process is a PostgreSQL server on this very data folder, rather than a stranger with a reused pid. */
function servesDataDir(pid: number, dataDir: string): boolean {
  try {
    // The server makes its data folder the working directory.
    if (process.platform === "linux") return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
    if (process.platform === "win32") return true;
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).includes(dataDir);
  } catch {
    return false;
  }
}

export async function waitForExit(pid: number, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (isAlive(pid) && !isZombie(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

/** Fast shutdown; immediate when that takes too long. */
export async function shutDown(pid: number, timeout: number): Promise<void> {
  for (const [signal, patience] of [
    ["SIGINT", timeout],
    ["SIGQUIT", 5000],
    ["SIGKILL", 5000],
  ] as const) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    if (await waitForExit(pid, patience)) return;
  }
  throw new Error(`Cannot stop the database server with process id ${pid}`);
}

/** Ends a server that a killed stack left behind, and clears a pid file that names nobody or a stranger. */
export async function clearLeftovers(dataDir: string, log: Logger): Promise<void> {
  const file = pidFile(dataDir);
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  if (Number.isInteger(pid) && pid > 0 && isAlive(pid) && servesDataDir(pid, dataDir)) {
    log.warn({ pid }, "stopping the database server that an earlier run left behind");
    await shutDown(pid, 10_000);
  }
  if (existsSync(file)) {
    log.info({ pid }, "removing a stale postmaster.pid");
    rmSync(file, { force: true });
  }
}
