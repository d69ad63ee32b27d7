import http from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { workerFailure } from "./responses.ts";
import { TOKEN_HEADER, type Worker } from "./worker.ts";

/** As the official gateway: this long without a byte ends the call. */
const IDLE_MS = 150_000;
/** A worker whose socket broke has usually died; its exit tells why, a moment later. */
const EXIT_GRACE_MS = 1_000;

const HOP_BY_HOP = new Set([
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
const BODILESS = new Set([101, 204, 205, 304]);

export interface Caller {
  ip: string;
  requestId: string;
}

/** What the gateway knows of the caller replaces what the caller says of itself. */
function requestHeaders(request: Request, worker: Worker, caller: Caller): Record<string, string> {
  const { host, port, protocol } = new URL(request.url);
  const headers: Record<string, string> = {};
  for (const [name, value] of request.headers) {
    if (!HOP_BY_HOP.has(name) && name !== "sb-api-key") headers[name] = value;
  }
  return {
    ...headers,
    host,
    "x-forwarded-for": caller.ip,
    "x-forwarded-host": host,
    "x-forwarded-port": port,
    "x-forwarded-proto": protocol.slice(0, -1),
    "x-real-ip": caller.ip,
    "x-request-id": caller.requestId,
    [TOKEN_HEADER]: worker.token,
  };
}

function bodyStream(incoming: http.IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = incoming[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel() {
      incoming.destroy();
    },
  });
}

function toResponse(incoming: http.IncomingMessage, method: string): Response {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    if (!HOP_BY_HOP.has(name)) for (const value of values) headers.append(name, value);
  }
  const status = incoming.statusCode ?? 500;
  if (method === "HEAD" || BODILESS.has(status)) {
    incoming.resume();
    return new Response(null, { status, headers });
  }
  return new Response(bodyStream(incoming), { status, headers });
}

/** Sends the request to the worker as it came, bytes and all, and streams the answer back. `release` is called when both ended. */
export function forward(request: Request, worker: Worker, release: () => void, caller: Caller): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  return new Promise((resolve) => {
    let timedOut = false;
    const upstream = http.request({
      host: "127.0.0.1",
      port: worker.port,
      method: request.method,
      path: pathname + search,
      headers: requestHeaders(request, worker, caller),
      agent: false,
      signal: request.signal,
    });
    upstream.setTimeout(IDLE_MS, () => {
      timedOut = true;
      upstream.destroy();
    });
    upstream.once("close", release);
    upstream.once("response", (incoming) => resolve(toResponse(incoming, request.method)));
    upstream.on("error", async () => {
      if (request.signal.aborted) return resolve(new Response(null, { status: 499 }));
      if (timedOut) return resolve(workerFailure("timeout"));
      const exit = await Promise.race([worker.exited, sleep(EXIT_GRACE_MS, null)]);
      resolve(workerFailure(exit?.limit ? "limit" : "exit"));
    });
    if (request.body === null) upstream.end();
    // A failure of either side surfaces as the upstream's own error event.
    else pipeline(request.body, upstream).catch(() => upstream.destroy());
  });
}
