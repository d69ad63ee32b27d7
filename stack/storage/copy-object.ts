import { randomUUID } from "node:crypto";
import { commitObject } from "./commit-object.ts";
import type { StorageDeps } from "./deps.ts";
import { StorageError } from "./errors.ts";
import { checkMimeType, UNKNOWN_MIME_TYPE } from "./limits.ts";
import { findObject, type NewObject, type ObjectMetadata, type StoredObject } from "./objects.ts";
import { transaction } from "./session.ts";
import { assertMayUpload, requireBucket, sizeLimit, type Target } from "./upload.ts";

export interface Copy {
  source: { bucketId: string; name: string };
  target: Target;
  /** What the copy is to say about itself; throws when the source is not the one that was meant. */
  describe(source: StoredObject): Pick<NewObject, "metadata" | "userMetadata">;
}

/** The bucket's rules for files: what it has taken once need not be asked again, unless the copy says it is something else. */
async function assertFits(
  deps: StorageDeps,
  from: Copy["source"],
  source: StoredObject,
  target: Target,
  metadata: Partial<ObjectMetadata>,
): Promise<void> {
  const moves = from.bucketId !== target.bucketId;
  if (!moves && metadata.mimetype === source.metadata?.mimetype) return;
  const bucket = await requireBucket(deps, target);
  checkMimeType(metadata.mimetype ?? UNKNOWN_MIME_TYPE, bucket.allowed_mime_types);
  if (moves && (metadata.size ?? 0) > sizeLimit(deps, bucket)) throw new StorageError("EntityTooLarge");
}

/** Copies an object that the actor may read to where the actor may write. */
export async function copyObject(deps: StorageDeps, { source, target, describe }: Copy) {
  const { actor, facts, owner, bucketId, name } = target;
  const found = await transaction(deps.pool, actor, facts, (tx) => findObject(tx, source.bucketId, source.name));
  if (!found?.version) throw new StorageError("NoSuchKey");
  const described = describe(found);
  await assertMayUpload(deps, target, described);
  await assertFits(deps, source, found, target, described.metadata);

  const version = await deps.store.begin();
  try {
    await deps.store.copy(found.version, version);
    const id = await commitObject(deps, target, { ...described, id: randomUUID(), bucketId, name, owner, version });
    return { ...described, id, version };
  } catch (error) {
    await deps.store.discard([version]);
    throw error;
  }
}
