import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { GatewayEnv, Service, StackContext } from "../context.ts";
import { createVerifier } from "../gateway/jwt.ts";
import type { Auth } from "./auth.ts";
import { scheduleCleanUp } from "./cleanup.ts";
import { AuthError, renderError } from "./errors.ts";
import { createHooks } from "./hooks.ts";
import { createMailer } from "./mailer.ts";
import { hourlyLimit } from "./rate-limit.ts";
import { redirectChecker } from "./redirects.ts";
import { adminRoutes } from "./routes/admin.ts";
import { disabledRoutes } from "./routes/disabled.ts";
import { invitationRoutes } from "./routes/invitations.ts";
import { logoutRoutes } from "./routes/logout.ts";
import { otpRoutes } from "./routes/otp.ts";
import { publicRoutes } from "./routes/public.ts";
import { recoverRoutes } from "./routes/recover.ts";
import { signupRoutes } from "./routes/signup.ts";
import { tokenRoutes } from "./routes/token.ts";
import { userRoutes } from "./routes/user.ts";
import { verifyRoutes } from "./routes/verify.ts";
import { readSettings } from "./settings.ts";
import { createSigner } from "./signer.ts";

const BODY_LIMIT = 1024 * 1024;

const routes = [
  publicRoutes,
  signupRoutes,
  tokenRoutes,
  otpRoutes,
  recoverRoutes,
  verifyRoutes,
  userRoutes,
  logoutRoutes,
  invitationRoutes,
  adminRoutes,
  disabledRoutes,
];

/** Supabase's Auth API over the schema in schema.sql. */
export async function createAuth(ctx: StackContext): Promise<Service> {
  const log = ctx.log.child({ service: "auth" });
  const settings = readSettings(ctx);
  const mailer = createMailer({
    projectDir: ctx.projectDir,
    smtpPort: ctx.ports.smtp,
    sender: settings.email.sender,
    templates: ctx.config.auth.email.template,
  });
  const auth: Auth = {
    settings,
    pool: ctx.pool("supabase_auth_admin"),
    signer: await createSigner(ctx.keys.signing),
    verify: createVerifier(ctx.keys).verify,
    mailer,
    hooks: createHooks(settings.hooks, log),
    isRedirectAllowed: redirectChecker(settings.siteUrl, settings.redirectAllowList),
    mailAllowed: hourlyLimit(settings.email.sentPerHour),
    log,
  };
  const app = new Hono<GatewayEnv>();
  // Mail scanners send HEAD to links, which would use up the token if it were answered as GET is.
  app.use(async (c, next) => (c.req.method === "HEAD" ? c.body(null, 405) : next()));
  app.use(
    bodyLimit({
      maxSize: BODY_LIMIT,
      onError: (c) => {
        // The rest of the body stays unread: nothing else can follow on this connection.
        c.header("Connection", "close");
        throw new AuthError("request_entity_too_large");
      },
    }),
  );
  for (const group of routes) app.route("/", group(auth));
  app.onError((error, c) => renderError(c, error, log));
  app.notFound((c) => c.text("404 page not found", 404));
  const stopCleanUp = scheduleCleanUp(auth);
  return {
    app,
    async close() {
      await stopCleanUp();
      mailer.close();
    },
  };
}
