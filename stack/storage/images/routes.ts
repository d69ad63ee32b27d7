import { z } from "zod";
import { findPublicObject, findReadableObject } from "../find-object.ts";
import { findObject } from "../objects.ts";
import { actorOf, factsOf, objectOf, queryOf } from "../request.ts";
import type { Route } from "../routes/route.ts";
import { serviceActor, transaction } from "../session.ts";
import { renderObject } from "./render-object.ts";
import { readTransformationsClaim, transformationQuery } from "./transformation.ts";

const signedQuery = z.object({ token: z.string(), download: z.string().optional() });

/** Images as they are asked for; who may see them is decided as for the objects themselves. */
export const renderImages: Route = (app, deps) => {
  app.get("/render/image/authenticated/:bucket/:name{[^]+}", async (c) => {
    const actor = await actorOf(c, deps);
    const object = objectOf(c);
    const facts = factsOf(c, "storage.render.image_authenticated");
    const find = () => findReadableObject(deps, actor, facts, object);
    return renderObject(c, deps, find, queryOf(c, transformationQuery), { download: c.req.query("download") });
  });

  app.get("/render/image/public/:bucket/:name{[^]+}", async (c) => {
    const object = objectOf(c);
    const facts = factsOf(c, "storage.render.image_public");
    const find = () => findPublicObject(deps, facts, object);
    return renderObject(c, deps, find, queryOf(c, transformationQuery), { download: c.req.query("download") });
  });

  app.get("/render/image/sign/:bucket/:name{[^]+}", async (c) => {
    const { bucketId, name } = objectOf(c);
    const { token, download } = queryOf(c, signedQuery);
    const { exp, transformations = "" } = await deps.signer.verifyDownload(token, `${bucketId}/${name}`);
    const facts = factsOf(c, "storage.render.image_sign");
    const find = () => transaction(deps.pool, serviceActor, facts, (tx) => findObject(tx, bucketId, name));
    const options = readTransformationsClaim(transformations);
    return renderObject(c, deps, find, options, { download, expires: new Date(exp * 1000) });
  });
};
