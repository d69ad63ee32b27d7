import type { Auth } from "../auth.ts";
import type { Tx } from "../database.ts";
import { AuthError } from "../errors.ts";
import { sendSingleMail } from "../mails.ts";
import type { RequestInfo } from "../request.ts";
import { insertIdentity, isBanned, lockUser, syncProviders, updateUser } from "../users.ts";
import { confirmEmail } from "../verification.ts";
import { emailFromIdentities } from "./email-from-identities.ts";
import type { From, Outcome } from "./external-sign-in.ts";
import { recordLink } from "./identities.ts";

/** Gives a user who asked for it one more way to sign in. */
export async function linkIdentity(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  userId: string,
  { provider, external }: From,
): Promise<Outcome> {
  const user = await lockUser(tx, userId);
  if (!user) throw new AuthError("user_not_found", { status: 422, message: "Linking target user not found" });
  if (isBanned(user)) throw new AuthError("user_banned", { status: 403 });
  const owner = await tx.first<{ user_id: string }>(
    "select user_id from auth.identities where provider_id = $1 and provider = $2",
    [external.subject, provider],
  );
  if (owner) {
    const whose = owner.user_id === userId ? "" : " to another user";
    throw new AuthError("identity_already_exists", { message: `Identity is already linked${whose}` });
  }
  const identity = await insertIdentity(tx, user, provider, external.data);
  await recordLink(tx, request, user, identity, "identity_linked");
  if (!user.row.email) {
    const conflict = new AuthError("email_exists", { status: 400 });
    await emailFromIdentities(tx, user, auth.settings.email.autoconfirm, conflict);
    if (!external.emailVerified) {
      await sendSingleMail(auth, tx, request, user, "signup");
      const message = `Unverified email with ${provider}. A confirmation email has been sent to your ${provider} email`;
      return { kind: "refused", error: new AuthError("email_not_confirmed", { status: 422, message }) };
    }
    await confirmEmail(tx, user);
    if (user.row.is_anonymous) await updateUser(tx, user, { is_anonymous: false });
  }
  await syncProviders(tx, user);
  return { kind: "user", user };
}
