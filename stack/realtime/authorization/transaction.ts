import type pg from "pg";
import type { Claims } from "../../context.ts";

/** Whose rights are asked, on which topic. */
export interface Asker {
  /** Without `realtime:`. */
  topic: string;
  claims: Claims;
  /** What policies read from `request.headers`. */
  headers: Record<string, string>;
}

const BECOME = `select
  set_config('role', $1, true),
  set_config('realtime.topic', $2, true),
  set_config('request.jwt.claims', $3, true),
  set_config('request.jwt.claim.sub', $4, true),
  set_config('request.jwt.claim.role', $1, true),
  set_config('request.headers', $5, true)`;

export async function become(client: pg.PoolClient, { topic, claims, headers }: Asker): Promise<void> {
  const sub = typeof claims.sub === "string" ? claims.sub : "";
  await client.query(BECOME, [claims.role, topic, JSON.stringify(claims), sub, JSON.stringify(headers)]);
}

/**
 * A transaction that leaves nothing behind. It logs in as authenticator, which may be nobody but the roles of tokens: a
 * policy that misbehaves finds no greater power to go back to.
 */
export async function rehearse<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("begin");
    return await work(client);
  } finally {
    await client.query("rollback").catch((error: Error) => {
      broken = error;
    });
    client.release(broken);
  }
}

/** Passes over row-level security, until `become`. */
export async function asService(client: pg.PoolClient): Promise<void> {
  await client.query("set local role service_role");
}
