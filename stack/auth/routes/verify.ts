import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import type { Auth } from "../auth.ts";
import { inTransaction, type Tx } from "../database.ts";
import { AuthError } from "../errors.ts";
import { issueAuthCode } from "../flow-state.ts";
import { codeRedirect, errorRedirect, messageRedirect, sessionRedirect } from "../link-results.ts";
import { notify } from "../notifications.ts";
import { PKCE_PREFIX } from "../one-time-tokens.ts";
import { normalPhone } from "../phones.ts";
import { type RequestInfo, readBody, requestInfo, requireEmail, text } from "../request.ts";
import { sendSession } from "../send-session.ts";
import { issueSession } from "../tokens.ts";
import { findUser, syncProviders, type User } from "../users.ts";
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

interface Settled {
  user: User;
  /** The address that has just been given up for another. */
  oldEmail: string | null;
}

/** The user after the token has done its work; null while the other address of an email change has yet to agree. */
async function settle(auth: Auth, tx: Tx, request: RequestInfo, proof: Proof): Promise<Settled | null> {
  const oldEmail = proof.type === "email_change" ? proof.user.row.email : null;
  if (!(await accept(auth, tx, request, proof))) return null;
  await syncProviders(tx, proof.user);
  // Read again for the columns that the database computes.
  return { user: (await findUser(tx, proof.user.row.id)) ?? proof.user, oldEmail };
}

async function tellOfChange(auth: Auth, request: RequestInfo, settled: Settled | null): Promise<void> {
  if (!settled?.oldEmail || settled.oldEmail === settled.user.row.email) return;
  await notify(auth, request, settled.user, { kind: "email_changed", oldEmail: settled.oldEmail });
}

async function followLink(auth: Auth, request: RequestInfo, token: string, type: string): Promise<string> {
  const pkce = token.startsWith(PKCE_PREFIX);
  const target = request.redirectTo;
  try {
    const { location, settled } = await inTransaction(auth.pool, async (tx) => {
      const proof = await proveByHash(auth, tx, type, token);
      const settled = await settle(auth, tx, request, proof);
      if (!settled) return { location: messageRedirect(target, FIRST_ACCEPTED, pkce), settled };
      const { user } = settled;
      if (pkce) {
        return {
          location: codeRedirect(target, await issueAuthCode(tx, user.row.id, flowMethods[proof.type])),
          settled,
        };
      }
      return {
        location: sessionRedirect(target, await issueSession(auth, tx, request, user, "otp"), { type }),
        settled,
      };
    });
    await tellOfChange(auth, request, settled);
    return location;
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
  if (body.phone !== "" && body.email === "") {
    normalPhone(body.phone);
    // No code has ever been sent to a phone.
    throw new AuthError("otp_expired");
  }
  if (body.phone !== "" || body.email === "") {
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
      const { session, settled } = await inTransaction(auth.pool, async (tx) => {
        const settled = await settle(auth, tx, request, await prove(auth, tx, body));
        return { settled, session: settled && (await issueSession(auth, tx, request, settled.user, "otp")) };
      });
      await tellOfChange(auth, request, settled);
      return session ? sendSession(c, session) : c.json({ code: "200", msg: FIRST_ACCEPTED });
    });
}
