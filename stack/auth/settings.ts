import type { Config } from "../config/config.ts";
import type { StackContext } from "../context.ts";
import { parseDuration } from "./durations.ts";
import { type HookConfig, type HookName, hookNames } from "./hooks.ts";
import { type NotificationName, notificationNames } from "./mail-templates.ts";
import { type ProviderName, type ProviderSettings, readProviders } from "./oauth/provider-settings.ts";

/** What this service reads of config.toml, in its own units. */
export interface AuthSettings {
  externalUrl: string;
  providers: Record<ProviderName, ProviderSettings>;
  manualLinking: boolean;
  issuer: string;
  siteUrl: string;
  redirectAllowList: string[];
  jwtExpirySeconds: number;
  signupEnabled: boolean;
  anonymousEnabled: boolean;
  password: { minimumLength: number; requiredCharacters: string[] };
  email: {
    enabled: boolean;
    autoconfirm: boolean;
    doubleConfirmChanges: boolean;
    reauthenticateToChangePassword: boolean;
    requireCurrentPassword: boolean;
    maxFrequencyMs: number;
    otpLength: number;
    otpExpirySeconds: number;
    sentPerHour: number;
    sender: { name: string; address: string };
  };
  refresh: { rotation: boolean; reuseIntervalSeconds: number };
  sessions: { timeboxMs: number; inactivityTimeoutMs: number };
  notifications: ReadonlySet<NotificationName>;
  requestLimits: Omit<Config["auth"]["rate_limit"], "email_sent" | "sms_sent">;
  oauthServerEnabled: boolean;
  mfa: { maxEnrolledFactors: number; totpEnrollEnabled: boolean; totpVerifyEnabled: boolean };
  hooks: Partial<Record<HookName, HookConfig>>;
}

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const digits = "0123456789";
const symbols = "!@#$%^&*()_+-=[]{};'\\:\"|<>?,./`~";

const requiredCharacters: Record<string, string[]> = {
  letters_digits: [lower + upper, digits],
  lower_upper_letters_digits: [lower, upper, digits],
  lower_upper_letters_digits_symbols: [lower, upper, digits, symbols],
};

/** Without an SMTP server of one's own the official local stack does not limit mails either. */
const UNLIMITED_PER_HOUR = 360_000;
const WITH_SMTP_PER_HOUR = 2;

function milliseconds(name: string, text: string | undefined): number {
  if (!text) return 0;
  const value = parseDuration(text);
  if (value === null) throw new Error(`Read config: auth.${name} is "${text}", not a duration such as "1h30m"`);
  return value;
}

function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

export function readSettings({ config, apiUrl }: Pick<StackContext, "config" | "apiUrl">): AuthSettings {
  const { auth } = config;
  const { email } = auth;
  const externalUrl = withoutTrailingSlash(auth.external_url || `${apiUrl}/auth/v1`);
  const hooks: AuthSettings["hooks"] = {};
  for (const name of hookNames) {
    const hook = auth.hook[name];
    if (hook?.enabled) hooks[name] = { uri: hook.uri, secrets: (hook.secrets ?? "").split("|").filter(Boolean) };
  }
  return {
    externalUrl,
    providers: readProviders(auth.external, externalUrl),
    manualLinking: auth.enable_manual_linking,
    issuer: auth.jwt_issuer || externalUrl,
    siteUrl: auth.site_url,
    redirectAllowList: auth.additional_redirect_urls,
    jwtExpirySeconds: auth.jwt_expiry,
    signupEnabled: auth.enable_signup,
    anonymousEnabled: auth.enable_anonymous_sign_ins,
    password: {
      minimumLength: auth.minimum_password_length,
      requiredCharacters: requiredCharacters[auth.password_requirements] ?? [],
    },
    email: {
      enabled: email.enabled && email.enable_signup,
      autoconfirm: !email.enable_confirmations,
      doubleConfirmChanges: email.double_confirm_changes,
      reauthenticateToChangePassword: email.secure_password_change,
      requireCurrentPassword: email.require_current_password,
      maxFrequencyMs: milliseconds("email.max_frequency", email.max_frequency),
      otpLength: email.otp_length,
      otpExpirySeconds: email.otp_expiry,
      sentPerHour: auth.rate_limit.email_sent ?? (email.smtp?.enabled ? WITH_SMTP_PER_HOUR : UNLIMITED_PER_HOUR),
      sender: {
        name: email.smtp?.sender_name || config.local_smtp.sender_name,
        address: email.smtp?.admin_email || config.local_smtp.admin_email,
      },
    },
    refresh: {
      rotation: auth.enable_refresh_token_rotation,
      reuseIntervalSeconds: auth.refresh_token_reuse_interval,
    },
    sessions: {
      timeboxMs: milliseconds("sessions.timebox", auth.sessions.timebox),
      inactivityTimeoutMs: milliseconds("sessions.inactivity_timeout", auth.sessions.inactivity_timeout),
    },
    notifications: new Set(notificationNames.filter((name) => email.notification[name]?.enabled)),
    requestLimits: auth.rate_limit,
    oauthServerEnabled: auth.oauth_server.enabled,
    mfa: {
      maxEnrolledFactors: auth.mfa.max_enrolled_factors,
      totpEnrollEnabled: auth.mfa.totp.enroll_enabled,
      totpVerifyEnabled: auth.mfa.totp.verify_enabled,
    },
    hooks,
  };
}
