import { closeSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StackContext } from "../context.ts";
import { createBackoff } from "./backoff.ts";
import { type FunctionDefinition, functionsFolder } from "./definitions.ts";
import { functionEnvironment } from "./environment.ts";
import { BootError, startWorker, type Worker, type WorkerLimits } from "./worker.ts";

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
  const backoff = createBackoff();
  const closing = new AbortController();

  async function start(definition: FunctionDefinition): Promise<Worker> {
    const delayMs = backoff.delay(definition.slug, Date.now());
    if (delayMs > 0) {
      ctx.log.warn({ function: definition.slug, delayMs }, "edge function keeps dying, its start is delayed");
      await sleep(delayMs, undefined, { signal: closing.signal });
    }
    const output = openLog(ctx.stateDir, definition.slug);
    try {
      const worker = await startWorker(
        {
          entrypoint: definition.entrypoint,
          importMap: definition.importMap,
          staticFiles: definition.staticFiles,
          functionsDir: functionsFolder(ctx.projectDir),
          cacheDir: join(ctx.stateDir, "deno"),
          output,
        },
        functionEnvironment(ctx, definition.slug),
        limits,
      );
      living.add(worker);
      const started = Date.now();
      void worker.exited.then(({ unasked }) => {
        living.delete(worker);
        if (unasked) backoff.died(definition.slug, Date.now() - started, Date.now());
      });
      if (closing.signal.aborted) worker.kill();
      return worker;
    } catch (error) {
      if (error instanceof BootError) backoff.died(definition.slug, 0, Date.now());
      throw error;
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
      backoff.forget();
      for (const promise of current.values()) {
        promise.then(
          (worker) => worker.retire("termination"),
          () => {},
        );
      }
      current.clear();
    },
    async close() {
      closing.abort();
      for (const worker of living) worker.kill();
      await Promise.allSettled(starting);
      await Promise.all([...living].map((worker) => worker.exited));
    },
  };
}
