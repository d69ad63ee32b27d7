import { z } from "zod";
import { StorageError } from "../errors.ts";
import { transformation, transformationsClaim } from "../images/transformation.ts";
import { findObject } from "../objects.ts";
import { actorOf, factsOf, jsonBody, objectOf } from "../request.ts";
import { transaction } from "../session.ts";
import { expiresIn } from "../signed-urls.ts";
import type { Route } from "./route.ts";

const body = z.object({ expiresIn, transform: transformation.optional() });

export const signObject: Route = (app, deps) => {
  app.post("/object/sign/:bucket/:name{[^]+}", async (c) => {
    const actor = await actorOf(c, deps);
    const { bucketId, name } = objectOf(c);
    const { expiresIn: seconds, transform = {} } = await jsonBody(c, body);
    const facts = factsOf(c, "storage.object.sign");
    const object = await transaction(deps.pool, actor, facts, (tx) => findObject(tx, bucketId, name));
    if (!object) throw new StorageError("NoSuchKey");
    const url = `${bucketId}/${name}`;
    const transformations = (deps.transformImages && transformationsClaim(transform)) || undefined;
    const token = await deps.signer.signDownload({ url, transformations }, seconds);
    return c.json({ signedURL: `/${transformations ? "render/image" : "object"}/sign/${url}?token=${token}` });
  });
};
