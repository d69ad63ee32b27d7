import type { Context } from "hono";
import type { GatewayEnv, Keys } from "../../context.ts";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../errors.ts";
import { actorOfToken } from "../request.ts";
import type { Actor } from "../session.ts";
import { secretOf } from "./credentials.ts";
import { SignatureVerifier, type SignedRequest } from "./signature.ts";
import { readSignature, type Signed } from "./signed-request.ts";

/** The gateway takes it off the address before anything sees it, but the client has signed it. */
const PREFIX = "/storage/v1";

export function signedRequestOf(c: Context<GatewayEnv>): SignedRequest {
  const { pathname, searchParams } = new URL(c.req.url);
  return { method: c.req.method, path: `${PREFIX}${pathname}`, query: searchParams, headers: c.req.header() };
}

/** Verifies with the secret of whoever the signature names. */
export function verifierOf(signed: Signed, keys: Keys): SignatureVerifier {
  const secret = secretOf(keys, signed.accessKeyId, signed.sessionToken);
  if (secret === null) throw new StorageError("AccessDenied", "Invalid Access Key");
  return new SignatureVerifier(signed, secret);
}

/** Access keys are the service's; a session token is a user's, under whose policies the request runs. */
export async function actorBehind(signed: Signed, keys: Keys, deps: StorageDeps): Promise<Actor> {
  if (signed.sessionToken !== undefined) return actorOfToken(signed.sessionToken, deps);
  return { claims: { role: "service_role" }, token: keys.serviceRole };
}

export async function authenticate(c: Context<GatewayEnv>, keys: Keys, deps: StorageDeps) {
  const request = signedRequestOf(c);
  const signed = readSignature(request);
  const verifier = verifierOf(signed, keys);
  verifier.requireRequest(request);
  return { verifier, payload: signed.payload, actor: await actorBehind(signed, keys, deps), request };
}
