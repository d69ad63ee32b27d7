import type { Context, MiddlewareHandler } from "hono";
import type { Claims, GatewayEnv } from "../../context.ts";
import { TokenError, type Tokens } from "../tokens.ts";

export interface ApiEnv extends GatewayEnv {
  Variables: GatewayEnv["Variables"] & { claims: Claims };
}

/** Only a verified token gets further. */
export function authenticate(tokens: Tokens): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    try {
      if (c.var.token === null) throw new TokenError("MalformedJWT", "API key is missing");
      c.set("claims", await tokens.verify(c.var.token));
    } catch (error) {
      if (error instanceof TokenError) return c.json({ message: "Unauthorized" }, 401);
      throw error;
    }
    return next();
  };
}

/** Who asks, for the policies of a topic. */
export function askerOf(c: Context<ApiEnv>, topic: string) {
  return { topic, claims: c.var.claims, headers: c.req.header() };
}
