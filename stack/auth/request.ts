import type { Context } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../context.ts";
import type { Auth } from "./auth.ts";
import { AuthError } from "./errors.ts";

export type AuthContext = Context<GatewayEnv>;

/** What the work behind a route may know of the request. */
export interface RequestInfo {
  ip: string;
  userAgent: string | null;
  /** Where links of mails lead in the end: asked for and allowed, else the site. */
  redirectTo: string;
}

/** An absent or null text counts as empty, as for the official service. */
export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
export const metadata = z.record(z.string(), z.unknown()).nullish();
export const challengeFields = { code_challenge: text, code_challenge_method: text };

export async function readBody<S extends z.ZodType>(c: AuthContext, schema: S): Promise<z.output<S>> {
  const raw = await c.req.text();
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw new AuthError("bad_json", { message: `Could not parse request body as JSON: ${reason}` });
  }
  // Postgres stores neither a null character nor half a surrogate pair, which JSON writes as escapes.
  if (/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/.test(JSON.stringify(value))) {
    throw new AuthError("bad_json", {
      message: "Could not parse request body as JSON: it holds a null character or half a surrogate pair",
    });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join(".") || "body";
    throw new AuthError("bad_json", {
      message: `Could not parse request body as JSON: ${where}: ${issue?.message ?? "unexpected value"}`,
    });
  }
  return parsed.data;
}

export function requestInfo(c: AuthContext, auth: Auth): RequestInfo {
  const asked = [c.req.query("redirect_to"), c.req.header("referer")];
  return {
    ip: c.get("ip") ?? "",
    userAgent: c.req.header("user-agent") || null,
    redirectTo: asked.find((target) => target && auth.isRedirectAllowed(target)) ?? auth.settings.siteUrl,
  };
}

/** The address in the form it is stored in; refuses what is none. */
export function requireEmail(email: string): string {
  if (email === "") throw new AuthError("validation_failed", { message: "An email address is required" });
  if (email.length > 255) throw new AuthError("validation_failed", { message: "An email address is too long" });
  if (!z.regexes.html5Email.test(email)) {
    throw new AuthError("validation_failed", { message: "Unable to validate email address: invalid format" });
  }
  return email.toLowerCase();
}
