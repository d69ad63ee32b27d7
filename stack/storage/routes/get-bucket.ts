import { findBucket } from "../buckets.ts";
import { StorageError } from "../errors.ts";
import { actorOf, factsOf } from "../request.ts";
import { transaction } from "../session.ts";
import type { Route } from "./route.ts";

export const getBucket: Route = (app, deps) => {
  app.get("/bucket/:bucket", async (c) => {
    const actor = await actorOf(c, deps);
    const facts = factsOf(c, "storage.bucket.get");
    const bucket = await transaction(deps.pool, actor, facts, (tx) => findBucket(tx, c.req.param("bucket")));
    if (!bucket) throw new StorageError("NoSuchBucket");
    return c.json(bucket);
  });
};
