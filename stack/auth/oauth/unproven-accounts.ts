import type { Tx } from "../database.ts";
import { type IdentityRow, syncProviders, type User, updateUser } from "../users.ts";

/** Whoever made the account without proving its address keeps no way into it: neither password nor other identity. */
export async function removeUnprovenWaysIn(tx: Tx, user: User, identity: IdentityRow): Promise<void> {
  await updateUser(tx, user, { encrypted_password: null, raw_user_meta_data: identity.identity_data });
  await tx.run("delete from auth.identities where user_id = $1 and id <> $2", [user.row.id, identity.id]);
  user.identities = [identity];
  await syncProviders(tx, user);
}
