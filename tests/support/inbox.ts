import { z } from "zod";
import { env } from "./env.ts";
import { eventually } from "./eventually.ts";

const found = z.object({ messages: z.array(z.object({ ID: z.string(), Subject: z.string() })) });
const message = z.object({ HTML: z.string(), Text: z.string() });

export interface Mail {
  subject: string;
  /** The link that the mail asks to follow. */
  link: URL;
  html: string;
  /** The code that may be typed instead. */
  code: string;
}

async function read<T>(schema: z.ZodType<T>, path: string): Promise<T> {
  if (!env.MAIL_URL) throw new Error("This test reads mail: set MAIL_URL");
  return schema.parse(await (await fetch(`${env.MAIL_URL}/api/v1/${path}`)).json());
}

/** The newest mail to an address, when there are at least this many. */
export async function mailTo(email: string, count = 1): Promise<Mail> {
  const newest = await eventually(
    async () => {
      const { messages } = await read(found, `search?query=${encodeURIComponent(`to:"${email}"`)}`);
      return messages.length >= count ? messages[0] : undefined;
    },
    20,
    `a mail to ${email}`,
  );
  const { HTML } = await read(message, `message/${newest.ID}`);
  const href = /href="([^"]+)"/.exec(HTML)?.[1]?.replaceAll("&amp;", "&") ?? "http://no-link.invalid";
  return { subject: newest.Subject, html: HTML, link: new URL(href), code: /\b(\d{6})\b/.exec(HTML)?.[1] ?? "" };
}
