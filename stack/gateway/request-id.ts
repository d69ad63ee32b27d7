import { randomUUID } from "node:crypto";

const SANE = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$/;

/** A client may name its request, so that its own log and the audit can be laid side by side. */
export function requestId(header: string | undefined): string {
  return header !== undefined && SANE.test(header) ? header : randomUUID();
}

/** The address of whoever is connected: a forwarded one is only a claim. */
export function clientAddress(remote: string | undefined): string {
  return (remote ?? "127.0.0.1").replace(/^::ffff:/, "");
}
