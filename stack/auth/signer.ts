import { importJWK, SignJWT } from "jose";
import type { SigningKey } from "../context.ts";
import type { Json } from "./users.ts";

export interface Signer {
  sign(claims: Json): Promise<string>;
}

export async function createSigner(signing: SigningKey): Promise<Signer> {
  const { alg, kid } = signing;
  const key = await importJWK(signing, alg);
  return { sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg, kid, typ: "JWT" }).sign(key) };
}
