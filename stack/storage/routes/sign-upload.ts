import { actorOf, factsOf, objectOf } from "../request.ts";
import { assertMayUpload } from "../upload.ts";
import { metadataHeader } from "../upload-body.ts";
import type { Route } from "./route.ts";

const TWO_HOURS = 2 * 60 * 60;

export const signUpload: Route = (app, deps) => {
  app.post("/object/upload/sign/:bucket/:name{[^]+}", async (c) => {
    const actor = await actorOf(c, deps);
    const object = objectOf(c);
    const owner = actor.claims.sub;
    const upsert = c.req.header("x-upsert") === "true";
    const facts = factsOf(c, "storage.object.sign_upload_url");
    await assertMayUpload(
      deps,
      { ...object, actor, facts, owner, upsert },
      { metadata: {}, userMetadata: metadataHeader(c) },
    );
    const path = `${object.bucketId}/${object.name}`;
    const token = await deps.signer.signUpload({ url: path, owner, upsert }, TWO_HOURS);
    return c.json({ url: `/object/upload/sign/${path}?token=${token}`, token });
  });
};
