import { ERRORS } from "@tus/server";
import { checkedBucketName, checkedObjectName } from "../names.ts";

const VERSION = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What an upload's address says: where its object will be, and the version that tells it from others to the same place. */
export interface UploadId {
  bucketId: string;
  name: string;
  version: string;
}

export function formatUploadId({ bucketId, name, version }: UploadId): string {
  return `${bucketId}/${name}/${version}`;
}

export function parseUploadId(id: string): UploadId {
  const [bucketId = "", ...rest] = id.split("/");
  const version = rest.pop() ?? "";
  if (!VERSION.test(version)) throw ERRORS.FILE_NOT_FOUND;
  return { bucketId: checkedBucketName(bucketId), name: checkedObjectName(rest.join("/")), version };
}

/** In addresses the id is one segment, whatever the object is called. */
export function encodeUploadId(id: string): string {
  return Buffer.from(id).toString("base64url");
}

export function decodeUploadId(segment: string): string {
  return Buffer.from(segment, "base64url").toString();
}
