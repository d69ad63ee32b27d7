import { Hono } from "hono";
import type { GatewayEnv, StackContext } from "../context.ts";
import type { ServiceName } from "./routes.ts";

const REMEMBERED_MS = 1000;
const PATIENCE_MS = 2000;

/** On a connection of its own: a pool that is merely busy is not a database that is away. */
async function reach(ctx: StackContext): Promise<boolean> {
  const asked = ctx.connect("authenticator").then(async (client) => {
    client.on("error", () => undefined);
    await client.query("select 1").finally(() => client.end());
    return true;
  });
  const late = new Promise<boolean>((resolve) => {
    setTimeout(resolve, PATIENCE_MS, false).unref();
  });
  return Promise.race([asked.catch(() => false), late]);
}

/** Whether the API can be used: 503 while the database is away, since no service can do its work without. */
export function healthApp(ctx: StackContext, served: ServiceName[]): Hono<GatewayEnv> {
  let latest: { at: number; up: Promise<boolean> } | null = null;
  // Anyone may ask as often as they like; the database is asked once a second at most.
  const database = (): Promise<boolean> => {
    const now = performance.now();
    if (latest === null || now - latest.at > REMEMBERED_MS) latest = { at: now, up: reach(ctx) };
    return latest.up;
  };
  return new Hono<GatewayEnv>().get("/health", async (c) => {
    const up = await database();
    const state = up ? "up" : "down";
    const services = Object.fromEntries(served.map((name) => [name, state]));
    const body = { status: up ? "ok" : "unavailable", database: state, services };
    return c.json(body, up ? 200 : 503, { "Cache-Control": "no-store" });
  });
}
