import { randomUUID } from "node:crypto";
import { createClient, type RealtimeChannel, type SupabaseClient } from "@supabase/supabase-js";
import type { Logger } from "pino";
import { startTestDatabase } from "../../testing/database.ts";
import { serve } from "../../testing/serve.ts";
import { tokenSigner } from "../../testing/tokens.ts";
import type { RealtimeLimits } from "../limits.ts";
import { createRealtime } from "../service.ts";
import { openRawSocket, type RawSocket } from "./raw-socket.ts";

interface Options {
  limits?: Partial<RealtimeLimits>;
  log?: Logger;
}

export interface Person {
  id: string;
  token: string;
  client: SupabaseClient;
}

/** A real database with Realtime in front of it, over real sockets; refusals come without their backoff. */
export async function startTestStack({ limits, log }: Options = {}) {
  await using started = new AsyncDisposableStack();
  const database = await startTestDatabase("realtime", { log });
  started.defer(database.stop);
  const patience = { joinErrorMs: 0, connectErrorMs: 0, ...limits };
  const served = await serve(database, async (ctx) => ({ realtime: await createRealtime(ctx, { limits: patience }) }));
  started.defer(served.close);
  const clients: SupabaseClient[] = [];
  const sockets: RawSocket[] = [];
  started.defer(async () => {
    for (const { ws } of sockets) ws.terminate();
    await Promise.all(clients.map((each) => each.realtime.disconnect()));
  });
  const running = started.move();

  const { ctx, url } = served;
  const sign = tokenSigner(ctx.keys).es;
  const client = (key: string, token?: string) => {
    const made = createClient(url, key, token === undefined ? {} : { accessToken: async () => token });
    clients.push(made);
    return made;
  };
  return {
    ctx,
    url,
    database,
    sign,
    anonKey: ctx.keys.anon,
    serviceKey: ctx.keys.serviceRole,
    publishableKey: ctx.keys.publishable,
    admin: ctx.pool("supabase_admin"),
    client,
    anon: () => client(ctx.keys.publishable),
    service: () => client(ctx.keys.secret),
    async person(claims: Record<string, unknown> = {}): Promise<Person> {
      const id = randomUUID();
      const token = await sign({ role: "authenticated", sub: id, ...claims });
      return { id, token, client: client(ctx.keys.publishable, token) };
    },
    async raw(key = ctx.keys.publishable, vsn = "2.0.0") {
      const socket = await openRawSocket(url, key, vsn);
      sockets.push(socket);
      return socket;
    },
    closeGateway: served.closeGateway,
    stop: () => running.disposeAsync(),
  };
}

export type TestStack = Awaited<ReturnType<typeof startTestStack>>;

/** Resolves when the channel is joined, and rejects with the server's reason. */
export function subscribed(channel: RealtimeChannel): Promise<RealtimeChannel> {
  return new Promise((resolve, reject) => {
    channel.subscribe((status, error) => {
      if (status === "SUBSCRIBED") resolve(channel);
      else if (status !== "CLOSED") reject(error ?? new Error(status));
    });
  });
}
