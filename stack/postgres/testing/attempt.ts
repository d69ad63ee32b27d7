import pg from "pg";

/** The SQLSTATE of a refused statement; "ok" when it was carried out. Nothing of it stays. */
export async function attempt(client: pg.Client, sql: string): Promise<string> {
  await client.query("begin");
  try {
    await client.query(sql);
    return "ok";
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code) return error.code;
    throw error;
  } finally {
    await client.query("rollback");
  }
}
