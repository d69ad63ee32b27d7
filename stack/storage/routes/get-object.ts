import type { Context } from "hono";
import type { GatewayEnv } from "../../context.ts";
import { findReadableObject } from "../find-object.ts";
import { actorIfAny, actorOf, factsOf, objectOf } from "../request.ts";
import { sendObject } from "../send-object.ts";
import type { Actor } from "../session.ts";
import type { Route } from "./route.ts";

export const getObject: Route = (app, deps) => {
  const send = (c: Context<GatewayEnv>, actor: Actor | null) => {
    const object = objectOf(c);
    const head = c.req.method === "HEAD";
    const facts = factsOf(c, head ? "object.head_authenticated_info" : "storage.object.get_authenticated");
    const find = () => findReadableObject(deps, actor, facts, object);
    return sendObject(c, deps, find, { download: c.req.query("download") });
  };
  app.get("/object/authenticated/:bucket/:name{[^]+}", async (c) => send(c, await actorOf(c, deps)));
  app.get("/object/:bucket/:name{[^]+}", async (c) => send(c, await actorIfAny(c, deps)));
};
