import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { ownerConnection } from "./database.ts";
import type { Person } from "./school.ts";

export type Call = [who: Person, sql: string, ...values: unknown[]];

/** Two connections on which two people's calls meet: the second is made while the first is not yet committed. */
export class Overlap {
  private constructor(
    private readonly first: pg.Client,
    private readonly second: pg.Client,
  ) {}

  static async open(): Promise<Overlap> {
    return new Overlap(await ownerConnection(), await ownerConnection());
  }

  async close(): Promise<void> {
    await this.first.end();
    await this.second.end();
  }

  /** What the two come to: "done", or a code. */
  async of(one: Call, other: Call): Promise<[string, string]> {
    const { pid } = (await this.second.query("select pg_backend_pid() as pid")).rows[0] as { pid: number };
    const made = await begin(this.first, one);
    let ended = false;
    const waiting = begin(this.second, other).finally(() => {
      ended = true;
    });
    // Until it waits for the first, or has gone past it.
    for (let blocked = false; !blocked && !ended; await sleep(10)) {
      const { rows } = await this.first.query("select cardinality(pg_blocking_pids($1)) > 0 as blocked", [pid]);
      blocked = rows[0].blocked;
    }
    await this.first.query(made === "done" ? "commit" : "rollback");
    const came = await waiting;
    await this.second.query(came === "done" ? "commit" : "rollback");
    return [made, came];
  }
}

/** Makes a call in a transaction of somebody's that stays open, as a request's is until its last statement. */
async function begin(connection: pg.Client, [who, sql, ...values]: Call): Promise<string> {
  const claims = JSON.stringify({ sub: who.userId, role: "authenticated", aal: "aal1" });
  await connection.query("begin");
  await connection.query("select set_config('request.jwt.claims', $1, true)", [claims]);
  await connection.query("set local role authenticated");
  return connection.query(sql, values).then(
    () => "done",
    (error: { code?: string }) => String(error.code),
  );
}
