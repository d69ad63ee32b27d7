import type { Context } from "hono";
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;
export type Cell = string | number | boolean | null | Markup;

const PAGES = [
  ["/", "Tables"],
  ["/sql", "SQL"],
  ["/policies", "Policies"],
  ["/users", "Users"],
  ["/storage", "Storage"],
  ["/logs", "Logs"],
  ["/about", "About"],
] as const;

export function navigation(current: string): Markup {
  return html`<nav class="studio">${PAGES.map(
    ([path, name]) => html`<a href="${path}" ${path === current ? html`aria-current="page"` : ""}>${name}</a>`,
  )}</nav>`;
}

export const STYLES = `
nav.studio { background: #171717; border-bottom: 1px solid #2e2e2e; box-sizing: border-box; display: flex; font: 14px/1.5 system-ui, sans-serif; gap: 1.2rem; height: 2.5rem; padding: 0.5rem 1rem; }
nav.studio a { color: #b4b4b4; text-decoration: none; }
nav.studio a:hover, nav.studio a[aria-current] { color: #3ecf8e; }
body.editor { height: 100vh; margin: 0; overflow: hidden; }
body.editor #root { height: calc(100vh - 2.5rem); overflow: auto; }
body.page { background: #1c1c1c; color: #ededed; color-scheme: dark; font: 14px/1.5 system-ui, sans-serif; margin: 0; }
body.page main { padding: 1rem; }
body.page h1 { font-size: 1.3rem; font-weight: 600; }
body.page h2 { font-size: 1rem; font-weight: 600; margin: 1.5rem 0 0.5rem; }
body.page a { color: #3ecf8e; }
.scroll { overflow-x: auto; }
body.page table { border-collapse: collapse; }
body.page td, body.page th { border: 1px solid #3e3e3e; max-width: 40rem; overflow-wrap: break-word; padding: 0.25rem 0.6rem; text-align: start; vertical-align: top; }
body.page td { font-family: ui-monospace, monospace; font-size: 12.5px; white-space: pre-wrap; }
textarea { box-sizing: border-box; font: 13px/1.5 ui-monospace, monospace; min-height: 12rem; padding: 0.6rem; width: 100%; }
button { font: inherit; margin-top: 0.5rem; padding: 0.3rem 1.2rem; }
.note { color: #a0a0a0; }
.error { color: #ff8a80; white-space: pre-wrap; }
.null { color: #808080; }
`;

/** Text from the database is escaped like any other; a null is told from an empty string. */
export function table(head: string[], rows: Cell[][]): Markup {
  return html`<div class="scroll"><table>
    <thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${rows.map(
      (row) =>
        html`<tr>${row.map((cell) => (cell === null ? html`<td class="null">null</td>` : html`<td>${typeof cell === "boolean" ? String(cell) : cell}</td>`))}</tr>`,
    )}</tbody>
  </table></div>`;
}

export async function page(c: Context, path: string, title: string, body: Markup, status: 200 | 404 | 500 = 200) {
  return c.html(
    await html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <link rel="icon" href="/static/favicon.ico" type="image/x-icon" />
          <link rel="stylesheet" href="/studio.css" />
          <title>Studio: ${title}</title>
        </head>
        <body class="page">
          ${navigation(path)}
          <main><h1>${title}</h1>${body}</main>
        </body>
      </html>`,
    status,
  );
}
