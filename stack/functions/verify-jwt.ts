import { decodeProtectedHeader } from "jose";
import type { Keys } from "../context.ts";
import { createVerifier } from "../gateway/jwt.ts";
import { translateKey } from "../gateway/keys.ts";
import { jwtFailure } from "./responses.ts";

/** Null when `Authorization` is not exactly a scheme and a token, or holds a key that is not a JWT. */
function bearerToken(headers: Headers): string | null {
  const [scheme, token, ...rest] = (headers.get("authorization") ?? "").split(" ");
  return scheme === "Bearer" && token && rest.length === 0 && !token.startsWith("sb_") ? token : null;
}

function algorithm(token: string): string | null {
  try {
    return decodeProtectedHeader(token).alg ?? null;
  } catch {
    return null;
  }
}

/** The gate in front of a function with `verify_jwt`: null lets the request pass. */
export function createJwtGate(keys: Keys): (headers: Headers) => Promise<Response | null> {
  const verifier = createVerifier(keys);
  return async (headers) => {
    // The client's own sb-api-key counts for nothing: only what the gateway would make of the key does.
    const keyToken = translateKey(headers, keys);
    if (!headers.has("authorization") && !keyToken) {
      return jwtFailure("UNAUTHORIZED_NO_AUTH_HEADER", "Missing authorization header");
    }
    const token = bearerToken(headers) ?? keyToken;
    const alg = token ? algorithm(token) : null;
    if (!token || !alg) return jwtFailure("UNAUTHORIZED_INVALID_JWT_FORMAT", "Invalid JWT format");
    if (!["HS256", "ES256", "RS256"].includes(alg)) {
      return jwtFailure("UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM", `Unsupported JWT algorithm ${alg}`);
    }
    try {
      await verifier.verify(token);
      return null;
    } catch {
      return jwtFailure(alg === "HS256" ? "UNAUTHORIZED_JWT" : "UNAUTHORIZED_ASYMMETRIC_JWT", "Invalid JWT");
    }
  };
}
