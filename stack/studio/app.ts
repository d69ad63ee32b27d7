import { Hono } from "hono";
import { html } from "hono/html";
import type { GatewayEnv, StackContext } from "../context.ts";
import { requestId } from "../gateway/request-id.ts";
import type { SchemaCache } from "../rest/schema-cache.ts";
import type { Bundle } from "./bundle.ts";
import { createGrid } from "./grid.ts";
import { answerHeaders, guard } from "./guard.ts";
import { page, STYLES } from "./layout.ts";
import { aboutPage } from "./pages/about.ts";
import { logsPage } from "./pages/logs.ts";
import { policiesPage } from "./pages/policies.ts";
import { sqlPage } from "./pages/sql.ts";
import { storagePage } from "./pages/storage.ts";
import { usersPage } from "./pages/users.ts";

/** Where links to the official Studio lead here. */
const MOVED: [prefix: string, path: string][] = [
  ["/project/default/sql", "/sql"],
  ["/project/default/auth/policies", "/policies"],
  ["/project/default/auth", "/users"],
  ["/project/default/storage", "/storage"],
  ["/project/default/logs", "/logs"],
  ["/project/default/editor", "/"],
];

export function createStudioApp(ctx: StackContext, cache: SchemaCache, bundle: Bundle): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  app.use(answerHeaders(), guard(ctx.ports.studio));
  app.use(async (c, next) => {
    c.set("requestId", requestId(undefined));
    c.set("ip", "127.0.0.1");
    c.set("token", null);
    await next();
  });
  app.route("/", createGrid(ctx, cache, bundle));
  app.get("/studio.css", (c) => c.body(STYLES, 200, { "content-type": "text/css; charset=utf-8" }));
  app.route("/sql", sqlPage(ctx));
  app.route("/policies", policiesPage(ctx));
  app.route("/users", usersPage(ctx));
  app.route("/storage", storagePage(ctx));
  app.route("/logs", logsPage(ctx));
  app.route("/about", aboutPage());
  app.get("/project/*", (c) => {
    const found = MOVED.find(([prefix]) => c.req.path === prefix || c.req.path.startsWith(`${prefix}/`));
    if (found !== undefined) return c.redirect(found[1]);
    return c.req.path === "/project/default" ? c.redirect("/") : c.notFound();
  });
  app.notFound((c) => {
    const message = "This Studio has no such page";
    if (!c.req.header("accept")?.includes("text/html")) return c.json({ message }, 404);
    const body = html`<p>${message}; <a href="/about">About</a> says what it has.</p>`;
    return page(c, "", "Not found", body, 404);
  });
  app.onError((error, c) => {
    ctx.log.error({ err: error, service: "studio" }, "Cannot answer Studio");
    const body = html`<p class="error">${error instanceof Error ? error.message : String(error)}</p>`;
    return page(c, "", "Studio cannot show this", body, 500);
  });
  return app;
}
