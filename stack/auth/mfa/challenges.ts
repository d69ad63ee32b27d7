import { randomUUID } from "node:crypto";
import { z } from "zod";
import { recordAudit } from "../audit-log.ts";
import type { Auth } from "../auth.ts";
import { inTransaction, type Tx } from "../database.ts";
import { AuthError } from "../errors.ts";
import { type RequestInfo, text } from "../request.ts";
import { addAmrClaim, createRefreshToken, deleteSessions, type SessionRow } from "../sessions.ts";
import { type IssuedSession, sessionResponse, signAccessToken } from "../tokens.ts";
import { type FactorRow, findUser, lockUser, type User } from "../users.ts";
import { matchedStep } from "./totp.ts";

const EXPIRY_MS = 300_000;

interface ChallengeRow {
  id: string;
  factor_id: string;
  created_at: string;
  verified_at: string | null;
  host: string;
}

export interface Challenged {
  id: string;
  /** In seconds since 1970. */
  expiresAt: number;
}

export async function challenge(auth: Auth, request: RequestInfo, user: User, factor: FactorRow): Promise<Challenged> {
  const id = randomUUID();
  return inTransaction(auth.pool, async (tx) => {
    // First, because the challenge's reference locks the factor too: two at once would each wait for the other's lock.
    await tx.run("update auth.mfa_factors set last_challenged_at = clock_timestamp() where id = $1", [factor.id]);
    const row = await tx.first<{ created_at: string }>(
      "insert into auth.mfa_challenges (id, factor_id, created_at, ip_address) values ($1, $2, now(), $3) returning created_at",
      [id, factor.id, request.ip],
    );
    if (!row) throw new Error("Insert challenge");
    await recordAudit(tx, request, user, "challenge_created", { factor_id: factor.id, factor_status: factor.status });
    return { id, expiresAt: Math.floor((Date.parse(row.created_at) + EXPIRY_MS) / 1000) };
  });
}

async function requireOpenChallenge(tx: Tx, request: RequestInfo, factor: FactorRow, id: string): Promise<void> {
  const row = await tx.first<ChallengeRow>(
    "select *, host(ip_address) as host from auth.mfa_challenges where id = $1 and factor_id = $2",
    [id, factor.id],
  );
  if (!row) {
    throw new AuthError("mfa_factor_not_found", {
      status: 422,
      message: "MFA factor with the provided challenge ID not found",
    });
  }
  if (row.verified_at !== null || row.host !== request.ip) throw new AuthError("mfa_ip_address_mismatch");
  if (Date.now() > Date.parse(row.created_at) + EXPIRY_MS) {
    throw new AuthError("mfa_challenge_expired", {
      message: `MFA challenge ${id} has expired, verify against another challenge or create a new challenge.`,
    });
  }
}

const verdict = z.object({ decision: z.string().nullish(), message: text });

/** The project may refuse an attempt, for example after too many of them; what its hook wrote down stays. */
async function askHook(auth: Auth, request: RequestInfo, user: User, factor: FactorRow, valid: boolean): Promise<void> {
  if (!auth.hooks.enabled("mfa_verification_attempt")) return;
  const message = await inTransaction(auth.pool, async (tx) => {
    const input = { user_id: user.row.id, factor_id: factor.id, factor_type: factor.factor_type, valid };
    const answer = verdict.parse(await auth.hooks.run("mfa_verification_attempt", tx, request, input));
    if (answer.decision !== "reject") return null;
    await deleteSessions(tx, user.row.id, "global", null);
    return answer.message || "Further MFA verification attempts will be rejected.";
  });
  if (message !== null) throw new AuthError("mfa_verification_rejected", { message });
}

/**
 * Uses up the challenge and the code: a code is good for one challenge, though others could be made while it is shown.
 * The step is kept in the column that holds the codes of other kinds of factor.
 */
async function useUp(tx: Tx, factor: FactorRow, challengeId: string, step: number): Promise<void> {
  const used = await tx.first(
    "select 1 from auth.mfa_challenges where factor_id = $1 and verified_at is not null and otp_code = $2",
    [factor.id, String(step)],
  );
  if (used) throw new AuthError("mfa_verification_failed");
  await tx.run("update auth.mfa_challenges set verified_at = clock_timestamp(), otp_code = $2 where id = $1", [
    challengeId,
    String(step),
  ]);
}

