import type { Auth } from "../auth.ts";
import { withConnection } from "../database.ts";
import { AuthError } from "../errors.ts";
import { isPkce } from "../flow-state.ts";
import type { AuthContext } from "../request.ts";
import { requestInfo } from "../request.ts";
import { startOAuthFlow } from "./flows.ts";
import { requireInvited } from "./invited-sign-in.ts";
import type { Provider } from "./provider.ts";

/** This service's own business with the provider, or with its own caller: no client decides it, nor is the provider told. */
const reserved = new Set([
  "client_id",
  "client_secret",
  "redirect_uri",
  "response_type",
  "state",
  "code_challenge",
  "code_challenge_method",
  "code_verifier",
  "provider",
  "scopes",
  "apikey",
  "invite_token",
  "skip_http_redirect",
]);

function unsupported(cause: unknown): AuthError {
  const reason = cause instanceof Error ? cause.message : "it cannot be reached";
  return new AuthError("validation_failed", { message: `Unsupported provider: ${reason}`, cause });
}

function usable(auth: Auth, name: string): Provider {
  try {
    return auth.providers.usable(name);
  } catch (cause) {
    throw unsupported(cause);
  }
}

async function endpointOf(auth: Auth, provider: Provider): Promise<URL> {
  try {
    const { authorization_endpoint: endpoint } = await auth.providers.server(provider);
    if (!endpoint) throw new Error("it names no authorization_endpoint");
    return new URL(endpoint);
  } catch (cause) {
    auth.log.warn({ err: cause, provider: provider.name }, "provider cannot be reached");
    throw unsupported(null);
  }
}

/** Where the request's person is to sign in; `linkTo` is the user who gets the identity. */
export async function authorizationUrl(c: AuthContext, auth: Auth, linkTo: string | null): Promise<string> {
  const query = (name: string) => c.req.query(name) ?? "";
  const provider = usable(auth, query("provider"));
  const { name, kind, settings } = provider;
  const address = await endpointOf(auth, provider);
  const inviteToken = query("invite_token");
  const challenge = {
    code_challenge: query("code_challenge"),
    code_challenge_method: query("code_challenge_method"),
  };
  isPkce(challenge);
  const { redirectTo } = requestInfo(c, auth);
  const state = await withConnection(auth.pool, async (db) => {
    if (inviteToken !== "") await requireInvited(db, inviteToken);
    return startOAuthFlow(db, { ...challenge, provider: name, redirectTo, linkTo, inviteToken });
  });
  const asked = query("scopes").split(",").filter(Boolean);
  address.searchParams.set("client_id", settings.clientIds[0] ?? "");
  address.searchParams.set("redirect_uri", settings.redirectUri);
  address.searchParams.set("response_type", "code");
  address.searchParams.set("scope", [...kind.scopes(settings.url), ...asked].join(" "));
  address.searchParams.set("state", state);
  for (const [key, value] of Object.entries(c.req.query())) {
    if (!reserved.has(key.toLowerCase())) address.searchParams.set(key, value);
  }
  return address.href;
}
