import { CompactSign, calculateJwkThumbprint, importJWK } from "jose";
import { z } from "zod";
import { AppError } from "./errors.ts";

const shared = { d: z.string(), x: z.string(), kid: z.string().min(1).optional() };
const privateKeySchema = z.union([
  z.object({ kty: z.literal("EC"), crv: z.literal("P-256"), y: z.string(), ...shared }),
  z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), ...shared }),
]);

export interface Signer {
  keyId: string;
  /** A compact JWS without its payload (RFC 7515, appendix F). */
  sign(payload: string): Promise<string>;
}

/** A signer by a private JWK as text; the key's name is its kid, or else its thumbprint. */
export async function createSigner(jwk: string | undefined): Promise<Signer> {
  if (!jwk) throw new AppError("signing_key_missing", "Read signing key");
  try {
    const key = privateKeySchema.parse(JSON.parse(jwk));
    const alg = key.kty === "EC" ? "ES256" : "EdDSA";
    const keyId = key.kid ?? (await calculateJwkThumbprint(key));
    const secret = await importJWK(key, alg);
    return {
      keyId,
      async sign(payload) {
        const bytes = new TextEncoder().encode(payload);
        const jws = await new CompactSign(bytes).setProtectedHeader({ alg, kid: keyId }).sign(secret);
        const [header, , signature] = jws.split(".");
        return `${header}..${signature}`;
      },
    };
  } catch (cause) {
    // The cause may quote the key: only its kind is kept.
    throw new AppError("signing_key_invalid", "Read signing key", cause instanceof Error ? cause.name : undefined);
  }
}
