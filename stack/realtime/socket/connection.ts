import type { WebSocket } from "ws";
import { encode } from "../encode.ts";
import type { Frame, Ref, Version } from "../frames.ts";
import type { Hub } from "../hub.ts";

export interface Address {
  joinRef: Ref;
  ref: Ref;
  topic: string;
}

/** The sending side of one socket. */
export interface Connection {
  readonly version: Version;
  send(frame: Frame): void;
  push(to: Address, event: string, payload: unknown): void;
  /** The payload is JSON already. */
  pushJson(to: Address, event: string, json: string): void;
  reply(to: Address, status: "ok" | "error", response: unknown): void;
}

export function createConnection(ws: WebSocket, version: Version, { log, limits }: Hub): Connection {
  const connection: Connection = {
    version,
    send(frame) {
      if (ws.readyState !== ws.OPEN) return;
      if (ws.bufferedAmount > limits.outgoingBytes) {
        log.warn(
          { bufferedBytes: ws.bufferedAmount },
          "a socket was cut off, because it does not read what it is sent",
        );
        ws.terminate();
        return;
      }
      ws.send(frame.data, { binary: frame.binary });
    },
    push: (to, event, payload) => connection.pushJson(to, event, JSON.stringify(payload)),
    pushJson: (to, event, json) => connection.send(encode(version, { ...to, event, json })),
    reply: (to, status, response) => connection.push(to, "phx_reply", { status, response }),
  };
  return connection;
}
