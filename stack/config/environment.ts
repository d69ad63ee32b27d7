import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";

/** Variables that `env(NAME)` may name: the process's own, then supabase/.env, then .env, as in the official CLI. */
export function configEnvironment(projectDir: string): NodeJS.Dict<string> {
  const files = [path.join(projectDir, ".env"), path.join(projectDir, "supabase", ".env")];
  const read = files.filter((file) => existsSync(file)).map((file) => parseEnv(readFileSync(file, "utf8")));
  return Object.assign({}, ...read, process.env);
}

/** The NAME of a setting that reads `env(NAME)`. */
export function environmentName(value: unknown): string | undefined {
  return typeof value === "string" ? /^env\((.*)\)$/.exec(value)?.[1] : undefined;
}

/** Replaces `env(NAME)` in every string; undefined leaves the text as it is. */
export function substituteEnvironment(
  value: unknown,
  resolve: (name: string, path: string) => string | undefined,
  at = "",
): unknown {
  const name = environmentName(value);
  if (name !== undefined) return resolve(name, at) ?? value;
  if (Array.isArray(value)) return value.map((entry, index) => substituteEnvironment(entry, resolve, `${at}.${index}`));
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      substituteEnvironment(entry, resolve, at ? `${at}.${key}` : key),
    ]),
  );
}
