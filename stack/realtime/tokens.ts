import { decodeJwt, decodeProtectedHeader } from "jose";
import type { Claims, Keys } from "../context.ts";
import { createVerifier, JwtError } from "../gateway/jwt.ts";

type TokenErrorCode = "InvalidJWTToken" | "MalformedJWT" | "JwtSignatureError" | "JwtSignerError";

/** Why a token is not believed: `message` is for a channel, `handshake` for a socket that never opened. */
export class TokenError extends Error {
  override readonly name = "TokenError";
  readonly code: TokenErrorCode;
  readonly handshake: string;

  constructor(code: TokenErrorCode, message: string, handshake = message) {
    super(message);
    this.code = code;
    this.handshake = handshake;
  }
}

export interface Tokens {
  verify(token: string): Promise<Claims & { exp: number }>;
}

const SIGNER = "check your JWT secret or JWKS configuration";

export function expired(exp: number): TokenError {
  const seconds = Math.max(0, Math.floor(Date.now() / 1000) - exp);
  return new TokenError("InvalidJWTToken", `Token has expired ${seconds} seconds ago`, "Token has expired");
}

function translate(error: JwtError, token: string, keys: Keys): TokenError {
  switch (error.code) {
    case "expired":
      return expired(decodeJwt(token).exp ?? 0);
    case "claims":
      return new TokenError("InvalidJWTToken", "Fields `role` and `exp` are required in JWT");
    case "malformed":
      return new TokenError("MalformedJWT", "The token provided is not a valid JWT");
    case "algorithm":
      return new TokenError("JwtSignerError", `Failed to generate JWT signer, ${SIGNER}`);
    case "signature": {
      const { alg, kid } = decodeProtectedHeader(token);
      if (alg === "ES256" && kid !== keys.signing.kid) {
        const name = JSON.stringify(kid ?? "");
        return new TokenError("JwtSignerError", `Failed to generate JWT signer for key ID (kid) ${name}, ${SIGNER}`);
      }
      return new TokenError("JwtSignatureError", "Failed to validate JWT signature");
    }
  }
}

/** Throws TokenError. */
export function createTokens(keys: Keys): Tokens {
  const verifier = createVerifier(keys);
  return {
    async verify(given) {
      const token = given.replace(/\s/g, "");
      try {
        const claims = await verifier.verify(token);
        return { ...claims, exp: claims.exp ?? 0 };
      } catch (error) {
        if (error instanceof JwtError) throw translate(error, token, keys);
        throw error;
      }
    },
  };
}
