import type { Config } from "../../config/config.ts";

const emulated = ["google", "azure"] as const;
export type ProviderName = (typeof emulated)[number];

/** What `[auth.external.<name>]` says. */
export interface ProviderSettings {
  enabled: boolean;
  /** The first is this project's own; ID tokens may be meant for any of them. */
  clientIds: string[];
  secret: string;
  redirectUri: string;
  /** Empty for the provider's own address. */
  url: string;
  skipNonceCheck: boolean;
  emailOptional: boolean;
}

/** Every provider the official service knows, whether or not this one does. */
export const knownProviders = [
  "apple",
  "azure",
  "bitbucket",
  "discord",
  "facebook",
  "snapchat",
  "figma",
  "fly",
  "github",
  "gitlab",
  "google",
  "keycloak",
  "kakao",
  "linkedin",
  "linkedin_oidc",
  "notion",
  "spotify",
  "slack",
  "slack_oidc",
  "workos",
  "twitch",
  "twitter",
  "zoom",
];

export function providerName(name: string): ProviderName | null {
  return emulated.find((each) => each === name.toLowerCase()) ?? null;
}

function readProvider(external: Config["auth"]["external"], name: ProviderName, externalUrl: string): ProviderSettings {
  const section = external[name];
  return {
    enabled: section?.enabled ?? false,
    clientIds: (section?.client_id ?? "")
      .split(",")
      .map((id) => id.trim())
      .filter(Boolean),
    secret: section?.secret ?? "",
    redirectUri: section?.redirect_uri || `${externalUrl}/callback`,
    url: (section?.url ?? "").replace(/\/$/, ""),
    skipNonceCheck: section?.skip_nonce_check ?? false,
    emailOptional: section?.email_optional ?? false,
  };
}

export function readProviders(
  external: Config["auth"]["external"],
  externalUrl: string,
): Record<ProviderName, ProviderSettings> {
  return {
    google: readProvider(external, "google", externalUrl),
    azure: readProvider(external, "azure", externalUrl),
  };
}
