import { createClient, type SupabaseClient, type SupabaseClientOptions } from "@supabase/supabase-js";
import type pg from "pg";
import type { Keys } from "../../context.ts";
import { startTestDatabase } from "../../testing/database.ts";
import { serve } from "../../testing/serve.ts";
import { createAuth } from "../service.ts";
import { type Inbox, openInbox } from "./inbox.ts";

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
  /** Holds `supabase/`, as a project's folder does. */
  dir: string;
  /** Serves Auth with these keys of `[auth]` over the defaults; several may run beside each other. */
  serve(auth?: Record<string, unknown>, apiPort?: number): Promise<AuthServer>;
  stop(): Promise<void>;
}

/** A real database, an inbox, and as many Auth services as a test asks for. */
export async function startTestStack(): Promise<TestStack> {
  await using started = new AsyncDisposableStack();
  const database = await startTestDatabase("auth");
  started.defer(database.stop);
  const inbox = await openInbox();
  started.defer(inbox.close);
  const admin = await database.connect("supabase_admin");
  const running = started.move();

  async function serveAuth(auth: Record<string, unknown> = {}, apiPort?: number): Promise<AuthServer> {
    const options = { config: { auth }, ports: { smtp: inbox.port, ...(apiPort ? { api: apiPort } : {}) } };
    const { ctx, url, close } = await serve(database, async (ctx) => ({ auth: await createAuth(ctx) }), options);
    running.defer(close);
    const { keys } = ctx;
    const clientOptions = (flowType: "pkce" | "implicit"): SupabaseClientOptions<"public"> => ({
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false, flowType },
    });
    const request: AuthServer["request"] = (path, init = {}) =>
      fetch(`${url}/auth/v1${path}`, { redirect: "manual", ...init });
    return {
      url,
      keys,
      client: (flowType = "implicit") => createClient(url, keys.publishable, clientOptions(flowType)),
      service: () => createClient(url, keys.secret, clientOptions("implicit")),
      request,
      post: (path, body, headers = {}) =>
        request(path, {
          method: "POST",
          body: typeof body === "string" ? body : JSON.stringify(body),
          headers: { "content-type": "application/json", "x-supabase-api-version": "2024-01-01", ...headers },
        }),
    };
  }

  return { admin, inbox, dir: database.dir, serve: serveAuth, stop: () => running.disposeAsync() };
}
