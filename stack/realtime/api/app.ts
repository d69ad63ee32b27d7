import { Hono } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { Hub } from "../hub.ts";
import { broadcastBatch } from "./batch.ts";
import { type ApiEnv, authenticate } from "./caller.ts";
import { rateHeaders } from "./rate-headers.ts";
import { broadcastSingle } from "./single.ts";

/** Realtime over plain HTTP, below /api. */
export function createApi(hub: Hub): Hono<GatewayEnv> {
  const authenticated = new Hono<ApiEnv>()
    .use(authenticate(hub.tokens))
    .post("/", broadcastBatch(hub))
    .post("/:topic/events/:event", broadcastSingle(hub));
  const app = new Hono<GatewayEnv>();
  app.use("/api/*", rateHeaders(hub));
  app.get("/api/ping", (c) => c.json({ message: "Success" }));
  app.route("/api/broadcast", authenticated);
  return app;
}
