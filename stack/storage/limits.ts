import { StorageError } from "./errors.ts";

const SIZE = /^(\d+(?:\.\d+)?)(gb|mb|kb|b)$/i;
const UNITS: Record<string, number> = { gb: 1e9, mb: 1e6, kb: 1e3, b: 1 };
const ALLOWED_MIME_TYPE = /^([a-z0-9\-+.]+\/([a-z0-9\-+.]+|\*)(;\s*charset=[a-z0-9-]+)?|\*)$/i;
const ONE_MIME_TYPE = /^[^\s/,;]+\/[^\s/,;]+[ \t]*(;[^,]*)?$/;
const MAX_MIME_TYPE = 1000;

/** The name under which Supabase's dashboard marks an empty folder; it never holds bytes. */
export function isFolderPlaceholder(objectName: string): boolean {
  return objectName.endsWith(".emptyFolderPlaceholder");
}

/** A bucket's own limit, which may not exceed the stack's. */
export function checkedSizeLimit(limit: number | string | null | undefined, globalLimit: number) {
  if (limit === null || limit === undefined) return limit;
  const bytes = typeof limit === "number" ? limit : parseSize(limit);
  if (bytes > globalLimit) throw new StorageError("EntityTooLarge");
  return bytes;
}

function parseSize(text: string): number {
  const [, amount, unit] = SIZE.exec(text) ?? [];
  const factor = UNITS[unit?.toLowerCase() ?? ""];
  if (amount === undefined || factor === undefined) {
    throw new StorageError("InvalidRequest", "Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B");
  }
  return Math.floor(Number(amount) * factor);
}

export function checkedMimeTypes(types: string[] | null | undefined) {
  const named = types?.filter((type) => type !== "");
  for (const type of named ?? []) {
    if (type.length > MAX_MIME_TYPE || !ALLOWED_MIME_TYPE.test(type)) throw refused(type);
  }
  return types === null ? null : named;
}

/** What a file is taken for of which nobody says what it is. */
export const UNKNOWN_MIME_TYPE = "application/octet-stream";

/**
 * The declared type is compared as it stands, parameters included, as Supabase Storage does. It has to be one type: browsers
 * read a list as its last entry, and so as another type than the one that was compared.
 */
export function checkMimeType(mimeType: string, allowed: string[] | null): void {
  if (!allowed?.length) return;
  if (!ONE_MIME_TYPE.test(mimeType)) throw refused(mimeType);
  const [type, subtype] = mimeType.split("/");
  const matches = allowed.some((entry) => {
    const [allowedType, allowedSubtype] = entry.split("/");
    return type === allowedType && subtype !== undefined && (allowedSubtype === "*" || allowedSubtype === subtype);
  });
  if (!matches) throw refused(mimeType);
}

function refused(mimeType: string): StorageError {
  return new StorageError("InvalidMimeType", `mime type ${mimeType.slice(0, 200)} is not supported`);
}
