import { encodeUploadId } from "./upload-id.ts";

const SERVICE = "/storage/v1";
const PREFIX = /^(\/[A-Za-z0-9._~-]+)+\/?$/;
const DEFAULT_PORTS = ["80", "443"];

interface Origin {
  proto: string;
  host: string;
}

/** A proxy may say on which port, and below which path, the client found it. */
export function uploadLocation(headers: Headers, { proto, host }: Origin, path: string, id: string): string {
  const port = headers.get("x-forwarded-port");
  const moved = headers.has("x-forwarded-host") && port !== null && /^\d{1,5}$/.test(port);
  const at = moved && !DEFAULT_PORTS.includes(port) ? `${host.replace(/:\d+$/, "")}:${port}` : host;
  return `${proto}://${at}${prefixOf(headers)}${path}/${encodeUploadId(id)}`;
}

function prefixOf(headers: Headers): string {
  const forwarded = headers.get("x-forwarded-prefix") ?? "";
  const prefix = PREFIX.test(forwarded) ? forwarded.replace(/\/$/, "") : "";
  return prefix.endsWith(SERVICE) ? prefix : `${prefix}${SERVICE}`;
}
