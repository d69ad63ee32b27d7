import type { AuthContext } from "./request.ts";
import type { IssuedSession } from "./tokens.ts";
import type { Json } from "./users.ts";

export function sendSession(c: AuthContext, session: IssuedSession, extra: Json = {}): Response {
  for (const [name, value] of Object.entries(session.headers)) c.header(name, value);
  return c.json({ ...session.body, ...extra });
}
