import { Hono } from "hono";
import { html } from "hono/html";
import type { StackContext } from "../../context.ts";
import { page, table } from "../layout.ts";

const LIMIT = 100;

interface User {
  id: string;
  email: string | null;
  created: string;
  confirmed: string | null;
  seen: string | null;
  total: string;
}

// Never a hash or a token.
const USERS = `
select id::text, email, to_char(created_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS') as created,
  to_char(confirmed_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS') as confirmed,
  to_char(last_sign_in_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS') as seen, count(*) over () as total
from auth.users
where $1 = '' or strpos(lower(coalesce(email, '')), lower($1)) > 0 or id::text = $1
order by created_at desc limit ${LIMIT}`;

/** Who may sign in. They are made and removed through Auth's admin API, which keeps its own rules. */
export function usersPage(ctx: StackContext): Hono {
  const app = new Hono();
  app.get("/", async (c) => {
    const wanted = (c.req.query("q") ?? "").trim();
    const { rows } = await ctx.pool("postgres").query<User>(USERS, [wanted]);
    const body = html`<form method="get" action="/users">
        <input name="q" aria-label="Email or id" placeholder="Email or id" value="${wanted}" />
        <button>Search</button>
      </form>
      <p class="note">${rows[0]?.total ?? "0"} found; the newest ${LIMIT} are shown. Times are UTC</p>
      ${table(
        ["Email", "Id", "Created", "Confirmed", "Last sign-in"],
        rows.map((user) => [user.email, user.id, user.created, user.confirmed, user.seen]),
      )}`;
    return page(c, "/users", "Users", body);
  });
  return app;
}
