import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Keys } from "../../context.ts";
import { tokenOfKey } from "../../gateway/keys.ts";
import { endWith } from "../../gateway/refuse.ts";
import { type Version, versionOf } from "../frames.ts";
import type { Hub } from "../hub.ts";
import { TokenError } from "../tokens.ts";
import type { SocketOptions } from "./serve-socket.ts";

/** A socket that is not opened; answered in HTTP. */
export class HandshakeRefused extends Error {
  override readonly name = "HandshakeRefused";
  readonly status: string;

  constructor(status: string, message: string) {
    super(message);
    this.status = status;
  }
}

function policyHeaders(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) =>
      name.startsWith("x-") && value !== undefined ? [[name, String(value)]] : [],
    ),
  );
}

/** Reads and checks what a client says when it opens a socket; throws HandshakeRefused. */
export async function handshake(
  incoming: IncomingMessage,
  keys: Keys,
  { tokens, limits, rates }: Hub,
  open: number,
): Promise<SocketOptions> {
  const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://localhost");
  if (pathname !== "/websocket") throw new HandshakeRefused("404 Not Found", "Not found");
  const version: Version | null = versionOf(searchParams.get("vsn"));
  if (version === null)
    throw new HandshakeRefused("403 Forbidden", "The requested serializer version is not supported");
  const key = incoming.headers["x-api-key"]?.toString() ?? searchParams.get("apikey");
  if (key === null) throw new HandshakeRefused("401 Unauthorized", "API key is missing");
  const token = tokenOfKey(key, keys);
  try {
    await tokens.verify(token);
  } catch (error) {
    if (error instanceof TokenError) throw new HandshakeRefused("401 Unauthorized", error.handshake);
    throw error;
  }
  if (open >= limits.sockets) throw new HandshakeRefused("429 Too Many Requests", "Too many connected users");
  if (rates.joins.perSecond() > limits.joinsPerSecond) {
    throw new HandshakeRefused("429 Too Many Requests", "Too many joins per second");
  }
  return { version, token, headers: policyHeaders(incoming) };
}

export function refuseHandshake(socket: Duplex, { status, message }: HandshakeRefused): void {
  const body = JSON.stringify({ error: message });
  endWith(
    socket,
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
