import { Hono } from "hono";
import { html } from "hono/html";
import type { StackContext } from "../../context.ts";
import { page, table } from "../layout.ts";

const LIMIT = 200;

interface Bucket {
  id: string;
  public: boolean;
  limit: string | null;
  types: string | null;
  objects: string;
}

interface StoredObject {
  name: string;
  size: string | null;
  type: string | null;
  updated: string;
}

const BUCKETS = `
select b.id, b.public, b.file_size_limit::text as limit, array_to_string(b.allowed_mime_types, ', ') as types,
  (select count(*) from storage.objects o where o.bucket_id = b.id)::text as objects
from storage.buckets b order by b.id`;

const OBJECTS = `
select name, metadata ->> 'size' as size, metadata ->> 'mimetype' as type,
  to_char(updated_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS') as updated
from storage.objects where bucket_id = $1 order by name limit ${LIMIT}`;

/** Buckets and what lies in them; files go in and out through Storage's API, which keeps rows and bytes together. */
export function storagePage(ctx: StackContext): Hono {
  const app = new Hono();
  const pool = () => ctx.pool("postgres");

  app.get("/", async (c) => {
    const { rows } = await pool().query<Bucket>(BUCKETS);
    const links = rows.map((bucket) => [
      html`<a href="/storage/${encodeURIComponent(bucket.id)}">${bucket.id}</a>`,
      bucket.public,
      bucket.limit,
      bucket.types,
      bucket.objects,
    ]);
    return page(c, "/storage", "Storage", table(["Bucket", "Public", "Largest file", "Types", "Files"], links));
  });

  app.get("/:bucket", async (c) => {
    const bucket = c.req.param("bucket");
    const { rows } = await pool().query<StoredObject>(OBJECTS, [bucket]);
    const body = html`<p><a href="/storage">All buckets</a></p>
      ${rows.length === 0 ? html`<p class="note">There is no file in this bucket</p>` : ""}
      ${table(
        ["File", "Bytes", "Type", "Changed (UTC)"],
        rows.map((each) => [each.name, each.size, each.type, each.updated]),
      )}
      ${rows.length === LIMIT ? html`<p class="note">The first ${LIMIT} are shown</p>` : ""}`;
    return page(c, "/storage", `Storage: ${bucket}`, body);
  });
  return app;
}
