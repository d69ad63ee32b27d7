import { once } from "node:events";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import type { StackContext } from "../context.ts";
import { createMailApp } from "./app.ts";
import { openMailbox } from "./mailbox.ts";
import { createSmtpServer } from "./smtp.ts";

const HOST = "127.0.0.1";

/** An SMTP server that keeps what it is given, and an inbox to read it in. */
export async function createMail(ctx: StackContext): Promise<{ close(): Promise<void> }> {
  const mailbox = await openMailbox(join(ctx.stateDir, "mail"));
  const smtp = createSmtpServer(mailbox);
  smtp.on("error", (error) => ctx.log.debug({ err: error }, "Receive mail"));
  const web = createAdaptorServer({ fetch: createMailApp(mailbox).fetch });
  const close = async () => {
    const closed = Promise.all([
      new Promise<void>((resolve) => smtp.close(resolve)),
      new Promise<void>((resolve) => web.close(() => resolve())),
    ]);
    if ("closeAllConnections" in web) web.closeAllConnections();
    await closed;
  };
  const opened = await Promise.allSettled([
    once(smtp.listen(ctx.ports.smtp, HOST), "listening"),
    once(web.listen(ctx.ports.mail, HOST), "listening"),
  ]);
  const refused = opened.find((result) => result.status === "rejected");
  if (refused) {
    await close();
    throw refused.reason;
  }
  return { close };
}
