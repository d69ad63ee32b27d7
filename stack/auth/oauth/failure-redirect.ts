import { type AuthError, OAuthError } from "../errors.ts";
import { oauthNames, withFragment, withQuery } from "../link-results.ts";

/** Refusals that are nobody's failure. */
const denials = new Set(["signup_disabled", "user_banned", "provider_email_needs_verification"]);

function entriesOf(error: AuthError | OAuthError): Record<string, string> {
  if (error instanceof OAuthError) return { error: error.error, error_description: error.message };
  const name = denials.has(error.code) ? "access_denied" : (oauthNames[error.status] ?? "server_error");
  return { error: name, error_code: error.code, error_description: error.message };
}

/** Without a flow it is not known where the person came from, nor who would read a fragment. */
export function stateFailureRedirect(siteUrl: string, error: AuthError): string {
  return withQuery(siteUrl, entriesOf(error));
}

export function failureRedirect(target: string, error: AuthError | OAuthError): string {
  const entries = entriesOf(error);
  return withFragment(
    withQuery(target, entries),
    Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== "")),
  );
}
