import { mkdirSync } from "node:fs";
import { createRest } from "../../rest/service.ts";
import { startTestDatabase } from "../../testing/database.ts";
import { freePort } from "../../testing/free-port.ts";
import { serve } from "../../testing/serve.ts";
import { createStudio } from "../service.ts";
import { ask, ownPage } from "./ask.ts";

const SCHEMA = `
  create schema private;
  create table public.notes (id int primary key, body text, made timestamptz not null default now());
  alter table public.notes enable row level security;
  create policy "people read <their> notes" on public.notes for select to authenticated using (id < 10);
  insert into public.notes (id, body) values (1, 'first'), (2, '<script>alert(1)</script>'), (3, null);
  create table public.pairs (school_id int, id int, label text, primary key (school_id, id));
  insert into public.pairs values (1, 1, 'a'), (2, 1, 'b'), (1, 2, 'c');
  create table public.words (word text primary key);
  create table private.secret_words (id int generated always as identity primary key, word text not null);
  insert into private.secret_words (word) values ('hidden');
  revoke all on private.secret_words from public, anon, authenticated, service_role;
  insert into auth.users (instance_id, id, aud, role, email, encrypted_password)
  values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', 'ada@example.test', 'a-hash');
  insert into storage.buckets (id, name) values ('evidence', 'evidence');
  insert into storage.objects (bucket_id, name, metadata) values ('evidence', 'a/b.txt', '{"size": 5, "mimetype": "text/plain"}');
`;

/** Studio over a real database, beside the API that has no part in it. */
export async function startTestStudio(config: Record<string, unknown> = {}) {
  await using started = new AsyncDisposableStack();
  const database = await startTestDatabase("studio");
  started.defer(database.stop);
  const postgres = await database.connect();
  await postgres.query(SCHEMA);
  const port = await freePort();
  const { ctx, url, close } = await serve(
    database,
    async (ctx) => {
      mkdirSync(ctx.stateDir, { recursive: true });
      return { rest: await createRest(ctx) };
    },
    { config, ports: { studio: port } },
  );
  started.defer(close);
  const studio = await createStudio(ctx);
  started.defer(() => studio.close());
  const running = started.move();
  const own = ownPage(port);
  return {
    ctx,
    port,
    url,
    sql: async (text: string) => (await postgres.query(text)).rows,
    get: (path: string, headers: Record<string, string> = {}) => ask(port, path, { headers: { ...own, ...headers } }),
    send: (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
      ask(port, path, {
        method,
        headers: { ...own, "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
    run: (sql: string) =>
      ask(port, "/sql", {
        method: "POST",
        headers: { ...own, "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ sql }).toString(),
      }),
    close: () => running.disposeAsync(),
  };
}

export type TestStudio = Awaited<ReturnType<typeof startTestStudio>>;
