import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreeBase } from "../../../stack/ports.ts";
import { type StatePaths, statePaths } from "../../../stack/state.ts";
import { type Connection, readStatus } from "../../../stack/status.ts";
import { stopStack } from "../../../stack/stop.ts";
import { createProject } from "./project.ts";

const START_PATIENCE = 90_000;

export interface StackProcess {
  pid: number;
  connection: Connection;
  /** What it printed until now. */
  output(): string;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface FaultyStack {
  paths: StatePaths;
  /** Starts the stack and waits until it is ready. */
  start(): Promise<StackProcess>;
  /** Starts it and kills it a moment later. */
  startAndKill(afterMilliseconds: number): Promise<void>;
  /** Stops what runs and removes the folder. */
  remove(): Promise<void>;
}

/** A project on ports of its own, whose stack is started and killed at will. */
export async function createFaultyStack(): Promise<FaultyStack> {
  const projectDir = createProject();
  const paths = statePaths(projectDir);
  const port = await findFreeBase(20_000 + Math.floor(Math.random() * 1000) * 10);

  function launch() {
    const entry = path.join(import.meta.dirname, "run-stack.ts");
    const args = ["--disable-warning=ExperimentalWarning", entry, projectDir, String(port)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    const ended: StackProcess["ended"] = new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    return { child, ended, output: () => output };
  }

  return {
    paths,
    async start() {
      const { child, ended, output } = launch();
      let over = false;
      void ended.then(() => {
        over = true;
      });
      const until = Date.now() + START_PATIENCE;
      for (;;) {
        const status = readStatus(projectDir, paths);
        if (status?.lock.status === "ready" && status.lock.pid === child.pid) {
          return { pid: child.pid, connection: status.connection, output, ended };
        }
        if (over || Date.now() > until) throw new Error(`The stack did not start:\n${output()}`);
        await sleep(50);
      }
    },
    async startAndKill(afterMilliseconds) {
      const { child, ended } = launch();
      await sleep(afterMilliseconds);
      child.kill("SIGKILL");
      await ended;
    },
    async remove() {
      await stopStack(paths);
      rmSync(projectDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
