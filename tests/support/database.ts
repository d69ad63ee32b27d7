import pg from "pg";
import { env } from "./env.ts";

/** A connection as the database's owner, for what no client can show. */
export async function ownerConnection(): Promise<pg.Client> {
  if (!env.SUPABASE_DB_URL) throw new Error("This test looks behind the API: set SUPABASE_DB_URL");
  const client = new pg.Client({ connectionString: env.SUPABASE_DB_URL });
  await client.connect();
  return client;
}
