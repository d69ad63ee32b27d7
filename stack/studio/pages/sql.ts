import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { html } from "hono/html";
import { z } from "zod";
import type { StackContext } from "../../context.ts";
import { type Markup, page, table } from "../layout.ts";
import { type Outcome, runSql } from "../run-sql.ts";
import type { StatementResult } from "../sql-text.ts";

const MAX_BYTES = 5 * 1024 * 1024;
const EXAMPLE = "select table_schema, table_name from information_schema.tables limit 20;";
const form = z.object({ sql: z.string() });

function shown({ tag, columns, rows }: StatementResult): Markup {
  const count = Number(tag.split(" ").at(-1));
  const more = count > rows.length && columns.length > 0;
  return html`<h2>${tag}</h2>
    ${more ? html`<p class="note">The first ${rows.length} of ${count} rows</p>` : ""}
    ${columns.length > 0 ? table(columns, rows) : ""}`;
}

function results({ results, notices, error }: Outcome): Markup {
  return html`<section aria-label="Results">
    ${error === null ? "" : html`<p class="error" role="alert">${error}</p>`}
    ${notices.map((notice) => html`<p class="note">${notice}</p>`)}
    ${results.map(shown)}
    ${error === null && results.length === 0 ? html`<p class="note">Nothing to run</p>` : ""}
  </section>`;
}

/** Runs SQL as `postgres`. Only a POST runs anything, so that no link can. */
export function sqlPage(ctx: StackContext): Hono {
  const app = new Hono();
  const body = (sql: string, outcome: Outcome | null) => html`<form method="post" action="/sql">
      <textarea name="sql" aria-label="SQL" spellcheck="false" autofocus>
${sql}</textarea>
      <button>Run</button>
      <span class="note">Runs as postgres, in one transaction, for 60 seconds at most</span>
    </form>
    ${outcome === null ? "" : results(outcome)}`;

  app.get("/", (c) => page(c, "/sql", "SQL", body(EXAMPLE, null)));
  app.post("/", bodyLimit({ maxSize: MAX_BYTES, onError: (c) => c.text("The SQL is too long", 413) }), async (c) => {
    const sent = form.safeParse(await c.req.parseBody());
    if (!sent.success) return c.text("Cannot run SQL: the form has no field named sql", 400);
    return page(c, "/sql", "SQL", body(sent.data.sql, await runSql(ctx, sent.data.sql)));
  });
  return app;
}
