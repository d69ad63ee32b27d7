import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Envelope, type MessageSummary, parseMessage, plainText, summarize } from "./message.ts";

/** Older messages make room for newer ones. */
const MAX_MESSAGES = 500;
const SEARCHABLE_CHARACTERS = 20_000;

const sidecarSchema = z.object({
  created: z.coerce.date(),
  read: z.boolean(),
  envelope: z.object({ from: z.string(), to: z.array(z.string()) }),
});

export interface StoredMessage {
  summary: MessageSummary;
  envelope: Envelope;
  /** Lower-cased text for searching. */
  text: string;
}

export interface Mailbox {
  add(raw: Uint8Array, envelope: Envelope): Promise<void>;
  /** Newest first. */
  list(): StoredMessage[];
  /** `latest` names the newest. */
  find(id: string): StoredMessage | undefined;
  raw(message: StoredMessage): Uint8Array<ArrayBuffer>;
  setRead(message: StoredMessage, read: boolean): void;
  remove(messages: StoredMessage[]): void;
}

/** Messages as files: `<id>.eml` as it came, and `<id>.json` with what SMTP knew besides. Ids sort by time. */
export async function openMailbox(folder: string, maxMessages: number = MAX_MESSAGES): Promise<Mailbox> {
  mkdirSync(folder, { recursive: true });
  const messages = new Map<string, StoredMessage>();
  const file = (id: string, extension: "eml" | "json") => join(folder, `${id}.${extension}`);

  async function index(id: string, raw: Uint8Array, sidecar: z.infer<typeof sidecarSchema>): Promise<void> {
    const email = await parseMessage(raw);
    messages.set(id, {
      summary: summarize(email, raw.byteLength, { id, ...sidecar }),
      envelope: sidecar.envelope,
      text: plainText(email).slice(0, SEARCHABLE_CHARACTERS).toLowerCase(),
    });
  }

  function writeSidecar(id: string, sidecar: z.infer<typeof sidecarSchema>): void {
    const path = file(id, "json");
    writeFileSync(`${path}.new`, JSON.stringify(sidecar));
    renameSync(`${path}.new`, path);
  }

  function newestFirst(): StoredMessage[] {
    return [...messages.values()].sort((a, b) => (a.summary.ID < b.summary.ID ? 1 : -1));
  }

  function remove(removed: StoredMessage[]): void {
    for (const { summary } of removed) {
      messages.delete(summary.ID);
      rmSync(file(summary.ID, "json"), { force: true });
      rmSync(file(summary.ID, "eml"), { force: true });
    }
  }

  // What has no sidecar was never accepted: the stack was killed before it could answer the sender.
  for (const name of readdirSync(folder)) {
    const id = name.slice(0, name.indexOf("."));
    if (!name.endsWith(".json") && !existsSync(file(id, "json"))) rmSync(join(folder, name));
    if (!name.endsWith(".eml") || !existsSync(file(id, "json"))) continue;
    await index(
      id,
      readFileSync(join(folder, name)),
      sidecarSchema.parse(JSON.parse(readFileSync(file(id, "json"), "utf8"))),
    );
  }

  return {
    async add(raw, envelope) {
      const created = new Date();
      const id = created.getTime().toString(36).padStart(9, "0") + randomBytes(8).toString("hex");
      const sidecar = { created, read: false, envelope };
      writeFileSync(file(id, "eml"), raw);
      writeSidecar(id, sidecar);
      await index(id, raw, sidecar);
      remove(newestFirst().slice(maxMessages));
    },
    list: newestFirst,
    find: (id) => (id === "latest" ? newestFirst()[0] : messages.get(id)),
    raw: ({ summary }) => new Uint8Array(readFileSync(file(summary.ID, "eml"))),
    setRead({ summary, envelope }, read) {
      if (summary.Read === read) return;
      summary.Read = read;
      writeSidecar(summary.ID, { created: new Date(summary.Created), read, envelope });
    },
    remove,
  };
}
