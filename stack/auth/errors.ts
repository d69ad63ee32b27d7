import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Logger } from "pino";

/** Every error code this service answers with: its usual status and message, as the Auth service words them. */
const table = {
  anonymous_provider_disabled: [422, "Anonymous sign-ins are disabled"],
  bad_code_verifier: [400, "code challenge does not match previously saved code verifier"],
  bad_json: [400, "Could not parse request body as JSON"],
  bad_oauth_callback: [400, "OAuth callback with missing authorization code missing"],
  bad_oauth_state: [400, "OAuth state not found or expired"],
  bad_jwt: [403, "invalid JWT: unable to parse or verify signature"],
  conflict: [409, "Too many concurrent token refresh requests on the same session or refresh token"],
  current_password_invalid: [400, "Current password required when setting new password."],
  current_password_required: [400, "Current password required when setting new password."],
  email_conflict_identity_not_deletable: [422, "Unable to unlink identity due to email conflict"],
  email_exists: [422, "A user with this email address has already been registered"],
  email_not_confirmed: [400, "Email not confirmed"],
  email_provider_disabled: [422, "Email logins are disabled"],
  feature_disabled: [404, "OAuth server is disabled"],
  flow_state_already_used: [400, "State has already been used"],
  flow_state_expired: [422, "invalid flow state, flow state has expired"],
  flow_state_not_found: [404, "invalid flow state, no valid flow state found"],
  hook_payload_invalid_content_type: [400, "Invalid Content-Type: Missing Content-Type header"],
  hook_payload_over_size_limit: [422, "Payload size exceeded size limit of 204800 bytes"],
  hook_timeout: [422, "Failed to reach hook within maximum time of 5.000000 seconds"],
  hook_timeout_after_retry: [422, "Failed to reach hook after maximum retries"],
  identity_already_exists: [422, "Identity is already linked"],
  identity_not_found: [422, "Identity doesn't exist"],
  insufficient_aal: [401, "AAL2 session is required to update email or password when MFA is enabled."],
  invalid_credentials: [400, "Invalid login credentials"],
  invite_not_found: [404, "Invite not found"],
  manual_linking_disabled: [404, "Manual linking is disabled"],
  mfa_challenge_expired: [422, "MFA challenge has expired"],
  mfa_factor_name_conflict: [422, "A factor with this friendly name for this user already exists"],
  mfa_factor_not_found: [404, "Factor not found"],
  mfa_ip_address_mismatch: [422, "Challenge and verify IP addresses mismatch."],
  mfa_phone_enroll_not_enabled: [422, "MFA enroll is disabled for Phone"],
  mfa_phone_verify_not_enabled: [422, "MFA verification is disabled for Phone"],
  mfa_recovery_codes_enroll_not_enabled: [422, "MFA enroll is disabled for recovery codes"],
  mfa_recovery_codes_verify_not_enabled: [422, "MFA verification is disabled for recovery codes"],
  mfa_totp_enroll_not_enabled: [422, "MFA enroll is disabled for TOTP"],
  mfa_totp_verify_not_enabled: [422, "MFA verification is disabled for TOTP"],
  mfa_verification_failed: [422, "Invalid TOTP code entered"],
  mfa_verification_rejected: [403, "Further MFA verification attempts will be rejected."],
  mfa_webauthn_enroll_not_enabled: [422, "MFA enroll is disabled for WebAuthn"],
  mfa_webauthn_verify_not_enabled: [422, "MFA verification is disabled for WebAuthn"],
  no_authorization: [401, "This endpoint requires a valid Bearer token"],
  not_admin: [403, "User not allowed"],
  oauth_client_not_found: [404, "OAuth client not found"],
  oauth_provider_not_supported: [400, "Unsupported provider"],
  otp_disabled: [422, "Signups not allowed for otp"],
  otp_expired: [403, "Token has expired or is invalid"],
  over_email_send_rate_limit: [429, "email rate limit exceeded"],
  over_request_rate_limit: [429, "Request rate limit reached"],
  passkey_disabled: [404, "Passkeys are disabled"],
  phone_exists: [422, "Phone number already registered by another user"],
  phone_provider_disabled: [422, "Phone logins are disabled"],
  provider_disabled: [400, "Provider is not enabled"],
  provider_email_needs_verification: [422, "Unverified email"],
  reauthentication_needed: [400, "Password update requires reauthentication"],
  reauthentication_not_valid: [422, "Nonce has expired or is invalid"],
  refresh_token_already_used: [400, "Invalid Refresh Token: Already Used"],
  refresh_token_not_found: [400, "Invalid Refresh Token: Refresh Token Not Found"],
  request_entity_too_large: [413, "Request body too large (max 1048576 bytes)"],
  same_password: [422, "New password should be different from the old password."],
  saml_provider_disabled: [404, "SAML 2.0 is disabled"],
  session_expired: [400, "Invalid Refresh Token: Session Expired"],
  session_not_found: [403, "Session from session_id claim in JWT does not exist"],
  signup_disabled: [422, "Signups not allowed for this instance"],
  single_identity_not_deletable: [422, "User must have at least 1 identity after unlinking"],
  too_many_enrolled_mfa_factors: [422, "Maximum number of verified factors reached, unenroll to continue"],
  unexpected_failure: [500, "Unexpected failure, please check server logs for more information"],
  unknown: [400, "Unknown error"],
  user_already_exists: [422, "User already registered"],
  user_banned: [400, "User is banned"],
  user_not_found: [404, "User not found"],
  user_sso_managed: [422, "Updating email, phone, password of a SSO account only possible via SSO"],
  validation_failed: [400, "Invalid request"],
  weak_password: [422, "Password is too weak"],
  web3_provider_disabled: [422, "Web3 provider is disabled"],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;

export type AuthErrorCode = keyof typeof table;

interface Details {
  message?: string;
  status?: ContentfulStatusCode;
  /** Why a password is weak. */
  reasons?: string[];
  cause?: unknown;
}

/** An answer that the client is meant to read. */
export class AuthError extends Error {
  readonly code: AuthErrorCode;
  readonly status: ContentfulStatusCode;
  readonly reasons: string[] | undefined;

  constructor(code: AuthErrorCode, details: Details = {}) {
    super(details.message ?? table[code][1], { cause: details.cause });
    this.code = code;
    this.status = details.status ?? table[code][0];
    this.reasons = details.reasons;
  }
}

/** The form of RFC 6749, used where the protocol is OAuth's. */
export class OAuthError extends Error {
  readonly error: string;

  constructor(error: string, description: string) {
    super(description);
    this.error = error;
  }
}

const apiVersion = "2024-01-01";

function asAuthError(error: unknown, log: Logger): AuthError {
  if (error instanceof AuthError) {
    if (error.status >= 500) log.error({ err: error }, "request failed");
    return error;
  }
  log.error({ err: error }, "request failed unexpectedly");
  return new AuthError("unexpected_failure");
}

/** Writes an error in the form that the request's X-Supabase-Api-Version asks for. */
export function renderError(c: Context, thrown: unknown, log: Logger): Response {
  if (thrown instanceof OAuthError) {
    return c.json({ error: thrown.error, error_description: thrown.message }, 400);
  }
  const error = asAuthError(thrown, log);
  const asked = c.req.header("x-supabase-api-version") ?? "";
  const weak = error.code === "weak_password" ? { weak_password: { reasons: error.reasons ?? [] } } : {};
  c.header("x-sb-error-code", error.code);
  if (/^\d{4}-\d{2}-\d{2}$/.test(asked) && asked >= apiVersion) {
    c.header("X-Supabase-Api-Version", apiVersion);
    return c.json({ code: error.code, message: error.message, ...weak }, error.status);
  }
  return c.json({ code: error.status, error_code: error.code, msg: error.message, ...weak }, error.status);
}
