import { removeBucket } from "../buckets.ts";
import { actorOf, factsOf } from "../request.ts";
import type { Route } from "./route.ts";

export const deleteBucket: Route = (app, deps) => {
  app.delete("/bucket/:bucket", async (c) => {
    const actor = await actorOf(c, deps);
    await removeBucket(deps, actor, factsOf(c, "storage.bucket.delete"), c.req.param("bucket"));
    return c.json({ message: "Successfully deleted" });
  });
};
