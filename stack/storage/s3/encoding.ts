import { StorageError } from "../errors.ts";

/** Keys in answers are encoded where the client asks for it. */
export function encoderOf(query: URLSearchParams): (key: string) => string {
  const type = query.get("encoding-type");
  if (type === null) return (key) => key;
  if (type !== "url") throw new StorageError("InvalidParameter", "Invalid Parameter encoding-type");
  return (key) => key.split("/").map(encodeURIComponent).join("/");
}
