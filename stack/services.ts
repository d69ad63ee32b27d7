import { createAuth } from "./auth/service.ts";
import type { StackContext } from "./context.ts";
import { createFunctions } from "./functions/service.ts";
import { createGateway } from "./gateway/server.ts";
import { createJobs } from "./jobs/service.ts";
import { createMail } from "./mail/service.ts";
import { createRealtime } from "./realtime/service.ts";
import { createRest } from "./rest/service.ts";
import { createStorage } from "./storage/service.ts";
import { createStudio } from "./studio/service.ts";

/** Starts everything that serves over a migrated database. What was started is closed again when a later one fails. */
export async function startServices(ctx: StackContext): Promise<AsyncDisposable> {
  await using started = new AsyncDisposableStack();
  const keep = async <T extends { close(): Promise<void> }>(service: Promise<T> | T): Promise<T> => {
    const running = await service;
    started.defer(() => running.close());
    return running;
  };
  await keep(createMail(ctx));
  await keep(createStudio(ctx));
  const rest = await keep(createRest(ctx));
  const auth = await keep(createAuth(ctx));
  const storage = await keep(createStorage(ctx));
  const functions = await keep(createFunctions(ctx));
  const realtime = ctx.config.realtime.enabled ? await keep(createRealtime(ctx)) : undefined;
  await keep(createGateway(ctx, { rest, auth, storage, functions, realtime }));
  // Last, since a job may call the API.
  await keep(createJobs(ctx));
  return started.move();
}
