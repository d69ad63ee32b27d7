import http from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { payloadTooLarge } from "../gateway/errors.ts";
import { BODY_BYTES, BodyTooLarge, limited } from "./limited-body.ts";
import { type Caller, HOP_BY_HOP, requestHeaders } from "./proxy-headers.ts";
import { workerFailure } from "./responses.ts";
import type { Worker } from "./worker.ts";

/** As the official gateway: this long without a byte ends the call. */
const IDLE_MS = 150_000;
/** A worker whose socket broke has usually died; its exit tells why, a moment later. */
const EXIT_GRACE_MS = 1_000;

const BODILESS = new Set([101, 204, 205, 304]);

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

/** The worker's answer, read as fast as the caller reads it. */
export function toResponse(incoming: http.IncomingMessage, method: string): Response {
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

/** Nobody listened: the request has reached no one. */
export function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
}

/**
 * Sends the request to the worker as it came, bytes and all, and streams the answer back. `release` is called when both
 * ended. Null when the worker was gone before the request reached it, and another one may be asked.
 */
export function forward(
  request: Request,
  worker: Worker,
  release: () => void,
  caller: Caller,
): Promise<Response | null> {
  const url = new URL(request.url);
  return new Promise((resolve) => {
    let timedOut = false;
    const upstream = http.request({
      host: "127.0.0.1",
      port: worker.port,
      method: request.method,
      path: url.pathname + url.search,
      headers: requestHeaders(request.headers, url, worker, caller),
      agent: false,
      signal: request.signal,
    });
    upstream.setTimeout(IDLE_MS, () => {
      timedOut = true;
      upstream.destroy();
    });
    upstream.once("close", release);
    upstream.once("response", (incoming) => resolve(toResponse(incoming, request.method)));
    upstream.on("error", async (error) => {
      if (request.signal.aborted) return resolve(new Response(null, { status: 499 }));
      if (timedOut) return resolve(workerFailure("timeout"));
      const exit = await Promise.race([worker.exited, sleep(EXIT_GRACE_MS, null)]);
      if (isRefused(error) && request.body === null && worker.retired) return resolve(null);
      resolve(workerFailure(exit?.limit ? "limit" : "exit"));
    });
    if (request.body === null) upstream.end();
    else {
      pipeline(request.body, limited, upstream).catch((error: unknown) => {
        // Any other failure surfaces as the upstream's own error event.
        if (error instanceof BodyTooLarge) resolve(payloadTooLarge(BODY_BYTES));
        upstream.destroy();
      });
    }
  });
}
