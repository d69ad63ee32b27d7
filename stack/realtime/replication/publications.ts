import type pg from "pg";
import { z } from "zod";

export const CHANGES_PUBLICATION = "supabase_realtime";
export const PUBLICATIONS = [CHANGES_PUBLICATION, "supabase_realtime_messages_publication"];

const found = z.array(z.object({ pubname: z.string() }));

/** Those of the two that exist; streaming from one that does not breaks the stream. A replication connection takes no parameters. */
export async function existingPublications(client: pg.Client | pg.Pool): Promise<string[]> {
  const names = PUBLICATIONS.map((name) => `'${name}'`).join(", ");
  const { rows } = await client.query(`select pubname from pg_publication where pubname in (${names}) order by 1`);
  return found.parse(rows).map(({ pubname }) => pubname);
}
