import { Hono } from "hono";
import { z } from "zod";
import type { GatewayEnv } from "../../context.ts";
import { adminUserBody, createUser, deleteUser, updateUserAsAdmin } from "../admin-users.ts";
import type { Auth } from "../auth.ts";
import { requireService } from "../authenticate.ts";
import { withConnection } from "../database.ts";
import { AuthError } from "../errors.ts";
import { type AuthContext, readBody, requestInfo } from "../request.ts";
import { hardDelete, softDelete } from "../user-erasure.ts";
import { userJson } from "../user-json.ts";
import { AUDIENCE, findUser, type User, ZERO_ID } from "../users.ts";

const deleteBody = z.object({ should_soft_delete: z.boolean().nullish() });

function requireUserId(c: AuthContext): string {
  const id = c.req.param("id") ?? "";
  if (!z.guid().safeParse(id).success) {
    throw new AuthError("validation_failed", { status: 404, message: "user_id must be an UUID" });
  }
  return id;
}

function positive(value: string | undefined, fallback: number): number {
  if (!value) return fallback;
  if (!/^\d{1,9}$/.test(value)) {
    throw new AuthError("validation_failed", { message: `Bad Pagination Parameters: ${JSON.stringify(value)}` });
  }
  return Math.max(1, Number(value));
}

const sortable = new Set(["created_at", "email", "phone", "last_sign_in_at", "updated_at"]);

function orderBy(sort: string | undefined): string {
  const [column = "created_at", direction = "desc"] = sort ? sort.split(/\s+/) : [];
  if (!sortable.has(column) || !/^(asc|desc)$/i.test(direction)) {
    throw new AuthError("validation_failed", { message: `bad field for sort '${column}'` });
  }
  return `${column} ${direction}, id`;
}

/** The client takes the page from the first `=`, so `page` comes first. */
function pageLinks(page: number, perPage: number, total: number): string {
  const last = Math.max(1, Math.ceil(total / perPage));
  const link = (number: number, rel: string) => `</admin/users?page=${number}&per_page=${perPage}>; rel="${rel}"`;
  return [...(page < last ? [link(page + 1, "next")] : []), link(last, "last")].join(", ");
}

async function listUsers(c: AuthContext, auth: Auth): Promise<Response> {
  const page = positive(c.req.query("page"), 1);
  const perPage = positive(c.req.query("per_page"), 50);
  const order = orderBy(c.req.query("sort"));
  const filter = c.req.query("filter") ?? "";
  const { users, total } = await withConnection(auth.pool, async (db) => {
    const matching = `from auth.users
      where instance_id = $1 and aud = $2
        and ($3 = '' or email ilike $4 or raw_user_meta_data ->> 'full_name' ilike $4)`;
    const values = [ZERO_ID, AUDIENCE, filter, `%${filter.replace(/[\\%_]/g, "\\$&")}%`];
    const count = await db.first<{ total: string }>(`select count(*) as total ${matching}`, values);
    const ids = await db.rows<{ id: string }>(`select id ${matching} order by ${order} limit $5 offset $6`, [
      ...values,
      perPage,
      (page - 1) * perPage,
    ]);
    const found: User[] = [];
    for (const { id } of ids) {
      const user = await findUser(db, id);
      if (user) found.push(user);
    }
    return { users: found, total: Number(count?.total ?? 0) };
  });
  return c.json({ users: users.map(userJson), aud: AUDIENCE }, 200, {
    "X-Total-Count": String(total),
    Link: pageLinks(page, perPage, total),
  });
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
