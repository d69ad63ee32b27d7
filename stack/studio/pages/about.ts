import { Hono } from "hono";
import { html } from "hono/html";
import { page, table } from "../layout.ts";

const WORKS = [
  [
    "Tables",
    "Read any table that postgres may read, 1000 rows at most; insert; edit and delete rows of tables whose key contains a column named id",
  ],
  ["SQL", "Run statements as postgres, which is no superuser; the first 1000 rows of each are shown"],
  ["Policies", "Read each table's row-level security"],
  ["Users", "Read and search who may sign in"],
  ["Storage", "Read buckets and the files in them"],
  ["Logs", "Read the newest lines of the stack's log"],
];

const ABSENT = [
  "Editing of tables, policies, functions, triggers, roles and extensions by forms: use SQL, and migrations to keep it",
  "Making and removing users, and up- and downloads of files: use the Auth admin API and the Storage API",
  "Edge functions, Realtime inspector, advisors, schema diagrams, API docs, AI assistant, saved snippets, sign-in",
];

/** What this Studio does and what it leaves out, so that nobody has to find out by trying. */
export function aboutPage(): Hono {
  const app = new Hono();
  app.get("/", (c) =>
    page(
      c,
      "/about",
      "About this Studio",
      html`${table(["Page", "What it does"], WORKS)}
        <h2>Not here</h2>
        <ul>${ABSENT.map((each) => html`<li>${each}</li>`)}</ul>
        <p class="note">
          The table editor is the one that comes with @supabase/lite; the other pages are this stack's own. It answers on this
          machine only, has no sign-in, and does not look or work like Supabase's Studio beyond that.
        </p>`,
    ),
  );
  return app;
}
