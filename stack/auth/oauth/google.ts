import { z } from "zod";
import { externalUser } from "./external-user.ts";
import type { ProviderKind } from "./provider.ts";

const GOOGLE = "https://accounts.google.com";

const claimsOfGoogle = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  name: z.string().default(""),
  picture: z.string().default(""),
  email: z.string().default(""),
  email_verified: z.boolean().default(false),
  verified_email: z.boolean().default(false),
  hd: z.string().default(""),
});

export const google: ProviderKind = {
  // Google itself answers these two with an ID token; OpenID Connect asks for a third.
  scopes: (url) => (url === "" ? ["email", "profile"] : ["openid", "email", "profile"]),
  server: async (url, findIssuer) => (await findIssuer(url || GOOGLE)).server,
  issuerOfSignIn: (url) => url || GOOGLE,
  issuerOfIdToken: (url) => url || GOOGLE,
  isOwnIssuer: (issuer) => issuer === GOOGLE,
  userOf(claims) {
    const { iss, sub, name, picture, email, email_verified, verified_email, hd } = claimsOfGoogle.parse(claims);
    return externalUser({
      subject: sub,
      email,
      emailVerified: email_verified || verified_email,
      details: {
        iss,
        name,
        full_name: name,
        picture,
        avatar_url: picture,
        custom_claims: hd === "" ? undefined : { hd },
      },
    });
  },
};
