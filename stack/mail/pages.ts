import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Mailbox, StoredMessage } from "./mailbox.ts";
import { type Address, parseMessage } from "./message.ts";

type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;

const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** A mail runs no script, loads nothing from elsewhere, and shares no origin with the inbox; its links open in a new tab. */
const MAIL_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

function layout(title: string, refreshSeconds: number | null, body: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        ${refreshSeconds === null ? "" : html`<meta http-equiv="refresh" content="${refreshSeconds}" />`}
        <title>${title}</title>
        <style>
          body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color-scheme: light dark; }
          table { border-collapse: collapse; width: 100%; }
          td, th { border-bottom: 1px solid #8884; padding: 0.4rem 0.6rem; text-align: start; vertical-align: top; }
          .unread { font-weight: 600; }
          iframe { background: #fff; border: 1px solid #8884; height: 36rem; width: 100%; }
          pre { border: 1px solid #8884; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
        </style>
      </head>
      <body>${body}</body>
    </html>`;
}

function named(addresses: Address[]): string {
  return addresses.map(({ Name, Address }) => (Name ? `${Name} <${Address}>` : Address)).join(", ");
}

function row({ summary }: StoredMessage): Markup {
  return html`<tr class="${summary.Read ? "" : "unread"}">
    <td><bdi>${named([...summary.To, ...summary.Cc, ...summary.Bcc])}</bdi></td>
    <td><a href="/view/${summary.ID}"><bdi>${summary.Subject || "(no subject)"}</bdi></a></td>
    <td><time datetime="${summary.Created}">${summary.Created.slice(0, 19).replace("T", " ")}</time></td>
  </tr>`;
}

/** The inbox for people: a list, and a page for each message under Mailpit's addresses. */
export function createMailPages(mailbox: Mailbox): Hono {
  const app = new Hono();

  function page(c: Context, title: string, refreshSeconds: number | null, body: Markup) {
    c.header("content-security-policy", PAGE_POLICY);
    return c.html(layout(title, refreshSeconds, body));
  }

  app.get("/", (c) => {
    const messages = mailbox.list();
    const body = html`<h1>Inbox</h1>
      ${
        messages.length === 0
          ? html`<p>No mail yet. Everything that the stack sends arrives here and goes nowhere else.</p>`
          : html`<table><tr><th>To</th><th>Subject</th><th>Received (UTC)</th></tr>${messages.map(row)}</table>`
      }`;
    return page(c, `Inbox (${messages.length})`, 5, body);
  });

  app.get("/view/:file{[a-z0-9]+\\.html}", async (c) => {
    const message = mailbox.find(c.req.param("file").replace(".html", ""));
    if (!message) return c.notFound();
    const email = await parseMessage(mailbox.raw(message));
    return c.body(`<base target="_blank">${email.html ?? ""}`, 200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": MAIL_POLICY,
    });
  });

  app.get("/view/:file{[a-z0-9]+\\.txt}", async (c) => {
    const message = mailbox.find(c.req.param("file").replace(".txt", ""));
    if (!message) return c.notFound();
    return c.text((await parseMessage(mailbox.raw(message))).text ?? "");
  });

  app.get("/view/:id", async (c) => {
    const message = mailbox.find(c.req.param("id"));
    if (!message) return c.notFound();
    mailbox.setRead(message, true);
    const { summary } = message;
    const email = await parseMessage(mailbox.raw(message));
    const parts = email.attachments.map(
      ({ filename }, index) =>
        html`<li><a href="/api/v1/message/${summary.ID}/part/${index + 1}"><bdi>${filename ?? "attachment"}</bdi></a></li>`,
    );
    const body = html`<p><a href="/">Inbox</a></p>
      <h1><bdi>${summary.Subject || "(no subject)"}</bdi></h1>
      <table>
        <tr><th>From</th><td><bdi>${named([summary.From])}</bdi></td></tr>
        <tr><th>To</th><td><bdi>${named([...summary.To, ...summary.Cc, ...summary.Bcc])}</bdi></td></tr>
        <tr><th>Received</th><td>${summary.Created}</td></tr>
      </table>
      ${email.html ? html`<iframe title="Message" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/view/${summary.ID}.html"></iframe>` : ""}
      ${email.text ? html`<pre dir="auto">${email.text}</pre>` : ""}
      ${parts.length > 0 ? html`<ul>${parts}</ul>` : ""}
      <p><a href="/api/v1/message/${summary.ID}/raw">Source</a></p>`;
    return page(c, summary.Subject || "(no subject)", null, body);
  });

  return app;
}
