import { StorageError } from "../../errors.ts";
import { findObject, type StoredObject } from "../../objects.ts";
import { sendObject } from "../../send-object.ts";
import { transaction } from "../../session.ts";
import type { Operation, S3Request } from "../request.ts";
import { xmlResponse } from "../xml.ts";

const HEADER_VALUE = /^[\x20-\x7e]{0,8192}$/;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const OVERRIDES = ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type"];

function find({ deps, actor, facts, bucketId, key }: S3Request): Promise<StoredObject | undefined> {
  return transaction(deps.pool, actor, facts, (tx) => findObject(tx, bucketId, key));
}

/** The user's own metadata as headers; what does not fit into one is counted instead. */
function addMetadata(headers: Headers, { user_metadata }: StoredObject): void {
  let missing = 0;
  for (const [key, value] of Object.entries(user_metadata ?? {})) {
    const name = key.toLowerCase();
    if (typeof value === "string" && HEADER_VALUE.test(value) && HEADER_NAME.test(name)) {
      headers.set(`x-amz-meta-${name}`, value);
    } else missing++;
  }
  if (missing > 0) headers.set("x-amz-missing-meta", String(missing));
}

function addOverrides(headers: Headers, query: URLSearchParams): void {
  for (const name of [...OVERRIDES, "expires"]) {
    const value = query.get(`response-${name}`);
    if (value && HEADER_VALUE.test(value)) headers.set(name, value);
  }
}

export const getObject: Operation = (request) => {
  return sendObject(request.c, request.deps, () => find(request), {
    adjust(headers, object) {
      headers.set("content-type", object.metadata?.mimetype ?? "application/octet-stream");
      addMetadata(headers, object);
      addOverrides(headers, request.query);
    },
  });
};

/** There are no tags here; an object that is not there has none either, but says so. */
export const getObjectTagging: Operation = async (request) => {
  if (!(await find(request))) throw new StorageError("NoSuchKey");
  return xmlResponse("Tagging", { TagSet: "" });
};
