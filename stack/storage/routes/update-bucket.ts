import { z } from "zod";
import { StorageError } from "../errors.ts";
import { checkedMimeTypes, checkedSizeLimit } from "../limits.ts";
import { actorOf, factsOf, jsonBody } from "../request.ts";
import { transaction } from "../session.ts";
import type { Route } from "./route.ts";

const body = z
  .object({
    public: z.boolean().optional(),
    file_size_limit: z.union([z.int().nonnegative(), z.string()]).nullish(),
    allowed_mime_types: z.array(z.string()).nullish(),
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), "must change a property");

export const updateBucket: Route = (app, deps) => {
  app.put("/bucket/:bucket", async (c) => {
    const actor = await actorOf(c, deps);
    const changes = await jsonBody(c, body);
    const columns = Object.entries({
      public: changes.public,
      file_size_limit: checkedSizeLimit(changes.file_size_limit, deps.fileSizeLimit),
      allowed_mime_types: checkedMimeTypes(changes.allowed_mime_types),
    }).filter(([, value]) => value !== undefined);
    const assignments = columns.map(([column], index) => `${column} = $${index + 2}`).join(", ");
    const values = [c.req.param("bucket"), ...columns.map(([, value]) => value)];
    const updated = await transaction(deps.pool, actor, factsOf(c, "storage.bucket.update"), (tx) =>
      tx.query(`update storage.buckets set ${assignments}, updated_at = now() where id = $1 returning id`, values),
    );
    if (updated.length === 0) throw new StorageError("NoSuchBucket");
    return c.json({ message: "Successfully updated" });
  });
};
