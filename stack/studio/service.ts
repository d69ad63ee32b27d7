import { once } from "node:events";
import { createAdaptorServer } from "@hono/node-server";
import type { StackContext } from "../context.ts";
import { SchemaCache } from "../rest/schema-cache.ts";
import { createStudioApp } from "./app.ts";
import { loadBundle } from "./bundle.ts";
import { gridSchemas } from "./grid-catalog.ts";

const MAX_ROWS = 1000;

/** Studio on a port of its own: what it may do as the owner, the API's port never can. */
export async function createStudio(ctx: StackContext): Promise<{ close(): Promise<void> }> {
  if (!ctx.config.studio.enabled) return { close: async () => undefined };
  const cache = new SchemaCache(ctx, async (config, client) => ({
    ...config,
    schemas: await gridSchemas(client),
    maxRows: MAX_ROWS,
    preRequest: null,
    txOverride: false,
    rollbackByDefault: false,
  }));
  await cache.start();
  const server = createAdaptorServer({ fetch: createStudioApp(ctx, cache, loadBundle()).fetch });
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    if ("closeAllConnections" in server) server.closeAllConnections();
    await closed;
    await cache.close();
  };
  try {
    await once(server.listen(ctx.ports.studio, "127.0.0.1"), "listening");
  } catch (error) {
    await cache.close();
    throw error;
  }
  return { close };
}
