import { Hono } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { Auth } from "../auth.ts";
import { requireService } from "../authenticate.ts";
import { inTransaction, withConnection } from "../database.ts";
import { AuthError } from "../errors.ts";
import { clientBody } from "../oauth-server/client-rules.ts";
import {
  clientJson,
  deleteClient,
  findClient,
  listClients,
  registerClient,
  renewSecret,
  updateClient,
} from "../oauth-server/clients.ts";
import { readBody } from "../request.ts";

/** The clients of an OAuth server are kept for the project, though nothing here signs anyone in with them. */
export function adminOauthClientRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .use("/admin/oauth/*", async (c, next) => {
      await requireService(c, auth);
      if (!auth.settings.oauthServerEnabled) throw new AuthError("feature_disabled");
      await next();
    })
    .get("/admin/oauth/clients", async (c) => {
      const clients = await withConnection(auth.pool, listClients);
      return c.json(clients.length > 0 ? { clients: clients.map((row) => clientJson({ row })) } : {});
    })
    .post("/admin/oauth/clients", async (c) => {
      const body = await readBody(c, clientBody);
      return c.json(clientJson(await inTransaction(auth.pool, (tx) => registerClient(tx, body))), 201);
    })
    .get("/admin/oauth/clients/:id", async (c) => {
      const row = await withConnection(auth.pool, (db) => findClient(db, c.req.param("id")));
      return c.json(clientJson({ row }));
    })
    .put("/admin/oauth/clients/:id", async (c) => {
      const body = await readBody(c, clientBody);
      const row = await inTransaction(auth.pool, (tx) => updateClient(tx, c.req.param("id"), body));
      return c.json(clientJson({ row }));
    })
    .delete("/admin/oauth/clients/:id", async (c) => {
      await inTransaction(auth.pool, (tx) => deleteClient(tx, c.req.param("id")));
      return c.body(null, 204);
    })
    .post("/admin/oauth/clients/:id/regenerate_secret", async (c) =>
      c.json(clientJson(await inTransaction(auth.pool, (tx) => renewSecret(tx, c.req.param("id"))))),
    );
}
