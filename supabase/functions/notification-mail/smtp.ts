import nodemailer from "nodemailer";
import { AppError } from "../_shared/errors.ts";
import type { Message } from "./message.ts";

export interface Sender {
  send(message: Message): Promise<void>;
  close(): void;
}

/** The mail server that SMTP_URL names. */
export function smtpSender(): Sender {
  const url = Deno.env.get("SMTP_URL");
  const from = Deno.env.get("MAIL_FROM");
  if (!url || !from) throw new AppError("mail_not_configured", "Send notification mails");
  const server = new URL(url);
  // One connection for all mails of a request.
  server.searchParams.set("pool", "true");
  const transport = nodemailer.createTransport(server.href, { from });
  return {
    send: async (message) => {
      await transport.sendMail(message);
    },
    close: () => transport.close(),
  };
}
