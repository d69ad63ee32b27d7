import type { MiddlewareHandler } from "hono";
import type { GatewayEnv } from "../context.ts";

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE, CONNECT";
const ALLOWED = "Authorization, Content-Type, apikey, X-Client-Info";
const EXPOSED = [
  "Content-Encoding",
  "Content-Location",
  "Content-Range",
  "Content-Type",
  "Date",
  "Link",
  "Location",
  "Range-Unit",
  "Server",
  "Transfer-Encoding",
  "X-Request-Id",
  "X-Supabase-Api-Version",
  "X-Total-Count",
  "sb-error-code",
  "x-relay-error",
  "x-sb-error-code",
];

function permissive(requested: string | undefined): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Allow-Methods": METHODS,
      "Access-Control-Allow-Headers": requested ?? ALLOWED,
      "Access-Control-Max-Age": "3600",
      Vary: "Access-Control-Request-Headers",
    },
  });
}

/**
 * Anyone may call from anywhere: the token decides, never a cookie, so no credentials are allowed along. Functions answer
 * for themselves, as on the platform; only a preflight that none of them answers is answered here.
 */
export function cors(ownAnswers: boolean): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const preflight = c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined;
    const requested = c.req.header("access-control-request-headers");
    if (preflight && !ownAnswers) return permissive(requested);
    await next();
    if (preflight && c.res.status >= 400) c.res = permissive(requested);
    if (ownAnswers || c.req.header("origin") === undefined) return;
    const { headers } = c.res;
    if (!headers.has("access-control-allow-origin")) headers.set("Access-Control-Allow-Origin", "*");
    const own = headers.get("access-control-expose-headers");
    const names = new Map(EXPOSED.map((name) => [name.toLowerCase(), name]));
    for (const name of own?.split(",") ?? []) names.set(name.trim().toLowerCase(), name.trim());
    headers.set("Access-Control-Expose-Headers", [...names.values()].join(", "));
  };
}
