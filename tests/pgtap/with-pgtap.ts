import pg from "pg";

/** Makes sure that pgTAP is there while `work` runs; where it was absent it is gone again afterwards. */
export async function withPgtap<T>(dbUrl: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: dbUrl });
  // A server that is told to stop ends the connection; the query that waits then says so.
  client.on("error", () => {});
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_extension where extname = 'pgtap'");
    if (rowCount) return await work();
    await client.query("create extension pgtap with schema extensions");
    try {
      return await work();
    } finally {
      await client.query("drop extension if exists pgtap");
    }
  } finally {
    await client.end();
  }
}
