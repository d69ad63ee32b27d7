import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Query } from "./query.ts";
import { timed } from "./statistics.ts";

const SETTINGS = `select set_config('search_path', 'public, extensions', true), set_config('role', $1, true),
  set_config('request.jwt.claims', $2, true), set_config('request.method', 'GET', true),
  set_config('request.path', '/observations', true), set_config('request.headers', '{"accept": "application/json"}', true)`;

/** Runs `work` in one transaction with the settings that PostgREST makes for a signed-in request. */
export async function asUser<T>(client: pg.Client, role: string, userId: string, work: () => Promise<T>): Promise<T> {
  const claims = { sub: userId, role: "authenticated", aal: "aal1", session_id: randomUUID() };
  await client.query("begin");
  try {
    await client.query({ name: "settings", text: SETTINGS, values: [role, JSON.stringify(claims)] });
    return await work();
  } finally {
    await client.query("rollback");
  }
}

/** With a name the statement is prepared once per connection, as PostgREST does; without, it is planned each time. */
export function timeQuery(client: pg.Client, query: Query, name: string | undefined): Promise<number> {
  return timed(() => client.query({ ...(name === undefined ? {} : { name }), text: query.text, values: query.values }));
}

/** The plan that the connection has come to use for a statement it has prepared. */
export async function explain(client: pg.Client, query: Query, name: string): Promise<string> {
  const values = query.values.map((value) => client.escapeLiteral(value)).join(", ");
  const { rows } = await client.query<{ "QUERY PLAN": string }>(
    `explain (analyze, buffers, settings) execute ${client.escapeIdentifier(name)}${values === "" ? "" : `(${values})`}`,
  );
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}
