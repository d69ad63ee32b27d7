import { supabaseCli } from "./cli.ts";
import { loadConfig } from "./config/config.ts";
import type { StackContext } from "./context.ts";
import { createContext } from "./create-context.ts";
import { acquireLock } from "./lock.ts";
import { createLog } from "./log.ts";
import { migrate } from "./migrate.ts";
import { assertPortsFree, portsFrom } from "./ports.ts";
import { startCluster } from "./postgres/cluster.ts";
import { prepareDatabase } from "./prepare-database.ts";
import type { Progress } from "./progress.ts";
import { ensureStateDir, statePaths } from "./state.ts";
import { ensureBuckets } from "./storage/ensure-buckets.ts";

export interface UpOptions {
  projectDir: string;
  /** Relative to the project; `.stack` when absent. */
  state?: string;
  /** The API's port, from which the others follow; config.toml decides when absent. */
  port?: number;
  /** False gives up what a crash would need; for tests. */
  durable?: boolean;
  progress: Progress;
  /** Whether errors of the services are shown on the console as well. */
  consoleErrors?: boolean;
  /** The database ended without being asked to. */
  onFailure?: (error: Error) => void;
}

export interface RunningStack {
  ctx: StackContext;
  close(): Promise<void>;
}

const served = ["api", "mail", "smtp"] as const;
const servedWithStudio = [...served, "studio"] as const;

/** Brings the whole stack up on its state folder, making what is missing; all or nothing. */
export async function up(options: UpOptions): Promise<RunningStack> {
  const { projectDir, progress } = options;
  const paths = statePaths(projectDir, options.state);
  const { config, notices } = loadConfig(projectDir);
  const ports = portsFrom(config, options.port);
  ensureStateDir(paths);

  await using running = new AsyncDisposableStack();
  const lock = acquireLock(paths.lockFile, ports);
  running.defer(() => lock.release());
  const taken = config.studio.enabled ? servedWithStudio : served;
  await assertPortsFree(ports, taken);
  for (const notice of notices) progress.note(`config.toml: ${notice}`);
  const { log, close } = createLog(paths.logFile, { console: options.consoleErrors ?? true });
  running.defer(close);

  const { ctx, closePools } = createContext({ projectDir, stateDir: paths.stateDir, config, ports, log });
  const cluster = await progress.step("Starting PostgreSQL", () =>
    startCluster({
      dataDir: paths.dataDir,
      port: ports.db,
      log,
      durable: options.durable ?? true,
      onExit: options.onFailure,
    }).catch(async (error: unknown) => {
      // Not before: an orphan of a killed stack may hold the port until the cluster has ended it.
      await assertPortsFree(ports, ["db"]);
      throw error;
    }),
  );
  running.defer(() => cluster.stop());
  running.defer(closePools);

  await progress.step("Preparing roles, schemas and extensions", () => prepareDatabase(ctx));

  const changed = await progress.step("Applying migrations and seed", () =>
    migrate({
      ctx,
      cli: supabaseCli(projectDir, paths, ctx.dbUrl),
      appliedFile: paths.appliedFile,
      created: cluster.created,
    }),
  );
  for (const notice of changed) progress.note(notice);

  await progress
    .step("Starting the services", async () => {
      await ensureBuckets(ctx);
      const { startServices } = await import("./services.ts");
      running.use(await startServices(ctx));
    })
    .catch(async (error: unknown) => {
      await assertPortsFree(ports, taken);
      throw error;
    });
  lock.setReady();
  const kept = running.move();
  return { ctx, close: () => kept.disposeAsync() };
}
