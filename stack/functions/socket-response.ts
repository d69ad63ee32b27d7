import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Writes an answer on a socket that was to be upgraded and is not; the end of the connection ends the body. */
export async function writeResponse(socket: Duplex, { status, headers, body }: Response): Promise<void> {
  if (!socket.writable) return;
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\n${lines}connection: close\r\n\r\n`);
  if (body === null) socket.end();
  // A caller that left hears nothing of it.
  else await pipeline(body, socket).catch(() => socket.destroy());
}
