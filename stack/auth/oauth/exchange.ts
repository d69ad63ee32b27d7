import { decodeJwt } from "jose";
import {
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  ClientSecretBasic,
  ClientSecretPost,
  nopkce,
  processGenericTokenEndpointResponse,
  type TokenEndpointResponse,
  validateAuthResponse,
} from "oauth4webapi";
import { z } from "zod";
import { AuthError } from "../errors.ts";
import type { ExternalUser } from "./external-user.ts";
import { httpOptions } from "./issuers.ts";
import type { Provider } from "./provider.ts";
import type { Providers } from "./providers.ts";

/** What a provider answered to a code. */
export interface Exchanged {
  user: ExternalUser;
  accessToken: string;
  refreshToken: string;
}

const withIdToken = z.looseObject({ id_token: z.string() });

/** A server that names no way takes the one that every server has to know. */
function clientSecret({ token_endpoint_auth_methods_supported: methods }: AuthorizationServer, secret: string) {
  return !methods || methods.includes("client_secret_basic") ? ClientSecretBasic(secret) : ClientSecretPost(secret);
}

/** Who has to have signed the ID token: where people of many tenants sign in, it says so itself. */
async function namedIssuer({ kind, settings }: Provider, response: Response): Promise<string | null> {
  const answer = withIdToken.safeParse(await response.json().catch(() => null));
  return answer.success ? kind.issuerOfSignIn(settings.url, decodeJwt(answer.data.id_token).iss ?? "") : null;
}

async function tokensFor(
  { settings }: Provider,
  server: AuthorizationServer,
  callback: URLSearchParams,
): Promise<Response> {
  const client = { client_id: settings.clientIds[0] ?? "" };
  return authorizationCodeGrantRequest(
    server,
    client,
    clientSecret(server, settings.secret),
    validateAuthResponse(server, client, callback, callback.get("state") ?? ""),
    settings.redirectUri,
    nopkce,
    httpOptions(server.token_endpoint ?? server.issuer),
  );
}

async function userOf(
  providers: Providers,
  { kind }: Provider,
  issuer: string,
  tokens: TokenEndpointResponse,
): Promise<ExternalUser> {
  const { verify } = await providers.findIssuer(issuer);
  const user = kind.userOf(await verify(tokens.id_token ?? "", tokens.access_token));
  // One identity would be everybody's.
  if (user.subject === "") throw new Error("Read ID token: it names no subject");
  return user;
}

/** Takes the code to the provider; `callback` holds the parameters that the browser brought back. */
export async function exchangeCode(
  providers: Providers,
  provider: Provider,
  callback: URLSearchParams,
): Promise<Exchanged> {
  const server = await providers.server(provider).catch((cause: unknown) => {
    throw new AuthError("oauth_provider_not_supported", {
      message: "Unsupported provider: it cannot be reached",
      cause,
    });
  });
  const failed = (message: string) => (cause: unknown) => {
    throw new AuthError("unexpected_failure", { message, cause });
  };
  const unexchanged = failed(`Unable to exchange external code: ${(callback.get("code") ?? "").slice(0, 4)}`);
  const unread = failed("Error getting user profile from external provider");
  const response = await tokensFor(provider, server, callback).catch(unexchanged);
  const issuer = await namedIssuer(provider, response.clone()).catch(unread);
  const client = { client_id: provider.settings.clientIds[0] ?? "" };
  const tokens = await processGenericTokenEndpointResponse(
    { ...server, issuer: issuer ?? server.issuer },
    client,
    response,
  ).catch(unexchanged);
  if (issuer === null)
    throw new AuthError("unexpected_failure", { message: "Error getting user profile from external provider" });
  const user = await userOf(providers, provider, issuer, tokens).catch(unread);
  return { user, accessToken: tokens.access_token, refreshToken: tokens.refresh_token ?? "" };
}
