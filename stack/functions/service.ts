import { existsSync, watch } from "node:fs";
import { Hono } from "hono";
import type { GatewayEnv, Service, StackContext } from "../context.ts";
import { findFunction, functionsFolder } from "./definitions.ts";
import { forward } from "./forward.ts";
import { workerFailure } from "./responses.ts";
import { createSupervisor } from "./supervisor.ts";
import { createJwtGate } from "./verify-jwt.ts";
import { BootError, type WorkerLimits } from "./worker.ts";

const defaultLimits: WorkerLimits = { bootMs: 30_000, idleMs: 120_000, wallClockMs: 400_000 };

/** A save touches several files, and each several times. */
const SETTLE_MS = 50;

function watchFunctions(ctx: StackContext, reload: () => void): () => void {
  const folder = functionsFolder(ctx.projectDir);
  if (!existsSync(folder)) return () => {};
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(folder, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(reload, SETTLE_MS);
  });
  watcher.on("error", (error) => ctx.log.warn({ err: error }, "Watch edge functions"));
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

/** Edge functions: one Deno process per function, started by the first call and reloaded when the code changes. */
export function createFunctions(ctx: StackContext, limits: WorkerLimits = defaultLimits): Service {
  const supervisor = createSupervisor(ctx, limits);
  const gate = createJwtGate(ctx.keys);
  const unwatch = watchFunctions(ctx, supervisor.reload);
  const app = new Hono<GatewayEnv>();

  app.get("/_internal/health", (c) => c.json({ message: "ok" }));
  app.all("*", async (c) => {
    const [, slug = ""] = c.req.path.split("/");
    const definition = findFunction(ctx, slug);
    if (!definition) return c.text("Function not found", 404);
    if (definition.verifyJwt && c.req.method !== "OPTIONS") {
      const refusal = await gate(c.req.raw.headers);
      if (refusal) return refusal;
    }
    try {
      const { worker, release } = await supervisor.acquire(definition);
      return await forward(c.req.raw, worker, release, { ip: c.get("ip"), requestId: c.get("requestId") });
    } catch (error) {
      if (error instanceof BootError) return workerFailure("boot");
      ctx.log.error({ err: error, function: slug }, "Call edge function");
      return workerFailure("internal");
    }
  });

  return {
    app,
    async close() {
      unwatch();
      await supervisor.close();
    },
  };
}
