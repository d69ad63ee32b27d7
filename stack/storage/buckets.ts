import type { StorageDeps } from "./deps.ts";
import { StorageError } from "./errors.ts";
import { ownerUuid } from "./objects.ts";
import { type Actor, type RequestFacts, serviceActor, type Transaction, transaction } from "./session.ts";

export interface Bucket {
  id: string;
  name: string;
  owner: string | null;
  public: boolean;
  created_at: Date;
  updated_at: Date;
  file_size_limit: number | null;
  allowed_mime_types: string[] | null;
}

export interface BucketListing {
  limit?: number;
  offset?: number;
  sortColumn?: "id" | "name" | "created_at" | "updated_at";
  sortOrder?: "asc" | "desc";
  search?: string;
}

interface BucketRow extends Omit<Bucket, "file_size_limit"> {
  /** A bigint, which pg hands over as text. */
  file_size_limit: string | null;
}

const COLUMNS =
  "id, name, coalesce(owner::text, '') as owner, public, created_at, updated_at, file_size_limit, allowed_mime_types";

function toBucket(row: BucketRow): Bucket {
  return { ...row, file_size_limit: row.file_size_limit === null ? null : Number(row.file_size_limit) };
}

export async function findBucket(tx: Transaction, id: string, lock = false): Promise<Bucket | undefined> {
  const [row] = await tx.query<BucketRow>(
    `select ${COLUMNS} from storage.buckets where id = $1 ${lock ? "for update" : ""}`,
    [id],
  );
  return row && toBucket(row);
}

export async function listBuckets(tx: Transaction, listing: BucketListing): Promise<(Bucket & { type: string })[]> {
  const rows = await tx.query<BucketRow & { type: string }>(
    `select ${COLUMNS}, type from storage.buckets
    where $1::text is null or position(lower($1) in lower(name)) > 0
    order by ${listing.sortColumn ?? "name"} ${listing.sortOrder ?? "asc"}, id
    limit $2 offset $3`,
    [listing.search ?? null, listing.limit ?? null, listing.offset ?? 0],
  );
  return rows.map((row) => ({ ...toBucket(row), type: row.type }));
}

type NewBucket = Pick<Bucket, "id" | "name" | "public" | "file_size_limit" | "allowed_mime_types">;

export async function insertBucket(deps: StorageDeps, actor: Actor, facts: RequestFacts, bucket: NewBucket) {
  const { id, name, file_size_limit, allowed_mime_types } = bucket;
  const owner = actor.claims.sub;
  try {
    await transaction(deps.pool, actor, facts, (tx) =>
      tx.query(
        `insert into storage.buckets (id, name, owner, owner_id, public, file_size_limit, allowed_mime_types)
        values ($1, $2, $3, $4, $5, $6, $7)`,
        [id, name, ownerUuid(owner), owner ?? null, bucket.public, file_size_limit, allowed_mime_types],
      ),
    );
  } catch (error) {
    const taken = error instanceof StorageError && error.code === "ResourceAlreadyExists";
    throw taken ? new StorageError("BucketAlreadyExists", undefined, { cause: error }) : error;
  }
}

/** Removes an empty bucket, which the actor may not even see to be full. */
export function removeBucket(deps: StorageDeps, actor: Actor, facts: RequestFacts, id: string): Promise<void> {
  return transaction(deps.pool, serviceActor, facts, async (tx) => {
    if (!(await findBucket(tx, id, true))) throw new StorageError("NoSuchBucket");
    const objects = await tx.query("select from storage.objects where bucket_id = $1 limit 1", [id]);
    if (objects.length > 0) throw new StorageError("ResourceNotEmpty");
    await tx.become(actor);
    const deleted = await tx.query("delete from storage.buckets where id = $1 returning id", [id]);
    if (deleted.length === 0) throw new StorageError("NoSuchBucket");
  });
}
