import { importJWK, SignJWT } from "jose";
import type { Keys } from "../context.ts";
import type { Json } from "./users.ts";

export interface Signer {
  sign(claims: Json): Promise<string>;
  /** The public half, as published at /.well-known/jwks.json. */
  publicKey: Json;
}

export async function createSigner(signing: Keys["signing"]): Promise<Signer> {
  const key = await importJWK({ ...signing }, "ES256");
  const { kid, kty, crv, x, y } = signing;
  return {
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid, typ: "JWT" }).sign(key),
    publicKey: { alg: "ES256", crv, ext: true, key_ops: ["verify"], kid, kty, use: "sig", x, y },
  };
}
