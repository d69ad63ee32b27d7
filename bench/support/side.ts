import type pg from "pg";
import { nameOf, type Side } from "./interleave.ts";
import type { Query } from "./query.ts";
import { asUser, explain } from "./session.ts";

async function bodyOf(client: pg.Client, query: Query): Promise<string> {
  const { rows } = await client.query<{ body: string }>(query.text, query.values);
  return rows[0]?.body ?? "[]";
}

/** The body that a side's query answers. */
export function answerOf({ client, role, userId, query }: Side): Promise<string> {
  return asUser(client, role, userId, () => bodyOf(client, query));
}

/** The plan that a side's connection has come to use. */
export function planOf({ client, role, userId, query }: Side): Promise<string> {
  return asUser(client, role, userId, () => explain(client, query, nameOf(query)));
}
