import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { requireBearer } from "../_shared/bearer.ts";
import { AppError, problemResponse } from "../_shared/errors.ts";
import { composeMessage, mailSchema } from "./message.ts";
import type { Sender } from "./smtp.ts";

const MAX_BYTES = 1024 * 1024;

// One mail that cannot be read is that mail's failure, and not that of the ninety-nine beside it.
const requestSchema = z.strictObject({
  mails: z
    .array(z.looseObject({ id: z.guid() }))
    .min(1)
    .max(100),
});

/** Takes {mails} and answers {sent, failed}, ids of both: the database asks again for those that failed. */
export function createApp(openSender: () => Sender): Hono {
  const app = new Hono();
  app.onError((error) => problemResponse(error));

  app.use(async (c, next) => {
    requireBearer(c.req.raw, Deno.env.get("NOTIFICATION_MAIL_TOKEN"));
    if (c.req.method !== "POST")
      throw new AppError("method_not_allowed", "Send notification mails: only POST is served");
    await next();
  });

  const limited = bodyLimit({
    maxSize: MAX_BYTES,
    onError: () => {
      throw new AppError("payload_too_large", "Read the mails");
    },
  });

  app.post("*", limited, async (c) => {
    const body = requestSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) {
      const [issue] = body.error.issues;
      throw new AppError("invalid_request", `Read the mails: ${issue?.path.join(".") || "the body"} is not valid`);
    }
    const siteUrl = z.url().parse(Deno.env.get("SITE_URL"));
    const sender = openSender();
    const sent: string[] = [];
    const failed: string[] = [];
    try {
      for (const { id, ...rest } of body.data.mails) {
        try {
          await sender.send(composeMessage(mailSchema.parse({ id, ...rest }), siteUrl));
          sent.push(id);
        } catch (error) {
          console.error("mail_failed", error);
          failed.push(id);
        }
      }
    } finally {
      sender.close();
    }
    return c.json({ sent, failed });
  });

  return app;
}
