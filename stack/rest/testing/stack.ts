import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import { exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";
import pg from "pg";
import { pino } from "pino";
import { readConfig } from "../../config/config.ts";
import type { DatabaseRole, StackContext } from "../../context.ts";
import { createGateway, type Services } from "../../gateway/server.ts";
import { applyBaseline } from "../../postgres/baseline.ts";
import { startCluster } from "../../postgres/cluster.ts";
import { createRest } from "../service.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("Cannot find a free port");
  return address.port;
}

/** The ids that the fixture's people sign in with. */
export const ADA = "00000000-0000-0000-0000-000000000001";
export const DOV = "00000000-0000-0000-0000-000000000003";

/** A real cluster with the fixture's schema, REST and gateway in front of it. */
export async function startTestStack(options: { poolSize?: number; services?: Services } = {}) {
  const directory = mkdtempSync(path.join(tmpdir(), "rest-test-"));
  chmodSync(directory, 0o711);
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => lines.push(line) });
  const dbPort = await freePort();
  const api = await freePort();
  const dataDir = path.join(directory, "db");
  let cluster = await startCluster({ dataDir, port: dbPort, log, durable: false });
  const address = { host: "127.0.0.1", port: dbPort, database: "postgres", password: "postgres" };

  const prepare = async (user: DatabaseRole, work: (client: pg.Client) => Promise<unknown>) => {
    const client = new pg.Client({ ...address, user });
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  };
  try {
    await prepare("supabase_admin", applyBaseline);
    const schema = readFileSync(path.join(import.meta.dirname, "schema.sql"), "utf8");
    await prepare("postgres", (client) => client.query(schema));
  } catch (error) {
    await cluster.stop();
    throw error;
  }

  const pools = new Map<DatabaseRole, pg.Pool>();
  const jwtSecret = randomBytes(32).toString("hex");
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const signing = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: "ES256" };
  const hs = (claims: Record<string, unknown>, expires: string | number = "1h", secret = jwtSecret) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setExpirationTime(expires)
      .sign(new TextEncoder().encode(secret));
  const es = async (claims: Record<string, unknown>, kid: string = signing.kid) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", typ: "JWT", kid })
      .setExpirationTime("1h")
      .sign(await importJWK(signing));

  const ctx: StackContext = {
    projectDir: directory,
    stateDir: path.join(directory, "state"),
    config: readConfig({ project_id: "test" }).config,
    ports: { api, db: dbPort, studio: 0, mail: 0, smtp: 0 },
    keys: {
      publishable: "sb_publishable_test",
      secret: "sb_secret_test",
      anon: await hs({ role: "anon" }),
      serviceRole: await hs({ role: "service_role" }),
      jwtSecret,
      signing,
    },
    apiUrl: `http://127.0.0.1:${api}`,
    dbUrl: "",
    mailUrl: "",
    log,
    pool(role) {
      let pool = pools.get(role);
      if (pool === undefined) {
        pool = new pg.Pool({ ...address, user: role, max: options.poolSize ?? 8, connectionTimeoutMillis: 5000 });
        pool.on("error", () => undefined);
        pools.set(role, pool);
      }
      return pool;
    },
    async connect(role) {
      const client = new pg.Client({ ...address, user: role });
      await client.connect();
      return client;
    },
  };
  const rest = await createRest(ctx);
  const gateway = await createGateway(ctx, { rest, ...options.services });

  const client = (key: string, token?: string) =>
    createClient(ctx.apiUrl, key, {
      auth: { persistSession: false, autoRefreshToken: false },
      ...(token === undefined ? {} : { accessToken: async () => token }),
    });
  const tokenFor = (sub: string, more: Record<string, unknown> = {}) => es({ sub, role: "authenticated", ...more });

  return {
    ctx,
    url: ctx.apiUrl,
    lines,
    hs,
    es,
    tokenFor,
    anon: client(ctx.keys.publishable),
    service: client(ctx.keys.secret),
    as: async (sub: string, more: Record<string, unknown> = {}) =>
      client(ctx.keys.publishable, await tokenFor(sub, more)),
    /** Plain HTTP with the service key, for what a client would not send. */
    raw: (target: string, init: RequestInit = {}) =>
      fetch(`${ctx.apiUrl}/rest/v1${target}`, {
        ...init,
        headers: {
          apikey: ctx.keys.secret,
          "content-type": "application/json",
          ...Object.fromEntries(new Headers(init.headers)),
        },
      }),
    sql: async (text: string, role: DatabaseRole = "postgres") => (await ctx.pool(role).query(text)).rows,
    closeGateway: () => gateway.close(),
    stopDatabase: () => cluster.stop(),
    async startDatabase() {
      cluster = await startCluster({ dataDir, port: dbPort, log, durable: false });
    },
    async close() {
      await gateway.close();
      await rest.close();
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      await cluster.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export type TestStack = Awaited<ReturnType<typeof startTestStack>>;
