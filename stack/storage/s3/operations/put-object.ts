import { StorageError } from "../../errors.ts";
import { checkedObjectName } from "../../names.ts";
import { uploadFromRequest } from "../../upload.ts";
import { type Operation, uploadOf } from "../request.ts";

/** What file managers put where they want a folder: the name under which Supabase keeps an empty one. */
function nameOf(key: string, length: string | undefined): string {
  return key.endsWith("/") && length === "0" ? `${key}.emptyFolderPlaceholder` : key;
}

export const putObject: Operation = async (request) => {
  const { c, deps, actor, facts, bucketId, key, headers } = request;
  const absent = headers["if-none-match"];
  if (headers["if-match"] !== undefined || (absent !== undefined && absent !== "*")) {
    throw new StorageError("NotImplemented");
  }
  const name = checkedObjectName(nameOf(key, headers["content-length"]));
  const target = { actor, facts, bucketId, name, owner: actor.claims.sub, upsert: absent === undefined };
  try {
    const { metadata } = await uploadFromRequest(c, deps, target, async () => uploadOf(request));
    return new Response(null, { headers: { etag: metadata.eTag, "access-control-expose-headers": "etag" } });
  } catch (error) {
    const taken = error instanceof StorageError && error.code === "KeyAlreadyExists";
    throw taken ? new StorageError("PreconditionFailed", undefined, { cause: error }) : error;
  }
};
