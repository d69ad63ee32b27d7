import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import type { Auth } from "../auth.ts";
import { inTransaction, type Tx } from "../database.ts";
import { AuthError } from "../errors.ts";
import { issueAuthCode } from "../flow-state.ts";
import { codeRedirect, errorRedirect, messageRedirect, sessionRedirect } from "../link-results.ts";
import { PKCE_PREFIX } from "../one-time-tokens.ts";
import { type RequestInfo, readBody, requestInfo, requireEmail, text } from "../request.ts";
import { sendSession } from "../send-session.ts";
import { issueSession } from "../tokens.ts";
import { findUser, syncProviders } from "../users.ts";
import { accept, type Proof, proveByCode, proveByHash, type VerifiedType } from "../verification.ts";

const FIRST_ACCEPTED = "Confirmation link accepted. Please proceed to confirm link sent to the other email";

const verifyBody = z.object({ type: text, token: text, token_hash: text, email: text, phone: text, redirect_to: text });

/** How a session that a PKCE link leads to was proven. */
const flowMethods: Record<VerifiedType, string> = {
  signup: "email/signup",
  invite: "invite",
  recovery: "recovery",
  magiclink: "magiclink",
  email_change: "email_change",
};

/** The user after the token has done its work; null while the other address of an email change has yet to agree. */
async function settle(auth: Auth, tx: Tx, request: RequestInfo, proof: Proof) {
  if (!(await accept(auth, tx, request, proof))) return null;
  await syncProviders(tx, proof.user);
  // Read again for the columns that the database computes.
  return (await findUser(tx, proof.user.row.id)) ?? proof.user;
}

async function followLink(auth: Auth, request: RequestInfo, token: string, type: string): Promise<string> {
  const pkce = token.startsWith(PKCE_PREFIX);
  const target = request.redirectTo;
  try {
    return await inTransaction(auth.pool, async (tx) => {
      const proof = await proveByHash(auth, tx, type, token);
      const user = await settle(auth, tx, request, proof);
      if (!user) return messageRedirect(target, FIRST_ACCEPTED, pkce);
      if (pkce) return codeRedirect(target, await issueAuthCode(tx, user.row.id, flowMethods[proof.type]));
      return sessionRedirect(target, await issueSession(auth, tx, request, user, "otp"), type);
    });
  } catch (error) {
    if (error instanceof AuthError) return errorRedirect(target, error, pkce);
    throw error;
  }
}

function requireType(type: string): void {
  if (type === "") throw new AuthError("validation_failed", { message: "Verify requires a verification type" });
}

function prove(auth: Auth, tx: Tx, body: z.output<typeof verifyBody>): Promise<Proof> {
  if ((body.token === "") === (body.token_hash === "")) {
    throw new AuthError("validation_failed", { message: "Verify requires either a token or a token hash" });
  }
  if (body.token_hash !== "") {
    if (body.email !== "" || body.phone !== "" || body.redirect_to !== "") {
      throw new AuthError("validation_failed", { message: "Only the token_hash and type should be provided" });
    }
    return proveByHash(auth, tx, body.type, body.token_hash);
  }
  if (body.type === "sms" || body.type === "phone_change" || body.phone !== "") {
    throw new AuthError("phone_provider_disabled", { status: 400, message: "Unsupported phone provider" });
  }
  if (body.email === "") {
    throw new AuthError("validation_failed", {
      message: "Only an email address or phone number should be provided on verify",
    });
  }
  return proveByCode(auth, tx, body.type, requireEmail(body.email), body.token);
}

export function verifyRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .get("/verify", async (c) => {
      const type = c.req.query("type") ?? "";
      const token = c.req.query("token") ?? "";
      requireType(type);
      if (token === "") {
        throw new AuthError("validation_failed", { message: "Verify requires a token or a token hash" });
      }
      return c.redirect(await followLink(auth, requestInfo(c, auth), token, type), 303);
    })
    .post("/verify", async (c) => {
      const body = await readBody(c, verifyBody);
      requireType(body.type);
      const request = requestInfo(c, auth);
      const session = await inTransaction(auth.pool, async (tx) => {
        const user = await settle(auth, tx, request, await prove(auth, tx, body));
        return user && issueSession(auth, tx, request, user, "otp");
      });
      return session ? sendSession(c, session) : c.json({ code: "200", msg: FIRST_ACCEPTED });
    });
}
