import type pg from "pg";
import type { Logger } from "pino";
import type { Claims } from "../context.ts";
import type { Hooks } from "./hooks.ts";
import type { Mailer } from "./mailer.ts";
import type { AuthSettings } from "./settings.ts";
import type { Signer } from "./signer.ts";

/** What every route of the service works with. */
export interface Auth {
  settings: AuthSettings;
  pool: pg.Pool;
  signer: Signer;
  /** Throws JwtError when the token is not to be trusted. */
  verify(token: string): Promise<Claims>;
  mailer: Mailer;
  hooks: Hooks;
  isRedirectAllowed(target: string): boolean;
  /** Counts a mail against the hourly limit. */
  mailAllowed(): boolean;
  log: Logger;
}
