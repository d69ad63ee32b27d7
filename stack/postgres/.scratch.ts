import pg from "pg";
import { pino } from "pino";
import { applyBaseline } from "/work/main/stack/postgres/baseline.ts";
import { startCluster } from "/work/main/stack/postgres/cluster.ts";

const t = performance.now();
const c = await startCluster({
  dataDir: "/tmp/hub/postgres/d1",
  port: 55200,
  log: pino({ level: "warn" }),
  durable: false,
});
console.log("started", c.pid, c.created, performance.now() - t);
const t2 = performance.now();
const a = new pg.Client({
  host: "127.0.0.1",
  port: 55200,
  user: "supabase_admin",
  password: "postgres",
  database: "postgres",
});
await a.connect();
console.log(await applyBaseline(a, { exposeNewTables: false }), performance.now() - t2);
const t3 = performance.now();
console.log(await applyBaseline(a, { exposeNewTables: false }), performance.now() - t3);
await a.end();
if (process.argv[2] !== "keep") {
  const t4 = performance.now();
  await c.stop();
  console.log("stopped", performance.now() - t4);
} else {
  console.log("kept");
  process.on("SIGTERM", async () => {
    await c.stop();
    process.exit(0);
  });
}
