import { createPublicKey } from "node:crypto";
import { decodeProtectedHeader, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Claims, Keys } from "../context.ts";

export type JwtErrorCode = "expired" | "malformed" | "signature" | "algorithm" | "claims";

export class JwtError extends Error {
  override readonly name = "JwtError";
  readonly code: JwtErrorCode;

  constructor(code: JwtErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Verifier {
  verify(token: string): Promise<Claims>;
}

const claimsShape = z.looseObject({
  role: z.string().min(1),
  exp: z.number(),
  sub: z.string().optional(),
  session_id: z.string().optional(),
  aal: z.string().optional(),
});

const REMEMBERED = 1000;
const MAX_LENGTH = 16_384;

function malformed(token: string): JwtError {
  const parts = token.split(".").length;
  return new JwtError("malformed", parts === 3 ? "JWT couldn't be decoded" : `Expected 3 parts in JWT; got ${parts}`);
}

function translate(error: unknown, token: string): JwtError {
  if (error instanceof JwtError) return error;
  if (error instanceof errors.JWTExpired) return new JwtError("expired", "JWT expired");
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new JwtError("signature", "JWT cryptographic operation failed");
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return new JwtError("algorithm", "Wrong or unsupported encoding algorithm");
  }
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof z.ZodError) {
    return new JwtError("claims", "JWT claims invalid");
  }
  return malformed(token);
}

/**
 * Verifies user tokens (ES256 or RS256, by the stack's own keys) and legacy keys (HS256, by the shared secret). The algorithm is bound
 * to the key, so that no key can stand in for the other. A token once verified is remembered until it expires.
 */
export function createVerifier(keys: Keys): Verifier {
  const published = new Map(
    keys.verifying.map((key) => [key.kid, { alg: key.alg, key: createPublicKey({ key: { ...key }, format: "jwk" }) }]),
  );
  const secret = new TextEncoder().encode(keys.jwtSecret);
  const known = new Map<string, Claims & { exp: number }>();

  async function check(token: string): Promise<Claims & { exp: number }> {
    if (token.length > MAX_LENGTH) throw malformed(token);
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg !== "ES256" && alg !== "RS256" && alg !== "HS256") {
      throw new JwtError("algorithm", "Wrong or unsupported encoding algorithm");
    }
    const asymmetric = alg === "HS256" ? undefined : published.get(kid ?? "");
    if (alg !== "HS256" && asymmetric?.alg !== alg) {
      throw new JwtError("signature", "No suitable key was found to decode the JWT");
    }
    const key = asymmetric?.key ?? secret;
    const { payload } = await jwtVerify(token, key, { algorithms: [alg], requiredClaims: ["exp", "role"] });
    return claimsShape.parse(payload);
  }

  return {
    async verify(token) {
      const remembered = known.get(token);
      if (remembered !== undefined) {
        if (remembered.exp * 1000 > Date.now()) return remembered;
        known.delete(token);
      }
      let claims: Claims & { exp: number };
      try {
        claims = await check(token);
      } catch (error) {
        throw translate(error, token);
      }
      if (known.size >= REMEMBERED) known.delete(known.keys().next().value ?? "");
      known.set(token, claims);
      return claims;
    },
  };
}
