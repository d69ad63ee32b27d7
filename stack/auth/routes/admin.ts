import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import { adminUserBody, createUser, deleteUser, updateUserAsAdmin } from "../admin-users.ts";
import type { Auth } from "../auth.ts";
import { requireService } from "../authenticate.ts";
import { withConnection } from "../database.ts";
import { AuthError } from "../errors.ts";
import { pageHeaders, requestedPage } from "../pages.ts";
import { type AuthContext, readBody, requestInfo } from "../request.ts";
import { hardDelete, softDelete } from "../user-erasure.ts";
import { requireUserId } from "../user-id.ts";
import { userJson } from "../user-json.ts";
import { AUDIENCE, findUser, findUsers, ZERO_ID } from "../users.ts";

const deleteBody = z.object({ should_soft_delete: z.boolean().nullish() });

const sortable = new Set(["created_at", "email", "phone", "last_sign_in_at", "updated_at"]);

function orderBy(sorts: string[]): string {
  const terms = (sorts.length > 0 ? sorts : ["created_at desc"]).map((sort) => {
    const [column = "", direction = "desc"] = sort.split(/\s+/);
    if (!sortable.has(column)) {
      throw new AuthError("validation_failed", { message: `Bad Sort Parameters: bad field for sort '${column}'` });
    }
    if (!/^(asc|desc)$/i.test(direction)) {
      throw new AuthError("validation_failed", {
        message: `Bad Sort Parameters: bad direction for sort '${direction}', only 'asc' and 'desc' allowed`,
      });
    }
    return `${column} ${direction}`;
  });
  return [...terms, "id"].join(", ");
}

async function listUsers(c: AuthContext, auth: Auth): Promise<Response> {
  const page = requestedPage(c);
  const order = orderBy(c.req.queries("sort") ?? []);
  const filter = c.req.query("filter") ?? "";
  const { users, total } = await withConnection(auth.pool, async (db) => {
    const matching = `from auth.users
      where instance_id = $1 and aud = $2
        and ($3 = '' or email ilike $4 or raw_user_meta_data ->> 'full_name' ilike $4)`;
    const values = [ZERO_ID, AUDIENCE, filter, `%${filter.replace(/[\\%_]/g, "\\$&")}%`];
    const count = await db.first<{ total: string }>(`select count(*) as total ${matching}`, values);
    const ids = await db.rows<{ id: string }>(`select id ${matching} order by ${order} limit $5 offset $6`, [
      ...values,
      page.perPage,
      (page.page - 1) * page.perPage,
    ]);
    return {
      users: await findUsers(
        db,
        ids.map(({ id }) => id),
      ),
      total: Number(count?.total ?? 0),
    };
  });
  return c.json({ users: users.map(userJson), aud: AUDIENCE }, 200, pageHeaders(c, page, total));
}

export function adminRoutes(auth: Auth): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .use("/admin/*", async (c, next) => {
      await requireService(c, auth);
      await next();
    })
    .get("/admin/users", (c) => listUsers(c, auth))
    .post("/admin/users", async (c) => {
      const admin = await requireService(c, auth);
      const body = await readBody(c, adminUserBody);
      return c.json(userJson(await createUser(auth, requestInfo(c, auth), admin, body)));
    })
    .get("/admin/users/:id", async (c) => {
      const id = requireUserId(c);
      const user = await withConnection(auth.pool, (db) => findUser(db, id));
      if (!user) throw new AuthError("user_not_found");
      return c.json(userJson(user));
    })
    .put("/admin/users/:id", async (c) => {
      const admin = await requireService(c, auth);
      const id = requireUserId(c);
      const body = await readBody(c, adminUserBody);
      return c.json(userJson(await updateUserAsAdmin(auth, requestInfo(c, auth), admin, id, body)));
    })
    .delete("/admin/users/:id", async (c) => {
      const admin = await requireService(c, auth);
      const id = requireUserId(c);
      const hasBody = (await c.req.text()) !== "";
      const soft = hasBody && (await readBody(c, deleteBody)).should_soft_delete === true;
      await deleteUser(auth, requestInfo(c, auth), admin, id, soft ? softDelete : hardDelete);
      return c.json({});
    });
}
