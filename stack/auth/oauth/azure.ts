import { z } from "zod";
import { externalUser } from "./external-user.ts";
import type { ProviderKind } from "./provider.ts";

const COMMON = "https://login.microsoftonline.com/common";

const entra = /^https:\/\/login\.microsoftonline\.com\/[^/?#]+\/v2\.0\/?$/;
const externalTenants = /^https:\/\/[a-z0-9-]+\.ciamlogin\.com\/[^/?#]+\/v2\.0\/?$/;
const firstVersion = /^https:\/\/sts\.windows\.net\/[^/?#]+\/?$/;
/** They let people of any tenant in, and sign no token themselves. */
const manyTenants = /\/(common|organizations)\/v2\.0$/;

function isMicrosoft(base: string): boolean {
  return entra.test(`${base}/v2.0`) || externalTenants.test(`${base}/v2.0`);
}

const claimsOfAzure = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  name: z.string().default(""),
  preferred_username: z.string().default(""),
  email: z.string().default(""),
  xms_edov: z.unknown().optional(),
});

const notCustom = new Set([
  "aud",
  "iss",
  "iat",
  "nbf",
  "exp",
  "c_hash",
  "at_hash",
  "aio",
  "nonce",
  "rh",
  "uti",
  "jti",
  "ver",
  "sub",
  "name",
  "preferred_username",
]);

/** Azure says so in several spellings. An application that does not ask for the claim trusts its own tenant. */
function isDomainOwnerVerified(claim: unknown): boolean {
  return claim === undefined || claim === null || claim === true || claim === "1" || claim === "true";
}

export const azure: ProviderKind = {
  scopes: () => ["openid"],
  async server(url, findIssuer) {
    const base = url || COMMON;
    if (!isMicrosoft(base)) return (await findIssuer(base)).server;
    return {
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ["client_secret_post"],
    };
  },
  issuerOfSignIn(url, claimed) {
    const base = url || COMMON;
    if (!isMicrosoft(base)) return base;
    const own = `${base}/v2.0`;
    if (manyTenants.test(own) ? entra.test(claimed) : claimed === own) return claimed;
    throw new Error(`Read ID token: "${claimed}" is not the issuer of ${base}`);
  },
  issuerOfIdToken(url, claimed) {
    if (url !== "" && !isMicrosoft(url)) return claimed === url ? url : null;
    return entra.test(claimed) || firstVersion.test(claimed) ? claimed : null;
  },
  isOwnIssuer: (issuer) => entra.test(issuer),
  userOf(claims) {
    const { iss, sub, name, preferred_username, email, xms_edov } = claimsOfAzure.parse(claims);
    return externalUser({
      subject: sub,
      email,
      emailVerified: isDomainOwnerVerified(xms_edov),
      details: {
        iss,
        full_name: name,
        preferred_username,
        custom_claims: Object.fromEntries(Object.entries(claims).filter(([claim]) => !notCustom.has(claim))),
      },
    });
  },
};
