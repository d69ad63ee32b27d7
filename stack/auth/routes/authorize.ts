import { Hono } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { Auth } from "../auth.ts";
import { authorizationUrl } from "../oauth/authorization-url.ts";

export function authorizeRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>().get("/authorize", async (c) => c.redirect(await authorizationUrl(c, auth, null), 302));
}
