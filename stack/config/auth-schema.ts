import { z } from "zod";

const off = z.boolean().default(false);
const on = z.boolean().default(true);
const count = (value: number) => z.number().int().nonnegative().default(value);

/** Left out, it limits nothing: the official local stack counts no requests either. */
const limit = z.number().int().nonnegative().optional();

const hook = z.strictObject({ enabled: off, uri: z.string().default(""), secrets: z.string().optional() });

const template = z.strictObject({
  subject: z.string().optional(),
  /** Relative to the project's folder. */
  content_path: z.string().optional(),
  content: z.string().optional(),
});

/** Its path is relative to `supabase/`. */
const notification = template.extend({ enabled: off }).optional();

const email = z.strictObject({
  enabled: on,
  /** The CLI's older name of the same switch. */
  enable_signup: on,
  double_confirm_changes: on,
  enable_confirmations: off,
  secure_password_change: off,
  require_current_password: off,
  max_frequency: z.string().default("1s"),
  otp_length: z.number().int().min(6).max(10).default(6),
  otp_expiry: count(3600),
  smtp: z
    .strictObject({
      enabled: on,
      host: z.string().default(""),
      port: count(587),
      user: z.string().default(""),
      pass: z.string().default(""),
      admin_email: z.string().default("admin@email.com"),
      sender_name: z.string().default("Admin"),
    })
    .optional(),
  template: z
    .strictObject({
      invite: template.optional(),
      confirmation: template.optional(),
      recovery: template.optional(),
      magic_link: template.optional(),
      email_change: template.optional(),
      reauthentication: template.optional(),
    })
    .prefault({}),
  notification: z
    .strictObject({
      password_changed: notification,
      email_changed: notification,
      phone_changed: notification,
      identity_linked: notification,
      identity_unlinked: notification,
      mfa_factor_enrolled: notification,
      mfa_factor_unenrolled: notification,
    })
    .prefault({}),
});

const provider = z.strictObject({
  enabled: off,
  client_id: z.string().default(""),
  secret: z.string().default(""),
  redirect_uri: z.string().default(""),
  url: z.string().default(""),
  skip_nonce_check: off,
  email_optional: off,
});

const smsProvider = z.looseObject({ enabled: off });

const sms = z.strictObject({
  enabled: off,
  enable_signup: on,
  enable_confirmations: off,
  template: z.string().default("Your code is {{ .Code }}"),
  max_frequency: z.string().default("5s"),
  test_otp: z.record(z.string(), z.string()).default({}),
  twilio: smsProvider.prefault({}),
  twilio_verify: smsProvider.prefault({}),
  messagebird: smsProvider.prefault({}),
  textlocal: smsProvider.prefault({}),
  vonage: smsProvider.prefault({}),
});

const mfa = z.strictObject({
  max_enrolled_factors: count(10),
  totp: z.strictObject({ enroll_enabled: off, verify_enabled: off }).prefault({}),
  phone: z
    .strictObject({
      enroll_enabled: off,
      verify_enabled: off,
      otp_length: count(6),
      template: z.string().default("Your code is {{ .Code }}"),
      max_frequency: z.string().default("5s"),
    })
    .prefault({}),
  web_authn: z.strictObject({ enroll_enabled: off, verify_enabled: off }).prefault({}),
});

/** Keys of `[auth]` in config.toml, with the defaults of the official CLI. */
export const authSchema = z.strictObject({
  enabled: on,
  site_url: z.string().default("http://127.0.0.1:3000"),
  external_url: z.string().default(""),
  additional_redirect_urls: z.array(z.string()).default(["https://127.0.0.1:3000"]),
  jwt_expiry: z.number().int().positive().max(604_800).default(3600),
  jwt_issuer: z.string().default(""),
  signing_keys_path: z.string().default(""),
  enable_refresh_token_rotation: on,
  refresh_token_reuse_interval: count(10),
  enable_signup: on,
  enable_anonymous_sign_ins: off,
  enable_manual_linking: off,
  minimum_password_length: z.number().int().min(6).default(6),
  password_requirements: z
    .enum(["", "letters_digits", "lower_upper_letters_digits", "lower_upper_letters_digits_symbols"])
    .default(""),
  rate_limit: z
    .strictObject({
      email_sent: limit,
      sms_sent: limit,
      anonymous_users: limit,
      token_refresh: limit,
      sign_in_sign_ups: limit,
      token_verifications: limit,
      web3: limit,
    })
    .prefault({}),
  captcha: z
    .strictObject({ enabled: off, provider: z.string().default(""), secret: z.string().default("") })
    .prefault({}),
  email: email.prefault({}),
  sms: sms.prefault({}),
  mfa: mfa.prefault({}),
  sessions: z.strictObject({ timebox: z.string().optional(), inactivity_timeout: z.string().optional() }).prefault({}),
  hook: z
    .strictObject({
      before_user_created: hook.optional(),
      after_user_created: hook.optional(),
      custom_access_token: hook.optional(),
      password_verification_attempt: hook.optional(),
      mfa_verification_attempt: hook.optional(),
      send_email: hook.optional(),
      send_sms: hook.optional(),
    })
    .prefault({}),
  external: z.record(z.string(), provider).default({}),
  web3: z.record(z.string(), z.strictObject({ enabled: off })).default({}),
  third_party: z.record(z.string(), z.looseObject({ enabled: off })).default({}),
  oauth_server: z
    .strictObject({
      enabled: off,
      authorization_url_path: z.string().default("/oauth/consent"),
      allow_dynamic_registration: off,
    })
    .prefault({}),
  passkey: z.strictObject({ enabled: off }).prefault({}),
  webauthn: z
    .strictObject({
      rp_display_name: z.string().default("Supabase"),
      rp_id: z.string().default("localhost"),
      rp_origins: z.array(z.string()).default(["http://127.0.0.1:3000"]),
    })
    .prefault({}),
});
