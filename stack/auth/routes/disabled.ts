import { Hono } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { Auth } from "../auth.ts";
import { requireUser } from "../authenticate.ts";
import { AuthError, type AuthErrorCode } from "../errors.ts";

/** Features this stack does not have answer as they do where they are switched off. */
const switchedOff: [path: string, code: AuthErrorCode][] = [
  ["/sso", "saml_provider_disabled"],
  ["/sso/*", "saml_provider_disabled"],
  ["/passkeys", "passkey_disabled"],
  ["/passkeys/*", "passkey_disabled"],
  ["/oauth/*", "feature_disabled"],
  ["/.well-known/oauth-authorization-server", "feature_disabled"],
];

/** The same, for those who are signed in. */
const switchedOffForUsers: [method: string, path: string, code: AuthErrorCode][] = [
  ["GET", "/user/identities/authorize", "manual_linking_disabled"],
  ["DELETE", "/user/identities/:id", "manual_linking_disabled"],
  ["GET", "/user/oauth/grants", "feature_disabled"],
  ["DELETE", "/user/oauth/grants", "feature_disabled"],
  ["POST", "/factors", "mfa_totp_enroll_not_enabled"],
  ["POST", "/factors/:id/challenge", "mfa_totp_verify_not_enabled"],
  ["POST", "/factors/:id/verify", "mfa_totp_verify_not_enabled"],
  ["DELETE", "/factors/:id", "mfa_totp_verify_not_enabled"],
];

export function disabledRoutes(auth: Auth): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  for (const [path, code] of switchedOff) {
    app.all(path, () => {
      throw new AuthError(code);
    });
  }
  for (const [method, path, code] of switchedOffForUsers) {
    app.on(method, path, async (c) => {
      await requireUser(c, auth);
      throw new AuthError(code);
    });
  }
  for (const path of ["/authorize", "/callback"]) {
    app.on(["GET", "POST"], path, () => {
      throw new AuthError("validation_failed", { message: "Unsupported provider: provider is not enabled" });
    });
  }
  return app;
}
