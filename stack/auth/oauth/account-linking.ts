import type { Tx } from "../database.ts";
import { AuthError } from "../errors.ts";
import { emailTakenBy, type IdentityRow, lockUser, type User } from "../users.ts";
import type { ExternalUser } from "./external-user.ts";
import type { ProviderName } from "./provider-settings.ts";

export type Decision =
  /** The person has signed in this way before. */
  | { kind: "exists"; user: User; identity: IdentityRow }
  /** A user already holds the address that the provider vouches for. */
  | { kind: "link"; user: User }
  /** The address a new user gets is empty when it is somebody else's, and the provider does not vouch for it. */
  | { kind: "create"; email: string };

/**
 * The users who hold the address, by an identity or, failing that, as the account's own. An identity whose provider does not
 * vouch for the address holds it only where the account bears it too: anybody could lay claim to it otherwise, and have its
 * owner led to an account of theirs, or kept out.
 */
async function holdersOf(tx: Tx, email: string): Promise<string[]> {
  const byIdentity = await tx.rows<{ id: string }>(
    `select distinct i.user_id as id from auth.identities i join auth.users u on u.id = i.user_id
      where i.email = $1 and i.provider not like 'sso:%'
        and (lower(u.email) = $1 or i.identity_data ->> 'email_verified' = 'true')`,
    [email],
  );
  const holders =
    byIdentity.length > 0
      ? byIdentity
      : await tx.rows<{ id: string }>("select id from auth.users where lower(email) = $1 and is_sso_user = false", [
          email,
        ]);
  return holders.map(({ id }) => id);
}

async function lockKnown(tx: Tx, id: string): Promise<User> {
  const user = await lockUser(tx, id);
  if (!user) throw new AuthError("user_not_found");
  return user;
}

/**
 * Whose account this is. Only an address that the provider vouches for leads to somebody's account: one that anybody can
 * type in there leads to none, also where this project itself asks for no confirmation.
 */
export async function decideAccount(tx: Tx, provider: ProviderName, external: ExternalUser): Promise<Decision> {
  const known = await tx.first<{ id: string; user_id: string }>(
    "select id, user_id from auth.identities where provider_id = $1 and provider = $2",
    [external.subject, provider],
  );
  if (known) {
    const user = await lockKnown(tx, known.user_id);
    const identity = user.identities.find(({ id }) => id === known.id);
    if (identity) return { kind: "exists", user, identity };
  }
  const { email, emailVerified } = external;
  if (!emailVerified) {
    const taken = email !== "" && (await emailTakenBy(tx, email, null)) !== null;
    return { kind: "create", email: taken ? "" : email };
  }
  const [holder, ...others] = await holdersOf(tx, email);
  if (others.length > 0) {
    throw new AuthError("unexpected_failure", {
      message: "Multiple accounts with the same email address in the same linking domain detected: default",
    });
  }
  return holder === undefined ? { kind: "create", email } : { kind: "link", user: await lockKnown(tx, holder) };
}
