import path from "node:path";
import { supabaseCli } from "../stack/cli.ts";
import { loadConfig } from "../stack/config/config.ts";
import { createContext } from "../stack/create-context.ts";
import { createLog } from "../stack/log.ts";
import { migrate } from "../stack/migrate.ts";
import { findFreeBase, portsFrom } from "../stack/ports.ts";
import { startCluster } from "../stack/postgres/cluster.ts";
import { prepareDatabase } from "../stack/prepare-database.ts";
import { consoleProgress } from "../stack/progress.ts";
import { deleteState, ensureStateDir, statePaths } from "../stack/state.ts";
import { stopStack } from "../stack/stop.ts";
import { closeOnSignal } from "./close-on-signal.ts";
import { cronAgreement } from "./extensions/cron-agreement.ts";
import { debianPostgres, ensurePackages } from "./extensions/debian-postgres.ts";
import { firedJobs } from "./extensions/fired-jobs.ts";
import { command, projectDir, stackOptions } from "./options.ts";
import { select } from "./suites/files.ts";
import { runPgtap } from "./suites/pgtap.ts";
import { neverEmpty, show } from "./suites/result.ts";

/** Background workers run the jobs: a connection of pg_cron's own would need a password. */
const settings = {
  shared_preload_libraries: "pg_stat_statements,pg_cron",
  "cron.database_name": "postgres",
  "cron.use_background_workers": "on",
  max_worker_processes: "30",
};

/** The same migrations and pgTAP on Debian's PostgreSQL 15 with the real pg_cron and pgTAP. */
await command(async () => {
  const progress = consoleProgress();
  const paths = statePaths(projectDir, stackOptions().state ?? ".stack-test/extensions");
  ensurePackages();
  await stopStack(paths);
  deleteState(paths);
  ensureStateDir(paths);
  const { config } = loadConfig(projectDir);
  const ports = portsFrom(config, await findFreeBase(config.api.port + 2000));

  await using running = new AsyncDisposableStack();
  closeOnSignal(Promise.resolve({ close: () => running.disposeAsync() }));
  const { log, close } = createLog(paths.logFile, { console: false });
  running.defer(close);
  const { ctx, closePools } = createContext({ projectDir, stateDir: paths.stateDir, config, ports, log });
  const binaries = debianPostgres(path.join(paths.stateDir, "postgresql"));
  const cluster = await progress.step("Starting Debian's PostgreSQL 15", () =>
    startCluster({ dataDir: paths.dataDir, port: ports.db, log, durable: false, binaries, settings }),
  );
  running.defer(() => cluster.stop());
  running.defer(closePools);
  await progress.step("Preparing roles, schemas and extensions", async () => {
    await prepareDatabase(ctx);
    // On Supabase too it belongs to the superuser, and acts with its rights.
    await ctx.pool("supabase_admin").query("create extension pg_cron with schema pg_catalog");
  });
  await progress.step("Applying migrations and seed", () =>
    migrate({
      ctx,
      cli: supabaseCli(projectDir, paths, ctx.dbUrl),
      appliedFile: paths.appliedFile,
      created: true,
    }),
  );
  const pgtap = neverEmpty("pgtap", await runPgtap(select([]).files("pgtap"), ctx.dbUrl));
  const jobs = show(await progress.step("Waiting for pg_cron to run jobs", () => firedJobs(ctx)));
  const agreement = show(await progress.step("Comparing the shim of pg_cron", () => cronAgreement(ctx)));
  const results = [...pgtap, ...agreement, ...jobs];
  const failed = results.filter(({ status }) => status === "failed").length;
  const passed = results.filter(({ status }) => status === "passed").length;
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
});
