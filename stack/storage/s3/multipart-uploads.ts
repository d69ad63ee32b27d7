import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../errors.ts";
import type { UserMetadata } from "../objects.ts";
import { type RequestFacts, serviceActor, type Transaction, transaction } from "../session.ts";

export interface MultipartUpload {
  id: string;
  bucketId: string;
  key: string;
  owner?: string;
  metadata: Record<string, string>;
  userMetadata: UserMetadata;
}

export interface Part {
  number: number;
  size: number;
  eTag: string;
  /** Where its bytes are in the object store. */
  version: string;
  createdAt: Date;
}

type Place = Pick<MultipartUpload, "id" | "bucketId" | "key">;

const PART = 'part_number as number, size::float8 as size, etag as "eTag", version, created_at as "createdAt"';

export async function insertUpload(tx: Transaction, upload: MultipartUpload): Promise<void> {
  const { id, bucketId, key, owner, metadata, userMetadata } = upload;
  // The version is that of no bytes: each part has its own, and so will the object.
  await tx.query(
    `insert into storage.s3_multipart_uploads
      (id, bucket_id, key, version, upload_signature, owner_id, metadata, user_metadata)
    values ($1, $2, $3, $1, '', $4, $5, $6)`,
    [id, bucketId, key, owner ?? null, metadata, userMetadata],
  );
}

/** An upload of this key and no other; with a lock, nothing happens to it until the transaction ends. */
export async function requireUpload(tx: Transaction, { id, bucketId, key }: Place, lock = false) {
  const [upload] = await tx.query<Pick<MultipartUpload, "metadata" | "userMetadata">>(
    `select coalesce(metadata, '{}') as metadata, coalesce(user_metadata, '{}') as "userMetadata"
    from storage.s3_multipart_uploads where id = $1 and bucket_id = $2 and key = $3 ${lock ? "for update" : ""}`,
    [id, bucketId, key],
  );
  if (!upload) throw new StorageError("NoSuchUpload");
  return upload;
}

export function partsOf(tx: Transaction, uploadId: string, after = 0, limit = 10_000): Promise<Part[]> {
  return tx.query<Part>(
    `select ${PART} from storage.s3_multipart_uploads_parts where upload_id = $1 and part_number > $2
    order by part_number limit $3`,
    [uploadId, after, limit],
  );
}

/** Bytes of all parts but the one that is to be replaced. */
export async function sizeBeside(tx: Transaction, uploadId: string, number: number): Promise<number> {
  const [row] = await tx.query<{ size: number }>(
    `select coalesce(sum(size), 0)::float8 as size from storage.s3_multipart_uploads_parts
    where upload_id = $1 and part_number <> $2`,
    [uploadId, number],
  );
  return row?.size ?? 0;
}

/** Adds a part in place of one with the same number. The upload takes up no more than `limit` bytes. */
export async function addPart(
  deps: StorageDeps,
  facts: RequestFacts,
  upload: Place & { owner?: string },
  part: Omit<Part, "createdAt">,
  limit: number,
): Promise<Part> {
  const replaced: string[] = [];
  try {
    const added = await transaction(deps.pool, serviceActor, facts, async (tx) => {
      await requireUpload(tx, upload, true);
      const total = (await sizeBeside(tx, upload.id, part.number)) + part.size;
      if (total > limit) throw new StorageError("EntityTooLarge");
      const old = await tx.query<{ version: string }>(
        "delete from storage.s3_multipart_uploads_parts where upload_id = $1 and part_number = $2 returning version",
        [upload.id, part.number],
      );
      replaced.push(...old.map(({ version }) => version));
      await deps.store.mark(replaced);
      await tx.query("update storage.s3_multipart_uploads set in_progress_size = $2 where id = $1", [upload.id, total]);
      const [row] = await tx.query<Part>(
        `insert into storage.s3_multipart_uploads_parts
          (upload_id, bucket_id, key, part_number, size, etag, version, owner_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${PART}`,
        [upload.id, upload.bucketId, upload.key, part.number, part.size, part.eTag, part.version, upload.owner ?? null],
      );
      if (!row) throw new StorageError("NoSuchUpload");
      return row;
    });
    await deps.store.settle([part.version]);
    await deps.store.discard(replaced);
    return added;
  } catch (error) {
    await deps.store.settle(replaced);
    throw error;
  }
}

/** Forgets the upload and lets the bytes of its parts go. */
export async function removeUpload(deps: StorageDeps, facts: RequestFacts, upload: Place): Promise<void> {
  let versions: string[] = [];
  try {
    await transaction(deps.pool, serviceActor, facts, async (tx) => {
      await requireUpload(tx, upload, true);
      versions = (await partsOf(tx, upload.id)).map(({ version }) => version);
      await deps.store.mark(versions);
      await tx.query("delete from storage.s3_multipart_uploads where id = $1", [upload.id]);
    });
    await deps.store.discard(versions);
  } catch (error) {
    await deps.store.settle(versions);
    throw error;
  }
}
