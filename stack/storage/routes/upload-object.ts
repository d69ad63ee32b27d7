import { actorOf, factsOf, objectOf } from "../request.ts";
import { uploadFromRequest } from "../upload.ts";
import type { Route } from "./route.ts";

export const uploadObject: Route = (app, deps) => {
  app.post("/object/:bucket/:name{[^]+}", async (c) => {
    const actor = await actorOf(c, deps);
    const { id, key } = await uploadFromRequest(c, deps, {
      ...objectOf(c),
      actor,
      facts: factsOf(c, "storage.object.upload"),
      owner: actor.claims.sub,
      upsert: c.req.header("x-upsert") === "true",
    });
    return c.json({ Id: id, Key: key });
  });
};
