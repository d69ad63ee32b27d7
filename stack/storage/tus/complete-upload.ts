import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { commitObject } from "../commit-object.ts";
import type { StorageDeps } from "../deps.ts";
import { checkMimeType, isFolderPlaceholder } from "../limits.ts";
import type { Caller } from "./caller.ts";
import { describe } from "./description.ts";
import { requireBucket, sizeLimit } from "./rules.ts";
import type { UploadRecord, UploadRecords } from "./upload-records.ts";

/**
 * Makes an object of bytes that are all there, under the rules and policies of this moment. The bytes are copied and the
 * upload let go only when the row is in, so that whatever fails, the client can send the end once more.
 */
export async function completeUpload(
  deps: StorageDeps,
  records: UploadRecords,
  caller: Caller,
  upload: UploadRecord,
): Promise<void> {
  const { bucketId, name, version } = upload;
  const { mimeType, cacheControl, userMetadata } = describe(upload.metadata);
  const bucket = await requireBucket(deps, caller.facts, bucketId);
  const limit = sizeLimit(deps, bucket, name);
  if (!isFolderPlaceholder(name)) checkMimeType(mimeType, bucket.allowed_mime_types);

  await deps.store.begin(version);
  try {
    const { size, eTag } = await deps.store.write(version, createReadStream(records.bytesOf(version)), limit);
    const lastModified = new Date().toISOString();
    const metadata = { eTag, size, mimetype: mimeType, cacheControl, lastModified, contentLength: size };
    await commitObject(deps, caller, {
      id: randomUUID(),
      bucketId,
      name,
      owner: caller.owner,
      version,
      userMetadata,
      metadata: { ...metadata, httpStatusCode: 200 },
    });
  } catch (error) {
    await deps.store.discard([version]);
    throw error;
  }
  await records.finish(upload);
}
