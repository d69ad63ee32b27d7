import { createHash, randomBytes, randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Upload } from "tus-js-client";
import type { Connection } from "../../../stack/status.ts";
import type { Person } from "./people.ts";

const PAUSE = 50;
const PAUSE_AFTER_FAILURE = 200;
const BUCKET = "files";

/** What the stack has said that it keeps, and what it was asked to. */
export interface Ledger {
  notes: Map<string, Person>;
  /** The hash of each file's bytes. */
  files: Map<string, { person: Person; hash: string }>;
  triedNotes: Set<string>;
  triedFiles: Set<string>;
  /** Requests that were answered with an error, or not at all. */
  failures: number;
}

export function emptyLedger(): Ledger {
  return { notes: new Map(), files: new Map(), triedNotes: new Set(), triedFiles: new Set(), failures: 0 };
}

export interface Load {
  stop(): Promise<void>;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function resumableUpload(connection: Connection, person: Person, name: string, bytes: Buffer): Promise<boolean> {
  const { data } = await person.client.auth.getSession();
  return new Promise((resolve) => {
    const upload = new Upload(bytes, {
      endpoint: `${connection.SUPABASE_URL}/storage/v1/upload/resumable`,
      headers: { authorization: `Bearer ${data.session?.access_token}` },
      metadata: { bucketName: BUCKET, objectName: name },
      chunkSize: 64 * 1024,
      retryDelays: null,
      onSuccess: () => resolve(true),
      onError: () => resolve(false),
    });
    upload.start();
  });
}

/** Everybody adds notes and files, one after the other, until told to stop; the ledger keeps what was acknowledged. */
export function startLoad(connection: Connection, people: Person[], ledger: Ledger): Load {
  let running = true;

  async function addNote(person: Person): Promise<boolean> {
    const id = randomUUID();
    ledger.triedNotes.add(id);
    const { error } = await person.client.from("notes").insert({ id, body: "x".repeat(randomInt(2000)) });
    if (!error) ledger.notes.set(id, person);
    return !error;
  }

  async function addFile(person: Person, resumable: boolean): Promise<boolean> {
    const name = `${person.id}/${randomUUID()}.bin`;
    const bytes = randomBytes(randomInt(1, 200_000));
    ledger.triedFiles.add(name);
    const stored = resumable
      ? await resumableUpload(connection, person, name, bytes)
      : (await person.client.storage.from(BUCKET).upload(name, bytes)).error === null;
    if (stored) ledger.files.set(name, { person, hash: hashOf(bytes) });
    return stored;
  }

  async function repeat(work: () => Promise<boolean>): Promise<void> {
    while (running) {
      const done = await work();
      if (!done) ledger.failures += 1;
      await sleep(done ? PAUSE : PAUSE_AFTER_FAILURE);
    }
  }

  const loops = people.flatMap((person) => [
    repeat(() => addNote(person)),
    repeat(() => addFile(person, false)),
    repeat(() => addFile(person, true)),
  ]);
  return {
    async stop() {
      running = false;
      await Promise.all(loops);
    },
  };
}
