import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { GatewayEnv, Service, StackContext } from "../context.ts";
import { createVerifier } from "../gateway/jwt.ts";
import type { Auth } from "./auth.ts";
import { scheduleCleanUp } from "./cleanup.ts";
import { AuthError, renderError } from "./errors.ts";
import { createHooks } from "./hooks.ts";
import { createMailer } from "./mailer.ts";
import { createProviders } from "./oauth/providers.ts";
import { createRateLimit } from "./rate-limit.ts";
import { redirectChecker } from "./redirects.ts";
import { countRequests, createRequestCounter } from "./request-limits.ts";
import { adminRoutes } from "./routes/admin.ts";
import { adminAuditRoutes } from "./routes/admin-audit.ts";
import { adminFactorRoutes } from "./routes/admin-factors.ts";
import { adminOauthClientRoutes } from "./routes/admin-oauth-clients.ts";
import { authorizeRoutes } from "./routes/authorize.ts";
import { callbackRoutes } from "./routes/callback.ts";
import { disabledRoutes } from "./routes/disabled.ts";
import { factorRoutes } from "./routes/factors.ts";
import { identityRoutes } from "./routes/identities.ts";
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
const HOUR_MS = 3_600_000;
const MFA_ATTEMPTS = 10;
const MFA_ATTEMPTS_MS = 5 * 60_000;

const routes = [
  publicRoutes,
  // Before those whose patterns its addresses would fit.
  disabledRoutes,
  signupRoutes,
  tokenRoutes,
  otpRoutes,
  recoverRoutes,
  verifyRoutes,
  userRoutes,
  authorizeRoutes,
  callbackRoutes,
  identityRoutes,
  logoutRoutes,
  factorRoutes,
  invitationRoutes,
  adminRoutes,
  adminFactorRoutes,
  adminAuditRoutes,
  adminOauthClientRoutes,
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
    notifications: ctx.config.auth.email.notification,
  });
  const mails = createRateLimit(settings.email.sentPerHour, HOUR_MS);
  const auth: Auth = {
    settings,
    pool: ctx.pool("supabase_auth_admin"),
    signer: await createSigner(ctx.keys.signing),
    publicKeys: ctx.keys.verifying,
    verify: createVerifier(ctx.keys).verify,
    mailer,
    hooks: createHooks(settings.hooks, log),
    providers: createProviders(settings.providers),
    isRedirectAllowed: redirectChecker(settings.siteUrl, settings.redirectAllowList),
    mailAllowed: () => mails.take(""),
    requests: createRequestCounter(settings.requestLimits),
    mfaAttempts: createRateLimit(MFA_ATTEMPTS, MFA_ATTEMPTS_MS),
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
  app.use(countRequests(auth.requests));
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
