import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { resolve } from "node:path";
import { createClient, type SupabaseClient, type SupabaseClientOptions } from "@supabase/supabase-js";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import pg from "pg";
import pino from "pino";
import { readConfig } from "../../config/config.ts";
import type { DatabaseRole, Keys, StackContext } from "../../context.ts";
import { createGateway } from "../../gateway/server.ts";
import { applyBaseline } from "../../postgres/baseline.ts";
import { startCluster } from "../../postgres/cluster.ts";
import { createAuth } from "../service.ts";
import { type Inbox, openInbox } from "./inbox.ts";

const projectDir = resolve(import.meta.dirname, "../../..");

export interface AuthServer {
  url: string;
  keys: Keys;
  client(flowType?: "pkce" | "implicit"): SupabaseClient;
  service(): SupabaseClient;
  /** A request as a browser or curl would make it; the path is below /auth/v1. */
  request(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

export interface TestStack {
  admin: pg.Client;
  inbox: Inbox;
  /** Serves Auth with these keys of `[auth]` over the defaults; several may run beside each other. */
  serve(auth?: Record<string, unknown>): Promise<AuthServer>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function createKeys(): Promise<Keys> {
  const jwtSecret = "a-secret-of-the-tests-with-more-than-32-characters";
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const legacy = (role: string) =>
    new SignJWT({ iss: "supabase-demo", role, exp: 1983812996 })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .sign(new TextEncoder().encode(jwtSecret));
  return {
    publishable: "sb_publishable_of_the_tests",
    secret: "sb_secret_of_the_tests",
    anon: await legacy("anon"),
    serviceRole: await legacy("service_role"),
    jwtSecret,
    signing: { ...(await exportJWK(privateKey)), kid: "key-of-the-tests" },
  };
}

/** A real cluster with the baseline, an inbox, and as many Auth services as a test asks for. */
export async function startTestStack(): Promise<TestStack> {
  const stateDir = resolve(projectDir, ".stack-test", `auth-${process.pid}-${Date.now()}`);
  mkdirSync(stateDir, { recursive: true });
  const log = pino({ level: process.env.LOG_LEVEL ?? "silent" });
  const port = await freePort();
  const cluster = await startCluster({ dataDir: resolve(stateDir, "data"), port, log, durable: false });
  const connection = (user: DatabaseRole) => ({
    host: "127.0.0.1",
    port,
    user,
    password: "postgres",
    database: "postgres",
  });
  const admin = new pg.Client(connection("supabase_admin"));
  await admin.connect();
  await applyBaseline(admin);
  const inbox = await openInbox();
  const pools = new Map<DatabaseRole, pg.Pool>();
  const keys = await createKeys();
  const closers: (() => Promise<void>)[] = [];

  async function serveAuth(overrides: Record<string, unknown> = {}): Promise<AuthServer> {
    const api = await freePort();
    const url = `http://127.0.0.1:${api}`;
    const ctx: StackContext = {
      projectDir,
      stateDir,
      config: readConfig({ auth: overrides }).config,
      ports: { api, db: port, studio: 0, mail: 0, smtp: inbox.port },
      keys,
      apiUrl: url,
      dbUrl: "",
      mailUrl: "",
      log,
      pool(role) {
        const known = pools.get(role);
        if (known) return known;
        const pool = new pg.Pool({ ...connection(role), max: 10 });
        // Connections that are still closing when the cluster stops report it.
        pool.on("error", () => {});
        pools.set(role, pool);
        return pool;
      },
      async connect(role) {
        const client = new pg.Client(connection(role));
        await client.connect();
        return client;
      },
    };
    const service = await createAuth(ctx);
    const gateway = await createGateway(ctx, { auth: service });
    closers.push(async () => {
      await gateway.close();
      await service.close();
    });
    const options = (flowType: "pkce" | "implicit"): SupabaseClientOptions<"public"> => ({
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false, flowType },
    });
    const request: AuthServer["request"] = (path, init = {}) =>
      fetch(`${url}/auth/v1${path}`, { redirect: "manual", ...init });
    return {
      url,
      keys,
      client: (flowType = "implicit") => createClient(url, keys.publishable, options(flowType)),
      service: () => createClient(url, keys.secret, options("implicit")),
      request,
      post: (path, body, headers = {}) =>
        request(path, {
          method: "POST",
          body: typeof body === "string" ? body : JSON.stringify(body),
          headers: { "content-type": "application/json", "x-supabase-api-version": "2024-01-01", ...headers },
        }),
    };
  }

  return {
    admin,
    inbox,
    serve: serveAuth,
    async stop() {
      for (const close of closers) await close();
      for (const pool of pools.values()) await pool.end();
      await admin.end();
      await inbox.close();
      await cluster.stop();
      rmSync(stateDir, { recursive: true, force: true });
      rmSync(`${stateDir}.log`, { force: true });
    },
  };
}
