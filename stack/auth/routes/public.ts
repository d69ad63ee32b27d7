import { Hono } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { Auth } from "../auth.ts";
import { knownProviders, providerName } from "../oauth/provider-settings.ts";

/** The version of the official service whose behaviour this one follows. */
const VERSION = "v2.196.0";

function isEnabled({ providers }: Auth["settings"], provider: string): boolean {
  const name = providerName(provider);
  return name !== null && providers[name].enabled;
}

function settingsJson({ settings }: Auth) {
  return {
    external: {
      anonymous_users: settings.anonymousEnabled,
      ...Object.fromEntries(knownProviders.map((name) => [name, isEnabled(settings, name)])),
      email: settings.email.enabled,
      phone: false,
    },
    disable_signup: !settings.signupEnabled,
    mailer_autoconfirm: settings.email.autoconfirm,
    phone_autoconfirm: false,
    sms_provider: "",
    saml_enabled: false,
    saml_private_key_next_configured: false,
    passkeys_enabled: false,
  };
}

function discoveryJson(issuer: string) {
  const base = issuer.replace(/\/+$/, "");
  return {
    issuer,
    authorization_endpoint: `${base}/oauth/authorize`,
    token_endpoint: `${base}/oauth/token`,
    jwks_uri: `${base}/.well-known/jwks.json`,
    userinfo_endpoint: `${base}/oauth/userinfo`,
    scopes_supported: ["openid", "profile", "email", "phone"],
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256", "HS256", "ES256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
    claims_supported: [
      "sub",
      "aud",
      "iss",
      "exp",
      "iat",
      "auth_time",
      "nonce",
      "email",
      "email_verified",
      "phone_number",
      "phone_number_verified",
      "name",
      "picture",
      "preferred_username",
      "updated_at",
    ],
    code_challenge_methods_supported: ["S256", "plain"],
  };
}

const CACHED = { "Cache-Control": "public, max-age=600" };

export function publicRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .get("/health", (c) =>
      c.json({
        version: VERSION,
        name: "GoTrue",
        description: "GoTrue is a user registration and authentication API",
      }),
    )
    .get("/settings", (c) => c.json(settingsJson(auth)))
    .get("/.well-known/jwks.json", (c) => c.json({ keys: auth.publicKeys }, 200, CACHED))
    .get("/.well-known/openid-configuration", (c) => c.json(discoveryJson(auth.settings.issuer), 200, CACHED));
}
