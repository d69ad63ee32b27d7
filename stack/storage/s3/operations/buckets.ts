import { findBucket, insertBucket, listBuckets as listing, removeBucket } from "../../buckets.ts";
import { StorageError } from "../../errors.ts";
import { checkedBucketName } from "../../names.ts";
import { transaction } from "../../session.ts";
import { s3Keys } from "../credentials.ts";
import type { Operation, S3Request } from "../request.ts";
import { xmlResponse } from "../xml.ts";

async function requireVisible({ deps, actor, facts, bucketId }: S3Request): Promise<void> {
  const bucket = await transaction(deps.pool, actor, facts, (tx) => findBucket(tx, bucketId));
  if (!bucket) throw new StorageError("NoSuchBucket");
}

export const listBuckets: Operation = async ({ deps, actor, facts }) => {
  const buckets = await transaction(deps.pool, actor, facts, (tx) => listing(tx, {}));
  return xmlResponse("ListAllMyBucketsResult", {
    Buckets: {
      Bucket: buckets.map(({ name, created_at }) => ({ Name: name, CreationDate: created_at.toISOString() })),
    },
  });
};

export const createBucket: Operation = async ({ deps, actor, facts, bucketId, headers }) => {
  await insertBucket(deps, actor, facts, {
    id: checkedBucketName(bucketId),
    name: bucketId,
    public: headers["x-amz-acl"]?.startsWith("public-read") ?? false,
    file_size_limit: null,
    allowed_mime_types: null,
  });
  return new Response(null, { headers: { location: `/${bucketId}` } });
};

export const deleteBucket: Operation = async ({ deps, actor, facts, bucketId }) => {
  await removeBucket(deps, actor, facts, bucketId);
  return new Response(null, { status: 204 });
};

export const headBucket: Operation = async (request) => {
  await requireVisible(request);
  return new Response(null, { headers: { "x-amz-bucket-region": s3Keys.region } });
};

export const getBucketLocation: Operation = async (request) => {
  await requireVisible(request);
  return xmlResponse("LocationConstraint", { "#text": s3Keys.region });
};

/** Objects have no versions here, and clients want it said. */
export const getBucketVersioning: Operation = async (request) => {
  await requireVisible(request);
  return xmlResponse("VersioningConfiguration", { Status: "Suspended", MfaDelete: "Disabled" });
};
