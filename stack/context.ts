import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Hono } from "hono";
import type pg from "pg";
import type { Logger } from "pino";
import type { Config } from "./config/config.ts";

/** TCP ports on 127.0.0.1; they move together (the CLI's defaults plus one offset). */
export interface Ports {
  api: number;
  db: number;
  studio: number;
  mail: number;
  smtp: number;
}

interface AsymmetricKey extends JsonWebKey {
  kid: string;
  alg: "ES256" | "RS256";
}
/** A private JWK. */
export interface SigningKey extends AsymmetricKey {}
/** A public JWK, as it is published. */
export interface VerifyingKey extends AsymmetricKey {}

/** Keys of one stack. */
export interface Keys {
  publishable: string;
  secret: string;
  /** Legacy HS256 JWTs with the roles anon and service_role. */
  anon: string;
  serviceRole: string;
  jwtSecret: string;
  /** Signs user tokens. */
  signing: SigningKey;
  /** Whatever may have signed a user token; the public half of `signing` comes first. */
  verifying: VerifyingKey[];
}

/** Roles that a service of the stack connects as. */
export type DatabaseRole =
  | "supabase_admin"
  | "postgres"
  | "authenticator"
  | "supabase_auth_admin"
  | "supabase_storage_admin";

/** What every service of the embedded stack is built from. */
export interface StackContext {
  /** The folder that holds `supabase/`. */
  projectDir: string;
  /** Everything the stack writes lives here. */
  stateDir: string;
  config: Config;
  ports: Ports;
  keys: Keys;
  /** e.g. http://127.0.0.1:54321 */
  apiUrl: string;
  /** Connection string as `postgres`, as printed by status. */
  dbUrl: string;
  mailUrl: string;
  log: Logger;
  /** One lazily made pool per role, closed by the stack. */
  pool(role: DatabaseRole): pg.Pool;
  /** A dedicated connection (LISTEN, replication), closed by its owner. */
  connect(role: DatabaseRole): Promise<pg.Client>;
}

/** Claims of a verified token. */
export interface Claims {
  role: string;
  sub?: string;
  session_id?: string;
  aal?: string;
  exp?: number;
  [claim: string]: unknown;
}

/** What the gateway has established about a request before a service sees it. */
export interface GatewayEnv {
  Variables: {
    requestId: string;
    /** The client's address. */
    ip: string;
    /** The token after key translation (platform-facts 3.1); null when the request carried neither token nor key. */
    token: string | null;
  };
}

/** A service mounted by the gateway under its prefix, e.g. /auth/v1; the prefix is already stripped. */
export interface Service {
  app: Hono<GatewayEnv>;
  /** Takes over a connection that asks for another protocol; a service without it refuses them. */
  upgrade?(incoming: IncomingMessage, socket: Duplex, head: Buffer, request: UpgradeRequest): void;
  close(): Promise<void>;
}

/** What the gateway knows of an upgrade. Browsers can set no header there, so the service reads keys from the address itself. */
export interface UpgradeRequest {
  requestId: string;
  ip: string;
  /** Aborted when the gateway closes: the service says goodbye, and the gateway soon ends what is left. */
  closing: AbortSignal;
}
