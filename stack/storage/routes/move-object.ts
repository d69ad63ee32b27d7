import { z } from "zod";
import { StorageError } from "../errors.ts";
import { checkedObjectName } from "../names.ts";
import { lockName, moveObject as move } from "../objects.ts";
import { actorOf, factsOf, jsonBody } from "../request.ts";
import { serviceActor, transaction } from "../session.ts";
import type { Route } from "./route.ts";

const body = z.object({
  bucketId: z.string(),
  sourceKey: z.string(),
  destinationBucket: z.string().nullish(),
  destinationKey: z.string(),
});

/** Only the row moves: the bytes are found by version, not by name. */
export const moveObject: Route = (app, deps) => {
  app.post("/object/move", async (c) => {
    const actor = await actorOf(c, deps);
    const { bucketId, sourceKey, destinationBucket, destinationKey } = await jsonBody(c, body);
    const from = { bucketId, name: sourceKey };
    const to = { bucketId: destinationBucket ?? bucketId, name: checkedObjectName(destinationKey) };
    const moved = await transaction(deps.pool, serviceActor, factsOf(c, "storage.object.move"), async (tx) => {
      await lockName(tx, to.bucketId, to.name);
      await tx.become(actor);
      return move(tx, from, { ...to, owner: actor.claims.sub });
    });
    if (!moved) throw new StorageError("NoSuchKey");
    return c.json({ message: "Successfully moved", Id: moved.id, Key: moved.name });
  });
};
