import { readFileSync } from "node:fs";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import { pino } from "pino";
import type { DatabaseRole } from "../../context.ts";
import type { Services } from "../../gateway/server.ts";
import { startTestDatabase } from "../../testing/database.ts";
import { serve } from "../../testing/serve.ts";
import { tokenSigner } from "../../testing/tokens.ts";
import { createRest } from "../service.ts";

/** The ids that the fixture's people sign in with. */
export const ADA = "00000000-0000-0000-0000-000000000001";
export const DOV = "00000000-0000-0000-0000-000000000003";

interface TestStackOptions {
  poolSize?: number;
  services?: Services;
  /** SQL that follows the fixture's. */
  schema?: string;
  config?: Record<string, unknown>;
}

/** A real database with the fixture's schema, REST and gateway in front of it. */
export async function startTestStack({ poolSize = 8, services = {}, schema = "", config = {} }: TestStackOptions = {}) {
  await using started = new AsyncDisposableStack();
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => lines.push(line) });
  const database = await startTestDatabase("rest", { log });
  started.defer(database.stop);
  const postgres = await database.connect();
  await postgres.query(readFileSync(path.join(import.meta.dirname, "schema.sql"), "utf8"));
  await postgres.query(schema);
  const { ctx, url, closeGateway, close } = await serve(
    database,
    async (ctx) => {
      ctx.pool("authenticator").options.max = poolSize;
      return { rest: await createRest(ctx), ...services };
    },
    { config },
  );
  started.defer(close);
  const running = started.move();

  const client = (key: string, token?: string) =>
    createClient(url, key, {
      auth: { persistSession: false, autoRefreshToken: false },
      ...(token === undefined ? {} : { accessToken: async () => token }),
    });
  const { es, hs } = tokenSigner(ctx.keys);
  const tokenFor = (sub: string, more: Record<string, unknown> = {}) => es({ sub, role: "authenticated", ...more });

  return {
    ctx,
    url,
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
      fetch(`${url}/rest/v1${target}`, {
        ...init,
        headers: {
          apikey: ctx.keys.secret,
          "content-type": "application/json",
          ...Object.fromEntries(new Headers(init.headers)),
        },
      }),
    sql: async (text: string, role: DatabaseRole = "postgres") => (await ctx.pool(role).query(text)).rows,
    closeGateway,
    stopDatabase: database.stopServer,
    startDatabase: database.startServer,
    close: () => running.disposeAsync(),
  };
}

export type TestStack = Awaited<ReturnType<typeof startTestStack>>;
