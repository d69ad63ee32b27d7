import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import type { Auth } from "../auth.ts";
import { requireUser } from "../authenticate.ts";
import { AuthError } from "../errors.ts";
import { authorizationUrl } from "../oauth/authorization-url.ts";
import { unlinkIdentity } from "../oauth/identity-unlinking.ts";
import { type AuthContext, requestInfo } from "../request.ts";

async function requireLinkingUser(c: AuthContext, auth: Auth): Promise<string> {
  const { user } = await requireUser(c, auth);
  if (!auth.settings.manualLinking) throw new AuthError("manual_linking_disabled");
  return user.row.id;
}

export function identityRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .get("/user/identities/authorize", async (c) => {
      const url = await authorizationUrl(c, auth, await requireLinkingUser(c, auth));
      return c.req.query("skip_http_redirect") === "true" ? c.json({ url }) : c.redirect(url, 302);
    })
    .delete("/user/identities/:id", async (c) => {
      const userId = await requireLinkingUser(c, auth);
      const identityId = c.req.param("id");
      if (!z.guid().safeParse(identityId).success) {
        throw new AuthError("validation_failed", { status: 404, message: "identity_id must be an UUID" });
      }
      await unlinkIdentity(auth, requestInfo(c, auth), userId, identityId.toLowerCase());
      return c.json({});
    });
}
