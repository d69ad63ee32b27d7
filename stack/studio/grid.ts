import { Hono } from "hono";
import { html } from "hono/html";
import type { GatewayEnv, StackContext } from "../context.ts";
import { type Caller, respond } from "../rest/respond.ts";
import type { SchemaCache } from "../rest/schema-cache.ts";
import type { Bundle } from "./bundle.ts";
import { gridCatalog } from "./grid-catalog.ts";
import { contentPolicy } from "./guard.ts";
import { navigation } from "./layout.ts";

const ROWS = "/rest/v1";

/** The most rows that a change may touch: the editor names each one that it means. */
function maxAffected(method: string, filter: string | undefined): number | null {
  if (method === "PATCH") return 1;
  if (method !== "DELETE") return null;
  return (filter ?? "").split(",").length;
}

/** The table editor: its page and files, and the four things that it asks a server for. */
export function createGrid(ctx: StackContext, cache: SchemaCache, bundle: Bundle): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  const page = html`<!doctype html>
    <html lang="en" class="dark" data-theme="dark" style="color-scheme: dark">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="/static/favicon.ico" type="image/x-icon" />
        <title>Studio: tables</title>
        <script type="module" src="/static/${bundle.script}"></script>
        ${bundle.styles.map((name) => html`<link rel="stylesheet" href="/static/${name}" />`)}
        <link rel="stylesheet" href="/studio.css" />
      </head>
      <body class="editor">
        ${navigation("/")}
        <div id="root"></div>
      </body>
    </html>`;

  for (const path of ["/", "/editor/:table"]) {
    app.get(path, (c) => {
      c.header("content-security-policy", contentPolicy(true));
      return c.html(page);
    });
  }

  app.get("/static/:name{.+}", (c) => {
    const asset = bundle.assets.get(c.req.param("name"));
    if (asset === undefined) return c.notFound();
    return c.body(asset.bytes, 200, { "content-type": asset.type, "cache-control": "private, max-age=3600" });
  });

  app.get("/_system/info", (c) => c.json({ admin: true, config: {} }));
  app.get("/_system/introspect", async (c) => c.json(await gridCatalog(ctx.pool("postgres"))));

  app.all(`${ROWS}/:table`, (c) => {
    const url = new URL(c.req.url);
    const { headers } = c.req.raw;
    const most = maxAffected(c.req.method, url.searchParams.get("id") ?? undefined);
    if (most !== null) headers.append("prefer", `handling=strict, max-affected=${most}`);
    const owner = async (): Promise<Caller> => ({
      engine: { ...cache.current, pool: ctx.pool("postgres") },
      role: "postgres",
      claims: { role: "postgres" },
    });
    return respond(c, ctx.log, owner, ROWS);
  });

  return app;
}
