import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import { recordAudit } from "../audit-log.ts";
import type { Auth } from "../auth.ts";
import { inTransaction, withConnection } from "../database.ts";
import { AuthError, OAuthError } from "../errors.ts";
import { redeemAuthCode } from "../flow-state.ts";
import { providerTokens } from "../oauth/provider-tokens.ts";
import { matchesPassword, weaknesses } from "../passwords.ts";
import { refreshSession } from "../refresh.ts";
import { type AuthContext, type RequestInfo, readBody, requestInfo, text } from "../request.ts";
import { sendSession } from "../send-session.ts";
import { deleteSessions } from "../sessions.ts";
import { issueSession } from "../tokens.ts";
import { findUserByEmail, isBanned, type Json, lockUser, type User } from "../users.ts";
import { withIdToken } from "./id-token.ts";

const passwordBody = z.object({ email: text, phone: text, password: text });
const refreshBody = z.object({ refresh_token: text });
const pkceBody = z.object({ auth_code: text, code_verifier: text });

/** A strong password of old may be weak by today's rules: the client is told, and signed in. */
function weakPasswordNote(auth: Auth, password: string): Json {
  const { reasons, message } = weaknesses(password, auth.settings);
  return reasons.length > 0 ? { weak_password: { message, reasons } } : {};
}

const verdict = z.object({ decision: z.string().nullish(), message: text, should_logout_user: z.boolean().nullish() });

/** The project may refuse an attempt, for example after too many of them; what its hook wrote down stays. */
async function askVerificationHook(auth: Auth, request: RequestInfo, user: User, valid: boolean): Promise<void> {
  if (!auth.hooks.enabled("password_verification_attempt")) return;
  const message = await inTransaction(auth.pool, async (tx) => {
    const input = { user_id: user.row.id, valid };
    const answer = verdict.parse(await auth.hooks.run("password_verification_attempt", tx, request, input));
    if (answer.decision !== "reject") return null;
    if (answer.should_logout_user) await deleteSessions(tx, user.row.id, "global", null);
    return answer.message || "Further password verification attempts will be rejected.";
  });
  if (message !== null) throw new AuthError("invalid_credentials", { message });
}

async function withPassword(c: AuthContext, auth: Auth): Promise<Response> {
  const { email, phone, password } = await readBody(c, passwordBody);
  if (email !== "" && phone !== "") {
    throw new AuthError("validation_failed", {
      message: "Only an email address or phone number should be provided on login.",
    });
  }
  if (phone !== "") throw new AuthError("phone_provider_disabled");
  if (email === "") throw new AuthError("validation_failed", { message: "missing email or phone" });
  if (!auth.settings.email.enabled) throw new AuthError("email_provider_disabled");
  const known = await withConnection(auth.pool, (db) => findUserByEmail(db, email));
  const hash = known?.row.encrypted_password;
  const request = requestInfo(c, auth);
  // Whatever is wrong, the answer and the work before it are the same.
  const valid = await matchesPassword(password, hash);
  if (known) await askVerificationHook(auth, request, known, valid);
  if (!valid || !known) throw new AuthError("invalid_credentials");
  if (isBanned(known)) throw new AuthError("user_banned");
  if (!known.row.email_confirmed_at) throw new AuthError("email_not_confirmed");
  const session = await inTransaction(auth.pool, async (tx) => {
    const user = await lockUser(tx, known.row.id);
    // The password may have been changed while it was being compared.
    if (!user || user.row.encrypted_password !== hash) throw new AuthError("invalid_credentials");
    await recordAudit(tx, request, user, "login", { provider: "email" });
    return issueSession(auth, tx, request, user, "password");
  });
  return sendSession(c, session, weakPasswordNote(auth, password));
}

async function withRefreshToken(c: AuthContext, auth: Auth): Promise<Response> {
  const { refresh_token: token } = await readBody(c, refreshBody);
  if (token === "") throw new OAuthError("invalid_request", "refresh_token required");
  return sendSession(c, await refreshSession(auth, requestInfo(c, auth), token));
}

async function withAuthCode(c: AuthContext, auth: Auth): Promise<Response> {
  const { auth_code: code, code_verifier: verifier } = await readBody(c, pkceBody);
  if (code === "" || verifier === "") {
    throw new AuthError("validation_failed", {
      message: "invalid request: both auth code and code verifier should be non-empty",
    });
  }
  const request = requestInfo(c, auth);
  const { session, tokens } = await inTransaction(auth.pool, async (tx) => {
    const flow = await redeemAuthCode(tx, code, verifier);
    const user = await lockUser(tx, flow.user_id);
    if (!user) throw new AuthError("user_not_found");
    if (isBanned(user)) throw new AuthError("user_banned", { status: 403 });
    await recordAudit(tx, request, user, "login", { provider_type: flow.provider_type });
    const session = await issueSession(auth, tx, request, user, flow.authentication_method);
    return { session, tokens: providerTokens(flow.provider_access_token, flow.provider_refresh_token) };
  });
  return sendSession(c, session, tokens);
}

const grants = new Set(["password", "refresh_token", "pkce", "id_token", "web3"]);

export function tokenRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>().post("/token", async (c) => {
    const grant = c.req.query("grant_type") ?? "";
    if (grants.has(grant)) auth.requests.count(c, grant === "web3" ? "web3" : "token");
    switch (grant) {
      case "password":
        return withPassword(c, auth);
      case "refresh_token":
        return withRefreshToken(c, auth);
      case "pkce":
        return withAuthCode(c, auth);
      case "id_token":
        return withIdToken(c, auth);
      case "web3":
        throw new AuthError("web3_provider_disabled");
      default:
        throw new AuthError("invalid_credentials", { message: "unsupported_grant_type" });
    }
  });
}
