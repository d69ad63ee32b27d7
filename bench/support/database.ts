import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";

/** The benchmarks speak SQL throughout; no table is read through the query builder's types. */
export type Database = Record<string, never>;

export interface Target {
  host: string;
  port: number;
  database: string;
}

/** Login roles that the benchmarks use. */
export type Login = "supabase_admin" | "postgres" | "authenticator";

export function clientOptions(target: Target, user: Login): pg.ClientConfig {
  return { ...target, user, password: "postgres", ssl: false };
}

/** One connection: what a benchmark measures must not move between backends. */
export async function connect(target: Target, user: Login): Promise<pg.Client> {
  const client = new pg.Client(clientOptions(target, user));
  await client.connect();
  return client;
}

export function openKysely(target: Target, user: Login): Kysely<Database> {
  const pool = new pg.Pool({ ...clientOptions(target, user), max: 1 });
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}
