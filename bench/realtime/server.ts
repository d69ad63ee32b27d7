import { once } from "node:events";
import path from "node:path";
import { loadConfig } from "../../stack/config/config.ts";
import { createContext } from "../../stack/create-context.ts";
import { createGateway } from "../../stack/gateway/server.ts";
import { createLog } from "../../stack/log.ts";
import { findFreeBase, portsFrom } from "../../stack/ports.ts";
import { startCluster } from "../../stack/postgres/cluster.ts";
import { prepareDatabase } from "../../stack/prepare-database.ts";
import { createRealtime } from "../../stack/realtime/service.ts";
import { deleteState, ensureStateDir, statePaths } from "../../stack/state.ts";
import { everySecond, tell } from "./processes.ts";

/** The gateway with Realtime over a database of its own, until the benchmark lets go. */

const projectDir = path.join(import.meta.dirname, "..", "..");
const released = once(process, "disconnect");

const paths = statePaths(projectDir, ".stack-bench-realtime");
const { config } = loadConfig(projectDir);
const ports = portsFrom(config, await findFreeBase(portsFrom(config).api + 3000));

await using running = new AsyncDisposableStack();
deleteState(paths);
ensureStateDir(paths);
running.defer(() => deleteState(paths));
const { log, close } = createLog(paths.logFile, { console: false });
running.defer(close);
const { ctx, closePools } = createContext({ projectDir, stateDir: paths.stateDir, config, ports, log });
const cluster = await startCluster({ dataDir: paths.dataDir, port: ports.db, log });
running.defer(() => cluster.stop());
running.defer(closePools);
await prepareDatabase(ctx);
await ctx.pool("postgres").query(
  `create policy "everybody reads" on realtime.messages for select to anon using ((select realtime.topic()) like 'room:%');
   create policy "everybody writes" on realtime.messages for insert to anon with check ((select realtime.topic()) like 'room:%')`,
);
const realtime = await createRealtime(ctx);
running.defer(() => realtime.close());
const gateway = await createGateway(ctx, { realtime });
running.defer(() => gateway.close());

tell({ kind: "serving", url: ctx.apiUrl, key: ctx.keys.publishable });
const sampling = everySecond((stall) => {
  const { rss, heapUsed } = process.memoryUsage();
  tell({ kind: "second", rss, heap: heapUsed, stall });
});
running.defer(() => clearInterval(sampling));
await released;
