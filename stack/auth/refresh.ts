import { setTimeout as sleep } from "node:timers/promises";
import { recordAudit } from "./audit-log.ts";
import type { Auth } from "./auth.ts";
import { inTransaction, type Tx, withConnection } from "./database.ts";
import { AuthError } from "./errors.ts";
import type { RequestInfo } from "./request.ts";
import {
  createRefreshToken,
  findSession,
  type RefreshTokenRow,
  requireLiveSession,
  revokeFamily,
  touchSession,
} from "./sessions.ts";
import { type IssuedSession, sessionResponse, signAccessToken } from "./tokens.ts";
import { findUser, isBanned, type User } from "./users.ts";

const RETRY_FOR_MS = 5000;

type Outcome =
  | { kind: "issued"; session: IssuedSession }
  /** Another refresh of the session is under way. */
  | { kind: "locked" }
  /** What was done about it is to be kept, unlike after a thrown error. */
  | { kind: "reused" };

async function findRefreshToken(db: Tx, token: string): Promise<RefreshTokenRow> {
  const row = await db.first<RefreshTokenRow>("select * from auth.refresh_tokens where token = $1", [token]);
  if (!row) throw new AuthError("refresh_token_not_found");
  return row;
}

/** Checks that need no lock, so that a token of no use does not wait for one. */
async function requireUsable(auth: Auth, db: Tx, token: string): Promise<string> {
  const row = await findRefreshToken(db, token);
  const user = await findUser(db, row.user_id);
  if (!user) throw new AuthError("refresh_token_not_found");
  if (isBanned(user)) throw new AuthError("user_banned", { message: "Invalid Refresh Token: User Banned" });
  const session = row.session_id ? await findSession(db, row.session_id) : null;
  if (!session) {
    throw new AuthError("session_not_found", {
      status: 400,
      message: "Invalid Refresh Token: No Valid Session Found",
    });
  }
  requireLiveSession(session, row.updated_at, auth.settings);
  return session.id;
}

/**
 * The token that answers a refresh with a token already used, null when a new one may be made, or "reuse" when this
 * looks like theft: outside the interval only the parent of the token in force may come again (its answer got lost).
 */
async function tokenInForce(auth: Auth, tx: Tx, used: RefreshTokenRow): Promise<string | null | "reuse"> {
  const active = await tx.first<RefreshTokenRow>(
    "select * from auth.refresh_tokens where session_id = $1 and not revoked order by id desc limit 1",
    [used.session_id],
  );
  // No token in force: the family was revoked, and nothing brings it back.
  if (!active) return "reuse";
  if (active.parent === used.token) return active.token;
  const reuseUntil = Date.parse(used.updated_at) + auth.settings.refresh.reuseIntervalSeconds * 1000;
  return Date.now() > reuseUntil ? "reuse" : null;
}

async function swapToken(tx: Tx, request: RequestInfo, user: User, used: RefreshTokenRow, sessionId: string) {
  await recordAudit(tx, request, user, "token_revoked");
  await tx.run("update auth.refresh_tokens set revoked = true, updated_at = now() where id = $1", [used.id]);
  return createRefreshToken(tx, user, sessionId, used.token);
}

async function refreshLocked(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  token: string,
  sessionId: string,
): Promise<Outcome> {
  // The session's row serialises its refreshes; waiting happens outside, where it holds no connection.
  const locked = await tx.first("select 1 from auth.sessions where id = $1 for update skip locked", [sessionId]);
  if (!locked) return { kind: "locked" };
  const row = await findRefreshToken(tx, token);
  const user = await findUser(tx, row.user_id);
  if (!user) throw new AuthError("refresh_token_not_found");
  const inForce = row.revoked ? await tokenInForce(auth, tx, row) : null;
  if (inForce === "reuse") {
    if (auth.settings.refresh.rotation) await revokeFamily(tx, sessionId);
    return { kind: "reused" };
  }
  await recordAudit(tx, request, user, "token_refreshed");
  const next = inForce ?? (await swapToken(tx, request, user, row, sessionId));
  const access = await signAccessToken(auth, tx, request, user, sessionId, "token_refresh");
  await touchSession(tx, sessionId, request);
  return { kind: "issued", session: sessionResponse(user, sessionId, access, next) };
}

export async function refreshSession(auth: Auth, request: RequestInfo, token: string): Promise<IssuedSession> {
  const giveUpAt = Date.now() + RETRY_FOR_MS;
  while (Date.now() < giveUpAt) {
    const sessionId = await withConnection(auth.pool, (db) => requireUsable(auth, db, token));
    const outcome = await inTransaction(auth.pool, (tx) => refreshLocked(auth, tx, request, token, sessionId));
    if (outcome.kind === "issued") return outcome.session;
    if (outcome.kind === "reused") throw new AuthError("refresh_token_already_used");
    await sleep(10 + Math.random() * 20);
  }
  throw new AuthError("conflict");
}
