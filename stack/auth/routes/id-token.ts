import { z } from "zod";
import type { Auth } from "../auth.ts";
import { requireUser } from "../authenticate.ts";
import { OAuthError } from "../errors.ts";
import { notify } from "../notifications.ts";
import { signInExternally } from "../oauth/external-sign-in.ts";
import { readIdToken } from "../oauth/id-token.ts";
import { linkIdentity } from "../oauth/identity-linking.ts";
import { inRacingTransaction } from "../oauth/race.ts";
import { type AuthContext, readBody, requestInfo, text } from "../request.ts";
import { sendSession } from "../send-session.ts";
import { issueSession } from "../tokens.ts";

const body = z.object({
  id_token: text,
  access_token: text,
  nonce: text,
  provider: text,
  client_id: text,
  issuer: text,
  link_identity: z.boolean().nullish(),
});

const INVALID = "invalid request";

async function linkingUser(c: AuthContext, auth: Auth): Promise<string> {
  if (!c.req.header("authorization")) {
    throw new OAuthError(INVALID, "Linking requires a valid user access token in Authorization");
  }
  return (await requireUser(c, auth)).user.row.id;
}

export async function withIdToken(c: AuthContext, auth: Auth): Promise<Response> {
  const grant = await readBody(c, body);
  if (grant.id_token === "") throw new OAuthError(INVALID, "id_token required");
  if (grant.provider === "" && (grant.client_id === "" || grant.issuer === "")) {
    throw new OAuthError(INVALID, "provider or client_id and issuer required");
  }
  const linkTo = grant.link_identity ? await linkingUser(c, auth) : null;
  const { provider, external } = await readIdToken(auth, grant);
  const from = { provider: provider.name, external, emailOptional: provider.settings.emailOptional };
  const request = requestInfo(c, auth);
  const result = await inRacingTransaction(auth.pool, async (tx) => {
    const outcome =
      linkTo === null
        ? await signInExternally(auth, tx, request, from)
        : await linkIdentity(auth, tx, request, linkTo, from);
    if (outcome.kind === "refused") return outcome.error;
    return { user: outcome.user, session: await issueSession(auth, tx, request, outcome.user, "oauth") };
  });
  if (result instanceof Error) throw result;
  if (linkTo !== null) {
    await notify(auth, request, result.user, { kind: "identity_linked", provider: provider.name });
  }
  return sendSession(c, result.session);
}
