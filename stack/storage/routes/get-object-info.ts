import type { Context } from "hono";
import type { GatewayEnv } from "../../context.ts";
import { StorageError } from "../errors.ts";
import { findPublicObject, findReadableObject } from "../find-object.ts";
import type { StoredObject } from "../objects.ts";
import { actorIfAny, actorOf, factsOf, objectOf } from "../request.ts";
import { sendObject } from "../send-object.ts";
import type { Actor } from "../session.ts";
import type { Route } from "./route.ts";

function describe(object: StoredObject) {
  const { id, name, version, bucket_id, created_at, updated_at, metadata, user_metadata } = object;
  return {
    id,
    name,
    version,
    bucket_id,
    size: metadata?.size ?? null,
    content_type: metadata?.mimetype ?? null,
    content_encoding: metadata?.contentEncoding ?? null,
    cache_control: metadata?.cacheControl ?? null,
    etag: metadata?.eTag ?? null,
    metadata: user_metadata,
    last_modified: updated_at,
    created_at,
  };
}

/** Asked by HEAD, the answer is that of a download without its bytes. */
export const getObjectInfo: Route = (app, deps) => {
  const answer = async (c: Context<GatewayEnv>, find: () => Promise<StoredObject | undefined>) => {
    if (c.req.method === "HEAD") return sendObject(c, deps, find, {});
    const object = await find();
    if (!object) throw new StorageError("NoSuchKey");
    return c.json(describe(object));
  };
  const readable = (c: Context<GatewayEnv>, actor: Actor | null) => {
    const facts = factsOf(c, "object.get_authenticated_info");
    return answer(c, () => findReadableObject(deps, actor, facts, objectOf(c)));
  };
  app.get("/object/info/public/:bucket/:name{[^]+}", (c) =>
    answer(c, () => findPublicObject(deps, factsOf(c, "storage.object.info_public"), objectOf(c))),
  );
  app.get("/object/info/authenticated/:bucket/:name{[^]+}", async (c) => readable(c, await actorOf(c, deps)));
  app.get("/object/info/:bucket/:name{[^]+}", async (c) => readable(c, await actorIfAny(c, deps)));
};
