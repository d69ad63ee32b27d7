import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { scratchDir } from "../../../stack/testing/scratch-dir.ts";

const config = `
project_id = "faults"

[db.seed]
enabled = false

[studio]
enabled = false

[storage.buckets.files]
public = false

[functions.work]
verify_jwt = false
`;

const migration = `
create table public.notes (
  id uuid primary key,
  owner_id uuid not null default auth.uid() references auth.users on delete cascade,
  body text not null
);
create index on public.notes (owner_id);
alter table public.notes enable row level security;
create policy "people read their notes" on public.notes for select to authenticated
  using (owner_id = (select auth.uid()));
create policy "people add their notes" on public.notes for insert to authenticated
  with check (owner_id = (select auth.uid()));
alter publication supabase_realtime add table public.notes;

create policy "people read their files" on storage.objects for select to authenticated
  using (bucket_id = 'files' and (storage.foldername(name))[1] = (select auth.uid())::text);
create policy "people add their files" on storage.objects for insert to authenticated
  with check (bucket_id = 'files' and (storage.foldername(name))[1] = (select auth.uid())::text);
create policy "people replace their files" on storage.objects for update to authenticated
  using (bucket_id = 'files' and (storage.foldername(name))[1] = (select auth.uid())::text)
  with check (bucket_id = 'files' and (storage.foldername(name))[1] = (select auth.uid())::text);
`;

/** Answers its process id; at /wait it never answers, and at /waiting how many calls wait for that. */
const work = `
let waiting = 0;
Deno.serve((request) => {
  const { pathname } = new URL(request.url);
  if (pathname.endsWith("/waiting")) return new Response(String(waiting));
  if (!pathname.endsWith("/wait")) return new Response(String(Deno.pid));
  waiting += 1;
  return new Promise(() => {});
});
`;

/** A small project: what the faults break needs neither schools nor a seed. */
export function createProject(): string {
  const projectDir = scratchDir("faults");
  const write = (file: string, content: string) => {
    const target = path.join(projectDir, "supabase", file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
  };
  write("config.toml", config);
  write("migrations/20260101000000_notes.sql", migration);
  write("functions/work/index.ts", work);
  return projectDir;
}
