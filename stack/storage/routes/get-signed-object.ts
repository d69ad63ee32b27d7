import { z } from "zod";
import { StorageError } from "../errors.ts";
import { findObject } from "../objects.ts";
import { factsOf, objectOf, queryOf } from "../request.ts";
import { sendObject } from "../send-object.ts";
import { serviceActor, transaction } from "../session.ts";
import type { Route } from "./route.ts";

const query = z.object({ token: z.string(), download: z.string().optional() });

/** The right to read was checked when the URL was signed; the token stands for it until it expires. */
export const getSignedObject: Route = (app, deps) => {
  app.get("/object/sign/:bucket/:name{[^]+}", async (c) => {
    const { bucketId, name } = objectOf(c);
    const { token, download } = queryOf(c, query);
    const { exp, transformations } = await deps.signer.verifyDownload(token, `${bucketId}/${name}`);
    // Whoever was given a thumbnail was not given the original.
    if (transformations) throw new StorageError("InvalidSignature");
    const facts = factsOf(c, "storage.object.get_signed");
    const find = () => transaction(deps.pool, serviceActor, facts, (tx) => findObject(tx, bucketId, name));
    return sendObject(c, deps, find, { download, expires: new Date(exp * 1000) });
  });
};
