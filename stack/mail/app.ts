import { Hono } from "hono";
import { createMailApi } from "./api.ts";
import type { Mailbox } from "./mailbox.ts";
import { createMailPages } from "./pages.ts";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

export function createMailApp(mailbox: Mailbox): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    // Mails hold sign-in links: a foreign page whose name resolves to this machine must not read them.
    if (!LOOPBACK.has(new URL(c.req.url).hostname)) return c.text("Forbidden", 403);
    await next();
    c.header("x-content-type-options", "nosniff");
    c.header("referrer-policy", "no-referrer");
    c.header("cache-control", "no-store");
  });
  app.route("/api/v1", createMailApi(mailbox));
  app.route("/", createMailPages(mailbox));
  return app;
}
