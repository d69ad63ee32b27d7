import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Plan } from "./plan.ts";

export interface Memory {
  rss: number;
  heap: number;
}

/** How long the process did nothing else than one thing, at most, in a second: what was ready had to wait. */
export interface Stall {
  stall: number;
}

export interface Figures {
  realClients: number;
  rawClients: number;
  sent: number;
  expected: number;
  received: number;
  lost: number;
  outOfOrder: number;
  p50: number;
  p99: number;
  worst: number;
}

export type FromServer = { kind: "serving"; url: string; key: string } | ({ kind: "second" } & Memory & Stall);
export type ToLoad = { url: string; key: string; plan: Plan };
export type FromLoad =
  | { kind: "joined" }
  | ({ kind: "second"; worst: number } & Stall)
  | { kind: "figures"; figures: Figures };

/** Says it to the program that started this one, if that is still there. */
export function tell(message: FromServer | FromLoad): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Calls `work` every second with the longest stall of the second before it. */
export function everySecond(work: (stall: number) => void): NodeJS.Timeout {
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  return setInterval(() => {
    const stall = delays.max / 1e6;
    delays.reset();
    work(stall);
  }, 1000);
}

/** A program of this folder in a process of its own, so that its memory and its time are its own. */
export function start<Message>(file: string, listen: (message: Message) => void) {
  const child = fork(path.join(import.meta.dirname, file), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const exited = once(child, "exit");
  child.on("message", listen);
  return {
    pid: child.pid,
    send: (message: ToLoad) => child.send(message),
    /** Rejects when the program ends before it is told to. */
    failed: exited.then(([code]) => {
      throw new Error(`Cannot go on: ${file} ended with ${code}`);
    }),
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
