import { closeSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { StackContext } from "../context.ts";
import { type FunctionDefinition, functionsFolder } from "./definitions.ts";
import { functionEnvironment } from "./environment.ts";
import { startWorker, type Worker, type WorkerLimits } from "./worker.ts";

const LOG_BYTES = 5 * 1024 * 1024;

/** Keeps the log and one predecessor. */
function openLog(stateDir: string, slug: string): number {
  const folder = join(stateDir, "logs");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `functions-${slug}.log`);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, "a");
}

export interface Supervisor {
  /** A worker that is ready, and the release that its caller owes it. Calls at the same time share one start. */
  acquire(definition: FunctionDefinition): Promise<{ worker: Worker; release: () => void }>;
  /** The code changed: what runs finishes, and the next call starts anew. */
  reload(): void;
  close(): Promise<void>;
}

export function createSupervisor(ctx: StackContext, limits: WorkerLimits): Supervisor {
  const current = new Map<string, Promise<Worker>>();
  const living = new Set<Worker>();
  const starting = new Set<Promise<unknown>>();
  const oneshot = ctx.config.edge_runtime.policy === "oneshot";
  let closed = false;

  async function start(definition: FunctionDefinition): Promise<Worker> {
    const output = openLog(ctx.stateDir, definition.slug);
    try {
      const worker = await startWorker(
        {
          entrypoint: definition.entrypoint,
          importMap: definition.importMap,
          functionsDir: functionsFolder(ctx.projectDir),
          cacheDir: join(ctx.stateDir, "deno"),
          output,
        },
        functionEnvironment(ctx, definition.slug),
        limits,
      );
      living.add(worker);
      void worker.exited.then(() => living.delete(worker));
      if (closed) worker.kill();
      return worker;
    } finally {
      closeSync(output);
    }
  }

  function tracked(definition: FunctionDefinition): Promise<Worker> {
    const started = start(definition);
    starting.add(started);
    const forget = () => starting.delete(started);
    started.then(forget, forget);
    return started;
  }

  function shared(definition: FunctionDefinition): Promise<Worker> {
    const { slug } = definition;
    const running = current.get(slug);
    if (running) return running;
    const started = tracked(definition);
    current.set(slug, started);
    started.catch(() => {
      if (current.get(slug) === started) current.delete(slug);
    });
    return started;
  }

  return {
    async acquire(definition) {
      if (oneshot) {
        const worker = await tracked(definition);
        const release = worker.hold();
        worker.retire("early_drop");
        return { worker, release };
      }
      for (;;) {
        const promise = shared(definition);
        const worker = await promise;
        if (!worker.retired) return { worker, release: worker.hold() };
        if (current.get(definition.slug) === promise) current.delete(definition.slug);
      }
    },
    reload() {
      for (const promise of current.values()) {
        promise.then(
          (worker) => worker.retire("termination"),
          () => {},
        );
      }
      current.clear();
    },
    async close() {
      closed = true;
      for (const worker of living) worker.kill();
      await Promise.allSettled(starting);
      await Promise.all([...living].map((worker) => worker.exited));
    },
  };
}
