import { StorageError } from "../errors.ts";
import type { StoredObject } from "../objects.ts";

/** Splits the header `x-amz-copy-source`, which may begin with a slash and is encoded. */
export function copySourceOf(headers: Record<string, string>): { bucketId: string; name: string } {
  const source = headers["x-amz-copy-source"]?.replace(/^\//, "") ?? "";
  if (source.includes("?")) throw new StorageError("NotImplemented", "Objects have no versions to copy from");
  let decoded: string;
  try {
    decoded = decodeURIComponent(source);
  } catch (error) {
    throw new StorageError("InvalidParameter", "Invalid Parameter CopySource", { cause: error });
  }
  const [bucketId = "", ...rest] = decoded.split("/");
  const name = rest.join("/");
  if (bucketId === "" || name === "")
    throw new StorageError("MissingParameter", "Missing Required Parameter CopySource");
  return { bucketId, name };
}

/** Holds the source against the conditions of the request. */
export function requireCopyConditions(headers: Record<string, string>, source: StoredObject): void {
  const header = (name: string) => headers[`x-amz-copy-source-if-${name}`];
  const bare = (tag: string | undefined) => tag?.replaceAll('"', "");
  const eTag = bare(source.metadata?.eTag);
  // Dates in headers have no fractions of a second.
  const modified =
    Math.floor(Date.parse(source.metadata?.lastModified ?? source.updated_at.toISOString()) / 1000) * 1000;
  const match = header("match");
  const noneMatch = header("none-match");
  const failed =
    (match !== undefined && bare(match) !== eTag) ||
    (match === undefined && modified > Date.parse(header("unmodified-since") ?? "")) ||
    (noneMatch !== undefined && bare(noneMatch) === eTag) ||
    (noneMatch === undefined && modified <= Date.parse(header("modified-since") ?? ""));
  if (failed) throw new StorageError("PreconditionFailed");
}
