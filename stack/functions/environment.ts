import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { StackContext } from "../context.ts";
import { functionsFolder } from "./definitions.ts";
import { generatedSecrets } from "./generated-secrets.ts";

/** Names that the platform keeps from functions. */
const WITHHELD = new Set(["HOME", "HOSTNAME", "PATH", "PWD"]);

function readEnvFile(path: string): NodeJS.Dict<string> {
  return existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {};
}

/** The public halves of the signing keys and the secret of the legacy keys: what verifies any token of this stack. */
function jwks({ keys }: StackContext): string {
  return JSON.stringify({
    keys: [...keys.verifying, { kty: "oct", k: Buffer.from(keys.jwtSecret).toString("base64url") }],
  });
}

/** Mails of functions go where the mails of Auth go. */
function inbox({ ports, config }: StackContext): Record<string, string> {
  return {
    SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
    MAIL_FROM: "School Growth Hub <hub@growth-hub.example.test>",
    SITE_URL: config.auth.site_url,
  };
}

/** The whole environment of a function; read anew at each start of a worker, so that a changed `.env` takes effect by reload. */
export function functionEnvironment(ctx: StackContext, slug: string): Record<string, string> {
  const folder = functionsFolder(ctx.projectDir);
  const custom = {
    ...generatedSecrets(ctx.stateDir),
    ...inbox(ctx),
    ...ctx.config.edge_runtime.secrets,
    ...readEnvFile(join(folder, ".env")),
    ...readEnvFile(join(folder, slug, ".env")),
    ...ctx.config.functions[slug]?.env,
  };
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(custom)) {
    if (name.startsWith("SUPABASE_")) ctx.log.warn(`Env name cannot start with SUPABASE_, skipping: ${name}`);
    else if (value !== undefined && !WITHHELD.has(name)) environment[name] = value;
  }
  return {
    ...environment,
    SUPABASE_URL: ctx.apiUrl,
    SUPABASE_ANON_KEY: ctx.keys.anon,
    SUPABASE_SERVICE_ROLE_KEY: ctx.keys.serviceRole,
    SUPABASE_DB_URL: ctx.dbUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: ctx.keys.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: ctx.keys.secret }),
    SUPABASE_JWKS: jwks(ctx),
    SUPABASE_FUNCTION_SLUG: slug,
  };
}
