import { DatabaseError } from "pg";
import { StorageError } from "./errors.ts";
import type { Transaction } from "./session.ts";

export interface ObjectMetadata {
  eTag: string;
  size: number;
  mimetype: string;
  cacheControl: string;
  lastModified: string;
  contentLength: number;
  httpStatusCode: number;
  contentEncoding?: string;
}

export type UserMetadata = Record<string, unknown>;

export interface StoredObject {
  id: string;
  bucket_id: string;
  name: string;
  owner: string | null;
  owner_id: string | null;
  version: string | null;
  created_at: Date;
  updated_at: Date;
  last_accessed_at: Date;
  metadata: Partial<ObjectMetadata> | null;
  user_metadata: UserMetadata | null;
}

export interface NewObject {
  id: string;
  bucketId: string;
  name: string;
  version: string;
  /** The token's subject; absent for the service key. */
  owner?: string;
  metadata: Partial<ObjectMetadata>;
  userMetadata: UserMetadata;
}

const COLUMNS =
  "id, bucket_id, name, owner, owner_id, version, created_at, updated_at, last_accessed_at, metadata, user_metadata";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The deprecated owner column takes uuids only. */
export function ownerUuid(owner: string | undefined): string | null {
  return owner !== undefined && UUID.test(owner) ? owner : null;
}

export async function findObject(tx: Transaction, bucketId: string, name: string): Promise<StoredObject | undefined> {
  const [row] = await tx.query<StoredObject>(
    `select ${COLUMNS} from storage.objects where bucket_id = $1 and name = $2`,
    [bucketId, name],
  );
  return row;
}

export async function namesAmong(tx: Transaction, bucketId: string, names: string[]): Promise<Set<string>> {
  const rows = await tx.query<{ name: string }>(
    "select name from storage.objects where bucket_id = $1 and name = any ($2)",
    [bucketId, names],
  );
  return new Set(rows.map((row) => row.name));
}

export async function namesIn(tx: Transaction, bucketId: string, after: string, limit: number): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `select name from storage.objects where bucket_id = $1 and name collate "C" > $2
    order by name collate "C" limit $3`,
    [bucketId, after, limit],
  );
  return rows.map((row) => row.name);
}

/** Those that an object or a part of one has. */
export async function versionsAmong(tx: Transaction, versions: string[]): Promise<Set<string>> {
  const rows = await tx.query<{ version: string }>(
    `select version from storage.objects where version = any ($1)
    union select version from storage.s3_multipart_uploads_parts where version = any ($1)`,
    [versions],
  );
  return new Set(rows.map((row) => row.version));
}

/** Without `returning`, which would ask for the right to read as well. */
export async function insertObject(tx: Transaction, object: NewObject): Promise<void> {
  try {
    await tx.query(
      `insert into storage.objects (id, bucket_id, name, version, owner, owner_id, metadata, user_metadata)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      values(object),
    );
  } catch (error) {
    if (error instanceof DatabaseError && error.constraint === "bucketid_objname") {
      throw new StorageError("KeyAlreadyExists", undefined, { cause: error });
    }
    throw error;
  }
}

/** Answers the id, which is the old one where the object was there. */
export async function upsertObject(tx: Transaction, object: NewObject): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `insert into storage.objects as o (id, bucket_id, name, version, owner, owner_id, metadata, user_metadata)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (bucket_id, name) do update set
      version = excluded.version,
      owner = coalesce(excluded.owner, o.owner),
      owner_id = coalesce(excluded.owner_id, o.owner_id),
      metadata = excluded.metadata,
      user_metadata = excluded.user_metadata
    returning id`,
    values(object),
  );
  return row?.id ?? object.id;
}

function values(object: NewObject): unknown[] {
  const { id, bucketId, name, version, owner, metadata, userMetadata } = object;
  return [id, bucketId, name, version, ownerUuid(owner), owner ?? null, metadata, userMetadata];
}

export async function moveObject(
  tx: Transaction,
  from: { bucketId: string; name: string },
  to: { bucketId: string; name: string; owner?: string },
): Promise<StoredObject | undefined> {
  const [row] = await tx.query<StoredObject>(
    `update storage.objects
    set bucket_id = $3, name = $4, owner = coalesce($5, owner), owner_id = coalesce($6, owner_id)
    where bucket_id = $1 and name = $2
    returning ${COLUMNS}`,
    [from.bucketId, from.name, to.bucketId, to.name, ownerUuid(to.owner), to.owner ?? null],
  );
  return row;
}

export function deleteObjects(tx: Transaction, bucketId: string, names: string[]): Promise<StoredObject[]> {
  return tx.query<StoredObject>(
    `delete from storage.objects where bucket_id = $1 and name = any ($2) returning ${COLUMNS}`,
    [bucketId, names],
  );
}

/** Holds the name against other writers until the transaction ends, whether or not a row bears it. */
export async function lockName(tx: Transaction, bucketId: string, name: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`${bucketId}/${name}`]);
}

export async function idOfVersion(tx: Transaction, version: string): Promise<string | null> {
  const [row] = await tx.query<{ id: string }>("select id from storage.objects where version = $1", [version]);
  return row?.id ?? null;
}

export async function versionOf(tx: Transaction, bucketId: string, name: string): Promise<string | null> {
  const [row] = await tx.query<{ version: string | null }>(
    "select version from storage.objects where bucket_id = $1 and name = $2 for update",
    [bucketId, name],
  );
  return row?.version ?? null;
}
