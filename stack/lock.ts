import { execFileSync } from "node:child_process";
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";

const lockSchema = z.object({
  pid: z.number().int().positive(),
  /** Tells the process from a later one with the same id. */
  started: z.string(),
  status: z.enum(["starting", "ready"]),
  ports: z.object({
    api: z.number(),
    db: z.number(),
    studio: z.number(),
    mail: z.number(),
    smtp: z.number(),
  }),
});

/** What a running stack says about itself in its state folder. */
export type Lock = z.output<typeof lockSchema>;

/** When a process began, in whatever words the system has for it; null when there is no such process. */
export function processStart(pid: number): string | null {
  try {
    if (process.platform === "linux") {
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      return fields[0] === "Z" ? null : `${boot} ${fields[19]}`;
    }
    if (process.platform === "win32") {
      process.kill(pid, 0);
      return "alive";
    }
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || null;
  } catch {
    return null;
  }
}

function readLock(file: string): Lock | null {
  if (!existsSync(file)) return null;
  try {
    return lockSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return null;
  }
}

function isHeld(lock: Lock | null): lock is Lock {
  return lock !== null && processStart(lock.pid) === lock.started;
}

/** The stack that runs on this state folder; null when none does, whatever a killed one left behind. */
export function readRunning(lockFile: string): Lock | null {
  const lock = readLock(lockFile);
  return isHeld(lock) ? lock : null;
}

export class AlreadyRunningError extends Error {
  readonly running: Lock;

  constructor(running: Lock) {
    super(`Cannot start: a stack is already running in this folder (http://127.0.0.1:${running.ports.api})`);
    this.name = "AlreadyRunningError";
    this.running = running;
  }
}

export interface HeldLock {
  setReady(): void;
  release(): void;
}

/** Takes the state folder for this process, or throws what holds it. */
export function acquireLock(lockFile: string, ports: Lock["ports"]): HeldLock {
  const lock: Lock = { pid: process.pid, started: processStart(process.pid) ?? "", status: "starting", ports };
  const draft = `${lockFile}.${process.pid}`;
  const write = (content: Lock) => writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  write(lock);
  try {
    // Linking is atomic, and whoever reads the file reads all of it.
    for (let attempt = 0; ; attempt++) {
      try {
        linkSync(draft, lockFile);
        break;
      } catch (error) {
        if (attempt === 5) throw error;
      }
      const running = readRunning(lockFile);
      if (running) throw new AlreadyRunningError(running);
      const stale = `${draft}.stale`;
      if (existsSync(lockFile)) renameSync(lockFile, stale);
      const taken = readLock(stale);
      // Another start may have replaced the stale file between the look and the move.
      if (isHeld(taken) && !existsSync(lockFile)) linkSync(stale, lockFile);
      rmSync(stale, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    setReady() {
      write({ ...lock, status: "ready" });
      renameSync(draft, lockFile);
    },
    release() {
      if (readLock(lockFile)?.pid === process.pid) rmSync(lockFile, { force: true });
    },
  };
}
