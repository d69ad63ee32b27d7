import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { startTestDatabase } from "../../testing/database.ts";
import { serve } from "../../testing/serve.ts";
import { tokenSigner } from "../../testing/tokens.ts";
import { createStorage } from "../service.ts";

/** A person with a token of their own. */
export interface Person {
  id: string;
  token: string;
  storage: SupabaseClient["storage"];
}

/** A real database with the storage service in front of it, over real sockets. */
export async function startTestStack(config: Record<string, unknown> = {}) {
  await using started = new AsyncDisposableStack();
  const database = await startTestDatabase("storage");
  started.defer(database.stop);
  const served = await serve(database, async (ctx) => ({ storage: await createStorage(ctx) }), { config });
  started.defer(served.close);
  const running = started.move();

  const { ctx, url } = served;
  const { anon, serviceRole } = ctx.keys;
  const admin = ctx.pool("supabase_admin");
  const sign = tokenSigner(ctx.keys).hs;
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
    unfinished: () => files("resumable"),
    async versions(): Promise<string[]> {
      const { rows } = await admin.query<{ version: string }>("select version from storage.objects order by version");
      return rows.map((row) => row.version);
    },
    stop: () => running.disposeAsync(),
  };
}

export type TestStack = Awaited<ReturnType<typeof startTestStack>>;
