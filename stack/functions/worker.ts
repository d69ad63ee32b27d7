import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type DenoProcessOptions, spawnDeno } from "./deno-process.ts";

export const TOKEN_HEADER = "x-function-worker";

/** Why a worker is asked to leave: the words of the platform's `beforeunload` event. */
export type DrainReason = "early_drop" | "wall_clock" | "termination";

export interface WorkerLimits {
  bootMs: number;
  /** A worker with nothing to do for this long is let go. */
  idleMs: number;
  /** Past half of this a worker takes no further calls; at the end of it, it is killed. */
  wallClockMs: number;
}

export interface Exit {
  /** A resource limit ended the process. */
  limit: boolean;
  /** Nobody asked it to leave. */
  unasked: boolean;
}

export interface Worker {
  readonly port: number;
  readonly token: string;
  /** A retired worker finishes what it has and takes nothing new. */
  readonly retired: boolean;
  /** Resolves once the process is gone. */
  readonly exited: Promise<Exit>;
  /** Marks a call as in flight until the returned function is called. */
  hold(): () => void;
  retire(reason: DrainReason): void;
  kill(): void;
}

/** The process ended, or never listened, before it could take a call. */
export class BootError extends Error {
  override name = "BootError";
}

/** So much of the wall clock is over when a function that is still at work is told that it will be killed. */
const NOTICE_RATIO = 0.9;

const readySchema = z.object({ port: z.number().int().positive() });
/** V8 aborts when the heap is full; the kernel sends SIGXCPU when the processor time is used up. */
const LIMIT_SIGNALS = new Set<NodeJS.Signals | null>(["SIGABRT", "SIGTRAP", "SIGILL", "SIGXCPU"]);

export async function startWorker(
  options: Omit<DenoProcessOptions, "cpuSeconds">,
  environment: Record<string, string>,
  limits: WorkerLimits,
): Promise<Worker> {
  const token = randomBytes(24).toString("base64url");
  const child = spawnDeno({ ...options, cpuSeconds: Math.ceil((2 * limits.wallClockMs) / 1000) });
  let limit = false;
  let drainReason: DrainReason | null = null;
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (_code, signal) => {
      resolve({ limit: limit || LIMIT_SIGNALS.has(signal), unasked: drainReason === null });
    });
    child.once("error", () => resolve({ limit: false, unasked: true }));
  });
  const kill = () => {
    drainReason ??= "termination";
    child.kill("SIGKILL");
  };

  const ready = new Promise<number>((resolve) => {
    child.once("message", (message) => {
      const parsed = readySchema.safeParse(message);
      if (parsed.success) resolve(parsed.data.port);
    });
  });
  // A process that ended at once has closed its channel: the exit is what is reported.
  child.send({ environment, token, tokenHeader: TOKEN_HEADER }, () => {});
  const bootTimer = setTimeout(kill, limits.bootMs);
  const outcome = await Promise.race([ready, exited]);
  clearTimeout(bootTimer);
  if (typeof outcome !== "number") throw new BootError("Start function worker");

  let inFlight = 0;
  let idleTimer: NodeJS.Timeout | undefined;
  const drain = () => {
    if (drainReason !== null && inFlight === 0 && child.connected) child.send({ drain: drainReason }, () => {});
  };
  const retire = (reason: DrainReason) => {
    if (drainReason !== null) return;
    drainReason = reason;
    clearTimeout(idleTimer);
    drain();
  };
  const rest = () => {
    idleTimer = setTimeout(retire, limits.idleMs, "early_drop");
  };
  const halfTimer = setTimeout(retire, limits.wallClockMs / 2, "early_drop");
  const noticeTimer = setTimeout(() => {
    if (child.connected) child.send({ notice: "wall_clock" }, () => {});
  }, limits.wallClockMs * NOTICE_RATIO);
  const wallTimer = setTimeout(() => {
    limit = true;
    kill();
  }, limits.wallClockMs);
  rest();
  void exited.then(() => {
    drainReason ??= "termination";
    for (const timer of [halfTimer, noticeTimer, wallTimer, idleTimer]) clearTimeout(timer);
  });

  return {
    port: outcome,
    token,
    get retired() {
      return drainReason !== null;
    },
    exited,
    hold() {
      inFlight += 1;
      clearTimeout(idleTimer);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        inFlight -= 1;
        if (inFlight > 0) return;
        if (drainReason === null) rest();
        else drain();
      };
    },
    retire,
    kill,
  };
}
