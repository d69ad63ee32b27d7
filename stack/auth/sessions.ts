import { randomBytes, randomUUID } from "node:crypto";
import type { Tx } from "./database.ts";
import { AuthError } from "./errors.ts";
import type { RequestInfo } from "./request.ts";
import type { AuthSettings } from "./settings.ts";
import { type User, ZERO_ID } from "./users.ts";

export interface SessionRow {
  id: string;
  user_id: string;
  created_at: string;
  factor_id: string | null;
  aal: "aal1" | "aal2" | "aal3" | null;
  not_after: string | null;
  refreshed_at: string | null;
}

export interface RefreshTokenRow {
  id: string;
  token: string;
  user_id: string;
  revoked: boolean;
  parent: string | null;
  session_id: string | null;
  updated_at: string;
}

export interface AmrEntry {
  method: string;
  timestamp: number;
}

export async function findSession(db: Tx, id: string): Promise<SessionRow | null> {
  return db.first<SessionRow>("select * from auth.sessions where id = $1", [id]);
}

export async function createSession(tx: Tx, user: User, request: RequestInfo): Promise<SessionRow> {
  const row = await tx.first<SessionRow>(
    `insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip)
     values ($1, $2, now(), now(), 'aal1', $3, $4) returning *`,
    [randomUUID(), user.row.id, request.userAgent, request.ip || null],
  );
  if (!row) throw new Error("Insert session");
  return row;
}

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** Twelve characters of five random bits each. */
function randomToken(): string {
  return Array.from(randomBytes(12), (byte) => alphabet.charAt(byte % alphabet.length)).join("");
}

export async function createRefreshToken(tx: Tx, user: User, sessionId: string, parent = ""): Promise<string> {
  const token = randomToken();
  await tx.run(
    `insert into auth.refresh_tokens (instance_id, token, user_id, revoked, parent, session_id, created_at, updated_at)
     values ($1, $2, $3, false, $4, $5, now(), now())`,
    [ZERO_ID, token, user.row.id, parent || null, sessionId],
  );
  return token;
}

/** Notes how the session was proven; a method counts once, with its latest time. */
export async function addAmrClaim(tx: Tx, sessionId: string, method: string): Promise<void> {
  await tx.run(
    `insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
     values ($1, $2, now(), now(), $3)
     on conflict (session_id, authentication_method) do update set updated_at = excluded.updated_at`,
    [randomUUID(), sessionId, method],
  );
}

const secondFactors = new Set(["totp", "mfa/phone", "mfa/webauthn"]);

export async function assuranceOf(tx: Tx, sessionId: string): Promise<{ aal: "aal1" | "aal2"; amr: AmrEntry[] }> {
  const claims = await tx.rows<{ authentication_method: string; updated_at: string }>(
    "select authentication_method, updated_at from auth.mfa_amr_claims where session_id = $1 order by updated_at desc",
    [sessionId],
  );
  const amr = claims.map((claim) => ({
    method: claim.authentication_method,
    timestamp: Math.floor(Date.parse(claim.updated_at) / 1000),
  }));
  return { aal: amr.some(({ method }) => secondFactors.has(method)) ? "aal2" : "aal1", amr };
}

type Outlived = "lifetime" | "inactivity" | null;

/** Which of its limits the session has outlived. */
function outlived(session: SessionRow, refreshTokenTime: string, settings: AuthSettings): Outlived {
  const now = Date.now();
  const { timeboxMs, inactivityTimeoutMs } = settings.sessions;
  const created = Date.parse(session.created_at);
  const past = session.not_after !== null && now > Date.parse(session.not_after);
  if (past || (timeboxMs > 0 && now > created + timeboxMs)) return "lifetime";
  const active = session.refreshed_at
    ? Date.parse(session.refreshed_at)
    : Math.max(Date.parse(refreshTokenTime), created);
  return inactivityTimeoutMs > 0 && now > active + inactivityTimeoutMs ? "inactivity" : null;
}

export function isLive(session: SessionRow, settings: AuthSettings): boolean {
  return outlived(session, session.created_at, settings) === null;
}

/** Refuses to refresh a session that has outlived one of its limits. */
export function requireLiveSession(session: SessionRow, refreshTokenTime: string, settings: AuthSettings): void {
  const limit = outlived(session, refreshTokenTime, settings);
  if (limit === "lifetime") throw new AuthError("session_expired");
  if (limit === "inactivity") {
    throw new AuthError("session_expired", { message: "Invalid Refresh Token: Session Expired (Inactivity)" });
  }
}

export async function touchSession(tx: Tx, sessionId: string, request: RequestInfo): Promise<void> {
  await tx.run(
    `update auth.sessions set refreshed_at = now() at time zone 'utc', updated_at = now(), user_agent = $2, ip = $3
      where id = $1`,
    [sessionId, request.userAgent, request.ip || null],
  );
}

export async function revokeFamily(tx: Tx, sessionId: string): Promise<void> {
  await tx.run(
    "update auth.refresh_tokens set revoked = true, updated_at = now() where session_id = $1 and not revoked",
    [sessionId],
  );
}

export type LogoutScope = "global" | "local" | "others";

/** Refresh tokens and amr claims go with their sessions. */
export async function deleteSessions(
  tx: Tx,
  userId: string,
  scope: LogoutScope,
  sessionId: string | null,
): Promise<void> {
  if (scope === "global" || sessionId === null) {
    await tx.run("delete from auth.sessions where user_id = $1", [userId]);
  } else if (scope === "local") {
    await tx.run("delete from auth.sessions where id = $1 and user_id = $2", [sessionId, userId]);
  } else {
    await tx.run("delete from auth.sessions where user_id = $1 and id <> $2", [userId, sessionId]);
  }
}
