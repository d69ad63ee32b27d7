import { createHash } from "node:crypto";
import type { Tx } from "./database.ts";
import { clearTokens } from "./one-time-tokens.ts";
import { deleteSessions } from "./sessions.ts";
import { type User, updateUser } from "./users.ts";

export async function hardDelete(tx: Tx, user: User): Promise<void> {
  await tx.run("delete from auth.users where id = $1", [user.row.id]);
}

function obscured(user: User, value: string | null): string {
  return value
    ? createHash("sha256")
        .update(user.row.id + value)
        .digest("base64url")
    : "";
}

/** Keeps the row for those who refer to it, without what tells whose it was. */
export async function softDelete(tx: Tx, user: User): Promise<void> {
  await updateUser(tx, user, {
    email: obscured(user, user.row.email),
    phone: user.row.phone ? obscured(user, user.row.phone).slice(0, 15) : null,
    email_change: obscured(user, user.row.email_change),
    phone_change: obscured(user, user.row.phone_change),
    encrypted_password: "",
    confirmation_token: "",
    recovery_token: "",
    email_change_token_current: "",
    email_change_token_new: "",
    reauthentication_token: "",
    raw_app_meta_data: {},
    raw_user_meta_data: {},
    deleted_at: new Date(),
  });
  await clearTokens(tx, user);
  for (const identity of user.identities) {
    await tx.run(
      "update auth.identities set provider_id = $2, identity_data = '{}', updated_at = now() where id = $1",
      [identity.id, obscured(user, identity.provider_id)],
    );
  }
  await tx.run("delete from auth.mfa_factors where user_id = $1", [user.row.id]);
  await deleteSessions(tx, user.row.id, "global", null);
}
