import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { StorageError } from "./errors.ts";
import { openStoredFile, type StoredFile } from "./stored-file.ts";

const VERSION = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Rows that came by SQL carry any version or none: there are no bytes of theirs here. */
function ours(versions: string[]): string[] {
  return versions.filter((version) => VERSION.test(version));
}

export interface StoredBytes {
  size: number;
  eTag: string;
}

/**
 * Bytes on disk, one file a version, never changed once written. Names of buckets and objects play no part in paths.
 *
 * A file without a row is rubbish, a row without a file is a loss. A version whose row is not settled yet therefore has
 * a mark beside it; after a crash, `recover` asks the database about the marked ones only.
 */
export class ObjectStore {
  readonly #objects: string;
  readonly #marks: string;
  readonly #doubtful = new Set<string>();

  constructor(directory: string) {
    this.#objects = join(directory, "objects");
    this.#marks = join(directory, "unsettled");
  }

  async open(): Promise<void> {
    await mkdir(this.#objects, { recursive: true, mode: 0o700 });
    await mkdir(this.#marks, { recursive: true, mode: 0o700 });
  }

  /** A new version, marked as unsettled. */
  async begin(version: string = randomUUID()): Promise<string> {
    await this.mark([version]);
    await mkdir(dirname(this.#path(version)), { recursive: true, mode: 0o700 });
    return version;
  }

  async write(version: string, source: Readable, limit: number): Promise<StoredBytes> {
    const hash = createHash("md5");
    let size = 0;
    // What fails before the pipeline listens, it reports all the same.
    source.on("error", () => {});
    // Opened before anything can fail: a stream that is destroyed while it opens makes its file after it was removed.
    const file = await open(this.#path(version), "wx", 0o600);
    try {
      await pipeline(
        source,
        async function* (chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            size += chunk.byteLength;
            if (size > limit) throw new StorageError("EntityTooLarge");
            hash.update(chunk);
            yield chunk;
          }
        },
        file.createWriteStream(),
      );
    } finally {
      await file.close();
    }
    return { size, eTag: `"${hash.digest("hex")}"` };
  }

  async copy(from: string, to: string): Promise<void> {
    try {
      await copyFile(this.#path(from), this.#path(to), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    } catch (error) {
      const gone = error instanceof Error && "code" in error && error.code === "ENOENT";
      throw gone ? new StorageError("NoSuchKey", undefined, { cause: error }) : error;
    }
  }

  /** Rejects with ENOENT when the bytes are gone; the caller closes the file or streams it to its end. */
  async openVersion(version: string): Promise<StoredFile> {
    return openStoredFile(this.#path(version));
  }

  async mark(versions: string[]): Promise<void> {
    await Promise.all(ours(versions).map((version) => writeFile(this.#markOf(version), "", { mode: 0o600 })));
  }

  /** Nobody knows whether the row is in: bytes and mark stay for the next start to ask. */
  doubt(versions: string[]): void {
    for (const version of versions) this.#doubtful.add(version);
  }

  /** The row is in: the version stays. */
  async settle(versions: string[]): Promise<void> {
    await Promise.all(this.#certain(versions).map((version) => rm(this.#markOf(version), { force: true })));
  }

  /** There is no row, or no longer. */
  async discard(versions: string[]): Promise<void> {
    await Promise.all(this.#certain(versions).map((version) => rm(this.#path(version), { force: true })));
    await this.settle(versions);
  }

  /** Clears up after a crash; answers how many files had no row. */
  async recover(withRow: (versions: string[]) => Promise<Set<string>>): Promise<number> {
    const marked = ours(await readdir(this.#marks));
    if (marked.length === 0) return 0;
    const live = await withRow(marked);
    const orphans = marked.filter((version) => !live.has(version));
    await this.discard(orphans);
    await this.settle([...live]);
    return orphans.length;
  }

  #certain(versions: string[]): string[] {
    return ours(versions).filter((version) => !this.#doubtful.has(version));
  }

  #path(version: string): string {
    if (!VERSION.test(version)) throw new StorageError("NoSuchKey");
    return join(this.#objects, version.slice(0, 2), version);
  }

  #markOf(version: string): string {
    return join(this.#marks, version);
  }
}
