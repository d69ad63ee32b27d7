import { findBucket } from "./buckets.ts";
import type { StorageDeps } from "./deps.ts";
import { StorageError } from "./errors.ts";
import { findObject, type StoredObject } from "./objects.ts";
import { type Actor, type RequestFacts, serviceActor, transaction } from "./session.ts";

interface Wanted {
  bucketId: string;
  name: string;
}

/** An object of a public bucket, which anybody may read; any other bucket does not exist here. */
export function findPublicObject(
  deps: StorageDeps,
  facts: RequestFacts,
  { bucketId, name }: Wanted,
): Promise<StoredObject | undefined> {
  return transaction(deps.pool, serviceActor, facts, async (tx) => {
    const bucket = await findBucket(tx, bucketId);
    if (!bucket?.public) throw new StorageError("NoSuchBucket");
    return findObject(tx, bucketId, name);
  });
}

/** An object that the actor may read: of a public bucket any, of a private one what the policies show. */
export async function findReadableObject(
  deps: StorageDeps,
  actor: Actor | null,
  facts: RequestFacts,
  { bucketId, name }: Wanted,
): Promise<StoredObject | undefined> {
  return transaction(deps.pool, serviceActor, facts, async (tx) => {
    const bucket = await findBucket(tx, bucketId);
    if (!bucket || (!actor && !bucket.public)) throw new StorageError("NoSuchBucket");
    if (actor && !bucket.public) await tx.become(actor);
    return findObject(tx, bucketId, name);
  });
}
