import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import { recordAudit } from "../audit-log.ts";
import type { Auth } from "../auth.ts";
import { inTransaction, withConnection } from "../database.ts";
import { AuthError } from "../errors.ts";
import { isPkce, startFlow } from "../flow-state.ts";
import { sendEmailChange, sendSingleMail } from "../mails.ts";
import { challengeFields, readBody, requestInfo, requireEmail, text } from "../request.ts";
import { findUserByEmail, lockUser } from "../users.ts";

const recoverBody = z.object({ email: text, ...challengeFields });
const resendBody = z.object({ type: text, email: text, phone: text, ...challengeFields });

function requireResendType(type: string): "signup" | "email_change" {
  if (type === "signup" || type === "email_change") return type;
  if (type === "sms" || type === "phone_change") throw new AuthError("phone_provider_disabled", { status: 400 });
  throw new AuthError("validation_failed", {
    message: "Missing one of these types: signup, email_change, sms, phone_change",
  });
}

export function recoverRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .post("/recover", async (c) => {
      const body = await readBody(c, recoverBody);
      if (body.email === "") {
        throw new AuthError("validation_failed", { message: "Password recovery requires an email" });
      }
      const email = requireEmail(body.email);
      const pkce = isPkce(body);
      const request = requestInfo(c, auth);
      const known = await withConnection(auth.pool, (db) => findUserByEmail(db, email));
      if (!known) return c.json({});
      await inTransaction(auth.pool, async (tx) => {
        const user = await lockUser(tx, known.row.id);
        if (!user) return;
        if (pkce) await startFlow(tx, user.row.id, body, "recovery");
        await recordAudit(tx, request, user, "user_recovery_requested");
        await sendSingleMail(auth, tx, request, user, "recovery", pkce);
      });
      return c.json({});
    })
    .post("/resend", async (c) => {
      const body = await readBody(c, resendBody);
      const type = requireResendType(body.type);
      const pkce = isPkce(body);
      if (body.email === "") {
        throw new AuthError("validation_failed", {
          message:
            type === "signup" ? "Type provided requires an email address" : "Missing email address or phone number",
        });
      }
      if (!auth.settings.email.enabled) throw new AuthError("email_provider_disabled", { status: 400 });
      const email = requireEmail(body.email);
      const request = requestInfo(c, auth);
      const known = await withConnection(auth.pool, (db) => findUserByEmail(db, email));
      if (!known) return c.json({});
      await inTransaction(auth.pool, async (tx) => {
        const user = await lockUser(tx, known.row.id);
        if (!user) return;
        if (type === "signup") {
          if (user.row.email_confirmed_at) return;
          await recordAudit(tx, request, user, "user_confirmation_requested");
          if (pkce) await startFlow(tx, user.row.id, body, "email/signup");
          await sendSingleMail(auth, tx, request, user, "signup", pkce);
        } else if (user.row.email_change) {
          if (pkce) await startFlow(tx, user.row.id, body, "email_change");
          await sendEmailChange(auth, tx, request, user, user.row.email_change, pkce);
        }
      });
      return c.json({});
    });
}
