import { z } from "zod";
import { factsOf, objectOf, queryOf } from "../request.ts";
import { serviceActor } from "../session.ts";
import { uploadFromRequest } from "../upload.ts";
import type { Route } from "./route.ts";

const query = z.object({ token: z.string() });

/** Whoever holds the token uploads in the name of the one who asked for it. */
export const uploadSigned: Route = (app, deps) => {
  app.put("/object/upload/sign/:bucket/:name{[^]+}", async (c) => {
    const object = objectOf(c);
    const { token } = queryOf(c, query);
    const { owner, upsert } = await deps.signer.verifyUpload(token, `${object.bucketId}/${object.name}`);
    const { key } = await uploadFromRequest(c, deps, {
      ...object,
      actor: serviceActor,
      facts: factsOf(c, "storage.object.upload_signed"),
      owner,
      upsert,
    });
    return c.json({ Key: key });
  });
};
