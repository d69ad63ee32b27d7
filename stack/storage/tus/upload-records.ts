import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const RECORD = /^([0-9a-f-]{36})\.json$/;

const record = z.object({
  bucketId: z.string(),
  name: z.string(),
  version: z.string(),
  /** Whose upload it is: nobody else continues it. */
  creator: z.string(),
  /** Absent while the client has not said it. */
  size: z.number().optional(),
  metadata: z.record(z.string(), z.string().nullable()),
  created: z.string(),
  /** The object is there, and the bytes are its own by now. */
  finished: z.boolean(),
});

export type UploadRecord = z.infer<typeof record>;

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Uploads under way: what is known of each, and beside it the bytes that have come. */
export class UploadRecords {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Clears away what a crash left of a record being written, and bytes without one. */
  async open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const known = new Set((await this.versions()).flatMap((version) => [`${version}.json`, `${version}.bytes`]));
    const rubbish = (await readdir(this.#directory)).filter((file) => !known.has(file));
    await Promise.all(rubbish.map((file) => rm(join(this.#directory, file), { force: true })));
  }

  bytesOf(version: string): string {
    return join(this.#directory, `${version}.bytes`);
  }

  async create(upload: UploadRecord): Promise<void> {
    await writeFile(this.bytesOf(upload.version), "", { mode: 0o600, flag: "wx" });
    await this.#write(upload);
  }

  /** A record that cannot be read is none. */
  async find(version: string): Promise<UploadRecord | undefined> {
    try {
      return record.parse(JSON.parse(await readFile(this.#recordOf(version), "utf8")));
    } catch (error) {
      if (isMissing(error) || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  }

  async declareSize(upload: UploadRecord, size: number): Promise<void> {
    await this.#write({ ...upload, size });
  }

  /** The record stays for a client that missed the answer and asks how far it got. */
  async finish(upload: UploadRecord): Promise<void> {
    await this.#write({ ...upload, finished: true });
    await rm(this.bytesOf(upload.version), { force: true });
  }

  async remove(version: string): Promise<void> {
    await rm(this.#recordOf(version), { force: true });
    await rm(this.bytesOf(version), { force: true });
  }

  async received(version: string): Promise<number> {
    try {
      return (await stat(this.bytesOf(version))).size;
    } catch (error) {
      if (isMissing(error)) return 0;
      throw error;
    }
  }

  async versions(): Promise<string[]> {
    return (await readdir(this.#directory)).flatMap((file) => RECORD.exec(file)?.[1] ?? []);
  }

  #recordOf(version: string): string {
    return join(this.#directory, `${version}.json`);
  }

  /** Whole or not at all: a crash must not leave half a record. */
  async #write(upload: UploadRecord): Promise<void> {
    const path = this.#recordOf(upload.version);
    await writeFile(`${path}.new`, JSON.stringify(upload), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
}
