import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import { recordAudit } from "../audit-log.ts";
import type { Auth } from "../auth.ts";
import { requireUser, type SignedIn } from "../authenticate.ts";
import { inTransaction, type Tx, withConnection } from "../database.ts";
import { AuthError } from "../errors.ts";
import { isPkce, startFlow } from "../flow-state.ts";
import { sendEmailChange, sendReauthentication } from "../mails.ts";
import { notify } from "../notifications.ts";
import { clearTokens, fitsToken, hashToken, isExpired } from "../one-time-tokens.ts";
import { hashPassword, matchesPassword, requireStrongPassword } from "../passwords.ts";
import { challengeFields, metadata, type RequestInfo, readBody, requestInfo, requireEmail, text } from "../request.ts";
import { assuranceOf, deleteSessions, type SessionRow } from "../sessions.ts";
import { userJson } from "../user-json.ts";
import {
  emailTakenBy,
  hasVerifiedFactor,
  lockUser,
  mergeUserMetadata,
  syncProviders,
  type User,
  updateUser,
} from "../users.ts";
import { changeEmail } from "../verification.ts";

const updateBody = z.object({
  email: text,
  phone: text,
  password: text,
  current_password: text,
  nonce: text,
  data: metadata,
  app_metadata: metadata,
  ...challengeFields,
});
type Update = z.output<typeof updateBody>;

const REAUTHENTICATE_AFTER_MS = 24 * 3_600_000;

function requireNonce(auth: Auth, user: User, nonce: string): void {
  if (nonce === "") throw new AuthError("reauthentication_needed");
  const expired = isExpired(user.row.reauthentication_sent_at, auth.settings.email.otpExpirySeconds);
  const fits = fitsToken(hashToken(user.row.email ?? "", nonce), user.row.reauthentication_token);
  if (expired || !fits) throw new AuthError("reauthentication_not_valid");
}

const recoveries = new Set(["otp", "magiclink", "recovery"]);

/** Somebody who came by a link or a code may have done so because he no longer knows his password. */
async function cameByMail(auth: Auth, session: SessionRow | null): Promise<boolean> {
  if (!session) return false;
  const { amr } = await withConnection(auth.pool, (db) => assuranceOf(db, session.id));
  return amr.some(({ method }) => recoveries.has(method));
}

function mustReauthenticate(auth: Auth, { session }: SignedIn): boolean {
  const recent = session !== null && Date.now() < Date.parse(session.created_at) + REAUTHENTICATE_AFTER_MS;
  return auth.settings.email.reauthenticateToChangePassword && !recent;
}

async function requirePasswordChangeAllowed(auth: Auth, signedIn: SignedIn, body: Update): Promise<void> {
  const { user, session } = signedIn;
  const { requireCurrentPassword } = auth.settings.email;
  if (mustReauthenticate(auth, signedIn)) requireNonce(auth, user, body.nonce);
  const hash = user.row.encrypted_password;
  if (!hash) return;
  if (requireCurrentPassword && !(await cameByMail(auth, session))) {
    if (body.current_password === "") throw new AuthError("current_password_required");
    if (!(await matchesPassword(body.current_password, hash))) throw new AuthError("current_password_invalid");
  }
  if (await matchesPassword(body.password, hash)) throw new AuthError("same_password");
}

/** Links and codes sent for the old password are worth nothing any more, nor are the user's other sessions. */
async function changePassword(tx: Tx, request: RequestInfo, user: User, hash: string, sessionId: string | null) {
  await updateUser(tx, user, {
    encrypted_password: hash,
    confirmation_token: "",
    confirmation_sent_at: null,
    recovery_token: "",
    recovery_sent_at: null,
    email_change_token_current: "",
    email_change_token_new: "",
    email_change_sent_at: null,
    phone_change_sent_at: null,
    reauthentication_token: "",
    reauthentication_sent_at: null,
  });
  await clearTokens(tx, user);
  await deleteSessions(tx, user.row.id, sessionId === null ? "global" : "others", sessionId);
  await recordAudit(tx, request, user, "user_updated_password");
}

