import { loadConfig } from "./config/config.ts";
import type { StackContext } from "./context.ts";
import { stackKeys } from "./keys.ts";
import { type Lock, readRunning } from "./lock.ts";
import type { StatePaths } from "./state.ts";
import { s3Keys } from "./storage/s3/credentials.ts";

/** What a program needs to use the stack, under the names that Supabase's own tools use. */
export interface Connection {
  SUPABASE_URL: string;
  SUPABASE_PUBLISHABLE_KEY: string;
  SUPABASE_SECRET_KEY: string;
  SUPABASE_ANON_KEY: string;
  SUPABASE_SERVICE_ROLE_KEY: string;
  SUPABASE_JWT_SECRET: string;
  SUPABASE_DB_URL: string;
  MAIL_URL: string;
  STORAGE_S3_URL: string;
  S3_PROTOCOL_ACCESS_KEY_ID: string;
  S3_PROTOCOL_ACCESS_KEY_SECRET: string;
  S3_PROTOCOL_REGION: string;
  /** Absent where config.toml turns Studio off. */
  STUDIO_URL?: string;
}

export function connectionOf({ ports, keys, config }: Pick<StackContext, "ports" | "keys" | "config">): Connection {
  return {
    SUPABASE_URL: `http://127.0.0.1:${ports.api}`,
    SUPABASE_PUBLISHABLE_KEY: keys.publishable,
    SUPABASE_SECRET_KEY: keys.secret,
    SUPABASE_ANON_KEY: keys.anon,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRole,
    SUPABASE_JWT_SECRET: keys.jwtSecret,
    SUPABASE_DB_URL: `postgresql://postgres:postgres@127.0.0.1:${ports.db}/postgres`,
    MAIL_URL: `http://127.0.0.1:${ports.mail}`,
    STORAGE_S3_URL: `http://127.0.0.1:${ports.api}/storage/v1/s3`,
    S3_PROTOCOL_ACCESS_KEY_ID: s3Keys.accessKeyId,
    S3_PROTOCOL_ACCESS_KEY_SECRET: s3Keys.secretAccessKey,
    S3_PROTOCOL_REGION: s3Keys.region,
    ...(config.studio.enabled ? { STUDIO_URL: `http://127.0.0.1:${ports.studio}` } : {}),
  };
}

/** The running stack of a state folder and how to reach it; null when none runs. */
export function readStatus(projectDir: string, paths: StatePaths): { lock: Lock; connection: Connection } | null {
  const lock = readRunning(paths.lockFile);
  if (!lock) return null;
  const { config } = loadConfig(projectDir);
  return { lock, connection: connectionOf({ ports: lock.ports, keys: stackKeys(projectDir, config), config }) };
}

/** The same for a person to read. */
export function panel(connection: Connection): string {
  const rows: [string, string][] = [
    ["API URL", connection.SUPABASE_URL],
    ["Database URL", connection.SUPABASE_DB_URL],
    ["Inbox URL", connection.MAIL_URL],
    ...(connection.STUDIO_URL === undefined ? [] : [["Studio URL", connection.STUDIO_URL] satisfies [string, string]]),
    ["Publishable key", connection.SUPABASE_PUBLISHABLE_KEY],
    ["Secret key", connection.SUPABASE_SECRET_KEY],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(16)} ${value}`).join("\n");
}
