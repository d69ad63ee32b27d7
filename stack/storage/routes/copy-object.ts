import { randomUUID } from "node:crypto";
import { z } from "zod";
import { commitObject } from "../commit-object.ts";
import { StorageError } from "../errors.ts";
import { checkedObjectName } from "../names.ts";
import { findObject } from "../objects.ts";
import { actorOf, factsOf, jsonBody } from "../request.ts";
import { transaction } from "../session.ts";
import { assertMayUpload } from "../upload.ts";
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
    const facts = factsOf(c, "storage.object.copy");
    const target = {
      actor,
      facts,
      owner: actor.claims.sub,
      bucketId: request.destinationBucket ?? bucketId,
      name: checkedObjectName(request.destinationKey),
      upsert: c.req.header("x-upsert") === "true",
    };
    const source = await transaction(deps.pool, actor, facts, (tx) => findObject(tx, bucketId, sourceKey));
    if (!source?.version) throw new StorageError("NoSuchKey");
    const described = {
      metadata: { ...source.metadata, ...(!copyMetadata && request.metadata), lastModified: new Date().toISOString() },
      userMetadata: copyMetadata ? (source.user_metadata ?? {}) : metadataHeader(c),
    };
    await assertMayUpload(deps, target, described);

    const version = await deps.store.begin();
    try {
      await deps.store.copy(source.version, version);
      const { owner, name } = target;
      const id = await commitObject(deps, target, {
        ...described,
        id: randomUUID(),
        bucketId: target.bucketId,
        name,
        owner,
        version,
      });
      return c.json({
        Id: id,
        Key: `${target.bucketId}/${name}`,
        id,
        name,
        bucket_id: target.bucketId,
        version,
        metadata: described.metadata,
        user_metadata: described.userMetadata,
      });
    } catch (error) {
      await deps.store.discard([version]);
      throw error;
    }
  });
};
