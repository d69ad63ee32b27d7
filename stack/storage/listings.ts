import type { Cursor } from "./cursor.ts";
import type { ObjectMetadata } from "./objects.ts";
import type { Transaction } from "./session.ts";

export interface Listing extends Cursor {
  bucketId: string;
  prefix: string;
  limit: number;
}

export interface Entry {
  name: string;
  key?: string;
  /** Null for a folder. */
  id: string | null;
  created_at: Date | null;
  updated_at: Date | null;
  last_accessed_at: Date | null;
  metadata: Partial<ObjectMetadata> | null;
}

/** Folders and files directly below the prefix. */
export function listEntries(tx: Transaction, listing: Listing): Promise<Entry[]> {
  const { prefix, bucketId, limit, after, order, column, afterTime } = listing;
  const levels = prefix.split("/").length;
  return tx.query<Entry>("select * from storage.search_v2($1, $2, $3, $4, $5, $6, $7, $8)", [
    prefix,
    bucketId,
    limit,
    levels,
    after,
    order,
    column,
    afterTime ?? "",
  ]);
}

/** Every object below the prefix, however deep. */
export function listFlat(tx: Transaction, listing: Listing): Promise<Entry[]> {
  const { prefix, bucketId, limit, after, order, column, afterTime } = listing;
  const key = column === "name" ? ['name collate "C"'] : [`date_trunc('milliseconds', ${column})`, 'name collate "C"'];
  const position = column === "name" ? "$4" : "$5::timestamptz, $4";
  return tx.query<Entry>(
    `select name, id, updated_at, created_at, last_accessed_at, metadata
    from storage.objects
    where bucket_id = $1 and starts_with(name, $2)
      and ($4 = '' or (${key.join(", ")}) ${order === "asc" ? ">" : "<"} (${position}))
    order by ${key.map((part) => `${part} ${order}`).join(", ")}
    limit $3`,
    [bucketId, prefix, limit, after, ...(column === "name" ? [] : [afterTime ?? null])],
  );
}

interface Below {
  bucketId: string;
  prefix: string;
  /** Empty to list every object, however deep. */
  delimiter: string;
  after: string;
  limit: number;
}

/** Entries below a prefix by name, for any delimiter; a folder's name ends with it. */
export async function listBelow(tx: Transaction, below: Below): Promise<Entry[]> {
  const { bucketId, prefix, delimiter, after, limit } = below;
  if (delimiter === "") return listFlat(tx, { bucketId, prefix, limit, after, column: "name", order: "asc" });
  const entries = await tx.query<Entry>("select * from storage.list_objects_with_delimiter($1, $2, $3, $4, $5)", [
    bucketId,
    prefix,
    delimiter,
    limit,
    after,
  ]);
  return entries.map((entry) => (entry.id === null ? { ...entry, name: `${entry.name}${delimiter}` } : entry));
}
