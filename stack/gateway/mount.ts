import type { IncomingMessage } from "node:http";
import { Hono } from "hono";
import type { GatewayEnv, Keys, Service, StackContext } from "../context.ts";
import { cors } from "./cors.ts";
import { gatewayError } from "./errors.ts";
import { tokenOfKey, translateKey } from "./keys.ts";
import { bodyBytes, limitBody } from "./limits.ts";
import { clientAddress, requestId } from "./request-id.ts";
import type { Route, ServiceName } from "./routes.ts";

export type Fetch = (request: Request, incoming: IncomingMessage, route: Route) => Promise<Response>;

interface Env extends GatewayEnv {
  Bindings: { incoming: IncomingMessage; route: Route };
}

/** Functions see the caller's Authorization as it came, and beside it what the key stands for. */
function nameKey(headers: Headers, keys: Keys): void {
  const apikey = headers.get("apikey");
  headers.delete("sb-api-key");
  if (apikey !== null && apikey !== "") headers.set("sb-api-key", tokenOfKey(apikey, keys));
}

/** Wraps a service in what every request gets: id, address, token, CORS, limits and one line in the log. */
export function mount(ctx: StackContext, name: ServiceName | null, service: Service | undefined): Fetch {
  const app = new Hono<Env>();
  const log = ctx.log.child({ service: name ?? "gateway" });

  app.use(async (c, next) => {
    const started = performance.now();
    const id = requestId(c.req.header("x-request-id"));
    c.set("requestId", id);
    c.set("ip", clientAddress(c.env.incoming.socket.remoteAddress));
    c.set("token", translateKey(c.req.raw.headers, ctx.keys));
    if (name === "functions") nameKey(c.req.raw.headers, ctx.keys);
    await next();
    c.res.headers.set("X-Request-Id", id);
    // Neither query nor headers: they hold tokens, names and marks.
    log.info(
      {
        requestId: id,
        method: c.req.method,
        path: c.env.route.path,
        status: c.res.status,
        ms: Math.round((performance.now() - started) * 10) / 10,
        ip: c.var.ip,
      },
      "request",
    );
  });
  app.use(cors(name === "functions"));
  // Storage and functions count as they stream; counting here would hold the body back, and in memory.
  if (name !== null && name !== "storage" && name !== "functions") app.use(limitBody(bodyBytes(name)));
  if (service !== undefined) app.route("/", service.app);
  app.notFound((c) => {
    if (name !== null && service !== undefined)
      return gatewayError(404, "not_found", "No such endpoint in this service");
    return gatewayError(404, "no_route", `No service answers at '${c.env.route.path.slice(0, 200)}'`);
  });
  app.onError((error, c) => {
    log.error({ err: error, requestId: c.var.requestId }, "Cannot answer a request");
    return gatewayError(500, "internal_error", "An unexpected error occurred");
  });
  return async (request, incoming, route) => app.fetch(request, { incoming, route });
}
