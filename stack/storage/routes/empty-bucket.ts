import { findBucket } from "../buckets.ts";
import { StorageError } from "../errors.ts";
import { namesIn } from "../objects.ts";
import { removeObjects } from "../remove-objects.ts";
import { factsOf, serviceActorOf } from "../request.ts";
import { transaction } from "../session.ts";
import type { Route } from "./route.ts";

const BATCH = 1000;

/** For the service only. Supabase queues the work, and its answer says so; here it is done by then. */
export const emptyBucket: Route = (app, deps) => {
  app.post("/bucket/:bucket/empty", async (c) => {
    const actor = await serviceActorOf(c, deps);
    const facts = factsOf(c, "storage.bucket.empty");
    const bucketId = c.req.param("bucket");
    const bucket = await transaction(deps.pool, actor, facts, (tx) => findBucket(tx, bucketId));
    if (!bucket) throw new StorageError("NoSuchBucket");
    let after: string | undefined = "";
    while (after !== undefined) {
      const from: string = after;
      const names = await transaction(deps.pool, actor, facts, (tx) => namesIn(tx, bucketId, from, BATCH));
      if (names.length > 0) await removeObjects(deps, actor, facts, bucketId, names);
      after = names.at(-1);
    }
    return c.json({ message: "Empty bucket has been queued. Completion may take up to an hour." });
  });
};
