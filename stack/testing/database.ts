import { rmSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import type { Logger } from "pino";
import { applyBaseline } from "../postgres/baseline.ts";
import { startCluster } from "../postgres/cluster.ts";
import { freePort } from "./free-port.ts";
import { testLog } from "./log.ts";
import { scratchDir } from "./scratch-dir.ts";

export interface TestDatabase {
  dir: string;
  port: number;
  log: Logger;
  /** A connection that ends with the database. */
  connect(user?: string): Promise<pg.Client>;
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  /** Leaves nothing behind. */
  stop(): Promise<void>;
}

interface Options {
  log?: Logger;
  /** Whether the API may use what `postgres` makes in `public` without a grant. */
  exposeNewTables?: boolean;
}

/** A cluster with the baseline, and nothing of the project in it. */
export async function startTestDatabase(
  name: string,
  { log = testLog, exposeNewTables = true }: Options = {},
): Promise<TestDatabase> {
  await using started = new AsyncDisposableStack();
  const dir = scratchDir(name);
  started.defer(() => rmSync(dir, { recursive: true, force: true }));
  const port = await freePort();
  const start = () => startCluster({ dataDir: path.join(dir, "data"), port, log, durable: false });
  let cluster = await start();
  started.defer(() => cluster.stop());
  const clients: pg.Client[] = [];
  started.defer(async () => {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  });
  const connect = async (user = "postgres") => {
    const client = new pg.Client({ host: "127.0.0.1", port, user, password: "postgres", database: "postgres" });
    client.on("error", () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  await applyBaseline(await connect("supabase_admin"), { exposeNewTables });
  const running = started.move();
  return {
    dir,
    port,
    log,
    connect,
    stopServer: () => cluster.stop(),
    async startServer() {
      cluster = await start();
    },
    stop: () => running.disposeAsync(),
  };
}
