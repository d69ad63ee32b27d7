import { findBucket } from "../buckets.ts";
import { StorageError } from "../errors.ts";
import { actorOf, factsOf } from "../request.ts";
import { serviceActor, transaction } from "../session.ts";
import type { Route } from "./route.ts";

export const deleteBucket: Route = (app, deps) => {
  app.delete("/bucket/:bucket", async (c) => {
    const actor = await actorOf(c, deps);
    const id = c.req.param("bucket");
    await transaction(deps.pool, serviceActor, factsOf(c, "storage.bucket.delete"), async (tx) => {
      if (!(await findBucket(tx, id, true))) throw new StorageError("NoSuchBucket");
      const objects = await tx.query("select from storage.objects where bucket_id = $1 limit 1", [id]);
      if (objects.length > 0) throw new StorageError("ResourceNotEmpty");
      await tx.become(actor);
      const deleted = await tx.query("delete from storage.buckets where id = $1 returning id", [id]);
      if (deleted.length === 0) throw new StorageError("NoSuchBucket");
    });
    return c.json({ message: "Successfully deleted" });
  });
};
