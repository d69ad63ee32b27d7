import type { AuthError } from "./errors.ts";
import type { IssuedSession } from "./tokens.ts";

export const oauthNames: Record<number, string> = {
  400: "invalid_request",
  401: "unauthorized_client",
  403: "access_denied",
  500: "server_error",
  503: "temporarily_unavailable",
};

function encode(entries: Record<string, string>): string {
  const params = new URLSearchParams(entries);
  params.sort();
  return params.toString();
}

export function withQuery(target: string, entries: Record<string, string>): string {
  const [address = "", query = ""] = target.split("#")[0]?.split("?") ?? [];
  return `${address}?${encode({ ...Object.fromEntries(new URLSearchParams(query)), ...entries })}`;
}

/** `sb` tells clients that the fragment is this service's. */
export function withFragment(target: string, entries: Record<string, string>): string {
  return `${target.split("#")[0]}#${encode({ ...entries, sb: "" })}`;
}

/** Where a link leads when it worked, without PKCE: the session travels in the fragment, which no server sees. */
export function sessionRedirect(target: string, session: IssuedSession, extra: Record<string, string>): string {
  const { access_token, refresh_token, expires_at, expires_in } = session.body;
  return withFragment(target, {
    access_token,
    refresh_token,
    expires_at: String(expires_at),
    expires_in: String(expires_in),
    token_type: "bearer",
    ...extra,
  });
}

export function codeRedirect(target: string, code: string): string {
  return withQuery(target, { code });
}

export function messageRedirect(target: string, message: string, pkce: boolean): string {
  return withFragment(pkce ? withQuery(target, { message }) : target, { message });
}

export function errorRedirect(target: string, error: AuthError, pkce: boolean): string {
  const oauthName = oauthNames[error.status];
  const entries = {
    ...(oauthName ? { error: oauthName } : {}),
    error_code: error.code,
    error_description: error.message,
  };
  return withFragment(pkce ? withQuery(target, entries) : target, entries);
}