/** The refresh token in force is replaced, so that whoever still holds it learns of the change. */
async function raiseSession(tx: Tx, user: User, sessionId: string, factor: FactorRow): Promise<string> {
  const session = await tx.first<SessionRow>("select * from auth.sessions where id = $1 for update", [sessionId]);
  const inForce = await tx.first<{ token: string }>(
    `update auth.refresh_tokens set revoked = true, updated_at = now()
      where id = (select id from auth.refresh_tokens where session_id = $1 and not revoked order by id desc limit 1)
      returning token`,
    [sessionId],
  );
  // Without one the session has been ended, or its tokens revoked: nothing brings it back.
  if (!session || !inForce) throw new AuthError("session_not_found");
  await addAmrClaim(tx, sessionId, "totp");
  await tx.run("update auth.sessions set aal = 'aal2', factor_id = $2 where id = $1", [sessionId, factor.id]);
  return createRefreshToken(tx, user, sessionId, inForce.token);
}

export interface Verification {
  session: IssuedSession;
  /** Whether this was the code that finished the enrolment. */
  enrolled: boolean;
}

async function settle(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  known: User,
  sessionId: string,
  attempt: { factorId: string; challengeId: string; step: number },
): Promise<Verification> {
  // The user's row serialises his verifications: of two with one code the second finds it used.
  const user = await lockUser(tx, known.row.id);
  const factor = user?.factors.find(({ id }) => id === attempt.factorId);
  if (!user || !factor) throw new AuthError("mfa_factor_not_found");
  await requireOpenChallenge(tx, request, factor, attempt.challengeId);
  await useUp(tx, factor, attempt.challengeId, attempt.step);
  await recordAudit(tx, request, user, "verification_attempted", {
    factor_id: factor.id,
    challenge_id: attempt.challengeId,
    factor_type: factor.factor_type,
  });
  const enrolled = factor.status !== "verified";
  if (enrolled) {
    await tx.run("update auth.mfa_factors set status = 'verified', updated_at = now() where id = $1", [factor.id]);
  }
  const refreshToken = await raiseSession(tx, user, sessionId, factor);
  await tx.run("delete from auth.sessions where user_id = $1 and aal < 'aal2'", [user.row.id]);
  await tx.run("delete from auth.mfa_factors where user_id = $1 and status = 'unverified' and factor_type = $2", [
    user.row.id,
    factor.factor_type,
  ]);
  const fresh = await findUser(tx, user.row.id);
  if (!fresh) throw new Error("Load user after verification");
  const access = await signAccessToken(auth, tx, request, fresh, sessionId, "totp");
  return { session: sessionResponse(fresh, sessionId, access, refreshToken), enrolled };
}

/** Proves the session by a code of the factor; ends the user's sessions that have not been proven so. */
export async function verifyTotp(
  auth: Auth,
  request: RequestInfo,
  user: User,
  sessionId: string,
  factor: FactorRow,
  attempt: { challengeId: string; code: string },
): Promise<Verification> {
  const { secret } = await inTransaction(auth.pool, async (tx) => {
    await requireOpenChallenge(tx, request, factor, attempt.challengeId);
    const row = await tx.first<{ secret: string | null }>("select secret from auth.mfa_factors where id = $1", [
      factor.id,
    ]);
    return { secret: row?.secret ?? "" };
  });
  if (!auth.mfaAttempts.take(factor.id)) throw new AuthError("over_request_rate_limit");
  const step = secret === "" ? null : matchedStep(secret, attempt.code);
  await askHook(auth, request, user, factor, step !== null);
  if (step === null) throw new AuthError("mfa_verification_failed");
  const verification = await inTransaction(auth.pool, (tx) =>
    settle(auth, tx, request, user, sessionId, { factorId: factor.id, challengeId: attempt.challengeId, step }),
  );
  auth.mfaAttempts.forget(factor.id);
  return verification;
}
