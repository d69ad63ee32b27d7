import type { Provider, SupabaseClient } from "@supabase/supabase-js";
import { freePort } from "../../testing/free-port.ts";
import { browse } from "./browser.ts";
import { type OidcServer, oidcClients, startOidcServer } from "./oidc-server.ts";
import { type AuthServer, startTestStack, type TestStack } from "./test-stack.ts";

export const SITE = "http://127.0.0.1:3000";

/** Keys of `[auth]`; `external.google` and `external.azure` are filled in unless given. */
type AuthConfig = Record<string, unknown> & { external?: Record<string, Record<string, unknown>> };

export interface SignInOptions {
  provider?: Provider;
  redirectTo?: string;
  scopes?: string;
  queryParams?: Record<string, string>;
}

export interface OAuthStack<Name extends string> extends TestStack {
  oidc: OidcServer;
  servers: Record<Name, AuthServer>;
}

/** Where signInWithOAuth sends a browser whose person is named already. */
export async function signInUrl(client: SupabaseClient, person: string, options: SignInOptions = {}): Promise<string> {
  const { provider = "google", queryParams, ...rest } = options;
  const { data, error } = await client.auth.signInWithOAuth({
    provider,
    options: { skipBrowserRedirect: true, queryParams: { login_hint: person, ...queryParams }, ...rest },
  });
  if (error) throw error;
  return data.url ?? "";
}

/** Goes to the provider and back, to where the app would read the answer. */
export async function land(client: SupabaseClient, person: string, options: SignInOptions = {}): Promise<URL> {
  return browse(
    await signInUrl(client, person, options),
    ({ origin, hostname }) => origin === SITE || hostname.endsWith(".example.test"),
  );
}

/** The whole way with PKCE: out to the provider, in there, back, and the code exchanged. */
export async function signIn(server: AuthServer, person: string, options: SignInOptions = {}) {
  const client = server.client("pkce");
  const landed = await land(client, person, options);
  const code = landed.searchParams.get("code");
  if (code === null) throw new Error(`No code in ${landed.href}`);
  const { data, error } = await client.auth.exchangeCodeForSession(code);
  if (error) throw error;
  return { client, landed, code, ...data };
}

/** The services named, each with its own settings, over one database and one OpenID server. */
export async function startOAuthStack<Name extends string>(
  configs: Record<Name, AuthConfig>,
): Promise<OAuthStack<Name>> {
  await using started = new AsyncDisposableStack();
  const stack = await startTestStack();
  started.defer(stack.stop);
  const names = Object.keys(configs) as Name[];
  const ports = new Map<Name, number>();
  for (const name of names) ports.set(name, await freePort());
  const oidc = await startOidcServer([...ports.values()].map((port) => `http://127.0.0.1:${port}/auth/v1/callback`));
  started.defer(oidc.close);
  const servers: Partial<Record<Name, AuthServer>> = {};
  for (const name of names) {
    const { external, ...auth } = configs[name];
    const provider = (kind: keyof typeof oidcClients) => ({
      enabled: true,
      url: oidc.issuer,
      client_id: oidcClients[kind].client_id,
      secret: oidcClients[kind].client_secret,
      ...external?.[kind],
    });
    const complete = { ...auth, external: { google: provider("google"), azure: provider("azure") } };
    servers[name] = await stack.serve(complete, ports.get(name));
  }
  const running = started.move();
  return {
    ...stack,
    oidc,
    servers: servers as Record<Name, AuthServer>,
    stop: () => running.disposeAsync(),
  };
}
