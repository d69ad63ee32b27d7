import { recordAudit } from "../audit-log.ts";
import type { Tx } from "../database.ts";
import { AuthError } from "../errors.ts";
import { lockUserByTokenHash } from "../one-time-tokens.ts";
import type { RequestInfo } from "../request.ts";
import { insertIdentity, isBanned, mergeUserMetadata, type User } from "../users.ts";
import { confirmEmail } from "../verification.ts";
import type { From } from "./external-sign-in.ts";
import { removeUnprovenWaysIn } from "./unproven-accounts.ts";

export async function requireInvited(db: Tx, token: string): Promise<void> {
  const invited = await db.first("select 1 from auth.users where confirmation_token = $1 and is_sso_user = false", [
    token,
  ]);
  if (!invited) throw new AuthError("user_not_found", { message: "User identified by token not found" });
}

/** Accepts an invitation with an account at a provider that has the invited address. */
export async function signInInvited(tx: Tx, request: RequestInfo, token: string, from: From): Promise<User> {
  const { provider, external } = from;
  const user = await lockUserByTokenHash(tx, token, ["confirmation_token"]);
  if (!user || user.row.confirmation_token !== token) throw new AuthError("invite_not_found");
  if (isBanned(user)) throw new AuthError("user_banned", { status: 403 });
  if (external.email === "" || user.row.email !== external.email) {
    throw new AuthError("validation_failed", { message: "Invited email does not match emails from external provider" });
  }
  const identity = await insertIdentity(tx, user, provider, external.data);
  await mergeUserMetadata(tx, user, external.data);
  await recordAudit(tx, request, user, "invite_accepted", { provider });
  await removeUnprovenWaysIn(tx, user, identity);
  await confirmEmail(tx, user);
  return user;
}
