import type pg from "pg";
import type { Claims } from "../context.ts";
import { toStorageError } from "./errors.ts";

/** On whose behalf statements run. */
export interface Actor {
  claims: Claims;
  token: string;
}

/** What policies may ask about the request. */
export interface RequestFacts {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** A name from Supabase's list, such as storage.object.upload. */
  operation: string;
}

export interface Transaction {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Continues the transaction as another actor. */
  become(actor: Actor): Promise<void>;
}

/** For what the service must know or keep in order whoever asks: it passes over row-level security. */
export const serviceActor: Actor = { claims: { role: "service_role" }, token: "" };

const SETTINGS = `select
  set_config('role', $1, true),
  set_config('request.jwt.claim.role', $1, true),
  set_config('request.jwt', $2, true),
  set_config('request.jwt.claim.sub', $3, true),
  set_config('request.jwt.claims', $4, true),
  set_config('request.headers', $5, true),
  set_config('request.method', $6, true),
  set_config('request.path', $7, true),
  set_config('storage.operation', $8, true),
  set_config('storage.allow_delete_query', 'true', true),
  set_config('search_path', 'storage, public, extensions', true),
  set_config('statement_timeout', '30s', true),
  set_config('lock_timeout', '5s', true)`;

function settings(actor: Actor, facts: RequestFacts): string[] {
  const { claims, token } = actor;
  return [
    claims.role,
    token,
    claims.sub ?? "",
    JSON.stringify(claims),
    JSON.stringify(facts.headers),
    facts.method,
    facts.path,
    facts.operation,
  ];
}

type Ending = "commit" | "rollback";

async function run<T>(
  pool: pg.Pool,
  actor: Actor,
  facts: RequestFacts,
  ending: Ending,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  let asked = false;
  try {
    await client.query("begin");
    await client.query(SETTINGS, settings(actor, facts));
    const result = await work({
      query: async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
        (await client.query<Row>(text, values)).rows,
      become: async (next) => {
        await client.query(SETTINGS, settings(next, facts));
      },
    });
    asked = ending === "commit";
    await client.query(ending);
    return result;
  } catch (error) {
    await client.query("rollback").catch((failure: Error) => {
      broken = failure;
    });
    const failure = toStorageError(error);
    failure.outcomeUnknown = asked && broken !== undefined;
    throw failure;
  } finally {
    client.release(broken);
  }
}

/** Statements under the actor's role and policies; all of them are kept or none. */
export function transaction<T>(
  pool: pg.Pool,
  actor: Actor,
  facts: RequestFacts,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return run(pool, actor, facts, "commit", work);
}

/** Asks the policies without leaving anything behind. */
export function rehearse<T>(
  pool: pg.Pool,
  actor: Actor,
  facts: RequestFacts,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return run(pool, actor, facts, "rollback", work);
}
