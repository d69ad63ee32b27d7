import { Hono } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { Auth } from "../auth.ts";
import { requireService, requireUser } from "../authenticate.ts";
import { AuthError, type AuthErrorCode } from "../errors.ts";
import type { AuthContext } from "../request.ts";

type SwitchedOff = [path: string, code: AuthErrorCode, message?: string];

/** Features this stack does not have answer as they do where they are switched off. */
const switchedOff: SwitchedOff[] = [
  ["/sso", "saml_provider_disabled"],
  ["/sso/*", "saml_provider_disabled"],
  ["/passkeys", "passkey_disabled"],
  ["/passkeys/*", "passkey_disabled"],
  ["/oauth/*", "feature_disabled"],
  ["/.well-known/oauth-authorization-server", "feature_disabled"],
];

/** The same, for the service. */
const switchedOffForAdmins: SwitchedOff[] = [
  ["/admin/custom-providers", "feature_disabled", "Custom OAuth providers are disabled"],
  ["/admin/custom-providers/*", "feature_disabled", "Custom OAuth providers are disabled"],
  ["/admin/sso/providers", "saml_provider_disabled"],
  ["/admin/sso/providers/*", "saml_provider_disabled"],
  ["/admin/users/:id/passkeys", "passkey_disabled"],
  ["/admin/users/:id/passkeys/*", "passkey_disabled"],
];

/** The same, for those who are signed in. */
const switchedOffForUsers: SwitchedOff[] = [
  ["/user/oauth/grants", "feature_disabled"],
  ["/factors/recovery-codes/verify", "mfa_recovery_codes_verify_not_enabled"],
  ["/factors/recovery-codes", "mfa_recovery_codes_enroll_not_enabled"],
  ["/factors/recovery-codes/*", "mfa_recovery_codes_enroll_not_enabled"],
];

export function disabledRoutes(auth: Auth): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  const refuse = (list: SwitchedOff[], require: (c: AuthContext, auth: Auth) => Promise<unknown>) => {
    for (const [path, code, message] of list) {
      app.all(path, async (c) => {
        await require(c, auth);
        throw new AuthError(code, message === undefined ? {} : { message });
      });
    }
  };
  refuse(switchedOff, async () => undefined);
  refuse(switchedOffForUsers, requireUser);
  refuse(switchedOffForAdmins, requireService);
  return app;
}