async function updateSignedInUser(auth: Auth, request: RequestInfo, signedIn: SignedIn, body: Update): Promise<User> {
  const { user, session } = signedIn;
  const newEmail = body.email === "" ? "" : requireEmail(body.email);
  const emailChanges = newEmail !== "" && newEmail !== user.row.email;
  const passwordChanges = body.password !== "";
  if (passwordChanges) requireStrongPassword(body.password, auth.settings);
  if (body.app_metadata) {
    throw new AuthError("not_admin", { message: "Updating app_metadata requires admin privileges" });
  }
  if (hasVerifiedFactor(user) && session?.aal !== "aal2" && (passwordChanges || emailChanges)) {
    throw new AuthError("insufficient_aal");
  }
  if (user.row.is_anonymous && passwordChanges && newEmail === "") {
    throw new AuthError("validation_failed", {
      status: 422,
      message: "Updating password of an anonymous user without an email or phone is not allowed",
    });
  }
  if (user.row.is_sso_user && (passwordChanges || emailChanges)) throw new AuthError("user_sso_managed");
  if (body.phone !== "" && body.phone !== user.row.phone) {
    throw new AuthError("phone_provider_disabled", { status: 400, message: "Unsupported phone provider" });
  }
  const pkce = isPkce(body);
  if (passwordChanges) await requirePasswordChangeAllowed(auth, signedIn, body);
  const passwordHash = passwordChanges ? await hashPassword(body.password) : null;
  const updated = await inTransaction(auth.pool, async (tx) => {
    const fresh = await lockUser(tx, user.row.id);
    if (!fresh) throw new AuthError("user_not_found", { status: 403 });
    if (emailChanges && (await emailTakenBy(tx, newEmail, user.row.id))) throw new AuthError("email_exists");
    // Again, on the locked row: of two requests with one nonce the second finds it used.
    if (passwordHash && mustReauthenticate(auth, signedIn)) requireNonce(auth, fresh, body.nonce);
    if (passwordHash) await changePassword(tx, request, fresh, passwordHash, session?.id ?? null);
    if (body.data) await mergeUserMetadata(tx, fresh, body.data);
    if (emailChanges && fresh.row.is_anonymous && auth.settings.email.autoconfirm) {
      await updateUser(tx, fresh, { email_change: newEmail });
      await changeEmail(tx, request, fresh);
      await syncProviders(tx, fresh);
    } else if (emailChanges) {
      if (pkce) await startFlow(tx, fresh.row.id, body, "email_change");
      await sendEmailChange(auth, tx, request, fresh, newEmail, pkce);
    }
    await recordAudit(tx, request, fresh, "user_modified");
    return fresh;
  });
  if (passwordChanges) await notify(auth, request, updated, { kind: "password_changed" });
  return updated;
}

export function userRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .get("/user", async (c) => {
      const { user } = await requireUser(c, auth);
      return c.json(userJson(user));
    })
    .put("/user", async (c) => {
      const signedIn = await requireUser(c, auth);
      const body = await readBody(c, updateBody);
      return c.json(userJson(await updateSignedInUser(auth, requestInfo(c, auth), signedIn, body)));
    })
    .get("/reauthenticate", async (c) => {
      const { user } = await requireUser(c, auth);
      if (!user.row.email) {
        throw new AuthError("validation_failed", {
          message: "Reauthentication requires the user to have an email or a phone number",
        });
      }
      if (!user.row.email_confirmed_at) {
        throw new AuthError("email_not_confirmed", { status: 422, message: "Please verify your email first." });
      }
      const request = requestInfo(c, auth);
      await inTransaction(auth.pool, async (tx) => {
        const fresh = await lockUser(tx, user.row.id);
        if (fresh) await sendReauthentication(auth, tx, request, fresh);
      });
      return c.json({});
    });
}
