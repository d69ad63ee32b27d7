import type { Auth } from "./auth.ts";
import { withConnection } from "./database.ts";

const HOUR_MS = 3_600_000;

/** A day after their end these rows serve nobody: no code is redeemed and no reuse is told from an unknown token. */
const statements = [
  "delete from auth.flow_state where created_at < now() - interval '1 day'",
  "delete from auth.oauth_client_states where created_at < now() - interval '1 day'",
  "delete from auth.refresh_tokens where revoked and updated_at < now() - interval '1 day'",
  "delete from auth.sessions where not_after < now() - interval '1 day'",
  "delete from auth.mfa_challenges where created_at < now() - interval '1 day'",
];

export async function cleanUp(auth: Pick<Auth, "pool" | "log">): Promise<void> {
  try {
    await withConnection(auth.pool, async (db) => {
      for (const statement of statements) await db.run(statement);
    });
  } catch (error) {
    auth.log.warn({ err: error }, "could not remove outdated rows");
  }
}

/** Now and every hour; answers what ends it. */
export function scheduleCleanUp(auth: Pick<Auth, "pool" | "log">): () => Promise<void> {
  let running = cleanUp(auth);
  const timer = setInterval(() => {
    running = cleanUp(auth);
  }, HOUR_MS).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
