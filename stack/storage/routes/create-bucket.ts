import { z } from "zod";
import { insertBucket } from "../buckets.ts";
import { StorageError } from "../errors.ts";
import { checkedMimeTypes, checkedSizeLimit } from "../limits.ts";
import { checkedBucketName } from "../names.ts";
import { actorOf, factsOf, jsonBody } from "../request.ts";
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
    await insertBucket(deps, actor, factsOf(c, "storage.bucket.create"), {
      id: checkedBucketName(bucket.id ?? bucket.name),
      name: checkedBucketName(bucket.name),
      public: bucket.public ?? false,
      file_size_limit: checkedSizeLimit(bucket.file_size_limit, deps.fileSizeLimit) ?? null,
      allowed_mime_types: checkedMimeTypes(bucket.allowed_mime_types) ?? null,
    });
    return c.json({ name: bucket.name });
  });
};
