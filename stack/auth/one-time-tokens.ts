import { createHash, randomInt, randomUUID, timingSafeEqual } from "node:crypto";
import type { Tx } from "./database.ts";
import { lockUser, type User } from "./users.ts";

export type OneTimeTokenType =
  | "confirmation_token"
  | "reauthentication_token"
  | "recovery_token"
  | "email_change_token_new"
  | "email_change_token_current";

export const PKCE_PREFIX = "pkce_";

export interface OneTimeToken {
  /** What the person types. */
  otp: string;
  /** What links carry and the database holds. */
  hash: string;
}

export function hashToken(address: string, otp: string): string {
  return createHash("sha224")
    .update(address + otp)
    .digest("hex");
}

export function createToken(address: string, length: number, pkce: boolean): OneTimeToken {
  const otp = String(randomInt(10 ** length)).padStart(length, "0");
  return { otp, hash: (pkce ? PKCE_PREFIX : "") + hashToken(address, otp) };
}

export async function storeToken(
  tx: Tx,
  user: User,
  type: OneTimeTokenType,
  relatesTo: string,
  hash: string,
): Promise<void> {
  await tx.run("delete from auth.one_time_tokens where user_id = $1 and token_type = $2", [user.row.id, type]);
  await tx.run(
    "insert into auth.one_time_tokens (id, user_id, token_type, relates_to, token_hash) values ($1, $2, $3, $4, $5)",
    [randomUUID(), user.row.id, type, relatesTo, hash],
  );
}

export async function clearTokens(tx: Tx, user: User, type?: OneTimeTokenType): Promise<void> {
  await tx.run("delete from auth.one_time_tokens where user_id = $1 and ($2::text is null or token_type::text = $2)", [
    user.row.id,
    type ?? null,
  ]);
}

/**
 * The user a link's hash belongs to, locked until the transaction ends. Another request may have used the token up while
 * this one waited for the lock: whether it is still good shows in the user's row.
 */
export async function lockUserByTokenHash(tx: Tx, hash: string, types: OneTimeTokenType[]): Promise<User | null> {
  const token = await tx.first<{ user_id: string }>(
    "select user_id from auth.one_time_tokens where token_hash = $1 and token_type::text = any($2)",
    [hash, types],
  );
  return token ? lockUser(tx, token.user_id) : null;
}

/** The user whose email change is under way from or to the address, when the hash is one of that change's two. */
export async function lockUserByEmailChange(tx: Tx, email: string, hash: string): Promise<User | null> {
  const types: OneTimeTokenType[] = ["email_change_token_current", "email_change_token_new"];
  const token = await tx.first<{ user_id: string }>(
    `select user_id from auth.one_time_tokens
      where relates_to = $1 and token_hash = any($2) and token_type::text = any($3)`,
    [email, [hash, PKCE_PREFIX + hash], types],
  );
  return token ? lockUser(tx, token.user_id) : null;
}

export function isExpired(sentAt: string | null, seconds: number): boolean {
  return sentAt === null || Date.now() > Date.parse(sentAt) + seconds * 1000;
}

function sameText(one: string, other: string): boolean {
  const a = Buffer.from(one);
  const b = Buffer.from(other);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Does the hash made from what was typed fit the stored one, with or without the PKCE prefix? */
export function fitsToken(hash: string, stored: string | null): boolean {
  return Boolean(stored) && sameText(hash, (stored ?? "").replace(PKCE_PREFIX, ""));
}
