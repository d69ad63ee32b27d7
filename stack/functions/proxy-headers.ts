import { TOKEN_HEADER, type Worker } from "./worker.ts";

/** Headers of one connection, which say nothing about the next. */
export const HOP_BY_HOP = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export interface Caller {
  ip: string;
  requestId: string;
}

/** What the gateway knows of the caller replaces what the caller says of itself. */
export function requestHeaders(received: Headers, url: URL, worker: Worker, caller: Caller): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of received) {
    if (!HOP_BY_HOP.has(name) && name !== "sb-api-key") headers[name] = value;
  }
  return {
    ...headers,
    host: url.host,
    "x-forwarded-for": caller.ip,
    "x-forwarded-host": url.host,
    "x-forwarded-port": url.port,
    "x-forwarded-proto": url.protocol.slice(0, -1),
    "x-real-ip": caller.ip,
    "x-request-id": caller.requestId,
    [TOKEN_HEADER]: worker.token,
  };
}
