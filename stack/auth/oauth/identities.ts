import { recordAudit } from "../audit-log.ts";
import type { Tx } from "../database.ts";
import type { RequestInfo } from "../request.ts";
import type { IdentityRow, Json, User } from "../users.ts";

export async function recordLink(
  tx: Tx,
  request: RequestInfo,
  user: User,
  identity: IdentityRow,
  action: "identity_linked" | "identity_unlinked",
): Promise<void> {
  await recordAudit(tx, request, user, action, {
    identity_id: identity.id,
    provider: identity.provider,
    provider_id: identity.provider_id,
  });
}

/** What the provider says today takes the place of what it said before. */
export async function refreshIdentity(tx: Tx, user: User, identity: IdentityRow, data: Json): Promise<IdentityRow> {
  const updated = await tx.first<IdentityRow>(
    `update auth.identities set identity_data = $2, last_sign_in_at = now(), updated_at = now()
      where id = $1 returning *`,
    [identity.id, data],
  );
  if (!updated) throw new Error("Update identity");
  user.identities = user.identities.map((each) => (each.id === updated.id ? updated : each));
  return updated;
}
