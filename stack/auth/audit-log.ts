import { randomUUID } from "node:crypto";
import type { Tx } from "./database.ts";
import type { RequestInfo } from "./request.ts";
import { type Json, type User, ZERO_ID } from "./users.ts";

const logTypes = {
  identity_linked: "user",
  identity_unlinked: "user",
  invite_accepted: "account",
  challenge_created: "factor",
  factor_deleted: "factor",
  factor_in_progress: "factor",
  factor_unenrolled: "factor",
  factor_updated: "factor",
  login: "account",
  logout: "account",
  token_refreshed: "token",
  token_revoked: "token",
  user_confirmation_requested: "user",
  user_deleted: "team",
  user_invited: "team",
  user_modified: "user",
  user_reauthenticate_requested: "user",
  user_recovery_requested: "user",
  user_repeated_signup: "user",
  user_signedup: "team",
  user_updated_password: "user",
  verification_attempted: "factor",
} as const;

export type AuditAction = keyof typeof logTypes;

/** Writes to auth.audit_log_entries, in the transaction of what it records. */
export async function recordAudit(
  tx: Tx,
  request: RequestInfo,
  actor: User | { role: string },
  action: AuditAction,
  traits?: Json,
): Promise<void> {
  const isUser = "row" in actor;
  const name = isUser ? actor.row.raw_user_meta_data?.full_name : undefined;
  const payload = {
    action,
    actor_id: isUser ? actor.row.id : ZERO_ID,
    ...(name === undefined ? {} : { actor_name: name }),
    actor_username: isUser ? actor.row.phone || actor.row.email || "" : actor.role,
    actor_via_sso: isUser && actor.row.is_sso_user,
    log_type: logTypes[action],
    ...(traits ? { traits } : {}),
  };
  await tx.run(
    `insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
     values ($1, $2, $3, now(), $4)`,
    [ZERO_ID, randomUUID(), payload, request.ip],
  );
}
