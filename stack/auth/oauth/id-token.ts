import { createHash } from "node:crypto";
import { decodeJwt, type JWTPayload } from "jose";
import type { Auth } from "../auth.ts";
import { AuthError, OAuthError } from "../errors.ts";
import type { ExternalUser } from "./external-user.ts";
import type { Issuer } from "./issuers.ts";
import type { Provider } from "./provider.ts";

/** What a client brings that has signed in with the provider by itself. */
export interface IdTokenGrant {
  id_token: string;
  access_token: string;
  nonce: string;
  provider: string;
  client_id: string;
  issuer: string;
}

const INVALID = "invalid request";

/** Providers that the official service takes ID tokens of, and this one never does. */
const switchedOff: Record<string, string> = {
  apple: "https://appleid.apple.com",
  facebook: "https://www.facebook.com",
  kakao: "https://kauth.kakao.com",
  keycloak: "",
  snapchat: "https://accounts.snapchat.com/accounts/oauth2/token",
  vercel_marketplace: "https://marketplace.vercel.com",
};

function disabled(issuer: string): AuthError {
  const message = `Provider (issuer ${JSON.stringify(issuer)}) is not enabled`;
  return new AuthError("provider_disabled", { message });
}

function providerOf(auth: Auth, grant: IdTokenGrant): Provider {
  const provider = auth.providers.ofIdToken(grant.provider, grant.issuer);
  if (provider) return provider;
  const issuer = switchedOff[grant.provider];
  if (issuer !== undefined) throw disabled(issuer);
  throw new AuthError("validation_failed", {
    message: `Custom OIDC provider ${JSON.stringify(grant.provider)} not allowed`,
  });
}

function claimedIssuer(idToken: string, name: string): string {
  try {
    return decodeJwt(idToken).iss ?? "";
  } catch (cause) {
    throw new AuthError("validation_failed", {
      message: `Unable to detect issuer in ID token for ${name} provider`,
      cause,
    });
  }
}

function issuerOf({ name, kind, settings }: Provider, grant: IdTokenGrant): string {
  if (name === "google") return kind.issuerOfIdToken(settings.url, "") ?? "";
  const claimed = claimedIssuer(grant.id_token, "Azure");
  if (kind.issuerOfIdToken(settings.url, claimed) === null) {
    throw new AuthError("validation_failed", { message: "Detected ID token issuer is not an Azure ID token issuer" });
  }
  if (grant.issuer !== "" && grant.issuer !== claimed) {
    throw new AuthError("validation_failed", { message: "Provided issuer does not match ID token issuer" });
  }
  return claimed;
}

function requireAudience({ settings }: Provider, { aud }: JWTPayload): void {
  const audiences = [aud ?? []].flat();
  if (settings.clientIds.some((id) => audiences.includes(id))) return;
  throw new OAuthError(INVALID, `Unacceptable audience in id_token: [${audiences.join(" ")}]`);
}

/** A stolen token is of no use to who does not know what its nonce was made from. */
function requireNonce({ settings }: Provider, claims: JWTPayload, nonce: string): void {
  if (settings.skipNonceCheck) return;
  const claimed = typeof claims.nonce === "string" ? claims.nonce : "";
  if ((claimed === "") !== (nonce === "")) {
    throw new OAuthError(INVALID, "Passed nonce and nonce in id_token should either both exist or not.");
  }
  if (claimed !== "" && createHash("sha256").update(nonce).digest("hex") !== claimed) {
    throw new OAuthError("invalid nonce", "Nonces mismatch");
  }
}

/** Who the token is about, when everything about it is in order. */
export async function readIdToken(
  auth: Auth,
  grant: IdTokenGrant,
): Promise<{ provider: Provider; external: ExternalUser }> {
  const provider = providerOf(auth, grant);
  const address = issuerOf(provider, grant);
  if (!provider.settings.enabled) throw disabled(address);
  let issuer: Issuer;
  try {
    issuer = await auth.providers.findIssuer(address);
  } catch (cause) {
    throw new AuthError("unexpected_failure", { cause });
  }
  let claims: JWTPayload;
  let external: ExternalUser;
  try {
    claims = await issuer.verify(grant.id_token, grant.access_token);
    external = provider.kind.userOf(claims);
  } catch (error) {
    // The error itself holds the claims, which say who the person is.
    const reason = error instanceof Error ? error.message : "unknown";
    auth.log.info({ reason, provider: provider.name }, "ID token refused");
    throw new OAuthError(INVALID, "Bad ID token");
  }
  if (external.subject === "") throw new OAuthError(INVALID, "Missing sub claim in id_token");
  requireAudience(provider, claims);
  requireNonce(provider, claims, grant.nonce);
  return { provider, external };
}
