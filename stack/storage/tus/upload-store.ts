import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { DataStore, ERRORS, Upload } from "@tus/server";
import { formatUploadId, parseUploadId } from "./upload-id.ts";
import type { UploadLocks } from "./upload-locks.ts";
import type { UploadRecord, UploadRecords } from "./upload-records.ts";

const DAY = 24 * 60 * 60 * 1000;

/**
 * How many bytes a client need not send again. The last one counts only when the object is there: a client that lost
 * its answer asks for the offset and takes a whole upload for a stored object.
 */
function offsetOf({ size, finished }: UploadRecord, received: number): number {
  if (finished) return size ?? received;
  return size !== undefined && size > 0 ? Math.min(received, size - 1) : received;
}

/** What the TUS server reads and writes; who may do so is asked before. */
export class UploadStore extends DataStore {
  override extensions = ["creation", "creation-with-upload", "creation-defer-length", "termination", "expiration"];
  readonly #records: UploadRecords;
  readonly #locks: UploadLocks;
  readonly #creatorOf: (id: string) => string;

  /** `creatorOf` says who is asking, since the server hands over the upload alone. */
  constructor(records: UploadRecords, locks: UploadLocks, creatorOf: (id: string) => string) {
    super();
    this.#records = records;
    this.#locks = locks;
    this.#creatorOf = creatorOf;
  }

  override async create(upload: Upload): Promise<Upload> {
    await this.#records.create({
      ...parseUploadId(upload.id),
      creator: this.#creatorOf(upload.id),
      size: upload.size,
      metadata: upload.metadata ?? {},
      created: upload.creation_date ?? new Date().toISOString(),
      finished: false,
    });
    return upload;
  }

  override async getUpload(id: string): Promise<Upload> {
    const upload = await this.require(id);
    const { size, metadata, created } = upload;
    const offset = offsetOf(upload, await this.#records.received(upload.version));
    return new Upload({ id, size, offset, metadata, creation_date: created });
  }

  /** Each chunk is written before the next is taken, so that what came before a broken connection counts. */
  override async write(source: Readable, id: string, offset: number): Promise<number> {
    const { version, finished } = await this.require(id);
    if (finished) throw ERRORS.INVALID_OFFSET;
    const file = await open(this.#records.bytesOf(version), "r+");
    let position = offset;
    try {
      await file.truncate(offset);
      for await (const chunk of source) position += await writeAll(file, chunk, position);
    } finally {
      await file.close();
    }
    return position;
  }

  override async declareUploadLength(id: string, size: number): Promise<void> {
    await this.#records.declareSize(await this.require(id), size);
  }

  override async remove(id: string): Promise<void> {
    const { version } = await this.require(id);
    await this.#records.remove(version);
  }

  override getExpiration(): number {
    return DAY;
  }

  override async deleteExpired(): Promise<number> {
    let deleted = 0;
    for (const version of await this.#records.versions()) {
      const upload = await this.#records.find(version);
      const old = upload === undefined || Date.now() - Date.parse(upload.created) > DAY;
      if (!old || (upload && this.#locks.isHeld(formatUploadId(upload)))) continue;
      await this.#records.remove(version);
      deleted += 1;
    }
    return deleted;
  }

  async require(id: string): Promise<UploadRecord> {
    const { bucketId, name, version } = parseUploadId(id);
    const upload = await this.#records.find(version);
    if (upload?.bucketId !== bucketId || upload.name !== name) throw ERRORS.FILE_NOT_FOUND;
    return upload;
  }
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, chunk: Uint8Array, position: number): Promise<number> {
  let written = 0;
  while (written < chunk.byteLength) {
    const { bytesWritten } = await file.write(chunk, written, chunk.byteLength - written, position + written);
    written += bytesWritten;
  }
  return written;
}
