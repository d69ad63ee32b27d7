import { randomUUID } from "node:crypto";
import { DatabaseError } from "pg";
import type { Logger } from "pino";
import { z } from "zod";
import type { Tx } from "./database.ts";
import { AuthError } from "./errors.ts";
import { callHttpHook } from "./http-hook.ts";
import type { Json } from "./users.ts";

export const hookNames = [
  "custom_access_token",
  "before_user_created",
  "after_user_created",
  "password_verification_attempt",
  "mfa_verification_attempt",
  "send_email",
] as const;
export type HookName = (typeof hookNames)[number];

export interface HookConfig {
  uri: string;
  secrets: string[];
}

export interface Hooks {
  enabled(name: HookName): boolean;
  /**
   * Runs the hook in the caller's transaction: what it throws takes everything with it. Answers null when the hook is
   * not enabled.
   */
  run(name: HookName, tx: Tx, request: { ip: string }, input: Json): Promise<Json | null>;
}

const STATEMENT_TIMEOUT_MS = 2000;

const metadataNames: Record<HookName, string> = {
  custom_access_token: "customize-access-token",
  before_user_created: "before-user-created",
  after_user_created: "after-user-created",
  password_verification_attempt: "password-verification-attempt",
  mfa_verification_attempt: "mfa-verification-attempt",
  send_email: "send-email",
};

const identifier = "[A-Za-z_][A-Za-z0-9_$-]{0,62}";
const pgFunctionsUri = new RegExp(`^pg-functions://[^/]+/(${identifier})/(${identifier})/?$`);

/** The quoted name of the function a pg-functions URI names; null for http(s). */
export function functionOfUri(uri: string): string | null {
  if (/^https?:\/\//.test(uri)) return null;
  const match = pgFunctionsUri.exec(uri);
  if (!match) throw new Error(`Read hook: "${uri}" is neither pg-functions://postgres/<schema>/<function> nor http(s)`);
  return `"${match[1]}"."${match[2]}"`;
}

const failure = z.object({
  error: z.object({ http_code: z.number().int().nullish(), message: z.string().nullish() }),
});

function isErrorStatus(status: number): status is AuthError["status"] {
  return status >= 400 && status <= 599;
}

/** A hook refuses by answering with an error that has a message. */
function refuseOnError(output: unknown): void {
  const parsed = failure.safeParse(output);
  if (!parsed.success || !parsed.data.error.message) return;
  const asked = parsed.data.error.http_code ?? 500;
  const status = isErrorStatus(asked) ? asked : 500;
  throw new AuthError(status === 500 ? "unexpected_failure" : "unknown", {
    message: parsed.data.error.message,
    status,
  });
}

async function callFunction(tx: Tx, name: string, payload: Json): Promise<unknown> {
  await tx.run(`set local statement_timeout to ${STATEMENT_TIMEOUT_MS}`);
  const row = await tx.first<{ output: unknown }>(`select ${name}($1) as output`, [JSON.stringify(payload)]);
  await tx.run("set local statement_timeout to default");
  return row?.output ?? null;
}

export function createHooks(configured: Partial<Record<HookName, HookConfig>>, log: Logger): Hooks {
  const targets = new Map(
    hookNames.flatMap((name) => {
      const config = configured[name];
      return config ? [[name, { ...config, sqlName: functionOfUri(config.uri) }] as const] : [];
    }),
  );
  return {
    enabled: (name) => targets.has(name),
    async run(name, tx, request, input) {
      const target = targets.get(name);
      if (!target) return null;
      const payload = {
        metadata: {
          uuid: randomUUID(),
          time: new Date().toISOString(),
          name: metadataNames[name],
          ip_address: request.ip,
        },
        ...input,
      };
      try {
        const output =
          target.sqlName === null
            ? await callHttpHook(target, payload)
            : await callFunction(tx, target.sqlName, payload);
        refuseOnError(output);
        return z.record(z.string(), z.unknown()).parse(output ?? {});
      } catch (error) {
        if (error instanceof AuthError) throw error;
        log.error(
          { err: error, hook: name, code: error instanceof DatabaseError ? error.code : undefined },
          "hook failed",
        );
        throw new AuthError("unexpected_failure", { message: `Error running hook URI: ${target.uri}`, cause: error });
      }
    },
  };
}
