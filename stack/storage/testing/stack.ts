import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import pg from "pg";
import { pino } from "pino";
import { readConfig } from "../../config/config.ts";
import type { DatabaseRole, StackContext } from "../../context.ts";
import { createGateway } from "../../gateway/server.ts";
import { applyBaseline } from "../../postgres/baseline.ts";
import { startCluster } from "../../postgres/cluster.ts";
import { createStorage } from "../service.ts";

/** A person with a token of their own. */
export interface Person {
  id: string;
  token: string;
  storage: SupabaseClient["storage"];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("Cannot find a free port");
  return address.port;
}

/** A real database with the storage service in front of it, over real sockets. */
export async function startTestStack(configuration: Record<string, unknown> = {}) {
  await using started = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), "storage-test-"));
  started.defer(() => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o711);
  const log = pino({ level: process.env.TEST_LOG ?? "silent" });
  const port = await freePort();
  const api = await freePort();
  const url = `http://127.0.0.1:${api}`;
  const cluster = await startCluster({ dataDir: join(directory, "db"), port, log, durable: false });
  started.defer(() => cluster.stop());
  const address = { host: "127.0.0.1", port, database: "postgres", password: "postgres" };

  const connect = (user: DatabaseRole, max: number) => {
    const pool = new pg.Pool({ ...address, user, max });
    // A pool has ended before its sockets have; the server then stops under them.
    pool.on("error", () => {});
    return pool;
  };
  const admin = connect("supabase_admin", 2);
  const pools = new Map<DatabaseRole, pg.Pool>([["supabase_admin", admin]]);
  started.defer(async () => {
    await Promise.all([...pools.values()].map((pool) => pool.end()));
  });
  const connection = new pg.Client({ ...address, user: "supabase_admin" });
  await connection.connect();
  await applyBaseline(connection).finally(() => connection.end());

  const jwtSecret = randomBytes(32).toString("hex");
  const sign = (claims: Record<string, unknown>, expires: string | number = "1h", secret = jwtSecret) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(new TextEncoder().encode(secret));
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const anon = await sign({ role: "anon" });
  const serviceRole = await sign({ role: "service_role" });

  const ctx: StackContext = {
    projectDir: directory,
    stateDir: join(directory, "state"),
    config: readConfig({ project_id: "test", ...configuration }).config,
    ports: { api, db: port, studio: 0, mail: 0, smtp: 0 },
    keys: {
      publishable: "sb_publishable_test",
      secret: "sb_secret_test",
      anon,
      serviceRole,
      jwtSecret,
      signing: { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: "ES256" },
    },
    apiUrl: url,
    dbUrl: "",
    mailUrl: "",
    log,
    pool(role) {
      const pool = pools.get(role) ?? connect(role, 8);
      pools.set(role, pool);
      return pool;
    },
    async connect(role) {
      const client = new pg.Client({ ...address, user: role });
      await client.connect();
      return client;
    },
  };

  const service = await createStorage(ctx);
  const gateway = await createGateway(ctx, { storage: service });
  started.defer(() => gateway.close());
  const running = started.move();

  const client = (token: string) => createClient(url, token, { accessToken: async () => token }).storage;
  const files = (folder: string) =>
    readdirSync(join(ctx.stateDir, "storage", folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);

  return {
    ctx,
    url,
    admin,
    sign,
    service: client(serviceRole),
    anon: client(anon),
    anonKey: anon,
    serviceKey: serviceRole,
    async person(claims: Record<string, unknown> = {}): Promise<Person> {
      const id = randomUUID();
      const token = await sign({ role: "authenticated", aud: "authenticated", sub: id, ...claims });
      return { id, token, storage: client(token) };
    },
    client,
    fetch: (path: string, init: RequestInit & { token?: string; duplex?: "half" } = {}) =>
      fetch(`${url}/storage/v1${path}`, {
        ...init,
        headers: { ...(init.token && { authorization: `Bearer ${init.token}` }), ...init.headers },
      }),
    /** Versions on disk, and those whose fate is open. */
    stored: () => files("objects").sort(),
    unsettled: () => files("unsettled"),
    async versions(): Promise<string[]> {
      const { rows } = await admin.query<{ version: string }>("select version from storage.objects order by version");
      return rows.map((row) => row.version);
    },
    stop: () => running.disposeAsync(),
  };
}

export type TestStack = Awaited<ReturnType<typeof startTestStack>>;
