import { createHash } from "node:crypto";
import { createRemoteJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import {
  type AuthorizationServer,
  allowInsecureRequests,
  discoveryRequest,
  processDiscoveryResponse,
} from "oauth4webapi";

export const PROVIDER_TIMEOUT_MS = 5000;
const REMEMBERED_MS = 3_600_000;
const MOST_REMEMBERED = 100;

/** Whoever knows one of these keys cannot sign with it: shared secrets and `none` are not among them. */
const publicKeyAlgorithms = new Set([
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
]);

/** A party that signs ID tokens, as its discovery document describes it. */
export interface Issuer {
  server: AuthorizationServer;
  /** The claims of a token that this issuer signed and that has not run out; throws otherwise. */
  verify(idToken: string, accessToken: string): Promise<JWTPayload & { sub: string }>;
}

export type FindIssuer = (issuer: string) => Promise<Issuer>;

/** Plain HTTP is for servers on this machine, where nobody can listen in. */
function isPlainAndLocal(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  const local = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
  return protocol === "http:" && local;
}

export function httpOptions(url: string) {
  return { [allowInsecureRequests]: isPlainAndLocal(url), signal: AbortSignal.timeout(PROVIDER_TIMEOUT_MS) };
}

/** An ID token that names its access token goes with no other one. */
function requireAccessToken(idToken: string, claimed: unknown, accessToken: string): void {
  if (typeof claimed !== "string" || accessToken === "") return;
  const bits = /\d+$/.exec(decodeProtectedHeader(idToken).alg ?? "")?.[0] ?? "512";
  const hash = createHash(`sha${bits}`).update(accessToken).digest();
  if (hash.subarray(0, hash.length / 2).toString("base64url") !== claimed) {
    throw new Error("Verify ID token: at_hash does not fit the access token");
  }
}

async function discover(url: string): Promise<Issuer> {
  const server = await processDiscoveryResponse(new URL(url), await discoveryRequest(new URL(url), httpOptions(url)));
  if (!server.jwks_uri) throw new Error(`Discover "${url}": it names no jwks_uri`);
  if (!server.jwks_uri.startsWith("https:") && !isPlainAndLocal(server.jwks_uri)) {
    throw new Error(`Discover "${url}": its keys are not served over HTTPS`);
  }
  const keys = createRemoteJWKSet(new URL(server.jwks_uri), { timeoutDuration: PROVIDER_TIMEOUT_MS });
  const named = (server.id_token_signing_alg_values_supported ?? []).filter((name) => publicKeyAlgorithms.has(name));
  const algorithms = named.length > 0 ? named : ["RS256"];
  return {
    server,
    async verify(idToken, accessToken) {
      const { payload } = await jwtVerify(idToken, keys, {
        issuer: server.issuer,
        algorithms,
        requiredClaims: ["exp", "aud"],
      });
      requireAccessToken(idToken, payload.at_hash, accessToken);
      return { ...payload, sub: payload.sub ?? "" };
    },
  };
}

/** Looks issuers up, and remembers those that answered. */
export function createIssuers(): FindIssuer {
  const remembered = new Map<string, { issuer: Promise<Issuer>; until: number }>();
  return (url) => {
    const known = remembered.get(url);
    if (known && known.until > Date.now()) return known.issuer;
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    const issuer = discover(url);
    remembered.set(url, { issuer, until: Date.now() + REMEMBERED_MS });
    issuer.catch(() => {
      if (remembered.get(url)?.issuer === issuer) remembered.delete(url);
    });
    return issuer;
  };
}
