import type { ByteRange } from "../byte-range.ts";
import { type ErrorCode, StorageError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";

/** Bytes of the store, opened once somebody reads; `gone` tells what it means that they are no longer there. */
export async function* bytesOfVersion(
  store: ObjectStore,
  version: string,
  gone: ErrorCode,
  range?: ByteRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await store.openVersion(version).catch((error: Error) => {
    const missing = "code" in error && error.code === "ENOENT";
    throw missing ? new StorageError(gone, undefined, { cause: error }) : error;
  });
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  if (end < start) await file.close();
  else yield* file.stream({ start, end });
}
