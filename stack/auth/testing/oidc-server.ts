import { once } from "node:events";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import Provider, { type AccountClaims } from "oidc-provider";
import { freePort } from "../../testing/free-port.ts";

/** The clients that the server knows, by the provider each plays. */
export const oidcClients = {
  google: { client_id: "google-client", client_secret: "google secret" },
  azure: { client_id: "azure-client", client_secret: "azure secret" },
} as const;

export interface OidcServer {
  issuer: string;
  /** What the server says of its people, by their id. */
  people: Map<string, Omit<AccountClaims, "sub">>;
  /** An ID token as the server would sign it. */
  idToken(claims: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

/** A real OpenID server where people sign in by naming themselves in `login_hint`; `nobody` refuses. */
export async function startOidcServer(callbacks: string[]): Promise<OidcServer> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const people: OidcServer["people"] = new Map();
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: "the-key", alg: "RS256", use: "sig" };
  const provider = new Provider(issuer, {
    jwks: { keys: [jwk] },
    clients: Object.values(oidcClients).map((client) => ({
      ...client,
      redirect_uris: callbacks,
      grant_types: ["authorization_code", "refresh_token"],
    })),
    scopes: ["openid", "offline_access", "calendar"],
    claims: {
      openid: ["sub", "tid", "hd", "xms_edov"],
      email: ["email", "email_verified"],
      profile: ["name", "picture", "preferred_username"],
    },
    // As Google and Azure do, not as the specification would have it.
    conformIdTokenClaims: false,
    pkce: { required: () => false },
    cookies: { keys: ["a key of the tests"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...people.get(id) }) }),
    ttl: { AccessToken: 600, IdToken: 600, Grant: 600, Interaction: 600, RefreshToken: 600, Session: 600 },
  });
  const handle = provider.callback();
  const server = createServer(async (incoming, outgoing) => {
    if (!incoming.url?.startsWith("/interaction/")) return handle(incoming, outgoing);
    const { params, session } = await provider.interactionDetails(incoming, outgoing);
    const accountId = String(params.login_hint ?? session?.accountId ?? "nobody");
    if (accountId === "nobody") {
      const refusal = { error: "access_denied", error_description: "The person said no" };
      return provider.interactionFinished(incoming, outgoing, refusal);
    }
    const grant = new provider.Grant({ accountId, clientId: String(params.client_id) });
    grant.addOIDCScope(String(params.scope));
    const consent = { grantId: await grant.save() };
    return provider.interactionFinished(incoming, outgoing, { login: { accountId }, consent });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    issuer,
    people,
    idToken: (claims) =>
      new SignJWT({ iss: issuer, ...claims }).setProtectedHeader({ alg: "RS256", kid: "the-key" }).sign(privateKey),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
