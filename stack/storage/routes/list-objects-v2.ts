import { z } from "zod";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { type Entry, listEntries, listFlat } from "../listings.ts";
import { actorOf, factsOf, jsonBody } from "../request.ts";
import { transaction } from "../session.ts";
import type { Route } from "./route.ts";

const MAX_KEYS = 1000;

const body = z.object({
  prefix: z.string().optional(),
  limit: z.int().min(1).optional(),
  cursor: z.string().optional(),
  with_delimiter: z.boolean().optional(),
  sortBy: z
    .object({ column: z.enum(["name", "updated_at", "created_at"]), order: z.enum(["asc", "desc"]).optional() })
    .optional(),
});

function isFolder(entry: Entry): boolean {
  return entry.id === null;
}

/** The key by which listings are ordered: a folder's ends with a slash. */
function keyOf(entry: Entry): string {
  return isFolder(entry) ? `${entry.name}/` : entry.name;
}

export const listObjectsV2: Route = (app, deps) => {
  app.post("/object/list-v2/:bucket", async (c) => {
    const actor = await actorOf(c, deps);
    const options = await jsonBody(c, body);
    const limit = Math.min(options.limit ?? MAX_KEYS, MAX_KEYS);
    const cursor = options.cursor ? decodeCursor(options.cursor) : undefined;
    const column = cursor?.column ?? options.sortBy?.column ?? "name";
    const order = cursor?.order ?? options.sortBy?.order ?? "asc";
    const wanted = {
      bucketId: c.req.param("bucket"),
      prefix: options.prefix ?? "",
      column,
      order,
      after: cursor?.after ?? "",
      afterTime: cursor?.afterTime,
      limit: limit + 1,
    };
    const list = options.with_delimiter ? listEntries : listFlat;
    const facts = factsOf(c, "storage.object.list_v2");
    const found = await transaction(deps.pool, actor, facts, (tx) => list(tx, wanted));
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return c.json({
      hasNext: last !== undefined,
      ...(last && {
        nextCursor: encodeCursor({
          after: keyOf(last),
          column,
          order,
          afterTime: column === "name" ? undefined : last[column]?.toISOString(),
        }),
      }),
      folders: page.filter(isFolder).map((entry) => ({ ...entry, name: keyOf(entry) })),
      objects: page.filter((entry) => !isFolder(entry)),
    });
  });
};
