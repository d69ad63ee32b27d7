import type { StackContext } from "../context.ts";
import { checkedMimeTypes } from "./limits.ts";
import { checkedBucketName } from "./names.ts";
import { serviceActor, transaction } from "./session.ts";

/** Creates or adjusts the buckets that config.toml declares; others are left alone. */
export async function ensureBuckets(ctx: StackContext): Promise<void> {
  const facts = { method: "", path: "", headers: {}, operation: "storage.bucket.create" };
  await transaction(ctx.pool("supabase_storage_admin"), serviceActor, facts, async (tx) => {
    for (const [id, bucket] of Object.entries(ctx.config.storage.buckets)) {
      await tx.query(
        `insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
        values ($1, $1, $2, $3, $4)
        on conflict (id) do update set
          public = excluded.public,
          file_size_limit = excluded.file_size_limit,
          allowed_mime_types = excluded.allowed_mime_types,
          updated_at = now()`,
        [
          checkedBucketName(id),
          bucket.public,
          bucket.file_size_limit ?? null,
          bucket.allowed_mime_types.length > 0 ? checkedMimeTypes(bucket.allowed_mime_types) : null,
        ],
      );
    }
  });
}
