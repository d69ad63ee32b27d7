import { Worker } from "node:worker_threads";
import type { BcryptAnswer, BcryptJob } from "./bcrypt-worker.ts";

interface Waiting {
  resolve(value: string | boolean): void;
  reject(error: Error): void;
}

let worker: Worker | null = null;
let lastId = 0;
const waiting = new Map<number, Waiting>();

function lose(lost: Worker, error: Error): void {
  if (worker !== lost) return;
  worker = null;
  for (const { reject } of waiting.values()) reject(error);
  waiting.clear();
}

function start(): Worker {
  const started = new Worker(new URL("./bcrypt-worker.ts", import.meta.url));
  started.on("message", (answer: BcryptAnswer) => {
    const job = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) started.unref();
    if ("error" in answer) job?.reject(new Error(`Compute password hash: ${answer.error}`));
    else job?.resolve(answer.value);
  });
  started.on("error", (error) => lose(started, error));
  started.on("exit", () => lose(started, new Error("Compute password hash: the worker has ended")));
  return started;
}

/** In a thread of its own: a hash takes the better part of a tenth of a second, and the process serves everything else. */
function run(job: BcryptJob): Promise<string | boolean> {
  worker ??= start();
  worker.ref();
  const id = ++lastId;
  worker.postMessage({ id, job });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

export async function bcryptHash(password: string, cost: number): Promise<string> {
  return String(await run({ kind: "hash", password, cost }));
}

export async function bcryptMatches(password: string, hash: string): Promise<boolean> {
  return (await run({ kind: "compare", password, hash })) === true;
}
