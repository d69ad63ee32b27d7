import PostalMime, { type Attachment, type Email, type Address as ParsedAddress } from "postal-mime";

/** Field names are Mailpit's. */
export interface Address {
  Name: string;
  Address: string;
}

export interface Envelope {
  from: string;
  to: string[];
}

export interface MessageSummary {
  ID: string;
  MessageID: string;
  Read: boolean;
  From: Address;
  To: Address[];
  Cc: Address[];
  Bcc: Address[];
  ReplyTo: Address[];
  Subject: string;
  Created: string;
  Username: string;
  Tags: string[];
  Size: number;
  Attachments: number;
  Snippet: string;
}

const SNIPPET_LENGTH = 250;

function addresses(parsed: ParsedAddress[] | undefined): Address[] {
  return (parsed ?? [])
    .flatMap((entry) => entry.group ?? [entry])
    .map(({ name, address }) => ({ Name: name, Address: address ?? "" }));
}

/** The text of a message, whatever it was written in. */
export function plainText(email: Email): string {
  const text =
    email.text ?? (email.html ?? "").replace(/<(style|script)[\s\S]*?<\/\1>/gi, " ").replace(/<[^>]*>/g, " ");
  return text.replace(/\s+/g, " ").trim();
}

export function messageId(email: Email): string {
  return (email.messageId ?? "").replace(/^<|>$/g, "");
}

export function parseMessage(raw: Uint8Array): Promise<Email> {
  return PostalMime.parse(raw);
}

export function contentBytes({ content }: Attachment): Uint8Array<ArrayBuffer> {
  return typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
}

interface Received {
  id: string;
  created: Date;
  read: boolean;
  envelope: Envelope;
}

export function summarize(email: Email, size: number, { id, created, read, envelope }: Received): MessageSummary {
  const [to, cc] = [addresses(email.to), addresses(email.cc)];
  const named = new Set([...to, ...cc].map(({ Address }) => Address.toLowerCase()));
  const hidden = envelope.to.filter((recipient) => !named.has(recipient.toLowerCase()));
  return {
    ID: id,
    MessageID: messageId(email),
    Read: read,
    From: addresses(email.from && [email.from])[0] ?? { Name: "", Address: envelope.from },
    To: to,
    Cc: cc,
    Bcc: hidden.map((recipient) => ({ Name: "", Address: recipient })),
    ReplyTo: addresses(email.replyTo),
    Subject: email.subject ?? "",
    Created: created.toISOString(),
    Username: "",
    Tags: [],
    Size: size,
    Attachments: email.attachments.length,
    Snippet: plainText(email).slice(0, SNIPPET_LENGTH),
  };
}

function describePart(attachment: Attachment, index: number) {
  return {
    PartID: String(index + 1),
    FileName: attachment.filename ?? "",
    ContentType: attachment.mimeType,
    ContentID: (attachment.contentId ?? "").replace(/^<|>$/g, ""),
    Size: contentBytes(attachment).byteLength,
  };
}

/** The answer of `GET /api/v1/message/{id}`. */
export function describeMessage(email: Email, summary: MessageSummary, envelope: Envelope) {
  const { Read: _read, Created, Username, Snippet: _snippet, Attachments: _count, ...shared } = summary;
  const date = new Date(email.date ?? "");
  const parts = email.attachments.map((attachment, index) => ({ attachment, part: describePart(attachment, index) }));
  const isInline = ({ attachment }: { attachment: Attachment }) => attachment.disposition === "inline";
  return {
    ...shared,
    ReturnPath: envelope.from,
    Date: Number.isNaN(date.getTime()) ? Created : date.toISOString(),
    ListUnsubscribe: { Header: "", Links: [], Errors: "", HeaderPost: "" },
    Username,
    Text: email.text ?? "",
    HTML: email.html ?? "",
    Inline: parts.filter(isInline).map(({ part }) => part),
    Attachments: parts.filter((entry) => !isInline(entry)).map(({ part }) => part),
  };
}
