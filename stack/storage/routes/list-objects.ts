import { z } from "zod";
import { actorOf, factsOf, jsonBody } from "../request.ts";
import { transaction } from "../session.ts";
import type { Route } from "./route.ts";

const body = z.object({
  prefix: z.string(),
  limit: z.int().min(1).optional(),
  offset: z.int().min(0).optional(),
  search: z.string().optional(),
  sortBy: z
    .object({
      column: z.enum(["name", "updated_at", "created_at", "last_accessed_at"]).optional(),
      order: z.enum(["asc", "desc"]).optional(),
    })
    .optional(),
});

export const listObjects: Route = (app, deps) => {
  app.post("/object/list/:bucket", async (c) => {
    const actor = await actorOf(c, deps);
    const { prefix, limit = 100, offset = 0, search = "", sortBy } = await jsonBody(c, body);
    const folder = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
    const levels = (folder + search).split("/").length;
    const order = [sortBy?.column ?? "name", sortBy?.order ?? "asc"];
    const entries = await transaction(deps.pool, actor, factsOf(c, "storage.object.list"), (tx) =>
      tx.query("select * from storage.search($1, $2, $3, $4, $5, $6, $7, $8)", [
        folder,
        c.req.param("bucket"),
        limit,
        levels,
        offset,
        search,
        ...order,
      ]),
    );
    return c.json(entries);
  });
};
