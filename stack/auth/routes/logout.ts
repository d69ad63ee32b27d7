import { Hono } from "hono";
import type { GatewayEnv } from "../../context.ts";
import { recordAudit } from "../audit-log.ts";
import type { Auth } from "../auth.ts";
import { requireUser } from "../authenticate.ts";
import { inTransaction } from "../database.ts";
import { AuthError } from "../errors.ts";
import { requestInfo } from "../request.ts";
import { deleteSessions, type LogoutScope } from "../sessions.ts";

function requireScope(scope: string): LogoutScope {
  switch (scope) {
    case "":
      return "global";
    case "global":
    case "local":
    case "others":
      return scope;
    default:
      throw new AuthError("validation_failed", { message: `Unsupported logout scope ${JSON.stringify(scope)}` });
  }
}

export function logoutRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>().post("/logout", async (c) => {
    const { user, session } = await requireUser(c, auth);
    const scope = requireScope(c.req.query("scope") ?? "");
    await inTransaction(auth.pool, async (tx) => {
      await recordAudit(tx, requestInfo(c, auth), user, "logout");
      await deleteSessions(tx, user.row.id, scope, session?.id ?? null);
    });
    return c.body(null, 204);
  });
}
