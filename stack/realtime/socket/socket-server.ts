import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { type WebSocket, WebSocketServer } from "ws";
import type { Keys, UpgradeRequest } from "../../context.ts";
import type { Hub } from "../hub.ts";
import { HandshakeRefused, handshake, refuseHandshake } from "./handshake.ts";
import { serveSocket } from "./serve-socket.ts";

const GOING_AWAY = 1001;
const SWEEPS_PER_IDLE = 4;

export interface SocketServer {
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, request: UpgradeRequest): void;
  close(): Promise<void>;
}

/** Opens sockets, and ends those that have fallen silent. */
export function createSocketServer(hub: Hub, keys: Keys): SocketServer {
  const { limits, log } = hub;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.frameBytes,
    // Text that is not UTF-8 costs the frame, not the socket; the decoder looks.
    skipUTF8Validation: true,
  });
  const sockets = new Map<WebSocket, { heard: number }>();
  const closed = new AbortController();
  const watched = new WeakSet<AbortSignal>();

  function sayGoodbye(): void {
    closed.abort();
    for (const ws of sockets.keys()) ws.close(GOING_AWAY);
  }

  /** The gateway has one signal for all its sockets: a listener for each of them would outlive them. */
  function watch(closing: AbortSignal): void {
    if (watched.has(closing)) return;
    watched.add(closing);
    closing.addEventListener("abort", sayGoodbye, { once: true });
  }

  const sweep = setInterval(() => {
    const oldest = Date.now() - limits.idleMs;
    for (const [ws, { heard }] of sockets) {
      if (heard >= oldest) continue;
      // A dead peer never answers the closing frame either.
      if (ws.readyState === ws.OPEN) ws.close(1000);
      else ws.terminate();
    }
  }, limits.idleMs / SWEEPS_PER_IDLE).unref();

  function opened(ws: WebSocket): void {
    const state = { heard: Date.now() };
    sockets.set(ws, state);
    const hear = () => {
      state.heard = Date.now();
    };
    ws.on("message", hear);
    ws.on("ping", hear);
    ws.on("close", () => sockets.delete(ws));
    ws.on("error", (error) => log.debug({ err: error }, "a realtime socket broke"));
  }

  async function open(incoming: IncomingMessage, socket: Duplex, head: Buffer, request: UpgradeRequest): Promise<void> {
    try {
      const options = await handshake(incoming, keys, hub, sockets.size);
      watch(request.closing);
      if (request.closing.aborted || closed.signal.aborted) {
        socket.destroy();
        return;
      }
      server.handleUpgrade(incoming, socket, head, (ws) => {
        opened(ws);
        serveSocket(hub, ws, options);
      });
    } catch (error) {
      const known = error instanceof HandshakeRefused;
      log.warn({ err: error, requestId: request.requestId }, "a realtime socket was refused");
      await delay(limits.connectErrorMs, undefined, { signal: closed.signal }).catch(() => undefined);
      refuseHandshake(
        socket,
        known ? error : new HandshakeRefused("500 Internal Server Error", "Error connecting to Realtime"),
      );
    }
  }

  return {
    upgrade(incoming, socket, head, request) {
      void open(incoming, socket, head, request);
    },
    async close() {
      clearInterval(sweep);
      sayGoodbye();
      await delay(sockets.size === 0 ? 0 : 100);
      for (const ws of sockets.keys()) ws.terminate();
    },
  };
}
