import { Hono } from "hono";
import type { Claims, GatewayEnv, Service, StackContext } from "../context.ts";
import { createVerifier, JwtError } from "../gateway/jwt.ts";
import { invalidToken, RestError } from "./errors.ts";
import { respond } from "./respond.ts";
import { API_ROLES, type ApiRole } from "./rest-config.ts";
import { SchemaCache } from "./schema-cache.ts";

/** Only these roles can be taken on, whatever a signed token says. */
function roleOf(claims: Claims): ApiRole {
  const role = API_ROLES.find((each) => each === claims.role);
  if (role === undefined) throw new RestError(403, "42501", `permission denied to set role "${claims.role}"`);
  return role;
}

/** PostgREST's API: one statement per request, whose JSON is built by Postgres, as the caller and under RLS. */
export async function createRest(ctx: StackContext): Promise<Service> {
  const cache = new SchemaCache(ctx);
  await cache.start();
  const verifier = createVerifier(ctx.keys);
  const app = new Hono<GatewayEnv>();

  async function claimsOf(token: string | null): Promise<Claims> {
    if (token === null) return { role: "anon" };
    try {
      return await verifier.verify(token);
    } catch (error) {
      if (!(error instanceof JwtError)) throw error;
      throw invalidToken(error.code === "expired" || error.code === "claims" ? "PGRST303" : "PGRST301", error.message);
    }
  }

  app.all("*", (c) =>
    respond(c, ctx.log, async () => {
      const claims = await claimsOf(c.var.token);
      return { engine: { ...cache.current, pool: ctx.pool("authenticator") }, role: roleOf(claims), claims };
    }),
  );

  return { app, close: () => cache.close() };
}
