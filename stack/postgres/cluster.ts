import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { type Binaries, embeddedBinaries } from "./binaries.ts";
import { ensureDataDir } from "./data-dir.ts";
import { placeExtensions } from "./extensions.ts";
import { clearLeftovers, isReady, shutDown } from "./postmaster.ts";
import { commandAs, type ServerUser, serverUser } from "./server-user.ts";
import { serverSettings } from "./settings.ts";

export interface ClusterOptions {
  dataDir: string;
  port: number;
  log: Logger;
  /** False turns off everything that protects against a crash; for tests. */
  durable?: boolean;
  /** Another installation than the embedded one; extensions are then placed by the caller. */
  binaries?: Binaries;
  /** Server settings over the stack's own. */
  settings?: Record<string, string>;
  /** Called when the server ends without `stop`. */
  onExit?: (error: Error) => void;
}

export interface Cluster {
  pid: number;
  port: number;
  /** True when this start made the data folder. */
  created: boolean;
  logFile: string;
  /** Settled when the process has ended for whatever reason. */
  exited: Promise<void>;
  stop(): Promise<void>;
}

const START_TIMEOUT = 60_000;
const STOP_TIMEOUT = 15_000;
const LOG_LIMIT = 20 * 1024 * 1024;

function launch(options: ClusterOptions, binaries: Binaries, user: ServerUser, logFile: string): ChildProcess {
  const settings = { ...serverSettings(options.port, options.durable ?? true), ...options.settings };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const full = existsSync(logFile) && statSync(logFile).size > LOG_LIMIT;
  const output = openSync(logFile, full ? "w" : "a", 0o600);
  const [command, args, account] = commandAs(user, binaries.postgres, ["-D", options.dataDir, ...flags]);
  try {
    return spawn(command, args, {
      cwd: path.parse(options.dataDir).root,
      stdio: ["ignore", output, output],
      // Its own process group: Ctrl-C is for the stack, which then stops the server in order.
      detached: process.platform !== "win32",
      env: { PATH: process.env.PATH ?? "", SYSTEMROOT: process.env.SYSTEMROOT ?? "", LC_ALL: "C" },
      ...account,
    });
  } finally {
    closeSync(output);
  }
}

function startFailure(logFile: string, from: number, port: number): Error {
  const tail = readFileSync(logFile).subarray(from).toString("utf8").trim().split("\n").slice(-6).join("\n");
  if (/could not bind|could not create any TCP/.test(tail)) {
    return new Error(`Cannot start the database: port ${port} is already taken`);
  }
  return new Error(`Cannot start the database: ${tail || "the server ended at once"} (log: ${logFile})`);
}

async function startServer(options: ClusterOptions, binaries: Binaries, user: ServerUser, created: boolean) {
  const { dataDir, port, log } = options;
  const logFile = `${dataDir}.log`;
  const from = existsSync(logFile) ? statSync(logFile).size : 0;
  const child = launch(options, binaries, user, logFile);
  let ended: string | null = null;
  let stopping = false;
  let ready = false;
  const exited = new Promise<void>((resolve) => {
    const end = (reason: string) => {
      if (ended !== null) return;
      ended = reason;
      resolve();
      if (!ready || stopping) return;
      log.error({ reason, logFile }, "the database server ended unexpectedly");
      options.onExit?.(new Error(`The database server ended unexpectedly (${reason}); log: ${logFile}`));
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, signal) => end(signal ?? `exit code ${code}`));
  });
  const pid = child.pid;
  const deadline = Date.now() + START_TIMEOUT;
  while (pid === undefined || !isReady(dataDir, pid)) {
    if (ended !== null) throw startFailure(logFile, Math.min(from, statSync(logFile).size), port);
    if (Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`Cannot start the database: not ready after ${START_TIMEOUT / 1000} s (log: ${logFile})`);
    }
    await sleep(10);
  }
  ready = true;
  const stop = async () => {
    stopping = true;
    if (ended === null) await shutDown(pid, STOP_TIMEOUT);
    await exited;
  };
  return { pid, port, created, logFile, exited, stop } satisfies Cluster;
}

/** Starts PostgreSQL on a data folder, making the folder first when there is none. The caller holds the stack's lock. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const dataDir = path.resolve(options.dataDir);
  const binaries = options.binaries ?? embeddedBinaries();
  const user = serverUser([binaries.postgres, dataDir]);
  if (user.notice) options.log.warn(user.notice);
  if (!options.binaries) placeExtensions(binaries.extensionDir);
  await clearLeftovers(dataDir, options.log);
  const created = await ensureDataDir(dataDir, binaries, user);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startServer({ ...options, dataDir }, binaries, user, created);
    } catch (error) {
      // Backends of a killed server need a moment to let go of its shared memory.
      const transient = error instanceof Error && /pre-existing shared memory|lock file/.test(error.message);
      if (!transient || attempt === 20) throw error;
      await sleep(250);
    }
  }
}
