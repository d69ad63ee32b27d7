import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import type { Auth } from "../auth.ts";
import { requireService } from "../authenticate.ts";
import { inTransaction } from "../database.ts";
import { AuthError } from "../errors.ts";
import { generatedTypes, generateLink, invite } from "../invitations.ts";
import { hashPassword, requireStrongPassword } from "../passwords.ts";
import { metadata, readBody, requestInfo, requireEmail, text } from "../request.ts";
import { userJson } from "../user-json.ts";

const inviteBody = z.object({ email: text, data: metadata });
const linkBody = z.object({
  type: text,
  email: text,
  new_email: text,
  password: text,
  data: metadata,
  redirect_to: text,
});

export function invitationRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .post("/invite", async (c) => {
      const admin = await requireService(c, auth);
      const body = await readBody(c, inviteBody);
      const email = requireEmail(body.email);
      const request = requestInfo(c, auth);
      const user = await inTransaction(auth.pool, (tx) => invite(auth, tx, request, admin, email, body.data ?? {}));
      return c.json(userJson(user));
    })
    .post("/admin/generate_link", async (c) => {
      const admin = await requireService(c, auth);
      const body = await readBody(c, linkBody);
      const email = requireEmail(body.email);
      const type = generatedTypes.find((each) => each === body.type);
      if (!type) {
        throw new AuthError("validation_failed", {
          message: `Invalid email action link type requested: ${body.type}`,
        });
      }
      if (type === "signup") {
        if (body.password === "") {
          throw new AuthError("validation_failed", { message: "Signup requires a valid password" });
        }
        requireStrongPassword(body.password, auth.settings);
      }
      const password = type === "signup" ? body.password : randomBytes(32).toString("base64url");
      const asked = requestInfo(c, auth);
      const redirectTo = auth.isRedirectAllowed(body.redirect_to) ? body.redirect_to : asked.redirectTo;
      const request = { ...asked, redirectTo };
      const order = {
        type,
        email,
        newEmail: body.new_email,
        passwordHash: await hashPassword(password),
        data: body.data ?? {},
      };
      const generated = await inTransaction(auth.pool, (tx) => generateLink(auth, tx, request, admin, order));
      return c.json({
        ...userJson(generated.user),
        action_link: generated.link,
        email_otp: generated.otp,
        hashed_token: generated.hash,
        verification_type: generated.type,
        redirect_to: redirectTo,
      });
    });
}
