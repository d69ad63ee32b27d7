import { StorageError } from "../errors.ts";
import { findObject } from "../objects.ts";
import { removeObjects } from "../remove-objects.ts";
import { actorOf, factsOf, objectOf } from "../request.ts";
import { serviceActor, transaction } from "../session.ts";
import type { Route } from "./route.ts";

export const deleteObject: Route = (app, deps) => {
  app.delete("/object/:bucket/:name{[^]+}", async (c) => {
    const actor = await actorOf(c, deps);
    const { bucketId, name } = objectOf(c);
    const facts = factsOf(c, "storage.object.delete");
    const removed = await removeObjects(deps, actor, facts, bucketId, [name]);
    if (removed.length === 0) {
      const object = await transaction(deps.pool, serviceActor, facts, (tx) => findObject(tx, bucketId, name));
      throw object ? new StorageError("AccessDenied", "Access denied") : new StorageError("NoSuchKey");
    }
    return c.json({ message: "Successfully deleted" });
  });
};
