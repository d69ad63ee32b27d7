import type { StackContext } from "../context.ts";
import { createGateway, type Services } from "../gateway/server.ts";
import { type ContextOptions, testContext } from "./context.ts";
import type { TestDatabase } from "./database.ts";
import { freePort } from "./free-port.ts";

/** Puts the gateway in front of the services that a test wants, over real sockets. */
export async function serve(
  database: TestDatabase,
  createServices: (ctx: StackContext) => Promise<Services>,
  { config, ports }: ContextOptions = {},
) {
  await using started = new AsyncDisposableStack();
  const { ctx, closePools } = testContext(database, { config, ports: { api: await freePort(), ...ports } });
  started.defer(closePools);
  const services = await createServices(ctx);
  for (const service of Object.values(services)) started.defer(() => service.close());
  const gateway = await createGateway(ctx, services);
  started.defer(() => gateway.close());
  const running = started.move();
  return { ctx, url: ctx.apiUrl, closeGateway: () => gateway.close(), close: () => running.disposeAsync() };
}
