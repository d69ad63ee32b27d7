import pg from "pg";

const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;

/** Postgres' text form to RFC 3339 in UTC, microseconds kept (a JS Date would lose them). */
export function isoTimestamp(text: string): string {
  const parts = /^(\d{4,}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(\.\d+)?([+-]\d{2}(?::?\d{2})?)?$/.exec(text);
  if (!parts) return text;
  const [, date, time, fraction = "", zone = "+00"] = parts;
  if (/^[+-]00(:?00)?$/.test(zone)) return `${date}T${time}${fraction}Z`;
  const offset = zone.length === 3 ? `${zone}:00` : zone;
  return new Date(`${date}T${time}${offset}`).toISOString().replace(".000Z", `${fraction}Z`);
}

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === TIMESTAMP || oid === TIMESTAMPTZ ? isoTimestamp : pg.types.getTypeParser(oid, format),
};

/** One connection, or one transaction on it. */
export class Tx {
  readonly #client: pg.ClientBase;

  constructor(client: pg.ClientBase) {
    this.#client = client;
  }

  async rows<R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> {
    const result = await this.#client.query<R>({ text, values, types });
    return result.rows;
  }

  async first<R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R | null> {
    const rows = await this.rows<R>(text, values);
    return rows[0] ?? null;
  }

  async run(text: string, values: unknown[] = []): Promise<void> {
    await this.#client.query({ text, values });
  }
}

/** A lost connection shows as the failure of the next query; unheard, the event would end the process. */
function ignoreLoss(): void {}

/** Commits what `work` did, or nothing of it when `work` throws. */
export async function inTransaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  client.on("error", ignoreLoss);
  let broken: Error | undefined;
  try {
    await client.query("begin");
    const result = await work(new Tx(client));
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.off("error", ignoreLoss);
    client.release(broken);
  }
}

/** For reads that need no snapshot of their own. */
export async function withConnection<T>(pool: pg.Pool, work: (db: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  client.on("error", ignoreLoss);
  try {
    return await work(new Tx(client));
  } finally {
    client.off("error", ignoreLoss);
    client.release();
  }
}

export function isUniqueViolation(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && error.code === "23505";
}
