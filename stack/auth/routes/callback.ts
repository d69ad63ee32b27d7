import { Hono } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { Auth } from "../auth.ts";
import { answerCallback } from "../oauth/callback.ts";
import { requestInfo } from "../request.ts";

export function callbackRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>().on(["GET", "POST"], "/callback", async (c) => {
    const callback = new URL(c.req.url).searchParams;
    // Some providers have the browser post what they say; where both say something, that counts.
    const posted = c.req.method === "POST" ? await c.req.text() : "";
    for (const [name, value] of new URLSearchParams(posted)) callback.set(name, value);
    const { location, status } = await answerCallback(auth, requestInfo(c, auth), callback);
    return c.redirect(location, status);
  });
}
