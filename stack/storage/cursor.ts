import { z } from "zod";
import { StorageError } from "./errors.ts";

const cursor = z.object({
  /** The key of the last entry given. */
  after: z.string(),
  column: z.enum(["name", "updated_at", "created_at"]),
  order: z.enum(["asc", "desc"]),
  /** Its time, where the listing is ordered by one. */
  afterTime: z.iso.datetime().optional(),
});

export type Cursor = z.infer<typeof cursor>;

export function encodeCursor(value: Cursor): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

export function decodeCursor(text: string): Cursor {
  try {
    return cursor.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  } catch (error) {
    throw new StorageError("InvalidParameter", "Invalid Parameter continuation token", { cause: error });
  }
}
