import type { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "./errors.ts";

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Lets only the holder of `expected` pass. Digests are compared, so that neither content nor length shows in the time it takes. */
export function requireBearer(request: Request, expected: string | undefined): void {
  if (!expected) throw new AppError("access_token_missing", "Check access token");
  const given = request.headers.get("authorization") ?? "";
  if (!timingSafeEqual(digest(given), digest(`Bearer ${expected}`))) {
    throw new AppError("unauthorized", "Check access token");
  }
}
