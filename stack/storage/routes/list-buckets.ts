import { z } from "zod";
import { listBuckets as listing } from "../buckets.ts";
import { actorOf, factsOf, queryOf } from "../request.ts";
import { transaction } from "../session.ts";
import type { Route } from "./route.ts";

const query = z.object({
  limit: z.coerce.number().int().min(1).optional(),
  offset: z.coerce.number().int().min(0).optional(),
  sortColumn: z.enum(["id", "name", "created_at", "updated_at"]).optional(),
  sortOrder: z.enum(["asc", "desc"]).optional(),
  search: z.string().optional(),
});

export const listBuckets: Route = (app, deps) => {
  app.get("/bucket", async (c) => {
    const actor = await actorOf(c, deps);
    const options = queryOf(c, query);
    const facts = factsOf(c, "storage.bucket.list");
    return c.json(await transaction(deps.pool, actor, facts, (tx) => listing(tx, options)));
  });
};
