import { actorOf, factsOf, objectOf } from "../request.ts";
import { uploadFromRequest } from "../upload.ts";
import type { Route } from "./route.ts";

/** Supabase's update creates the object where there is none. */
export const updateObject: Route = (app, deps) => {
  app.put("/object/:bucket/:name{[^]+}", async (c) => {
    const actor = await actorOf(c, deps);
    const { id, key } = await uploadFromRequest(c, deps, {
      ...objectOf(c),
      actor,
      facts: factsOf(c, "storage.object.upload_update"),
      owner: actor.claims.sub,
      upsert: true,
    });
    return c.json({ Id: id, Key: key });
  });
};
