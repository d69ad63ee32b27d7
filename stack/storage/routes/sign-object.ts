import { z } from "zod";
import { StorageError } from "../errors.ts";
import { findObject } from "../objects.ts";
import { actorOf, factsOf, jsonBody, objectOf } from "../request.ts";
import { transaction } from "../session.ts";
import { expiresIn } from "../signed-urls.ts";
import type { Route } from "./route.ts";

const body = z.object({ expiresIn });

export const signObject: Route = (app, deps) => {
  app.post("/object/sign/:bucket/:name{[^]+}", async (c) => {
    const actor = await actorOf(c, deps);
    const { bucketId, name } = objectOf(c);
    const { expiresIn: seconds } = await jsonBody(c, body);
    const facts = factsOf(c, "storage.object.sign");
    const object = await transaction(deps.pool, actor, facts, (tx) => findObject(tx, bucketId, name));
    if (!object) throw new StorageError("NoSuchKey");
    const url = `${bucketId}/${name}`;
    const token = await deps.signer.signDownload({ url }, seconds);
    return c.json({ signedURL: `/object/sign/${url}?token=${token}` });
  });
};
