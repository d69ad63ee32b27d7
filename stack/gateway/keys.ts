import { timingSafeEqual } from "node:crypto";
import type { Keys } from "../context.ts";

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The token that an API key stands for: opaque keys are swapped, legacy keys are tokens already. */
export function tokenOfKey(apikey: string, keys: Keys): string {
  if (same(apikey, keys.secret)) return keys.serviceRole;
  if (same(apikey, keys.publishable)) return keys.anon;
  return apikey;
}

/**
 * The token a service is to believe, or null when the request carries none. A user's token wins over the key; an opaque
 * key sent as Bearer is only an echo of the `apikey` header and counts for nothing by itself.
 */
export function translateKey(headers: Headers, keys: Keys): string | null {
  const authorization = headers.get("authorization");
  if (authorization !== null && !/^bearer sb_/i.test(authorization)) {
    return /^bearer +(.*)$/i.exec(authorization)?.[1]?.trim() ?? authorization;
  }
  const apikey = headers.get("apikey");
  return apikey === null || apikey === "" ? null : tokenOfKey(apikey, keys);
}
