import { serviceActorOf } from "../request.ts";
import type { Route } from "./route.ts";

/** There is no cache in front of this service, so nothing in it is ever stale. */
export const purgeCache: Route = (app, deps) => {
  app.delete("/cdn/*", async (c) => {
    await serviceActorOf(c, deps);
    return c.json({ message: "success" });
  });
};
