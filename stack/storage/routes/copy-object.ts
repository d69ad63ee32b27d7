import { z } from "zod";
import { copyObject as copy } from "../copy-object.ts";
import { checkedObjectName } from "../names.ts";
import { actorOf, factsOf, jsonBody } from "../request.ts";
import { checkedHeader, metadataHeader } from "../upload-body.ts";
import type { Route } from "./route.ts";

const headerValue = z.string().transform(checkedHeader);

const body = z.object({
  bucketId: z.string(),
  sourceKey: z.string(),
  destinationBucket: z.string().nullish(),
  destinationKey: z.string(),
  copyMetadata: z.boolean().optional(),
  metadata: z
    .object({
      cacheControl: headerValue.optional(),
      mimetype: headerValue.optional(),
      contentEncoding: headerValue.optional(),
    })
    .optional(),
});

export const copyObject: Route = (app, deps) => {
  app.post("/object/copy", async (c) => {
    const actor = await actorOf(c, deps);
    const request = await jsonBody(c, body);
    const { bucketId, sourceKey, copyMetadata = true } = request;
    const target = {
      actor,
      facts: factsOf(c, "storage.object.copy"),
      owner: actor.claims.sub,
      bucketId: request.destinationBucket ?? bucketId,
      name: checkedObjectName(request.destinationKey),
      upsert: c.req.header("x-upsert") === "true",
    };
    const { id, version, metadata, userMetadata } = await copy(deps, {
      source: { bucketId, name: sourceKey },
      target,
      describe: (source) => ({
        metadata: {
          ...source.metadata,
          ...(!copyMetadata && request.metadata),
          lastModified: new Date().toISOString(),
        },
        userMetadata: copyMetadata ? (source.user_metadata ?? {}) : metadataHeader(c),
      }),
    });
    return c.json({
      Id: id,
      Key: `${target.bucketId}/${target.name}`,
      id,
      name: target.name,
      bucket_id: target.bucketId,
      version,
      metadata,
      user_metadata: userMetadata,
    });
  });
};
