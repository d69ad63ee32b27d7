import { z } from "zod";
import { removeObjects } from "../remove-objects.ts";
import { actorOf, factsOf, jsonBody } from "../request.ts";
import type { Route } from "./route.ts";

const body = z.object({ prefixes: z.array(z.string()).min(1).max(1000) });

/** Answers the objects that were removed; those that the caller may not remove are simply not among them. */
export const deleteObjects: Route = (app, deps) => {
  app.delete("/object/:bucket", async (c) => {
    const actor = await actorOf(c, deps);
    const { prefixes } = await jsonBody(c, body);
    const facts = factsOf(c, "storage.object.delete_many");
    return c.json(await removeObjects(deps, actor, facts, c.req.param("bucket"), prefixes));
  });
};
