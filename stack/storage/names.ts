import { StorageError } from "./errors.ts";

// Supabase Storage takes the characters that S3 calls safe and nothing else: no backslash, no control or bidi
// character, no letter outside ASCII, and no percent sign, so that a half-decoded name is refused too.
const OBJECT_NAME = /^[A-Za-z0-9_/!.*'() &$=@;:+,?-]+$/;
const BUCKET_NAME = /^[A-Za-z0-9_!.*'() &$=@;:+,?-]{1,100}$/;
const MAX_OBJECT_NAME = 1024;

function isObjectName(name: string): boolean {
  if (!OBJECT_NAME.test(name) || name.length > MAX_OBJECT_NAME || name.startsWith("/")) return false;
  return !name.split("/").some((segment) => segment === "." || segment === "..");
}

/** Returns the name, so that nothing unchecked is passed on. */
export function checkedObjectName(name: string): string {
  if (!isObjectName(name)) throw new StorageError("InvalidKey", `Invalid key: ${name.slice(0, MAX_OBJECT_NAME)}`);
  return name;
}

export function checkedBucketName(name: string): string {
  if (!BUCKET_NAME.test(name) || name !== name.trim()) throw new StorageError("InvalidBucketName");
  return name;
}
