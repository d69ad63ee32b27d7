import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { GatewayEnv } from "../context.ts";
import { gatewayError } from "./errors.ts";
import type { ServiceName } from "./routes.ts";

const MB = 1024 * 1024;

export const HEADER_BYTES = 32 * 1024;

/** The largest body that each service is given; Storage has limits of its own. */
export function bodyBytes(service: Exclude<ServiceName, "storage">): number {
  switch (service) {
    case "auth":
      return MB;
    case "functions":
      return 50 * MB;
    default:
      return 20 * MB;
  }
}

export function limitBody(bytes: number): MiddlewareHandler<GatewayEnv> {
  const refuse = () => gatewayError(413, "payload_too_large", `The request body is larger than ${bytes} bytes`);
  // Only a body of unknown length has to be counted as it arrives.
  const counted = bodyLimit({ maxSize: bytes, onError: refuse });
  return async (c, next) => {
    const length = c.req.header("content-length");
    if (length !== undefined) return Number(length) > bytes ? refuse() : next();
    if (c.req.header("transfer-encoding") === undefined) return next();
    return counted(c, next);
  };
}
