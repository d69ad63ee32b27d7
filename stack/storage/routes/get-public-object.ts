import { findPublicObject } from "../find-object.ts";
import { factsOf, objectOf } from "../request.ts";
import { sendObject } from "../send-object.ts";
import type { Route } from "./route.ts";

export const getPublicObject: Route = (app, deps) => {
  app.get("/object/public/:bucket/:name{[^]+}", async (c) => {
    const object = objectOf(c);
    const facts = factsOf(c, "storage.object.get_public");
    return sendObject(c, deps, () => findPublicObject(deps, facts, object), { download: c.req.query("download") });
  });
};
