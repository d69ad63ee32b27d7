import type { StoredMessage } from "./mailbox.ts";
import type { Address } from "./message.ts";

type Predicate = (message: StoredMessage) => boolean;

/** Words, or phrases in quotation marks, each with an optional field and an optional sign of negation. */
const TERM = /([!-])?(?:([a-z-]+):)?(?:"([^"]*)"|(\S+))/gi;

function among(entries: Address[], text: string): boolean {
  return entries.some((entry) => `${entry.Name} ${entry.Address}`.toLowerCase().includes(text));
}

const fields: Record<string, (message: StoredMessage, text: string) => boolean> = {
  from: ({ summary }, text) => among([summary.From], text),
  to: ({ summary }, text) => among(summary.To, text),
  cc: ({ summary }, text) => among(summary.Cc, text),
  bcc: ({ summary }, text) => among(summary.Bcc, text),
  "reply-to": ({ summary }, text) => among(summary.ReplyTo, text),
  addressed: ({ summary }, text) =>
    among([summary.From, ...summary.To, ...summary.Cc, ...summary.Bcc, ...summary.ReplyTo], text),
  subject: ({ summary }, text) => summary.Subject.toLowerCase().includes(text),
  "message-id": ({ summary }, text) => summary.MessageID.toLowerCase().includes(text),
  is: ({ summary }, text) => (text === "read" && summary.Read) || (text === "unread" && !summary.Read),
  has: ({ summary }, text) => text.startsWith("attachment") && summary.Attachments > 0,
};

function anywhere(message: StoredMessage, text: string): boolean {
  return (
    message.text.includes(text) ||
    fields.subject?.(message, text) === true ||
    fields.addressed?.(message, text) === true
  );
}

/** Mailpit's search filters, as far as mail in development needs them; every term must match. */
export function parseSearch(query: string): Predicate {
  const terms = [...query.matchAll(TERM)].map(([, sign, field = "", quoted, word]): Predicate => {
    const text = (quoted ?? word ?? "").toLowerCase();
    const name = field.toLowerCase();
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const matches: Predicate = known
      ? (message) => known(message, text)
      : (message) => anywhere(message, name ? `${name}:${text}` : text);
    return sign ? (message) => !matches(message) : matches;
  });
  return (message) => terms.every((matches) => matches(message));
}
