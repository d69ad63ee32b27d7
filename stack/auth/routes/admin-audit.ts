import { Hono } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { Auth } from "../auth.ts";
import { requireService } from "../authenticate.ts";
import { withConnection } from "../database.ts";
import { AuthError } from "../errors.ts";
import { pageHeaders, requestedPage } from "../pages.ts";
import type { AuthContext } from "../request.ts";

/** What each scope of a query looks at in an entry. */
const scopes: Record<string, string[]> = {
  author: ["actor_username", "actor_name"],
  action: ["action"],
  type: ["log_type"],
};

function requestedFilter(query: string): { fields: string[]; value: string } {
  if (query === "") return { fields: [], value: "" };
  const [, scope = "", value = ""] = /^([^:]*):(.*)$/s.exec(query) ?? [];
  const fields = scopes[scope];
  if (!fields) throw new AuthError("validation_failed", { message: `Invalid query scope: ${query}` });
  return { fields, value };
}

async function listEntries(c: AuthContext, auth: Auth): Promise<Response> {
  await requireService(c, auth);
  const page = requestedPage(c);
  const { fields, value } = requestedFilter(c.req.query("query") ?? "");
  const matching = `from auth.audit_log_entries
    where cardinality($1::text[]) = 0 or exists (select from unnest($1::text[]) field where payload ->> field ilike $2)`;
  const values = [fields, `%${value.replace(/[\\%_]/g, "\\$&")}%`];
  const { entries, total } = await withConnection(auth.pool, async (db) => ({
    entries: await db.rows(
      `select id, payload, created_at, ip_address ${matching} order by created_at desc, id limit $3 offset $4`,
      [...values, page.perPage, (page.page - 1) * page.perPage],
    ),
    total: Number((await db.first<{ total: string }>(`select count(*) as total ${matching}`, values))?.total ?? 0),
  }));
  return c.json(entries, 200, pageHeaders(c, page, total));
}

export function adminAuditRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>().get("/admin/audit", (c) => listEntries(c, auth));
}
