import type { JWTPayload } from "jose";
import type { AuthorizationServer } from "oauth4webapi";
import type { ExternalUser } from "./external-user.ts";
import type { FindIssuer } from "./issuers.ts";
import type { ProviderName, ProviderSettings } from "./provider-settings.ts";

/** What sets one provider apart from another; `url` is the configured one. */
export interface ProviderKind {
  /** What is always asked for. */
  scopes(url: string): string[];
  /** Where people and codes are sent. */
  server(url: string, findIssuer: FindIssuer): Promise<AuthorizationServer>;
  /** Who may have signed the ID token that a code was exchanged for, given who says so; throws when nobody may. */
  issuerOfSignIn(url: string, claimed: string): string;
  /** The same for an ID token that a client brings; null when the issuer is not this provider's. */
  issuerOfIdToken(url: string, claimed: string): string | null;
  /** Whether a client that names an issuer, and no provider, means this one. */
  isOwnIssuer(issuer: string): boolean;
  /** Throws when the claims are not in this provider's form. */
  userOf(claims: JWTPayload): ExternalUser;
}

export interface Provider {
  name: ProviderName;
  settings: ProviderSettings;
  kind: ProviderKind;
}
