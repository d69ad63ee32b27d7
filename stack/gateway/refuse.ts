import type { Duplex } from "node:stream";

/** Answers on a socket for which there is no response object, and ends it. */
export function refuse(socket: Duplex, status: string, code: string, message: string): void {
  if (!socket.writable) return;
  const body = JSON.stringify({ code, message });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
