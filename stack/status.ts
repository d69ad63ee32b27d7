import { loadConfig } from "./config/config.ts";
import type { Keys, Ports } from "./context.ts";
import { stackKeys } from "./keys.ts";
import { type Lock, readRunning } from "./lock.ts";
import type { StatePaths } from "./state.ts";

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
}

export function connectionOf(ports: Ports, keys: Keys): Connection {
  return {
    SUPABASE_URL: `http://127.0.0.1:${ports.api}`,
    SUPABASE_PUBLISHABLE_KEY: keys.publishable,
    SUPABASE_SECRET_KEY: keys.secret,
    SUPABASE_ANON_KEY: keys.anon,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRole,
    SUPABASE_JWT_SECRET: keys.jwtSecret,
    SUPABASE_DB_URL: `postgresql://postgres:postgres@127.0.0.1:${ports.db}/postgres`,
    MAIL_URL: `http://127.0.0.1:${ports.mail}`,
  };
}

/** The running stack of a state folder and how to reach it; null when none runs. */
export function readStatus(projectDir: string, paths: StatePaths): { lock: Lock; connection: Connection } | null {
  const lock = readRunning(paths.lockFile);
  if (!lock) return null;
  return { lock, connection: connectionOf(lock.ports, stackKeys(projectDir, loadConfig(projectDir).config)) };
}

/** The same for a person to read. */
export function panel(connection: Connection): string {
  const rows: [string, string][] = [
    ["API URL", connection.SUPABASE_URL],
    ["Database URL", connection.SUPABASE_DB_URL],
    ["Inbox URL", connection.MAIL_URL],
    ["Publishable key", connection.SUPABASE_PUBLISHABLE_KEY],
    ["Secret key", connection.SUPABASE_SECRET_KEY],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(16)} ${value}`).join("\n");
}
