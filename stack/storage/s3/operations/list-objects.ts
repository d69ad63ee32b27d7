import { decodeCursor, encodeCursor } from "../../cursor.ts";
import { type Entry, listBelow } from "../../listings.ts";
import { transaction } from "../../session.ts";
import { requireBucket } from "../../upload.ts";
import { encoderOf } from "../encoding.ts";
import { numberOf, type Operation, type S3Request } from "../request.ts";
import { xmlResponse } from "../xml.ts";

const MAX_KEYS = 1000;

interface Page {
  entries: Entry[];
  /** The last key given, where there are more. */
  next?: string;
}

/** Folders come with their delimiter. */
async function readPage(request: S3Request, after: string, limit: number): Promise<Page> {
  const { deps, actor, facts, bucketId, query } = request;
  await requireBucket(deps, { facts, bucketId });
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const found = await transaction(deps.pool, actor, facts, (tx) =>
    listBelow(tx, { bucketId, prefix, delimiter, after, limit: limit + 1 }),
  );
  const entries = found.slice(0, limit);
  return { entries, next: found.length > limit ? entries.at(-1)?.name : undefined };
}

function contentsOf({ entries }: Page, encode: (key: string) => string) {
  return {
    Contents: entries
      .filter((entry) => entry.id !== null)
      .map(({ name, updated_at, metadata }) => ({
        Key: encode(name),
        LastModified: updated_at?.toISOString(),
        ETag: metadata?.eTag,
        Size: metadata?.size ?? 0,
        StorageClass: "STANDARD",
      })),
    CommonPrefixes: entries.filter((entry) => entry.id === null).map(({ name }) => ({ Prefix: encode(name) })),
  };
}

export const listObjectsV2: Operation = async (request) => {
  const { bucketId, query } = request;
  const encode = encoderOf(query);
  const limit = numberOf(query, "max-keys", 0, 1e9) ?? MAX_KEYS;
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after");
  const after = token ? decodeCursor(token).after : (startAfter ?? "");
  const page = await readPage(request, after, Math.min(limit, MAX_KEYS));
  return xmlResponse("ListBucketResult", {
    Name: bucketId,
    Prefix: encode(query.get("prefix") ?? ""),
    Delimiter: query.get("delimiter") ?? undefined,
    MaxKeys: Math.min(limit, MAX_KEYS),
    EncodingType: query.get("encoding-type") ?? undefined,
    KeyCount: page.entries.length,
    IsTruncated: page.next !== undefined,
    ContinuationToken: token ?? undefined,
    NextContinuationToken: page.next && encodeCursor({ after: page.next, column: "name", order: "asc" }),
    StartAfter: startAfter === null ? undefined : encode(startAfter),
    ...contentsOf(page, encode),
  });
};

export const listObjects: Operation = async (request) => {
  const { bucketId, query } = request;
  const encode = encoderOf(query);
  const limit = numberOf(query, "max-keys", 0, 1e9) ?? MAX_KEYS;
  const marker = query.get("marker") ?? "";
  const page = await readPage(request, marker, Math.min(limit, MAX_KEYS));
  return xmlResponse("ListBucketResult", {
    Name: bucketId,
    Prefix: encode(query.get("prefix") ?? ""),
    Delimiter: query.get("delimiter") ?? undefined,
    // Supabase names here where to go on, and S3 names that only where there are folders.
    Marker: encode(page.next ?? marker),
    NextMarker: page.next && query.get("delimiter") ? encode(page.next) : undefined,
    MaxKeys: Math.min(limit, MAX_KEYS),
    EncodingType: query.get("encoding-type") ?? undefined,
    IsTruncated: page.next !== undefined,
    ...contentsOf(page, encode),
  });
};
