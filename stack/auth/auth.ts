import type pg from "pg";
import type { Logger } from "pino";
import type { Claims, VerifyingKey } from "../context.ts";
import type { Hooks } from "./hooks.ts";
import type { Mailer } from "./mailer.ts";
import type { Providers } from "./oauth/providers.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { RequestCounter } from "./request-limits.ts";
import type { AuthSettings } from "./settings.ts";
import type { Signer } from "./signer.ts";

/** What every route of the service works with. */
export interface Auth {
  settings: AuthSettings;
  pool: pg.Pool;
  signer: Signer;
  /** As published at /.well-known/jwks.json. */
  publicKeys: VerifyingKey[];
  /** Throws JwtError when the token is not to be trusted. */
  verify(token: string): Promise<Claims>;
  mailer: Mailer;
  hooks: Hooks;
  providers: Providers;
  isRedirectAllowed(target: string): boolean;
  /** Counts a mail against the hourly limit. */
  mailAllowed(): boolean;
  requests: RequestCounter;
  /** Counts codes of second factors, by factor, until one of them is right. */
  mfaAttempts: RateLimit;
  log: Logger;
}
