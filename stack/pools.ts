import pg from "pg";
import type { Logger } from "pino";
import type { DatabaseRole } from "./context.ts";

export interface Pools {
  pool(role: DatabaseRole): pg.Pool;
  connect(role: DatabaseRole): Promise<pg.Client>;
  close(): Promise<void>;
}

/** Connections to the stack's database; every login role has the password of the official local stack. */
export function createPools(port: number, log: Logger): Pools {
  const made = new Map<DatabaseRole, pg.Pool>();
  let closing = false;
  const settings = (user: DatabaseRole) => ({
    host: "127.0.0.1",
    port,
    user,
    password: "postgres",
    database: "postgres",
    application_name: `stack ${user}`,
  });
  return {
    pool(role) {
      const found = made.get(role);
      if (found) return found;
      const pool = new pg.Pool({ ...settings(role), max: 20, connectionTimeoutMillis: 10_000 });
      // An idle connection that breaks must not end the process; the next query reports it.
      pool.on("error", (error) => {
        if (!closing) log.warn({ err: error, role }, "a pooled connection broke");
      });
      // Nor one in use, whose query fails with it.
      pool.on("connect", (client) => client.on("error", () => {}));
      made.set(role, pool);
      return pool;
    },
    async connect(role) {
      const client = new pg.Client(settings(role));
      client.on("error", (error) => log.debug({ err: error, role }, "a connection broke"));
      await client.connect();
      return client;
    },
    async close() {
      closing = true;
      await Promise.all([...made.values()].map((pool) => pool.end()));
    },
  };
}
