import type { Auth } from "../auth.ts";
import { inTransaction } from "../database.ts";
import { AuthError } from "../errors.ts";
import { notify } from "../notifications.ts";
import type { RequestInfo } from "../request.ts";
import { lockUser, syncProviders } from "../users.ts";
import { emailFromIdentities } from "./email-from-identities.ts";
import { recordLink } from "./identities.ts";

/** Takes one way to sign in from the user; the user stays locked, so that the last one is never among those taken. */
export async function unlinkIdentity(
  auth: Auth,
  request: RequestInfo,
  userId: string,
  identityId: string,
): Promise<void> {
  const unlinked = await inTransaction(auth.pool, async (tx) => {
    const user = await lockUser(tx, userId);
    if (!user || user.identities.length <= 1) throw new AuthError("single_identity_not_deletable");
    const identity = user.identities.find(({ id }) => id === identityId);
    if (!identity) throw new AuthError("identity_not_found");
    const to = user.row.email ?? "";
    await recordLink(tx, request, user, identity, "identity_unlinked");
    await tx.run("delete from auth.identities where id = $1", [identity.id]);
    user.identities = user.identities.filter(({ id }) => id !== identity.id);
    const conflict = new AuthError("email_conflict_identity_not_deletable");
    await emailFromIdentities(tx, user, auth.settings.email.autoconfirm, conflict);
    await syncProviders(tx, user);
    return { user, provider: identity.provider, to };
  });
  const { user, provider, to } = unlinked;
  await notify(auth, request, user, { kind: "identity_unlinked", provider, to });
}
