import { Readable } from "node:stream";
import { StorageError } from "../../errors.ts";
import type { StoredBytes } from "../../object-store.ts";
import { findObject } from "../../objects.ts";
import { serviceActor, transaction } from "../../session.ts";
import { receive, requireBucket, sizeLimit } from "../../upload.ts";
import { copySourceOf, requireCopyConditions } from "../copy-source.ts";
import { addPart, sizeBeside } from "../multipart-uploads.ts";
import { numberOf, type Operation, type S3Request, uploadOf } from "../request.ts";
import { openUpload } from "../upload-target.ts";
import { bytesOfVersion } from "../version-bytes.ts";
import { xmlResponse } from "../xml.ts";

const MAX_PARTS = 10_000;

/** Stores a part that is `declared` bytes long: its bytes first, then its row. */
async function storePart(
  request: S3Request,
  declared: number,
  write: (version: string, limit: number) => Promise<StoredBytes>,
) {
  const { deps, actor, facts, bucketId, query } = request;
  const number = numberOf(query, "partNumber", 1, MAX_PARTS);
  if (number === undefined) throw new StorageError("MissingParameter", "Missing Required Parameter PartNumber");
  const { id } = await openUpload(request);
  const limit = sizeLimit(deps, await requireBucket(deps, { facts, bucketId }));
  const beside = await transaction(deps.pool, serviceActor, facts, (tx) => sizeBeside(tx, id, number));
  if (beside + declared > limit) throw new StorageError("EntityTooLarge");
  const version = await deps.store.begin();
  try {
    const bytes = await write(version, limit - beside);
    const upload = { ...request, id, owner: actor.claims.sub };
    return await addPart(deps, facts, upload, { number, version, ...bytes }, limit);
  } catch (error) {
    await deps.store.discard([version]);
    throw error;
  }
}

export const uploadPart: Operation = async (request) => {
  const upload = uploadOf(request);
  try {
    const { eTag } = await storePart(request, upload.declaredLength ?? 0, (version, limit) =>
      receive(request.c, request.deps, upload, version, limit),
    );
    return new Response(null, { headers: { etag: eTag, "access-control-expose-headers": "etag" } });
  } finally {
    upload.abandon();
  }
};

/** The bytes that the header names; unlike in downloads, both ends must be given and lie within the source. */
function copyRange(header: string | undefined, size: number) {
  if (header === undefined) return { start: 0, end: size - 1 };
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  const range = { start: Number(first), end: Number(last) };
  if (first === undefined || range.start > range.end || range.end >= size) {
    throw new StorageError("InvalidParameter", "Invalid Parameter CopySourceRange");
  }
  return range;
}

export const uploadPartCopy: Operation = async (request) => {
  const { deps, actor, facts, headers } = request;
  const { bucketId, name } = copySourceOf(headers);
  const source = await transaction(deps.pool, actor, facts, (tx) => findObject(tx, bucketId, name));
  if (!source?.version) throw new StorageError("NoSuchKey");
  requireCopyConditions(headers, source);
  const from = source.version;
  const range = copyRange(headers["x-amz-copy-source-range"], source.metadata?.size ?? 0);
  const part = await storePart(request, range.end - range.start + 1, (version, limit) => {
    const bytes = Readable.from(bytesOfVersion(deps.store, from, "NoSuchKey", range), { objectMode: false });
    return deps.store.write(version, bytes, limit);
  });
  return xmlResponse("CopyPartResult", { ETag: part.eTag, LastModified: part.createdAt.toISOString() });
};
