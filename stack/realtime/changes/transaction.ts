import type pg from "pg";

interface Options {
  /** Statements that begin it. */
  begin: string;
  end: "commit" | "rollback";
}

export async function transaction<T>(
  pool: pg.Pool,
  { begin, end }: Options,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const breaks = (error: Error) => {
    broken = error;
  };
  // A server that goes away fails the statement and tells this as well, which unheard would end the process.
  client.on("error", breaks);
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query(end);
    return result;
  } catch (error) {
    await client.query("rollback").catch(breaks);
    throw error;
  } finally {
    client.off("error", breaks);
    client.release(broken);
  }
}
