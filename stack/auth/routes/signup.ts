import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import { obfuscatedUser, signedUpUserJson, signUp, signUpAnonymously } from "../accounts.ts";
import type { Auth } from "../auth.ts";
import { AuthError } from "../errors.ts";
import { isPkce } from "../flow-state.ts";
import { requireStrongPassword } from "../passwords.ts";
import { challengeFields, metadata, readBody, requestInfo, requireEmail, text } from "../request.ts";
import { sendSession } from "../send-session.ts";

const signUpBody = z.object({ email: text, phone: text, password: text, data: metadata, ...challengeFields });

export function signupRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>().post("/signup", async (c) => {
    const body = await readBody(c, signUpBody);
    if (body.email === "" && body.phone === "") {
      if (!auth.settings.anonymousEnabled) throw new AuthError("anonymous_provider_disabled");
      auth.requests.count(c, "anonymous");
      if (!auth.settings.signupEnabled) throw new AuthError("signup_disabled");
      return sendSession(c, await signUpAnonymously(auth, requestInfo(c, auth), body.data ?? {}));
    }
    auth.requests.count(c, "signup");
    if (!auth.settings.signupEnabled) throw new AuthError("signup_disabled");
    if (body.password === "") {
      throw new AuthError("validation_failed", { message: "Signup requires a valid password" });
    }
    requireStrongPassword(body.password, auth.settings);
    if (body.email !== "" && body.phone !== "") {
      throw new AuthError("validation_failed", {
        message: "Only an email address or phone number should be provided on signup.",
      });
    }
    if (body.phone !== "") {
      throw new AuthError("phone_provider_disabled", { status: 400, message: "Phone signups are disabled" });
    }
    isPkce(body);
    if (!auth.settings.email.enabled) {
      throw new AuthError("email_provider_disabled", { status: 400, message: "Email signups are disabled" });
    }
    const email = requireEmail(body.email);
    const data = body.data ?? {};
    const outcome = await signUp(auth, requestInfo(c, auth), { ...body, email, data }, { session: true });
    if (outcome.kind === "session") return sendSession(c, outcome.session);
    if (outcome.kind === "user") return c.json(signedUpUserJson(outcome.user));
    if (auth.settings.email.autoconfirm) throw new AuthError("user_already_exists");
    return c.json(obfuscatedUser(email, data));
  });
}
