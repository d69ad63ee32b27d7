import type { Duplex } from "node:stream";

const GRACE_MS = 1000;

/** Sends a last word and ends the connection, for good even if the other side never closes its half. */
export function endWith(socket: Duplex, text: string): void {
  if (!socket.writable) return;
  socket.end(text);
  // Not at once: what the other side still sends would make the answer be lost.
  const late = setTimeout(() => socket.destroy(), GRACE_MS).unref();
  socket.once("close", () => clearTimeout(late));
}

/** Answers on a socket for which there is no response object, and ends it. */
export function refuse(socket: Duplex, status: string, code: string, message: string): void {
  const body = JSON.stringify({ code, message });
  endWith(
    socket,
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
