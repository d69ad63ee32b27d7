import pg from "pg";
import type { Connection } from "../../../stack/status.ts";

/** Asks the database itself, as its owner, over a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(connection: Connection, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: connection.SUPABASE_DB_URL });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The process of the server that works for the REST API. */
export async function backendPid(connection: Connection): Promise<number> {
  const [row] = await query<{ pid: number }>(
    connection,
    "select pid from pg_stat_activity where usename = 'authenticator' order by state_change desc limit 1",
  );
  if (!row) throw new Error("The REST API has no connection to the database");
  return row.pid;
}
