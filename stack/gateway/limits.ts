import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { GatewayEnv } from "../context.ts";
import { payloadTooLarge } from "./errors.ts";
import type { ServiceName } from "./routes.ts";

const MB = 1024 * 1024;

export const HEADER_BYTES = 32 * 1024;

/** The largest body that each service is given; Storage and functions count what they pass on. */
export function bodyBytes(service: Exclude<ServiceName, "storage" | "functions">): number {
  return service === "auth" ? MB : 20 * MB;
}

export function limitBody(bytes: number): MiddlewareHandler<GatewayEnv> {
  const refuse = () => payloadTooLarge(bytes);
  // Only a body of unknown length has to be counted as it arrives.
  const counted = bodyLimit({ maxSize: bytes, onError: refuse });
  return async (c, next) => {
    const length = c.req.header("content-length");
    if (length !== undefined) return Number(length) > bytes ? refuse() : next();
    if (c.req.header("transfer-encoding") === undefined) return next();
    return counted(c, next);
  };
}
