import { Hono } from "hono";
import { html } from "hono/html";
import type { StackContext } from "../../context.ts";
import { type Markup, page, table } from "../layout.ts";

interface Policy {
  name: string;
  command: string;
  permissive: string;
  roles: string;
  using: string | null;
  check: string | null;
}

interface Table {
  schema: string;
  name: string;
  enabled: boolean;
  forced: boolean;
  policies: Policy[];
}

const TABLES = `
select n.nspname as schema, c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
  coalesce((
    select json_agg(json_build_object(
      'name', p.policyname, 'command', p.cmd, 'permissive', p.permissive, 'roles', array_to_string(p.roles, ', '),
      'using', p.qual, 'check', p.with_check) order by p.cmd, p.policyname)
    from pg_policies p where p.schemaname = n.nspname and p.tablename = c.relname
  ), '[]') as policies
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by n.nspname <> 'public', n.nspname, c.relname`;

function security({ enabled, forced }: Table): string {
  if (!enabled) return "off: every grant is unlimited";
  return forced ? "on, for the owner as well" : "on";
}

function section(each: Table): Markup {
  const { schema, name, policies } = each;
  return html`<h2 id="${schema}.${name}">${schema}.${name}</h2>
    <p class="note">Row-level security is ${security(each)}</p>
    ${
      policies.length === 0
        ? ""
        : table(
            ["Policy", "Command", "Kind", "Roles", "Using", "With check"],
            policies.map((p) => [p.name, p.command, p.permissive.toLowerCase(), p.roles, p.using, p.check]),
          )
    }`;
}

/** Every table's row-level security, one schema at a time. */
export function policiesPage(ctx: StackContext): Hono {
  const app = new Hono();
  app.get("/", async (c) => {
    const { rows } = await ctx.pool("postgres").query<Table>(TABLES);
    const schemas = [...new Set(rows.map(({ schema }) => schema))];
    const chosen = c.req.query("schema") ?? schemas[0];
    const shown = rows.filter(({ schema }) => schema === chosen);
    const body = html`<p>${schemas.map((name) => html`<a href="/policies?schema=${encodeURIComponent(name)}">${name}</a> `)}</p>
      ${shown.length === 0 ? html`<p class="note">There is no table in ${chosen ?? "the database"}</p>` : shown.map(section)}
      <p class="note">Policies are changed by migrations, or tried out under SQL</p>`;
    return page(c, "/policies", "Policies", body);
  });
  return app;
}
