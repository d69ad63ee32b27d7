import { existsSync, watch } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Hono } from "hono";
import type { GatewayEnv, Service, StackContext, UpgradeRequest } from "../context.ts";
import { payloadTooLarge } from "../gateway/errors.ts";
import { type FunctionDefinition, findFunction, functionsFolder } from "./definitions.ts";
import { forward } from "./forward.ts";
import { forwardUpgrade } from "./forward-upgrade.ts";
import { BODY_BYTES } from "./limited-body.ts";
import { workerFailure } from "./responses.ts";
import { writeResponse } from "./socket-response.ts";
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

  /** The function that the path names, once its gate lets the caller pass; the answer otherwise. */
  async function enter(path: string, method: string, headers: Headers): Promise<FunctionDefinition | Response> {
    const [, slug = ""] = path.split("/");
    const definition = findFunction(ctx, slug);
    if (!definition) return new Response("Function not found", { status: 404 });
    const refusal = definition.verifyJwt && method !== "OPTIONS" ? await gate(headers) : null;
    return refusal ?? definition;
  }

  function failure(error: unknown, slug: string): Response {
    if (error instanceof BootError) return workerFailure("boot");
    ctx.log.error({ err: error, function: slug }, "Call edge function");
    return workerFailure("internal");
  }

  app.get("/_internal/health", (c) => c.json({ message: "ok" }));
  app.all("*", async (c) => {
    const entered = await enter(c.req.path, c.req.method, c.req.raw.headers);
    if (entered instanceof Response) return entered;
    if (Number(c.req.header("content-length") ?? 0) > BODY_BYTES) return payloadTooLarge(BODY_BYTES);
    const caller = { ip: c.get("ip"), requestId: c.get("requestId") };
    const call = async () => {
      const { worker, release } = await supervisor.acquire(entered);
      return forward(c.req.raw, worker, release, caller);
    };
    try {
      return (await call()) ?? (await call()) ?? workerFailure("exit");
    } catch (error) {
      return failure(error, entered.slug);
    }
  });

  async function handshake(
    incoming: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    request: UpgradeRequest,
  ): Promise<void> {
    const url = URL.parse(incoming.url ?? "/", `http://${incoming.headers.host}`) ?? new URL(ctx.apiUrl);
    const headers = new Headers();
    for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
      for (const value of values) headers.append(name, value);
    }
    const entered = await enter(url.pathname, "GET", headers);
    if (entered instanceof Response) return writeResponse(socket, entered);
    const call = async () => {
      const { worker, release } = await supervisor.acquire(entered);
      return forwardUpgrade({ url, headers, socket, head }, worker, release, request);
    };
    try {
      if (!((await call()) || (await call()))) await writeResponse(socket, workerFailure("exit"));
    } catch (error) {
      await writeResponse(socket, failure(error, entered.slug));
    }
  }

  return {
    app,
    upgrade(incoming, socket, head, request) {
      handshake(incoming, socket, head, request).catch((error: unknown) => {
        ctx.log.error({ err: error }, "Upgrade a connection to an edge function");
        socket.destroy();
      });
    },
    async close() {
      unwatch();
      await supervisor.close();
    },
  };
}
