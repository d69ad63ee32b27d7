import { type JWTPayload, SignJWT } from "jose";
import type { Keys } from "../context.ts";

/** Signs as Auth does (ES256), and as whoever knows the shared secret (HS256). */
export function tokenSigner({ jwtSecret, signing }: Keys) {
  return {
    es: (claims: JWTPayload, expires: string | number = "1h", kid = signing.kid) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "ES256", typ: "JWT", kid })
        .setExpirationTime(expires)
        .sign(signing),
    hs: (claims: JWTPayload, expires: string | number = "1h", secret = jwtSecret) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setExpirationTime(expires)
        .sign(new TextEncoder().encode(secret)),
  };
}
