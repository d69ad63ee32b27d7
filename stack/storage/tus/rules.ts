import { type Bucket, findBucket } from "../buckets.ts";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../errors.ts";
import { isFolderPlaceholder } from "../limits.ts";
import { type RequestFacts, serviceActor, transaction } from "../session.ts";

export async function requireBucket(deps: StorageDeps, facts: RequestFacts, bucketId: string): Promise<Bucket> {
  const bucket = await transaction(deps.pool, serviceActor, facts, (tx) => findBucket(tx, bucketId));
  if (!bucket) throw new StorageError("NoSuchBucket");
  return bucket;
}

/** In bytes; of the bucket's and the stack's limit the smaller one. */
export function sizeLimit(deps: StorageDeps, bucket: Bucket, name: string): number {
  if (isFolderPlaceholder(name)) return 0;
  return Math.min(bucket.file_size_limit ?? Number.POSITIVE_INFINITY, deps.fileSizeLimit);
}
