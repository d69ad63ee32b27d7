import { createHash, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { z } from "zod";
import { commitObject } from "../../commit-object.ts";
import type { StorageDeps } from "../../deps.ts";
import { StorageError } from "../../errors.ts";
import { checkMimeType, UNKNOWN_MIME_TYPE } from "../../limits.ts";
import { checkedObjectName } from "../../names.ts";
import { serviceActor, transaction } from "../../session.ts";
import { assertMayUpload, requireBucket, sizeLimit } from "../../upload.ts";
import { insertUpload, type Part, partsOf, removeUpload } from "../multipart-uploads.ts";
import { describedBy, type Operation, textOf, userMetadataOf } from "../request.ts";
import { openUpload, targetOf } from "../upload-target.ts";
import { bytesOfVersion } from "../version-bytes.ts";
import { parseXml, xmlResponse } from "../xml.ts";

export const createMultipartUpload: Operation = async (request) => {
  const { deps, actor, facts, bucketId, key, headers } = request;
  checkedObjectName(key);
  const bucket = await requireBucket(deps, { facts, bucketId });
  const metadata = describedBy(headers);
  checkMimeType(metadata.mimetype ?? UNKNOWN_MIME_TYPE, bucket.allowed_mime_types);
  const userMetadata = userMetadataOf(headers);
  await assertMayUpload(deps, targetOf(request), { metadata, userMetadata });
  const upload = { id: randomUUID(), bucketId, key, owner: actor.claims.sub, metadata, userMetadata };
  await transaction(deps.pool, serviceActor, facts, (tx) => insertUpload(tx, upload));
  return xmlResponse("InitiateMultipartUploadResult", { Bucket: bucketId, Key: key, UploadId: upload.id });
};

export const abortMultipartUpload: Operation = async (request) => {
  const { id } = await openUpload(request);
  await removeUpload(request.deps, request.facts, { ...request, id });
  return new Response(null);
};

const body = z.object({
  CompleteMultipartUpload: z.object({
    Part: z.array(z.object({ PartNumber: z.coerce.number().int().min(1), ETag: z.string() })).max(10_000),
  }),
});

/** The parts that the client names, in its order, which must be theirs; all of them where it names none. */
function chosen(parts: Part[], text: string): Part[] {
  if (text.trim() === "") return parts;
  const listed = parseXml(text, body).CompleteMultipartUpload.Part;
  const known = new Map(parts.map((part) => [part.number, part]));
  return listed.map(({ PartNumber, ETag }, index) => {
    if (PartNumber <= (listed[index - 1]?.PartNumber ?? 0)) throw new StorageError("InvalidPartOrder");
    const part = known.get(PartNumber);
    if (!part || part.eTag.replaceAll('"', "") !== ETag.replaceAll('"', "")) throw new StorageError("InvalidPart");
    return part;
  });
}

async function* bytesOf(deps: StorageDeps, parts: Part[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const { version } of parts) yield* bytesOfVersion(deps.store, version, "NoSuchUpload");
}

/** Tells an object of parts from a whole one, as clients expect: the digest of the parts' digests, and their number. */
function eTagOf(parts: Part[]): string {
  const hash = createHash("md5");
  for (const { eTag } of parts) hash.update(Buffer.from(eTag.replaceAll('"', ""), "hex"));
  return `"${hash.digest("hex")}-${parts.length}"`;
}

export const completeMultipartUpload: Operation = async (request) => {
  const { deps, facts, bucketId, key } = request;
  const { id, upload } = await openUpload(request);
  const all = await transaction(deps.pool, serviceActor, facts, (tx) => partsOf(tx, id));
  const parts = chosen(all, await textOf(request));
  if (parts.length === 0) throw new StorageError("InvalidPart");
  const bucket = await requireBucket(deps, { facts, bucketId });
  const { mimetype = UNKNOWN_MIME_TYPE } = upload.metadata;
  checkMimeType(mimetype, bucket.allowed_mime_types);
  const limit = sizeLimit(deps, bucket);

  const eTag = eTagOf(parts);
  const target = targetOf(request);
  const version = await deps.store.begin();
  try {
    const { size } = await deps.store.write(version, Readable.from(bytesOf(deps, parts), { objectMode: false }), limit);
    await commitObject(deps, target, {
      id: randomUUID(),
      bucketId,
      name: key,
      version,
      owner: target.owner,
      userMetadata: upload.userMetadata,
      metadata: {
        cacheControl: "no-cache",
        ...upload.metadata,
        mimetype,
        eTag,
        size,
        lastModified: new Date().toISOString(),
        contentLength: size,
        httpStatusCode: 200,
      },
    });
  } catch (error) {
    await deps.store.discard([version]);
    throw error;
  }
  await removeUpload(deps, facts, { ...request, id });
  return xmlResponse("CompleteMultipartUploadResult", {
    Location: `${bucketId}/${key}`,
    Bucket: bucketId,
    Key: key,
    ETag: eTag,
  });
};
