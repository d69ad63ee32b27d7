import { createServer, IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import type { Service, StackContext } from "../context.ts";
import { gatewayError } from "./errors.ts";
import { graphqlApp } from "./graphql.ts";
import { healthApp } from "./health.ts";
import { HEADER_BYTES } from "./limits.ts";
import { type Fetch, mount } from "./mount.ts";
import { refuse } from "./refuse.ts";
import { type Route, route, SERVICES, type ServiceName } from "./routes.ts";
import { createUpgrades } from "./upgrade.ts";

export type Services = Partial<Record<ServiceName, Service>>;

export interface Gateway {
  close(): Promise<void>;
}

/** Milliseconds that a connection is given; tests are less patient. */
export interface Patience {
  /** For the headers to arrive. */
  headers: number;
  /** For the whole request to arrive. */
  request: number;
  /** Between two parts of a body. */
  body: number;
  /** For what runs when the gateway closes. */
  closing: number;
}

const SECOND = 1000;
const PATIENCE: Patience = { headers: 15 * SECOND, request: 300 * SECOND, body: 60 * SECOND, closing: 5 * SECOND };

/** What Node refuses before there is a request: too many header bytes, a client too slow, no HTTP at all. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "HPE_HEADER_OVERFLOW") {
    const message = `The headers are larger than ${HEADER_BYTES} bytes`;
    refuse(socket, "431 Request Header Fields Too Large", "headers_too_large", message);
  } else if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") {
    refuse(socket, "408 Request Timeout", "request_timeout", "The request took too long to arrive");
  } else {
    refuse(socket, "400 Bad Request", "bad_request", "The request is not valid HTTP");
  }
}

/** A body that stops arriving must not hold its connection; an answer that takes long may. */
function endStalledBody(incoming: IncomingMessage, outgoing: ServerResponse, patience: number): void {
  incoming.socket.setTimeout(patience);
  outgoing.on("timeout", () => {
    if (incoming.complete) return;
    if (outgoing.headersSent) incoming.socket.destroy();
    else refuse(incoming.socket, "408 Request Timeout", "request_timeout", "The request took too long to arrive");
  });
}

/** One port for the whole API, on the loopback address only. */
export async function createGateway(
  ctx: StackContext,
  services: Services,
  patience: Patience = PATIENCE,
): Promise<Gateway> {
  const served = SERVICES.filter((name) => services[name] !== undefined);
  const own = mount(ctx, null, { app: healthApp(ctx, served).route("/", graphqlApp()), close: async () => undefined });
  const mounted = new Map<ServiceName, Fetch>();
  for (const name of SERVICES) {
    const service = services[name];
    if (service !== undefined) mounted.set(name, mount(ctx, name, service));
  }
  const routes = new WeakMap<IncomingMessage, Route>();
  const listener = getRequestListener((request, env) => {
    const { incoming } = env;
    if (!(incoming instanceof IncomingMessage)) return gatewayError(505, "http_version", "Only HTTP/1.1 is served");
    const known = routes.get(incoming) ?? { service: null, path: "/" };
    const fetch = known.service === null ? own : (mounted.get(known.service) ?? own);
    return fetch(request, incoming, known);
  });
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: patience.headers,
      requestTimeout: patience.request,
      keepAliveTimeout: 65 * SECOND,
      connectionsCheckingInterval: Math.min(5 * SECOND, patience.headers / 3),
    },
    (incoming, outgoing) => {
      endStalledBody(incoming, outgoing, patience.body);
      const found = route(incoming);
      routes.set(incoming, found);
      void listener(incoming, outgoing);
    },
  );
  server.on("clientError", refuseConnection);
  const upgrades = createUpgrades(ctx, services);
  server.on("upgrade", upgrades.handle);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(ctx.ports.api, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });

  return {
    close() {
      return new Promise((resolve) => {
        // A connection that is kept alive becomes idle only once its answer is out.
        const sweep = setInterval(() => server.closeIdleConnections(), SECOND / 20);
        const force = setTimeout(() => server.closeAllConnections(), patience.closing);
        upgrades.close(Math.min(SECOND, patience.closing));
        server.close(() => {
          clearInterval(sweep);
          clearTimeout(force);
          resolve();
        });
      });
    },
  };
}
