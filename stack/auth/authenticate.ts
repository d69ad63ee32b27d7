import { z } from "zod";
import type { Claims } from "../context.ts";
import type { Auth } from "./auth.ts";
import { withConnection } from "./database.ts";
import { AuthError } from "./errors.ts";
import type { AuthContext } from "./request.ts";
import { findSession, type SessionRow } from "./sessions.ts";
import { findUser, isBanned, type User } from "./users.ts";

export interface SignedIn {
  user: User;
  session: SessionRow | null;
}

async function requireClaims(c: AuthContext, auth: Auth): Promise<Claims> {
  const token = c.get("token");
  if (!token) throw new AuthError("no_authorization");
  try {
    return await auth.verify(token);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "token is malformed";
    throw new AuthError("bad_jwt", { message: `invalid JWT: unable to parse or verify signature, ${reason}` });
  }
}

const uuid = z.guid();

/** The user whose token the request carries, when user and session still exist. */
export async function requireUser(c: AuthContext, auth: Auth): Promise<SignedIn> {
  const claims = await requireClaims(c, auth);
  const { sub, session_id: sessionId } = claims;
  if (!sub) throw new AuthError("bad_jwt", { message: "invalid claim: missing sub claim" });
  if (!uuid.safeParse(sub).success) {
    throw new AuthError("bad_jwt", { status: 400, message: "invalid claim: sub claim must be a UUID" });
  }
  if (sessionId && !uuid.safeParse(sessionId).success) {
    throw new AuthError("bad_jwt", { message: "invalid claim: session_id claim must be a UUID" });
  }
  return withConnection(auth.pool, async (db) => {
    const user = await findUser(db, sub);
    if (!user) {
      throw new AuthError("user_not_found", { status: 403, message: "User from sub claim in JWT does not exist" });
    }
    const session = sessionId ? await findSession(db, sessionId) : null;
    if (sessionId && session?.user_id !== user.row.id) throw new AuthError("session_not_found");
    if (isBanned(user)) throw new AuthError("user_banned", { status: 403 });
    return { user, session };
  });
}

/** The role of a request that only the service may make. */
export async function requireService(c: AuthContext, auth: Auth): Promise<{ role: string }> {
  const { role } = await requireClaims(c, auth);
  if (role !== "service_role" && role !== "supabase_admin") throw new AuthError("not_admin");
  return { role };
}
