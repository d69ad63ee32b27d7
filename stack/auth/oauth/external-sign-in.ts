import { saveNewUser } from "../accounts.ts";
import { recordAudit } from "../audit-log.ts";
import type { Auth } from "../auth.ts";
import type { Tx } from "../database.ts";
import { AuthError } from "../errors.ts";
import { sendSingleMail } from "../mails.ts";
import type { RequestInfo } from "../request.ts";
import { type IdentityRow, insertIdentity, isBanned, mergeUserMetadata, syncProviders, type User } from "../users.ts";
import { confirmEmail } from "../verification.ts";
import { type Decision, decideAccount } from "./account-linking.ts";
import type { ExternalUser } from "./external-user.ts";
import { recordLink, refreshIdentity } from "./identities.ts";
import type { ProviderName } from "./provider-settings.ts";
import { removeUnprovenWaysIn } from "./unproven-accounts.ts";

/** A refusal is not an accident: what was written down before it stays. */
export type Outcome = { kind: "user"; user: User } | { kind: "refused"; error: AuthError };

export interface From {
  provider: ProviderName;
  external: ExternalUser;
  emailOptional: boolean;
}

async function createAccount(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  { provider, external }: From,
  email: string,
): Promise<{ user: User; identity: IdentityRow }> {
  if (!auth.settings.signupEnabled) throw new AuthError("signup_disabled");
  const user = await saveNewUser(
    auth,
    tx,
    request,
    {
      email: email || null,
      passwordHash: "",
      appMetadata: { provider, providers: [provider] },
      userMetadata: external.data,
    },
    { hook: true },
  );
  return { user, identity: await insertIdentity(tx, user, provider, external.data) };
}

async function settleAccount(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  from: From,
  decision: Decision,
): Promise<{ user: User; identity: IdentityRow }> {
  if (decision.kind === "create") return createAccount(auth, tx, request, from, decision.email);
  const { user } = decision;
  const { provider, external } = from;
  const identity =
    decision.kind === "exists"
      ? await refreshIdentity(tx, user, decision.identity, external.data)
      : await insertIdentity(tx, user, provider, external.data);
  await mergeUserMetadata(tx, user, external.data);
  await syncProviders(tx, user);
  if (decision.kind === "link") await recordLink(tx, request, user, identity, "identity_linked");
  return { user, identity };
}

async function needsVerification(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  user: User,
  provider: ProviderName,
): Promise<AuthError> {
  const unverified = `Unverified email with ${provider}`;
  if (!user.row.email) {
    const message = `${unverified}. Verify the email with ${provider} in order to sign in`;
    return new AuthError("provider_email_needs_verification", { message });
  }
  await sendSingleMail(auth, tx, request, user, "signup");
  const message = `${unverified}. A confirmation email has been sent to your ${provider} email`;
  return new AuthError("provider_email_needs_verification", { message });
}

/** The user whom a provider has identified: known, joined to an account with the same address, or new. */
export async function signInExternally(auth: Auth, tx: Tx, request: RequestInfo, from: From): Promise<Outcome> {
  const { provider, external, emailOptional } = from;
  const { user, identity } = await settleAccount(auth, tx, request, from, await decideAccount(tx, provider, external));
  if (isBanned(user)) throw new AuthError("user_banned", { status: 403 });
  const hasEmail = Boolean(user.row.email);
  if (user.row.email_confirmed_at || (emailOptional && !hasEmail)) {
    await recordAudit(tx, request, user, "login", { provider });
    return { kind: "user", user };
  }
  await removeUnprovenWaysIn(tx, user, identity);
  const proven = external.emailVerified && (!hasEmail || user.row.email === external.email);
  if (!proven && !(auth.settings.email.autoconfirm && hasEmail)) {
    return { kind: "refused", error: await needsVerification(auth, tx, request, user, provider) };
  }
  await recordAudit(tx, request, user, "user_signedup", { provider });
  await confirmEmail(tx, user);
  return { kind: "user", user };
}
