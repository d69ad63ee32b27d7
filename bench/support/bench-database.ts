import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { closeOnSignal } from "../../scripts/close-on-signal.ts";
import { supabaseCli } from "../../stack/cli.ts";
import { loadConfig } from "../../stack/config/config.ts";
import { createContext } from "../../stack/create-context.ts";
import { acquireLock } from "../../stack/lock.ts";
import { createLog } from "../../stack/log.ts";
import { findFreeBase, portsFrom } from "../../stack/ports.ts";
import { startCluster } from "../../stack/postgres/cluster.ts";
import { prepareDatabase } from "../../stack/prepare-database.ts";
import { consoleProgress } from "../../stack/progress.ts";
import { deleteState, ensureStateDir, statePaths } from "../../stack/state.ts";
import { type Content, observations } from "./content.ts";
import { openKysely, type Target } from "./database.ts";
import { fingerprint } from "./fingerprint.ts";
import type { BenchOptions } from "./options.ts";

const projectDir = path.join(import.meta.dirname, "..", "..");

export interface BenchDatabase extends AsyncDisposable {
  target: Target;
}

/** What is to be open: generated data of a kind, so much of it. */
export interface Wanted extends Pick<BenchOptions, "size" | "fresh"> {
  content: Content;
}

async function open({ size, fresh, content }: Wanted): Promise<BenchDatabase> {
  const progress = consoleProgress();
  const paths = statePaths(projectDir, content.state);
  const { config } = loadConfig(projectDir);
  const ports = portsFrom(config, await findFreeBase(portsFrom(config).api + 2000));
  const marker = path.join(paths.stateDir, "generated");
  const wanted = fingerprint(projectDir, size, content.generators);

  await using running = new AsyncDisposableStack();
  ensureStateDir(paths);
  running.defer(acquireLock(paths.lockFile, ports).release);
  const kept = !fresh && existsSync(marker) && readFileSync(marker, "utf8") === wanted;
  if (!kept) {
    deleteState(paths);
    ensureStateDir(paths);
    running.defer(acquireLock(paths.lockFile, ports).release);
  }
  const { log, close } = createLog(paths.logFile, { console: true });
  running.defer(close);
  const { ctx, closePools } = createContext({ projectDir, stateDir: paths.stateDir, config, ports, log });
  const cluster = await progress.step("Starting PostgreSQL", () =>
    startCluster({ dataDir: paths.dataDir, port: ports.db, log }),
  );
  running.defer(() => cluster.stop());
  running.defer(closePools);
  const target = { host: "127.0.0.1", port: ports.db, database: "postgres" };
  if (!kept) {
    await progress.step("Preparing roles, schemas and extensions", () => prepareDatabase(ctx));
    await progress.step("Applying migrations", async () => {
      const { code, stderr } = await supabaseCli(projectDir, paths, ctx.dbUrl).push({ seed: false, roles: false });
      if (code !== 0) throw new Error(`Cannot apply migrations:\n${stderr}`);
    });
    const db = openKysely(target, "supabase_admin");
    running.defer(() => db.destroy());
    await progress.step(`Generating ${content.title(size)}`, () => content.generate(db, size));
    writeFileSync(marker, wanted);
  }
  const moved = running.move();
  return { target, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

async function openAll(wanted: Wanted[]): Promise<{ targets: Target[]; close(): Promise<void> }> {
  await using running = new AsyncDisposableStack();
  const targets: Target[] = [];
  for (const each of wanted) targets.push(running.use(await open(each)).target);
  const moved = running.move();
  return { targets, close: () => moved.disposeAsync() };
}

/** Databases beside each other, each with the project's schema and generated rows in a folder that is kept until either changes. */
export async function openBenchDatabases(wanted: Wanted[]): Promise<AsyncDisposable & { targets: Target[] }> {
  const opening = openAll(wanted);
  closeOnSignal(opening);
  const { targets, close } = await opening;
  return { targets, [Symbol.asyncDispose]: close };
}

export async function openBenchDatabase({ size, fresh }: BenchOptions): Promise<BenchDatabase> {
  const { targets, ...opened } = await openBenchDatabases([{ size, fresh, content: observations }]);
  const [target] = targets;
  if (target === undefined) throw new Error("Cannot open the database");
  return { target, ...opened };
}
