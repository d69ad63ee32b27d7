import { decodeCursor, encodeCursor } from "../../cursor.ts";
import { StorageError } from "../../errors.ts";
import { serviceActor, transaction } from "../../session.ts";
import { requireBucket } from "../../upload.ts";
import { encoderOf } from "../encoding.ts";
import { partsOf, requireUpload } from "../multipart-uploads.ts";
import { numberOf, type Operation } from "../request.ts";
import { xmlResponse } from "../xml.ts";

const MAX = 1000;

interface UploadEntry {
  key: string;
  id: string;
  created_at: Date;
}

/** Seen are those that the policies of storage.s3_multipart_uploads show: none, where there are no policies. */
export const listMultipartUploads: Operation = async ({ deps, actor, facts, bucketId, query }) => {
  await requireBucket(deps, { facts, bucketId });
  const encode = encoderOf(query);
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const limit = numberOf(query, "max-uploads", 1, MAX) ?? MAX;
  const keyMarker = query.get("key-marker") ?? "";
  const uploadIdMarker = query.get("upload-id-marker") ?? "";
  const found = await transaction(deps.pool, actor, facts, (tx) =>
    tx.query<UploadEntry & { folder: boolean }>(
      `with uploads as (
        select coalesce(storage.get_common_prefix(key, $2, nullif($3, '')), key) collate "C" as key, id, created_at,
          storage.get_common_prefix(key, $2, nullif($3, '')) is not null as folder
        from storage.s3_multipart_uploads
        where bucket_id = $1 and starts_with(key, $2)
      ), entries as (
        select distinct on (key, folder, case when not folder then id end) * from uploads
        order by key, folder, case when not folder then id end
      )
      select key, id, created_at, folder from entries
      where ($4 = '' or key > $4 or (key = $4 and not folder and $5 <> '' and id > $5))
      order by key, id limit $6`,
      [
        bucketId,
        prefix,
        delimiter,
        keyMarker && decodeCursor(keyMarker).after,
        uploadIdMarker && decodeCursor(uploadIdMarker).after,
        limit + 1,
      ],
    ),
  );
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const marker = (after: string) => encodeCursor({ after, column: "name", order: "asc" });
  return xmlResponse("ListMultipartUploadsResult", {
    Bucket: bucketId,
    Prefix: encode(prefix),
    Delimiter: delimiter || undefined,
    KeyMarker: keyMarker,
    UploadIdMarker: uploadIdMarker,
    NextKeyMarker: last && marker(last.key),
    NextUploadIdMarker: last && marker(last.id),
    MaxUploads: limit,
    EncodingType: query.get("encoding-type") ?? undefined,
    IsTruncated: last !== undefined,
    Upload: page
      .filter(({ folder }) => !folder)
      .map(({ key, id, created_at }) => ({
        Key: encode(key),
        UploadId: id,
        Initiated: created_at.toISOString(),
        StorageClass: "STANDARD",
      })),
    CommonPrefixes: page.filter(({ folder }) => folder).map(({ key }) => ({ Prefix: encode(key) })),
  });
};

export const listParts: Operation = async ({ deps, actor, facts, bucketId, key, query }) => {
  const id = query.get("uploadId");
  if (!id) throw new StorageError("MissingParameter", "Missing Required Parameter UploadId");
  await transaction(deps.pool, serviceActor, facts, (tx) => requireUpload(tx, { id, bucketId, key }));
  const limit = numberOf(query, "max-parts", 1, 1e9) ?? MAX;
  const after = numberOf(query, "part-number-marker", 0, 1e9) ?? 0;
  const wanted = Math.min(limit, MAX);
  const found = await transaction(deps.pool, actor, facts, (tx) => partsOf(tx, id, after, wanted + 1));
  const page = found.slice(0, wanted);
  return xmlResponse("ListPartsResult", {
    Bucket: bucketId,
    Key: key,
    UploadId: id,
    PartNumberMarker: after,
    NextPartNumberMarker: found.length > wanted ? page.at(-1)?.number : undefined,
    MaxParts: wanted,
    IsTruncated: found.length > wanted,
    Part: page.map(({ number, eTag, size, createdAt }) => ({
      PartNumber: number,
      LastModified: createdAt.toISOString(),
      ETag: eTag,
      Size: size,
    })),
  });
};
