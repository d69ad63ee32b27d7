import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { ownerConnection } from "./database.ts";
import type { Person } from "./school.ts";

export type Statement = [who: Person, sql: string, ...values: unknown[]];

/**
 * What becomes of people's statements that wait for one another: the first is not committed before each of the others, in this
 * order, waits. "done" or a code for each; each transaction ends with its statement, as a request's does.
 */
export async function queued(first: Statement, ...others: Statement[]): Promise<string[]> {
  const watcher = await ownerConnection();
  const connections = await Promise.all([first, ...others].map(() => ownerConnection()));
  const [holder, ...waiting] = connections as [pg.Client, ...pg.Client[]];
  try {
    const held = await run(holder, first);
    const came: Promise<string>[] = [];
    for (const [index, connection] of waiting.entries()) {
      const { pid } = (await connection.query("select pg_backend_pid() as pid")).rows[0] as { pid: number };
      let ended = false;
      const outcome = run(connection, others[index] as Statement).then(async (code) => {
        ended = true;
        await connection.query(code === "done" ? "commit" : "rollback");
        return code;
      });
      came.push(outcome);
      for (let blocked = false; !blocked && !ended; await sleep(10)) {
        const { rows } = await watcher.query("select cardinality(pg_blocking_pids($1)) > 0 as blocked", [pid]);
        blocked = rows[0].blocked;
      }
    }
    await holder.query(held === "done" ? "commit" : "rollback");
    return [held, ...(await Promise.all(came))];
  } finally {
    for (const connection of [watcher, ...connections]) await connection.end();
  }
}

async function run(connection: pg.Client, [who, sql, ...values]: Statement): Promise<string> {
  const claims = JSON.stringify({ sub: who.userId, role: "authenticated", aal: "aal1" });
  await connection.query("begin");
  await connection.query("select set_config('request.jwt.claims', $1, true)", [claims]);
  await connection.query("set local role authenticated");
  return connection.query(sql, values).then(
    () => "done",
    (error: { code?: string }) => String(error.code),
  );
}
