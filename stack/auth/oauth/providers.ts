import type { AuthorizationServer } from "oauth4webapi";
import { azure } from "./azure.ts";
import { google } from "./google.ts";
import { createIssuers, type FindIssuer } from "./issuers.ts";
import type { Provider, ProviderKind } from "./provider.ts";
import { knownProviders, type ProviderName, type ProviderSettings, providerName } from "./provider-settings.ts";

const kinds: Record<ProviderName, ProviderKind> = { google, azure };

export interface Providers {
  /** The provider by its name, ready to send people to; throws what is in the way. */
  usable(name: string): Provider;
  /** The provider an ID token is said to come from, enabled or not. */
  ofIdToken(name: string, issuer: string): Provider | null;
  server(provider: Provider): Promise<AuthorizationServer>;
  findIssuer: FindIssuer;
}

export function createProviders(settings: Record<ProviderName, ProviderSettings>): Providers {
  const findIssuer = createIssuers();
  const provider = (name: ProviderName): Provider => ({ name, settings: settings[name], kind: kinds[name] });
  const all = [provider("google"), provider("azure")];
  return {
    usable(asked) {
      const name = providerName(asked);
      if (name === null) {
        throw new Error(
          knownProviders.includes(asked.toLowerCase())
            ? "provider is not enabled"
            : `Provider ${asked} could not be found`,
        );
      }
      const { enabled, clientIds, secret } = settings[name];
      if (!enabled) throw new Error("provider is not enabled");
      if (clientIds.length === 0) throw new Error("missing OAuth client ID");
      if (secret === "") throw new Error("missing OAuth secret");
      return provider(name);
    },
    ofIdToken: (name, issuer) => all.find((each) => each.name === name || each.kind.isOwnIssuer(issuer)) ?? null,
    server: ({ kind, settings: { url } }) => kind.server(url, findIssuer),
    findIssuer,
  };
}
