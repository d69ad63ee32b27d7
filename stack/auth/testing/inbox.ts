import { once } from "node:events";
import type { AddressInfo } from "node:net";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";

export interface CaughtMail {
  to: string;
  subject: string;
  html: string;
  /** The first link of the mail. */
  link: URL;
  /** The first run of digits marked as the code. */
  code: string;
}

export interface Inbox {
  port: number;
  mails: CaughtMail[];
  /** The newest mail to the address; fails when there is none. */
  latest(to: string): CaughtMail;
  close(): Promise<void>;
}

/** Catches mails in memory, for tests. */
export async function openInbox(): Promise<Inbox> {
  const mails: CaughtMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        const mail = await PostalMime.parse(Buffer.concat(chunks));
        const html = mail.html ?? "";
        const href = /href="([^"]+)"/.exec(html)?.[1]?.replaceAll("&amp;", "&") ?? "http://no-link.invalid";
        mails.push({
          to: session.envelope.rcptTo[0]?.address ?? "",
          subject: mail.subject ?? "",
          html,
          link: new URL(href),
          code: /<strong>(\d+)<\/strong>/.exec(html)?.[1] ?? "",
        });
        callback();
      });
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    latest(to) {
      const mail = mails.findLast((each) => each.to === to);
      if (!mail) throw new Error(`Find mail: none was sent to ${to}`);
      return mail;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
