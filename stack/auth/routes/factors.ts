import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import type { Auth } from "../auth.ts";
import { requireUser } from "../authenticate.ts";
import { AuthError } from "../errors.ts";
import { challenge, verifyTotp } from "../mfa/challenges.ts";
import { enrollTotp, unenroll } from "../mfa/factors.ts";
import { ownFactor } from "../mfa/own-factor.ts";
import { notify } from "../notifications.ts";
import { type AuthContext, readBody, requestInfo, text } from "../request.ts";
import { sendSession } from "../send-session.ts";
import type { SessionRow } from "../sessions.ts";
import type { FactorRow, User } from "../users.ts";

const enrollBody = z.object({ factor_type: text, friendly_name: text, issuer: text });
const verifyBody = z.object({ challenge_id: text, code: text });

const UNKNOWN_TYPE = "factor_type needs to be totp, phone, or webauthn";

interface Enrolling {
  user: User;
  session: SessionRow;
}

async function requireMember(c: AuthContext, auth: Auth): Promise<Enrolling> {
  const { user, session } = await requireUser(c, auth);
  if (user.row.is_anonymous) {
    throw new AuthError("no_authorization", {
      status: 403,
      message: "Anonymous user not allowed to perform these actions",
    });
  }
  if (!session) throw new AuthError("session_not_found", { message: "The token belongs to no session" });
  return { user, session };
}

async function requireFactor(c: AuthContext, auth: Auth): Promise<Enrolling & { factor: FactorRow }> {
  const member = await requireMember(c, auth);
  return { ...member, factor: ownFactor(c, member.user, "id") };
}

/** Factors of the other kinds can stand in the database; nothing here proves them. */
function requireVerifiable(auth: Auth, factor: FactorRow): void {
  if (factor.factor_type === "phone") throw new AuthError("mfa_phone_verify_not_enabled");
  if (factor.factor_type === "webauthn") throw new AuthError("mfa_webauthn_verify_not_enabled");
  if (!auth.settings.mfa.totpVerifyEnabled) throw new AuthError("mfa_totp_verify_not_enabled");
}

async function enroll(c: AuthContext, auth: Auth): Promise<Response> {
  const { user, session } = await requireMember(c, auth);
  const body = await readBody(c, enrollBody);
  if (body.factor_type === "phone") throw new AuthError("mfa_phone_enroll_not_enabled");
  if (body.factor_type === "webauthn") throw new AuthError("mfa_webauthn_enroll_not_enabled");
  if (body.factor_type !== "totp") throw new AuthError("validation_failed", { message: UNKNOWN_TYPE });
  if (!auth.settings.mfa.totpEnrollEnabled) throw new AuthError("mfa_totp_enroll_not_enabled");
  const asked = { friendlyName: body.friendly_name, issuer: body.issuer };
  const factor = await enrollTotp(auth, requestInfo(c, auth), user, session, asked);
  return c.json({
    id: factor.id,
    type: "totp",
    friendly_name: factor.friendlyName,
    totp: { qr_code: factor.qrCode, secret: factor.secret, uri: factor.uri },
  });
}

async function verify(c: AuthContext, auth: Auth): Promise<Response> {
  const { user, session, factor } = await requireFactor(c, auth);
  const body = await readBody(c, verifyBody);
  if (body.code === "" && factor.factor_type !== "webauthn") {
    throw new AuthError("validation_failed", { message: "Code needs to be non-empty" });
  }
  requireVerifiable(auth, factor);
  if (!z.guid().safeParse(body.challenge_id).success) {
    throw new AuthError("bad_json", { message: "Could not parse request body as JSON: challenge_id is no UUID" });
  }
  const attempt = { challengeId: body.challenge_id, code: body.code };
  const request = requestInfo(c, auth);
  const { session: issued, enrolled } = await verifyTotp(auth, request, user, session.id, factor, attempt);
  if (enrolled) await notify(auth, request, user, { kind: "mfa_factor_enrolled", factorType: "totp" });
  return sendSession(c, issued);
}

export function factorRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .post("/factors", (c) => enroll(c, auth))
    .post("/factors/:id/challenge", async (c) => {
      const { user, factor } = await requireFactor(c, auth);
      requireVerifiable(auth, factor);
      const { id, expiresAt } = await challenge(auth, requestInfo(c, auth), user, factor);
      return c.json({ id, type: factor.factor_type, expires_at: expiresAt });
    })
    .post("/factors/:id/verify", (c) => verify(c, auth))
    .delete("/factors/:id", async (c) => {
      const { user, session, factor } = await requireFactor(c, auth);
      const request = requestInfo(c, auth);
      await unenroll(auth, request, user, session, factor.id);
      await notify(auth, request, user, { kind: "mfa_factor_unenrolled", factorType: factor.factor_type });
      return c.json({ id: factor.id });
    });
}
