import { z } from "zod";
import { namesAmong } from "../objects.ts";
import { actorOf, factsOf, jsonBody } from "../request.ts";
import { transaction } from "../session.ts";
import { expiresIn } from "../signed-urls.ts";
import type { Route } from "./route.ts";

const body = z.object({ expiresIn, paths: z.array(z.string()).min(1).max(1000) });

export const signObjects: Route = (app, deps) => {
  app.post("/object/sign/:bucket", async (c) => {
    const actor = await actorOf(c, deps);
    const bucketId = c.req.param("bucket");
    const { expiresIn: seconds, paths } = await jsonBody(c, body);
    const facts = factsOf(c, "storage.object.sign_many");
    const visible = await transaction(deps.pool, actor, facts, (tx) => namesAmong(tx, bucketId, paths));
    const answers = paths.map(async (path) => {
      if (!visible.has(path)) {
        return { error: "Either the object does not exist or you do not have access to it", path, signedURL: null };
      }
      const url = `${bucketId}/${path}`;
      const token = await deps.signer.signDownload({ url }, seconds);
      return { error: null, path, signedURL: `/object/sign/${url}?token=${token}` };
    });
    return c.json(await Promise.all(answers));
  });
};
