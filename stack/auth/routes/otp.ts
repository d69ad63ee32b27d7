import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import { signUp } from "../accounts.ts";
import { recordAudit } from "../audit-log.ts";
import type { Auth } from "../auth.ts";
import { inTransaction, withConnection } from "../database.ts";
import { AuthError } from "../errors.ts";
import { isPkce, startFlow } from "../flow-state.ts";
import { sendSingleMail } from "../mails.ts";
import { challengeFields, metadata, type RequestInfo, readBody, requestInfo, requireEmail, text } from "../request.ts";
import { findUserByEmail, lockUser } from "../users.ts";

const linkFields = { email: text, data: metadata, ...challengeFields };
const magicLinkBody = z.object(linkFields);
const otpBody = z.object({
  ...linkFields,
  phone: text,
  channel: text,
  create_user: z
    .boolean()
    .nullish()
    .transform((value) => value ?? true),
});

type LinkRequest = z.output<typeof magicLinkBody>;

async function sendLink(auth: Auth, request: RequestInfo, userId: string, body: LinkRequest): Promise<void> {
  const pkce = isPkce(body);
  await inTransaction(auth.pool, async (tx) => {
    const user = await lockUser(tx, userId);
    if (!user) return;
    if (pkce) await startFlow(tx, userId, body, "magiclink");
    await recordAudit(tx, request, user, "user_recovery_requested");
    await sendSingleMail(auth, tx, request, user, "magiclink", pkce);
  });
}

/** A stranger is signed up first; with confirmations on, the mail that confirms him is his link. */
async function magicLink(auth: Auth, request: RequestInfo, body: LinkRequest): Promise<void> {
  if (!auth.settings.email.enabled) throw new AuthError("email_provider_disabled");
  isPkce(body);
  const email = requireEmail(body.email);
  const find = () => withConnection(auth.pool, (db) => findUserByEmail(db, email));
  const known = await find();
  if (known && (known.row.email_confirmed_at || auth.settings.email.autoconfirm)) {
    return sendLink(auth, request, known.row.id, body);
  }
  if (!auth.settings.signupEnabled) throw new AuthError("signup_disabled");
  const password = randomBytes(32).toString("base64url");
  const params = { ...body, email, password, data: body.data ?? {} };
  await signUp(auth, request, params, { session: false });
  if (!auth.settings.email.autoconfirm) return;
  const user = await find();
  if (user) await sendLink(auth, request, user.row.id, body);
}

export function otpRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .post("/otp", async (c) => {
      const body = await readBody(c, otpBody);
      if (body.email !== "" && body.phone !== "") {
        throw new AuthError("validation_failed", {
          message: "Only an email address or phone number should be provided",
        });
      }
      if (body.email !== "" && body.channel !== "") {
        throw new AuthError("validation_failed", { message: "Channel should only be specified with Phone OTP" });
      }
      if (body.phone !== "") {
        throw new AuthError("phone_provider_disabled", { status: 400, message: "Unsupported phone provider" });
      }
      if (body.email === "") {
        throw new AuthError("validation_failed", { message: "One of email or phone must be set" });
      }
      if (!body.create_user) {
        const email = requireEmail(body.email);
        if (!(await withConnection(auth.pool, (db) => findUserByEmail(db, email)))) throw new AuthError("otp_disabled");
      }
      await magicLink(auth, requestInfo(c, auth), body);
      return c.json({});
    })
    .post("/magiclink", async (c) => {
      const body = await readBody(c, magicLinkBody);
      if (body.email === "") {
        throw new AuthError("validation_failed", { status: 422, message: "Password recovery requires an email" });
      }
      await magicLink(auth, requestInfo(c, auth), body);
      return c.json({});
    });
}
