import { StorageError } from "../errors.ts";
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
} from "./operations/buckets.ts";
import { copyObject } from "./operations/copy-object.ts";
import { deleteObject, deleteObjects } from "./operations/delete-objects.ts";
import { getObject, getObjectTagging } from "./operations/get-object.ts";
import { listObjects, listObjectsV2 } from "./operations/list-objects.ts";
import { listMultipartUploads, listParts } from "./operations/list-uploads.ts";
import { abortMultipartUpload, completeMultipartUpload, createMultipartUpload } from "./operations/multipart-upload.ts";
import { putObject } from "./operations/put-object.ts";
import { uploadPart, uploadPartCopy } from "./operations/upload-part.ts";
import type { Operation } from "./request.ts";

export type Scope = "service" | "bucket" | "object";

interface Entry {
  method: string;
  scope: Scope;
  /** Parameters and headers that tell it from the ones below. */
  query: string[];
  header?: string;
  /** Supabase's name for it, which policies see. */
  name: string;
  run: Operation;
}

function entry(method: string, scope: Scope, marks: string, name: string, run: Operation): Entry {
  const [query = "", header] = marks.split("|");
  return { method, scope, query: query.split("&").filter(Boolean), header, name: `storage.s3.${name}`, run };
}

/** The first that fits is taken. */
const entries: Entry[] = [
  entry("GET", "service", "", "bucket.list", listBuckets),
  entry("GET", "bucket", "location", "bucket.get_location", getBucketLocation),
  entry("GET", "bucket", "versioning", "bucket.get_versioning", getBucketVersioning),
  entry("GET", "bucket", "uploads", "upload.list_multipart", listMultipartUploads),
  entry("GET", "bucket", "list-type", "object.list", listObjectsV2),
  entry("GET", "bucket", "", "object.list", listObjects),
  entry("HEAD", "bucket", "", "bucket.head", headBucket),
  entry("PUT", "bucket", "", "bucket.create", createBucket),
  entry("DELETE", "bucket", "", "bucket.delete", deleteBucket),
  entry("POST", "bucket", "delete", "object.delete_many", deleteObjects),
  entry("GET", "object", "tagging", "object.get_tagging", getObjectTagging),
  entry("GET", "object", "uploadId", "upload.list_parts", listParts),
  entry("GET", "object", "", "object.get", getObject),
  entry("HEAD", "object", "", "object.info", getObject),
  entry("PUT", "object", "partNumber&uploadId|x-amz-copy-source", "upload.part_copy", uploadPartCopy),
  entry("PUT", "object", "partNumber&uploadId", "upload.part", uploadPart),
  entry("PUT", "object", "|x-amz-copy-source", "object.copy", copyObject),
  entry("PUT", "object", "", "upload", putObject),
  entry("POST", "object", "uploads", "upload.create_multipart", createMultipartUpload),
  entry("POST", "object", "uploadId", "upload.complete_multipart", completeMultipartUpload),
  entry("DELETE", "object", "uploadId", "upload.abort_multipart", abortMultipartUpload),
  entry("DELETE", "object", "", "object.delete", deleteObject),
];

/** Parameters that ask for something else than the object or bucket itself: never to be read as if they were not there. */
const SUBRESOURCES = new Set(
  `accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle location
  logging metadataTable metrics notification object-lock ownershipControls partNumber policy policyStatus publicAccessBlock
  replication requestPayment restore retention select tagging torrent uploadId uploads versionId versioning versions
  website`.split(/\s+/),
);

export function findOperation(
  method: string,
  scope: Scope,
  query: URLSearchParams,
  headers: Record<string, string>,
): Entry {
  const asked = [...query.keys()].filter((name) => SUBRESOURCES.has(name));
  const found = entries.find(
    (candidate) =>
      candidate.method === method &&
      candidate.scope === scope &&
      candidate.query.every((name) => query.has(name)) &&
      asked.every((name) => candidate.query.includes(name)) &&
      (candidate.header === undefined || headers[candidate.header] !== undefined),
  );
  if (!found) throw new StorageError("NotImplemented");
  return found;
}
