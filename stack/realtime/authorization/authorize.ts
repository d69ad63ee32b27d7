import { randomUUID } from "node:crypto";
import pg from "pg";
import type { StackContext } from "../../context.ts";
import type { RealtimeLimits } from "../limits.ts";
import { failureOf } from "./failure.ts";
import { type Asker, asService, become, rehearse } from "./transaction.ts";
import { createTurnstile } from "./turnstile.ts";

const EXTENSIONS = ["broadcast", "presence"] as const;
type Extension = (typeof EXTENSIONS)[number];

export interface ReadRights {
  broadcast: boolean;
  /** Null when it was not asked. */
  presence: boolean | null;
}

export interface WriteRights {
  broadcast: boolean;
  presence: boolean;
}

/** A message of a private channel that is kept in the database. */
export interface StoredMessage {
  id: string;
  event: string | null;
  /** Text of the jsonb. */
  payload: string | null;
  binary_payload: Buffer | null;
}

export interface Authorizer {
  /** Throws AuthorizationFailure, as all of these do. */
  read(asker: Asker, presence: boolean): Promise<ReadRights>;
  write(asker: Asker): Promise<WriteRights>;
  /** Oldest first; whether the asker may read them has been asked before. */
  stored(topic: string, since: Date, limit: number): Promise<StoredMessage[]>;
}

const PROBE = `insert into realtime.messages (id, topic, extension)
  select id, $2, extension from unnest($1::uuid[], $3::text[]) as probe(id, extension)`;

const STORED = `select id, event, payload::text, binary_payload from realtime.messages
  where topic = $1 and private and extension = 'broadcast'
    and inserted_at >= $2 and inserted_at < (now() at time zone 'utc') + interval '1 minute'
  order by inserted_at desc limit $3`;

async function visible(client: pg.PoolClient, asker: Asker, extensions: readonly Extension[]): Promise<Set<Extension>> {
  const probes = new Map<string, Extension>(extensions.map((extension) => [randomUUID(), extension]));
  await asService(client);
  await client.query(PROBE, [[...probes.keys()], asker.topic, extensions]);
  await become(client, asker);
  const { rows } = await client.query<{ id: string }>("select id from realtime.messages where id = any($1)", [
    [...probes.keys()],
  ]);
  return new Set(rows.flatMap(({ id }) => probes.get(id) ?? []));
}

async function mayInsert(client: pg.PoolClient, topic: string, extension: Extension): Promise<boolean> {
  await client.query("savepoint probe");
  try {
    await client.query("insert into realtime.messages (topic, extension) values ($1, $2)", [topic, extension]);
    return true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== "42501") throw error;
    await client.query("rollback to savepoint probe");
    return false;
  }
}

/** Asks the policies of realtime.messages, by trying: what is tried is always rolled back. */
export function createAuthorizer(ctx: StackContext, limits: RealtimeLimits["authorization"]): Authorizer {
  const pool = ctx.pool("authenticator");
  const turnstile = createTurnstile(limits.concurrent, limits.waitMs);
  const ask = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    try {
      return await turnstile.run(() => rehearse(pool, work));
    } catch (error) {
      throw failureOf(error);
    }
  };

  return {
    read: (asker, presence) =>
      ask(async (client) => {
        const seen = await visible(client, asker, presence ? EXTENSIONS : ["broadcast"]);
        return { broadcast: seen.has("broadcast"), presence: presence ? seen.has("presence") : null };
      }),
    write: (asker) =>
      ask(async (client) => {
        await become(client, asker);
        const broadcast = await mayInsert(client, asker.topic, "broadcast");
        return { broadcast, presence: await mayInsert(client, asker.topic, "presence") };
      }),
    stored: (topic, since, limit) =>
      ask(async (client) => {
        await asService(client);
        const { rows } = await client.query<StoredMessage>(STORED, [topic, since.toISOString().slice(0, -1), limit]);
        return rows.reverse();
      }),
  };
}
