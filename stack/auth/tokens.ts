import { z } from "zod";
import type { Auth } from "./auth.ts";
import type { Tx } from "./database.ts";
import { AuthError } from "./errors.ts";
import type { RequestInfo } from "./request.ts";
import { addAmrClaim, assuranceOf, createRefreshToken, createSession } from "./sessions.ts";
import { userJson } from "./user-json.ts";
import { type Json, type User, updateUser } from "./users.ts";

/** A session as the client receives it, and the headers that go with it. */
export interface IssuedSession {
  body: Json & { access_token: string; refresh_token: string; expires_in: number; expires_at: number };
  headers: Record<string, string>;
}

const requiredClaims = z.looseObject({
  aud: z.union([z.string(), z.array(z.unknown())]),
  exp: z.int(),
  jti: z.string().optional(),
  iat: z.int(),
  iss: z.string().optional(),
  nbf: z.int().optional(),
  sub: z.string(),
  email: z.string(),
  phone: z.string(),
  app_metadata: z.record(z.string(), z.unknown()).optional(),
  user_metadata: z.record(z.string(), z.unknown()).optional(),
  role: z.string(),
  aal: z.string(),
  amr: z.array(z.union([z.string(), z.record(z.string(), z.unknown())])).optional(),
  session_id: z.string(),
  client_id: z.string().optional(),
  is_anonymous: z.unknown().refine((value) => value !== undefined),
});

/** The claims as the custom_access_token hook leaves them, in alphabetical order. */
function claimsFromHook(output: Json): Json {
  const claims = output.claims;
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) {
    throw new AuthError("unexpected_failure", { message: "output claims field is missing" });
  }
  const parsed = requiredClaims.safeParse(claims);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `- ${issue.path.join(".")}: ${issue.message}\n`);
    throw new AuthError("unexpected_failure", {
      message: `output claims do not conform to the expected schema: \n${problems.join("")}`,
    });
  }
  return Object.fromEntries(Object.entries(claims).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Signs a token for the session; the hook, when there is one, runs in the same transaction. */
export async function signAccessToken(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  user: User,
  sessionId: string,
  method: string,
): Promise<{ token: string; expiresAt: number }> {
  const { aal, amr } = await assuranceOf(tx, sessionId);
  const issuedAt = Math.floor(Date.now() / 1000);
  const expiresAt = issuedAt + auth.settings.jwtExpirySeconds;
  const claims: Json = {
    iss: auth.settings.issuer,
    sub: user.row.id,
    aud: user.row.aud,
    exp: expiresAt,
    iat: issuedAt,
    email: user.row.email ?? "",
    phone: user.row.phone ?? "",
    app_metadata: user.row.raw_app_meta_data ?? {},
    user_metadata: user.row.raw_user_meta_data ?? {},
    role: user.row.role,
    aal,
    amr,
    session_id: sessionId,
    is_anonymous: user.row.is_anonymous,
  };
  const output = await auth.hooks.run("custom_access_token", tx, request, {
    user_id: user.row.id,
    claims,
    authentication_method: method,
  });
  return { token: await auth.signer.sign(output ? claimsFromHook(output) : claims), expiresAt };
}

export function sessionResponse(
  user: User,
  sessionId: string,
  access: { token: string; expiresAt: number },
  refreshToken: string,
): IssuedSession {
  return {
    body: {
      access_token: access.token,
      token_type: "bearer",
      expires_in: access.expiresAt - Math.floor(Date.now() / 1000),
      expires_at: access.expiresAt,
      refresh_token: refreshToken,
      user: userJson(user),
    },
    headers: {
      "sb-auth-user-id": user.row.id,
      "sb-auth-session-id": sessionId,
      "sb-auth-refresh-token-prefix": refreshToken.slice(0, 5),
    },
  };
}

/** Starts a session for a user who has just proven himself by `method`. */
export async function issueSession(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  user: User,
  method: string,
): Promise<IssuedSession> {
  const session = await createSession(tx, user, request);
  const refreshToken = await createRefreshToken(tx, user, session.id);
  await updateUser(tx, user, { last_sign_in_at: new Date() });
  await addAmrClaim(tx, session.id, method);
  const access = await signAccessToken(auth, tx, request, user, session.id, method);
  return sessionResponse(user, session.id, access, refreshToken);
}
