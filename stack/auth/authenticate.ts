import { z } from "zod";
import type { Claims } from "../context.ts";
import type { Auth } from "./auth.ts";
import { withConnection } from "./database.ts";
import { AuthError } from "./errors.ts";
import type { AuthContext } from "./request.ts";
import { findSession, isLive, type SessionRow } from "./sessions.ts";
import { findUser, isBanned, type User, ZERO_ID } from "./users.ts";

export interface SignedIn {
  user: User;
  session: SessionRow | null;
}

/** A legacy key is a token, but in the `apikey` header alone it signs nobody in; an opaque key there stands for one. */
function carriesBearer(c: AuthContext): boolean {
  const authorization = c.req.header("authorization");
  if (authorization !== undefined && !/^bearer sb_/i.test(authorization)) return /^bearer +\S+$/i.test(authorization);
  return c.req.header("apikey")?.startsWith("sb_") ?? false;
}

async function requireClaims(c: AuthContext, auth: Auth): Promise<Claims> {
  const token = carriesBearer(c) ? c.get("token") : null;
  if (!token) throw new AuthError("no_authorization");
  try {
    return await auth.verify(token);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "token is malformed";
    throw new AuthError("bad_jwt", { message: `invalid JWT: unable to parse or verify signature, ${reason}` });
  }
}

const uuid = z.guid();

function requireSessionId(claims: Claims): string | null {
  const { session_id: sessionId } = claims;
  if (!sessionId || sessionId === ZERO_ID) return null;
  if (uuid.safeParse(sessionId).success) return sessionId;
  throw new AuthError("bad_jwt", { message: "invalid claim: session_id claim must be a UUID" });
}

/** The user and the session that the claims name, when both still exist. */
async function load(auth: Auth, claims: Claims): Promise<SignedIn> {
  const { sub } = claims;
  if (!sub) throw new AuthError("bad_jwt", { message: "invalid claim: missing sub claim" });
  if (!uuid.safeParse(sub).success) {
    throw new AuthError("bad_jwt", { status: 400, message: "invalid claim: sub claim must be a UUID" });
  }
  const sessionId = requireSessionId(claims);
  return withConnection(auth.pool, async (db) => {
    const user = await findUser(db, sub);
    if (!user) {
      throw new AuthError("user_not_found", { status: 403, message: "User from sub claim in JWT does not exist" });
    }
    const session = sessionId ? await findSession(db, sessionId) : null;
    if (sessionId && session?.user_id !== user.row.id) throw new AuthError("session_not_found");
    return { user, session };
  });
}

/** The user whose token the request carries, when user and session still exist. */
export async function requireUser(c: AuthContext, auth: Auth): Promise<SignedIn> {
  const signedIn = await load(auth, await requireClaims(c, auth));
  if (isBanned(signedIn.user)) throw new AuthError("user_banned", { status: 403 });
  return signedIn;
}

/** The role of a request that only the service may make. A person who was given that role by a hook has to be signed in. */
export async function requireService(c: AuthContext, auth: Auth): Promise<{ role: string }> {
  const claims = await requireClaims(c, auth);
  const { role } = claims;
  if (role !== "service_role" && role !== "supabase_admin") throw new AuthError("not_admin");
  if (requireSessionId(claims)) {
    const { user, session } = await load(auth, claims);
    if (isBanned(user)) throw new AuthError("user_banned", { status: 403 });
    if (session && !isLive(session, auth.settings)) {
      throw new AuthError("session_expired", { status: 403, message: "Session is no longer valid" });
    }
  }
  return { role };
}
