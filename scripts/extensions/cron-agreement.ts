import { rmSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import pg from "pg";
import type { StackContext } from "../../stack/context.ts";
import { applyBaseline } from "../../stack/postgres/baseline.ts";
import { startCluster } from "../../stack/postgres/cluster.ts";
import type { TestResult } from "../suites/result.ts";
import { answer, cronInterface, sameAnswers } from "./cron-interface.ts";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("Cannot find a free port");
  return address.port;
}

/** Compares the real pg_cron of this database with the shim in an embedded cluster made for it: what each offers and answers. */
export async function cronAgreement({ pool, stateDir, log }: StackContext): Promise<TestResult[]> {
  const file = "scripts/extensions/cron-agreement.ts";
  const results: TestResult[] = [];
  const check = (name: string, ok: boolean, message: string) =>
    results.push({ suite: "extensions", file, name, status: ok ? "passed" : "failed", ...(ok ? {} : { message }) });

  await using made = new AsyncDisposableStack();
  const dataDir = path.join(stateDir, "shim");
  const remove = () => {
    for (const target of [dataDir, `${dataDir}.log`]) rmSync(target, { recursive: true, force: true });
  };
  remove();
  made.defer(remove);
  const port = await freePort();
  const cluster = await startCluster({ dataDir, port, log, durable: false });
  made.defer(() => cluster.stop());
  const connect = async (user: string) => {
    const client = new pg.Client({ host: "127.0.0.1", port, user, password: "postgres", database: "postgres" });
    await client.connect();
    made.defer(() => client.end());
    return client;
  };
  await applyBaseline(await connect("supabase_admin"));
  const shim = await connect("postgres");
  await shim.query("create extension pg_cron");
  const real = await pool("postgres").connect();
  made.defer(() => real.release());

  const offered = await cronInterface(shim);
  const wanted = [...(await cronInterface(real))].sort();
  check("the real pg_cron offers functions and tables", wanted.length > 20, `only ${wanted.length}`);
  for (const line of wanted) check(`the shim has ${line}`, offered.has(line), "it has no such thing");
  for (const sql of sameAnswers) {
    const [expected, actual] = [await answer(real, sql), await answer(shim, sql)];
    check(`both answer alike: ${sql}`, expected === actual, `real: ${expected}; shim: ${actual}`);
  }
  return results;
}
