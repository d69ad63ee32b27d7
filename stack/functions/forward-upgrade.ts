import http, { type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { isRefused, toResponse } from "./forward.ts";
import { type Caller, requestHeaders } from "./proxy-headers.ts";
import { workerFailure } from "./responses.ts";
import { writeResponse } from "./socket-response.ts";
import type { Worker } from "./worker.ts";

/** The answer to the handshake has to come within this time. */
const HANDSHAKE_MS = 30_000;
const EXIT_GRACE_MS = 1_000;

/** Two sockets that carry each other's bytes, and end together. */
function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.once("error", () => to.destroy());
    from.once("close", () => to.destroy());
  }
}

function switchingProtocols({ rawHeaders }: IncomingMessage): string {
  let head = "HTTP/1.1 101 Switching Protocols\r\n";
  for (let index = 0; index < rawHeaders.length; index += 2)
    head += `${rawHeaders[index]}: ${rawHeaders[index + 1]}\r\n`;
  return `${head}\r\n`;
}

export interface Handshake {
  url: URL;
  headers: Headers;
  socket: Duplex;
  head: Buffer;
}

/**
 * Hands the connection to the worker, whose own handshake it is. `release` is called when it is over. False when the worker
 * was gone before the connection reached it, and another one may be asked.
 */
export function forwardUpgrade(
  { url, headers, socket, head }: Handshake,
  worker: Worker,
  release: () => void,
  caller: Caller,
): Promise<boolean> {
  const upstream = http.request({
    host: "127.0.0.1",
    port: worker.port,
    path: url.pathname + url.search,
    headers: { ...requestHeaders(headers, url, worker, caller), connection: "Upgrade", upgrade: "websocket" },
    agent: false,
    timeout: HANDSHAKE_MS,
  });
  const abandon = () => upstream.destroy();
  socket.once("close", abandon);
  upstream.once("timeout", abandon);
  return new Promise((resolve) => {
    upstream.once("upgrade", (response, worked, workedHead) => {
      socket.off("close", abandon);
      worked.setTimeout(0);
      worked.once("close", release);
      socket.write(switchingProtocols(response));
      socket.write(workedHead);
      worked.write(head);
      join(socket, worked);
      resolve(true);
    });
    upstream.once("response", (response) => {
      upstream.once("close", release);
      resolve(true);
      void writeResponse(socket, toResponse(response, "GET"));
    });
    upstream.once("error", async (error) => {
      release();
      const exit = await Promise.race([worker.exited, sleep(EXIT_GRACE_MS, null)]);
      socket.off("close", abandon);
      if (isRefused(error) && worker.retired) return resolve(false);
      resolve(true);
      await writeResponse(socket, workerFailure(exit?.limit ? "limit" : "exit"));
    });
    upstream.end();
  });
}
