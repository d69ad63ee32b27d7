import { randomUUID } from "node:crypto";
import { recordAudit } from "../audit-log.ts";
import type { Auth } from "../auth.ts";
import { inTransaction, type Tx } from "../database.ts";
import { AuthError } from "../errors.ts";
import type { RequestInfo } from "../request.ts";
import type { SessionRow } from "../sessions.ts";
import { type FactorRow, hasVerifiedFactor, lockUser, type User } from "../users.ts";
import { createTotp, qrCodeSvg, type TotpSecret } from "./totp.ts";

/** Nobody waits longer than this before the first challenge of a factor. */
const UNUSED_AFTER = "300 seconds";

/** How a session that a factor has proven says so. */
const amrMethods = { totp: "totp", phone: "mfa/phone", webauthn: "mfa/webauthn" } as const satisfies Record<
  FactorRow["factor_type"],
  string
>;

export interface Enrolled extends TotpSecret {
  id: string;
  friendlyName: string;
  qrCode: string;
}

async function requireRoom(auth: Auth, tx: Tx, user: User, session: SessionRow, friendlyName: string): Promise<void> {
  await tx.run(
    `delete from auth.mfa_factors f
      where f.status <> 'verified' and f.created_at + $1::interval < now()
        and not exists (select from auth.mfa_challenges c where c.factor_id = f.id)`,
    [UNUSED_AFTER],
  );
  // One enrolment of a user after the other: two at once must not both find room.
  const fresh = await lockUser(tx, user.row.id);
  if (!fresh) throw new AuthError("user_not_found", { status: 403 });
  if (fresh.factors.some((factor) => (factor.friendly_name ?? "") === friendlyName)) {
    throw new AuthError("mfa_factor_name_conflict", {
      message: `A factor with the friendly name ${JSON.stringify(friendlyName)} for this user already exists`,
    });
  }
  if (fresh.factors.length >= auth.settings.mfa.maxEnrolledFactors) {
    throw new AuthError("too_many_enrolled_mfa_factors");
  }
  if (hasVerifiedFactor(fresh) && session.aal !== "aal2") {
    throw new AuthError("insufficient_aal", { status: 403, message: "AAL2 required to enroll a new factor" });
  }
}

/** The secret is shown this once; the factor counts when its first code has been verified. */
export async function enrollTotp(
  auth: Auth,
  request: RequestInfo,
  user: User,
  session: SessionRow,
  asked: { friendlyName: string; issuer: string },
): Promise<Enrolled> {
  const { friendlyName } = asked;
  const totp = createTotp(asked.issuer || new URL(auth.settings.siteUrl).host, user.row.email ?? "");
  const qrCode = await qrCodeSvg(totp.uri);
  const id = randomUUID();
  await inTransaction(auth.pool, async (tx) => {
    await requireRoom(auth, tx, user, session, friendlyName);
    await tx.run(
      `insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, secret, created_at, updated_at)
       values ($1, $2, $3, 'totp', 'unverified', $4, now(), now())`,
      [id, user.row.id, friendlyName, totp.secret],
    );
    await recordAudit(tx, request, user, "factor_in_progress", { factor_id: id });
  });
  return { ...totp, id, friendlyName, qrCode };
}

/** Takes the factor away, and from the sessions what it had proven; their tokens show it once they are refreshed. */
export async function removeFactor(tx: Tx, factor: FactorRow): Promise<void> {
  await tx.run("delete from auth.mfa_factors where id = $1", [factor.id]);
  await tx.run(
    `delete from auth.mfa_amr_claims
      where authentication_method = $2 and session_id in (select id from auth.sessions where factor_id = $1)`,
    [factor.id, amrMethods[factor.factor_type]],
  );
  await tx.run("update auth.sessions set aal = 'aal1', factor_id = null where factor_id = $1", [factor.id]);
}

export async function unenroll(
  auth: Auth,
  request: RequestInfo,
  user: User,
  session: SessionRow,
  factorId: string,
): Promise<void> {
  await inTransaction(auth.pool, async (tx) => {
    const fresh = await lockUser(tx, user.row.id);
    const factor = fresh?.factors.find(({ id }) => id === factorId);
    if (!factor) throw new AuthError("mfa_factor_not_found");
    if (factor.status === "verified" && session.aal !== "aal2") {
      throw new AuthError("insufficient_aal", {
        status: 422,
        message: "AAL2 required to unenroll verified factor",
      });
    }
    await removeFactor(tx, factor);
    await recordAudit(tx, request, user, "factor_unenrolled", {
      factor_id: factor.id,
      factor_status: factor.status,
      session_id: session.id,
    });
  });
}
