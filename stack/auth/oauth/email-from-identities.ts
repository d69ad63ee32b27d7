import { isUniqueViolation, type Tx } from "../database.ts";
import type { AuthError } from "../errors.ts";
import { clearTokens } from "../one-time-tokens.ts";
import { findUserByEmail, type IdentityRow, mergeUserMetadata, type User, updateUser } from "../users.ts";

function isVerified({ identity_data }: IdentityRow): boolean {
  return identity_data.email_verified === true;
}

/** Proven addresses first, then others, then identities without one. */
function rank(identity: IdentityRow): number {
  if (!identity.email) return 2;
  return isVerified(identity) ? 0 : 1;
}

async function isFree(tx: Tx, identity: IdentityRow): Promise<boolean> {
  return !identity.email || (await findUserByEmail(tx, identity.email)) === null;
}

/** Null when other accounts hold all of the addresses. */
async function chooseIdentity(tx: Tx, user: User): Promise<IdentityRow | null> {
  // The identities come in the order they were made in, and sorting keeps it.
  for (const identity of [...user.identities].sort((a, b) => rank(a) - rank(b))) {
    if (await isFree(tx, identity)) return identity;
  }
  return null;
}

/**
 * Moves the account to an address that one of its identities has, unless one has the present one. What was mailed to the
 * old address is worth nothing afterwards, and an address that nobody vouches for is not confirmed. Throws `conflict` when
 * other accounts hold all of the addresses.
 */
export async function emailFromIdentities(
  tx: Tx,
  user: User,
  autoconfirm: boolean,
  conflict: AuthError,
): Promise<void> {
  if (user.identities.some(({ email }) => (email ?? "") === (user.row.email ?? ""))) return;
  const identity = await chooseIdentity(tx, user);
  if (!identity) throw conflict;
  await updateUser(tx, user, {
    email: identity.email || null,
    confirmation_token: "",
    confirmation_sent_at: null,
    recovery_token: "",
    recovery_sent_at: null,
    email_change: "",
    email_change_token_new: "",
    email_change_token_current: "",
    email_change_confirm_status: 0,
    email_change_sent_at: null,
    phone_change: "",
    phone_change_sent_at: null,
    reauthentication_token: "",
    reauthentication_sent_at: null,
  }).catch((error: unknown) => {
    throw isUniqueViolation(error) ? conflict : error;
  });
  await clearTokens(tx, user);
  if (identity.email && (isVerified(identity) || autoconfirm)) return;
  await updateUser(tx, user, { email_confirmed_at: null });
  await mergeUserMetadata(tx, user, { email_verified: false });
}
