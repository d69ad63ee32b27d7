import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import pg from "pg";
import pino from "pino";
import { applyBaseline } from "../baseline.ts";
import { startCluster } from "../cluster.ts";

export const silent = pino({ level: "silent" });

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("Cannot find a free port");
  return address.port;
}

export function scratchDir(name: string): string {
  const dir = path.resolve(import.meta.dirname, "../../../.stack-test", `${name}-${process.pid}-${Date.now()}`);
  mkdirSync(dir, { recursive: true });
  return dir;
}

export interface TestDatabase {
  port: number;
  dir: string;
  connect(user?: string): Promise<pg.Client>;
  stop(): Promise<void>;
}

/** A cluster with the baseline, strict default privileges, and nothing of the project in it. */
export async function startTestDatabase(name: string): Promise<TestDatabase> {
  const dir = scratchDir(name);
  const port = await freePort();
  const cluster = await startCluster({ dataDir: path.join(dir, "data"), port, log: silent, durable: false });
  const clients: pg.Client[] = [];
  const connect = async (user = "postgres") => {
    const client = new pg.Client({ host: "127.0.0.1", port, user, password: "postgres", database: "postgres" });
    client.on("error", () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  await applyBaseline(await connect("supabase_admin"), { exposeNewTables: false });
  return {
    port,
    dir,
    connect,
    async stop() {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      await cluster.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The SQLSTATE of a refused statement; "ok" when it was carried out. Nothing of it stays. */
export async function attempt(client: pg.Client, sql: string): Promise<string> {
  await client.query("begin");
  try {
    await client.query(sql);
    return "ok";
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code) return error.code;
    throw error;
  } finally {
    await client.query("rollback");
  }
}
