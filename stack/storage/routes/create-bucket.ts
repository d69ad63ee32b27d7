import { z } from "zod";
import { StorageError } from "../errors.ts";
import { checkedMimeTypes, checkedSizeLimit } from "../limits.ts";
import { checkedBucketName } from "../names.ts";
import { ownerUuid } from "../objects.ts";
import { actorOf, factsOf, jsonBody } from "../request.ts";
import { transaction } from "../session.ts";
import type { Route } from "./route.ts";

const body = z.object({
  name: z.string(),
  id: z.string().optional(),
  public: z.boolean().nullish(),
  type: z.enum(["STANDARD", "ANALYTICS"]).nullish(),
  file_size_limit: z.union([z.int().nonnegative(), z.string()]).nullish(),
  allowed_mime_types: z.array(z.string()).nullish(),
  versioning_status: z.literal("DISABLED", { error: "Buckets with versions are not available" }).nullish(),
});

export const createBucket: Route = (app, deps) => {
  app.post("/bucket", async (c) => {
    const actor = await actorOf(c, deps);
    const bucket = await jsonBody(c, body);
    if (bucket.type === "ANALYTICS") throw new StorageError("FeatureNotEnabled", "Analytics buckets are not enabled");
    const owner = actor.claims.sub;
    const values = [
      checkedBucketName(bucket.id ?? bucket.name),
      checkedBucketName(bucket.name),
      ownerUuid(owner),
      owner ?? null,
      bucket.public ?? false,
      checkedSizeLimit(bucket.file_size_limit, deps.fileSizeLimit) ?? null,
      checkedMimeTypes(bucket.allowed_mime_types) ?? null,
    ];
    try {
      await transaction(deps.pool, actor, factsOf(c, "storage.bucket.create"), (tx) =>
        tx.query(
          `insert into storage.buckets (id, name, owner, owner_id, public, file_size_limit, allowed_mime_types)
          values ($1, $2, $3, $4, $5, $6, $7)`,
          values,
        ),
      );
    } catch (error) {
      const taken = error instanceof StorageError && error.code === "ResourceAlreadyExists";
      throw taken ? new StorageError("BucketAlreadyExists", undefined, { cause: error }) : error;
    }
    return c.json({ name: bucket.name });
  });
};
