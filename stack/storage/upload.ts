import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import type { GatewayEnv } from "../context.ts";
import { type Bucket, findBucket } from "./buckets.ts";
import { commitObject } from "./commit-object.ts";
import type { StorageDeps } from "./deps.ts";
import { StorageError } from "./errors.ts";
import { checkMimeType, isFolderPlaceholder } from "./limits.ts";
import type { StoredBytes } from "./object-store.ts";
import { insertObject, type NewObject, type ObjectMetadata, upsertObject } from "./objects.ts";
import { type Actor, type RequestFacts, rehearse, serviceActor, transaction } from "./session.ts";
import { receiveUpload, type Upload } from "./upload-body.ts";

export interface Target {
  actor: Actor;
  facts: RequestFacts;
  bucketId: string;
  name: string;
  owner?: string;
  upsert: boolean;
}

export interface Uploaded {
  id: string;
  key: string;
  metadata: ObjectMetadata;
}

/** Whether the policies would let the row in; asked before any byte is read, and again when the row is written. */
export async function assertMayUpload(
  deps: StorageDeps,
  target: Target,
  known: Pick<NewObject, "metadata" | "userMetadata">,
): Promise<void> {
  const { actor, facts, bucketId, name, owner, upsert } = target;
  const object = { ...known, id: randomUUID(), bucketId, name, owner, version: "1" };
  await rehearse(deps.pool, actor, facts, async (tx) => {
    await (upsert ? upsertObject(tx, object) : insertObject(tx, object));
  });
}

/** Takes the request's file in: bytes first, then the row that makes them an object. */
export async function uploadFromRequest(
  c: Context<GatewayEnv>,
  deps: StorageDeps,
  target: Target,
  open: (c: Context<GatewayEnv>) => Promise<Upload> = receiveUpload,
): Promise<Uploaded> {
  const bucket = await requireBucket(deps, target);
  const upload = await open(c);
  try {
    const limit = isFolderPlaceholder(target.name) ? 0 : sizeLimit(deps, bucket);
    if (!isFolderPlaceholder(target.name)) checkMimeType(upload.mimeType, bucket.allowed_mime_types);
    if (upload.exact && (upload.declaredLength ?? 0) > limit) throw new StorageError("EntityTooLarge");
    await assertMayUpload(deps, target, {
      metadata: { mimetype: upload.mimeType, contentLength: upload.declaredLength },
      userMetadata: upload.userMetadata,
    });
    return await store(c, deps, target, upload, limit);
  } finally {
    upload.abandon();
  }
}

async function store(
  c: Context<GatewayEnv>,
  deps: StorageDeps,
  target: Target,
  upload: Upload,
  limit: number,
): Promise<Uploaded> {
  const version = await deps.store.begin();
  try {
    const bytes = await receive(c, deps, upload, version, limit);
    const { bucketId, name, owner } = target;
    const { userMetadata } = upload;
    const metadata = describe(upload, bytes);
    const id = await commitObject(deps, target, {
      id: randomUUID(),
      bucketId,
      name,
      owner,
      version,
      userMetadata,
      metadata,
    });
    return { id, key: `${bucketId}/${name}`, metadata };
  } catch (error) {
    await deps.store.discard([version]);
    throw error;
  }
}

/** Writes the bytes of an upload, all of them or none that count. */
export async function receive(
  c: Context<GatewayEnv>,
  deps: StorageDeps,
  upload: Pick<Upload, "file" | "complete" | "exact" | "declaredLength">,
  version: string,
  limit: number,
): Promise<StoredBytes> {
  try {
    const bytes = await deps.store.write(version, upload.file, limit);
    await upload.complete();
    // A client that went away early can leave a body that looks whole.
    const short = upload.exact && upload.declaredLength !== undefined && upload.declaredLength !== bytes.size;
    if (short || c.req.raw.signal.aborted) throw new Error("The request ended before its body did");
    return bytes;
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError("InvalidRequest", "Upload was not complete", { cause: error });
  }
}

function describe(upload: Upload, bytes: StoredBytes): ObjectMetadata {
  return {
    eTag: bytes.eTag,
    size: bytes.size,
    mimetype: upload.mimeType,
    cacheControl: upload.cacheControl,
    lastModified: new Date().toISOString(),
    contentLength: bytes.size,
    httpStatusCode: 200,
    ...(upload.contentEncoding && { contentEncoding: upload.contentEncoding }),
  };
}

/** The largest file that the bucket takes, in bytes. */
export function sizeLimit(deps: StorageDeps, bucket: Bucket): number {
  return Math.min(bucket.file_size_limit ?? Number.POSITIVE_INFINITY, deps.fileSizeLimit);
}

export async function requireBucket(deps: StorageDeps, target: Pick<Target, "facts" | "bucketId">): Promise<Bucket> {
  const bucket = await transaction(deps.pool, serviceActor, target.facts, (tx) => findBucket(tx, target.bucketId));
  if (!bucket) throw new StorageError("NoSuchBucket");
  return bucket;
}
