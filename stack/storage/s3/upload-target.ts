import { StorageError } from "../errors.ts";
import { serviceActor, transaction } from "../session.ts";
import { assertMayUpload, type Target } from "../upload.ts";
import { requireUpload } from "./multipart-uploads.ts";
import type { S3Request } from "./request.ts";

/** Where the request's key leads; S3 replaces what is there. */
export function targetOf({ actor, facts, bucketId, key }: S3Request): Target {
  return { actor, facts, bucketId, name: key, owner: actor.claims.sub, upsert: true };
}

/** The upload that the request names, for whoever may write its object. */
export async function openUpload(request: S3Request) {
  const { deps, facts, query } = request;
  const id = query.get("uploadId");
  if (!id) throw new StorageError("MissingParameter", "Missing Required Parameter UploadId");
  const upload = await transaction(deps.pool, serviceActor, facts, (tx) => requireUpload(tx, { ...request, id }));
  await assertMayUpload(deps, targetOf(request), upload);
  return { id, upload };
}
