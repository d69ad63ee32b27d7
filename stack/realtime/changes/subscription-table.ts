import pg from "pg";
import { z } from "zod";
import { CHANGES_PUBLICATION } from "../replication/publications.ts";
import type { SystemMessage } from "../types.ts";
import { describeParams } from "./params.ts";
import type { Listener, Subscription, Wish } from "./subscription.ts";
import { transaction } from "./transaction.ts";

/** The rights, the parameters or the publication refuse the subscription; trying again is of no use. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}

const PREFIX = "Unable to subscribe to changes with given parameters.";

const INSERT = `
  insert into realtime.subscription as s
    (subscription_id, entity, filters, claims, action_filter, selected_columns)
  select $1::uuid, c.oid::regclass,
    (
      select coalesce(
        array_agg(row(f.name, f.operator::realtime.equality_op, f.value, f.negate)::realtime.user_defined_filter), '{}')
      from unnest($4::text[], $5::text[], $6::text[], $7::boolean[]) as f(name, operator, value, negate)
    ),
    $8::jsonb, $9::text, $10::text[]
  from pg_catalog.pg_publication_tables p
  join pg_catalog.pg_namespace n on n.nspname = p.schemaname
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = p.tablename
  where p.pubname = '${CHANGES_PUBLICATION}' and $2::text in ('*', p.schemaname) and $3::text in ('*', p.tablename)
  on conflict (subscription_id, entity, filters, action_filter, coalesce(selected_columns, '{}'))
  do update set claims = excluded.claims, created_at = timezone('utc', now())
  returning s.entity::oid as table`;

const inserted = z.array(z.object({ table: z.number() }));

/** SQLSTATEs that a wrong parameter can lead to, as the real server names them. */
const CONDITIONS: Record<string, string> = {
  P0001: "raise_exception",
  "22P02": "invalid_text_representation",
  "22003": "numeric_value_out_of_range",
  "22007": "invalid_datetime_format",
  "22008": "datetime_field_overflow",
  "23514": "check_violation",
  "42501": "insufficient_privilege",
  "42704": "undefined_object",
  "42804": "datatype_mismatch",
  "42846": "cannot_coerce",
  "42883": "undefined_function",
};

async function insertWish(client: pg.PoolClient, { claims }: Listener, { uuid, params }: Wish): Promise<number[]> {
  const { schema, table, filters, action, select } = params;
  const values = [
    uuid,
    schema,
    table,
    filters.map((filter) => filter.column),
    filters.map((filter) => filter.operator),
    filters.map((filter) => filter.value),
    filters.map((filter) => filter.negate),
    JSON.stringify(claims),
    action,
    select,
  ];
  try {
    const { rows } = await client.query(INSERT, values);
    return inserted.parse(rows).map((row) => row.table);
  } catch (error) {
    // Other classes are the server's trouble, not the client's.
    if (!(error instanceof pg.DatabaseError) || !/^(P0|22|23|42)/.test(error.code ?? "")) throw error;
    const name = CONDITIONS[error.code ?? ""] ?? "error";
    throw new RefusedError(
      `${PREFIX} An exception happened so please check your connect parameters: [${describeParams(params)}]. ` +
        `Exception: ERROR ${error.code} (${name}) ${error.message}`,
    );
  }
}

/**
 * Writes a channel's wishes into realtime.subscription, all or none, where a trigger refuses what its role may not ask. Not as
 * a superuser: `postgres` may put triggers of its own on that table.
 */
export function storeWishes(pool: pg.Pool, listener: Listener): Promise<Subscription[]> {
  return transaction(pool, { begin: "begin", end: "commit" }, async (client) => {
    const subscriptions: Subscription[] = [];
    for (const wish of listener.wishes) {
      const { action, filters, select } = wish.params;
      const tables = await insertWish(client, listener, wish);
      if (tables.length === 0) {
        throw new RefusedError(
          `${PREFIX} Please check Realtime is enabled for the given connect parameters: [${describeParams(wish.params)}]`,
        );
      }
      for (const table of tables) subscriptions.push({ listener, id: wish.id, table, action, filters, select });
    }
    return subscriptions;
  });
}

export async function deleteWishes(pool: pg.Pool, uuids: string[]): Promise<void> {
  await pool.query("delete from realtime.subscription where subscription_id = any($1::uuid[])", [uuids]);
}

/** What an earlier run has left behind. */
export async function deleteAllWishes(pool: pg.Pool): Promise<void> {
  await pool.query("delete from realtime.subscription");
}

export function report(topic: string, refusal?: Error): SystemMessage[] {
  return [
    {
      extension: "postgres_changes",
      status: refusal ? "error" : "ok",
      message: refusal ? refusal.message : "Subscribed to PostgreSQL",
      channel: topic,
    },
  ];
}
