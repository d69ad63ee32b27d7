import { type Context, Hono } from "hono";
import { z } from "zod";
import type { Mailbox, StoredMessage } from "./mailbox.ts";
import { contentBytes, describeMessage, parseMessage } from "./message.ts";
import { parseSearch } from "./search.ts";

const DEFAULT_LIMIT = 50;

const pageSchema = z.object({
  start: z.coerce.number().int().min(0).catch(0),
  limit: z.coerce.number().int().min(0).catch(DEFAULT_LIMIT),
});
const selectionSchema = z.object({ IDs: z.array(z.string()).default([]), Search: z.string().default("") });
const readSchema = selectionSchema.extend({ Read: z.boolean().default(false) });

function unread(messages: StoredMessage[]): number {
  return messages.filter(({ summary }) => !summary.Read).length;
}

/** The part of Mailpit's JSON API that tests and clients use to read mail. */
export function createMailApi(mailbox: Mailbox): Hono {
  const app = new Hono();

  function page(c: Context, matching: StoredMessage[]) {
    const all = mailbox.list();
    const { start, limit } = pageSchema.parse(c.req.query());
    const messages = matching.slice(start, start + limit).map(({ summary }) => summary);
    return c.json({
      total: all.length,
      unread: unread(all),
      count: messages.length,
      messages_count: matching.length,
      messages_unread: unread(matching),
      start,
      tags: [],
      messages,
    });
  }

  function selected({ IDs, Search }: z.infer<typeof selectionSchema>): StoredMessage[] {
    if (Search !== "") return mailbox.list().filter(parseSearch(Search));
    return IDs.length === 0 ? mailbox.list() : mailbox.list().filter(({ summary }) => IDs.includes(summary.ID));
  }

  const refuse = (c: Context, message: string) => c.json({ Error: message }, 400);

  app.get("/info", (c) => {
    const all = mailbox.list();
    return c.json({ Version: "embedded", Messages: all.length, Unread: unread(all) });
  });

  app.get("/messages", (c) => page(c, mailbox.list()));

  app.delete("/messages", async (c) => {
    const body = selectionSchema.pick({ IDs: true }).safeParse(await c.req.json().catch(() => ({})));
    if (!body.success) return refuse(c, "Delete messages: IDs must be a list of message ids");
    mailbox.remove(selected({ ...body.data, Search: "" }));
    return c.text("ok");
  });

  app.put("/messages", async (c) => {
    const body = readSchema.safeParse(await c.req.json().catch(() => null));
    if (!body.success) return refuse(c, "Set read status: the body must be JSON with Read, and IDs or Search");
    for (const message of selected(body.data)) mailbox.setRead(message, body.data.Read);
    return c.text("ok");
  });

  app.get("/search", (c) => {
    const query = (c.req.query("query") ?? "").trim();
    if (query === "") return refuse(c, "Error: no search query");
    return page(c, mailbox.list().filter(parseSearch(query)));
  });

  app.delete("/search", (c) => {
    const query = (c.req.query("query") ?? "").trim();
    if (query === "") return refuse(c, "Error: no search query");
    mailbox.remove(mailbox.list().filter(parseSearch(query)));
    return c.text("ok");
  });

  app.get("/message/:id", async (c) => {
    const message = mailbox.find(c.req.param("id"));
    if (!message) return c.notFound();
    mailbox.setRead(message, true);
    const email = await parseMessage(mailbox.raw(message));
    return c.json(describeMessage(email, message.summary, message.envelope));
  });

  app.get("/message/:id/headers", async (c) => {
    const message = mailbox.find(c.req.param("id"));
    if (!message) return c.notFound();
    const { headers } = await parseMessage(mailbox.raw(message));
    const entries = Object.entries(Object.groupBy(headers, ({ originalKey }) => originalKey));
    return c.json(Object.fromEntries(entries.map(([name, values = []]) => [name, values.map(({ value }) => value)])));
  });

  app.get("/message/:id/raw", (c) => {
    const message = mailbox.find(c.req.param("id"));
    if (!message) return c.notFound();
    return c.body(mailbox.raw(message), 200, { "content-type": "text/plain; charset=utf-8" });
  });

  app.get("/message/:id/part/:part", async (c) => {
    const message = mailbox.find(c.req.param("id"));
    if (!message) return c.notFound();
    const { attachments } = await parseMessage(mailbox.raw(message));
    const part = attachments[Number(c.req.param("part")) - 1];
    if (!part) return c.notFound();
    // Never shown in this origin: a mail may carry HTML or SVG.
    const filename = encodeURIComponent(part.filename ?? "attachment");
    return c.body(contentBytes(part), 200, {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename*=UTF-8''${filename}`,
    });
  });

  return app;
}
