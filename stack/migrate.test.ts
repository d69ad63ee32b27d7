import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { supabaseCli } from "./cli.ts";
import { readConfig } from "./config/config.ts";
import type { StackContext } from "./context.ts";
import { createContext } from "./create-context.ts";
import { migrate } from "./migrate.ts";
import { findFreeBase, portsFrom } from "./ports.ts";
import { type Cluster, startCluster } from "./postgres/cluster.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { ensureStateDir, type StatePaths, statePaths } from "./state.ts";
import { ensureVaultSecrets } from "./vault.ts";

const projectDir = mkdtempSync(path.join(os.tmpdir(), "migrate-"));
let paths: StatePaths;
let cluster: Cluster;
let ctx: StackContext;
let closePools: () => Promise<void>;

function write(name: string, sql: string): void {
  writeFileSync(path.join(projectDir, "supabase", name), sql);
}

function run(created: boolean): Promise<string[]> {
  const cli = supabaseCli(projectDir, paths, ctx.dbUrl);
  return migrate({ ctx, cli, appliedFile: paths.appliedFile, created });
}

async function rows(): Promise<string[]> {
  const { rows: found } = await ctx.pool("postgres").query<{ name: string }>("select name from public.t order by name");
  return found.map(({ name }) => name);
}

// The database's unprivileged user must be able to pass through, and mkdtemp lets nobody.
beforeAll(async () => {
  chmodSync(projectDir, 0o755);
  mkdirSync(path.join(projectDir, "supabase", "migrations"), { recursive: true });
  write("config.toml", "");
  paths = statePaths(projectDir);
  ensureStateDir(paths);
  const { config } = readConfig({});
  const ports = portsFrom(config, await findFreeBase(55170));
  const log = pino({ level: "silent" });
  cluster = await startCluster({ dataDir: paths.dataDir, port: ports.db, log, durable: false });
  ({ ctx, closePools } = createContext({ projectDir, stateDir: paths.stateDir, config, ports, log }));
  await prepareDatabase(ctx);
});

afterAll(async () => {
  await closePools?.();
  await cluster?.stop();
  rmSync(projectDir, { recursive: true, force: true });
});

describe("migrate", () => {
  test("keeps what preceded a migration that fails, and says why", async () => {
    write("migrations/20260101000000_first.sql", "create table public.t (name text primary key);");
    write("migrations/20260102000000_second.sql", "insert into public.absent values (1);");
    write("seed.sql", "insert into public.t values ('seed');");
    await expect(run(true)).rejects.toThrow(/Cannot apply migrations and seed:[\s\S]*public\.absent/);
    expect(await rows()).toEqual([]);
  });

  test("goes on where it stopped, then seeds", async () => {
    write("migrations/20260102000000_second.sql", "insert into public.t values ('second');");
    expect(await run(false)).toEqual([]);
    expect(await rows()).toEqual(["second", "seed"]);
  });

  test("does nothing when nothing is pending", async () => {
    await ctx.pool("postgres").query("delete from public.t");
    expect(await run(false)).toEqual([]);
    expect(await rows()).toEqual([]);
  });

  test("applies a new migration without seeding again", async () => {
    write("migrations/20260103000000_third.sql", "insert into public.t values ('third');");
    expect(await run(false)).toEqual([]);
    expect(await rows()).toEqual(["third"]);
  });

  test("says which applied files have changed since", async () => {
    write("migrations/20260101000000_first.sql", "create table public.other ();");
    write("seed.sql", "");
    expect(await run(false)).toEqual([
      "supabase/migrations/20260101000000_first.sql has changed since it was applied; renew with: npm run reset",
      "supabase/seed.sql has changed since it was applied; renew with: npm run reset",
    ]);
  });
});

describe("ensureVaultSecrets", () => {
  test("makes, changes and leaves alone", async () => {
    const read = async () => {
      const { rows: found } = await ctx
        .pool("postgres")
        .query("select decrypted_secret, updated_at from vault.decrypted_secrets where name = 'of_test'");
      return found;
    };
    await ensureVaultSecrets(ctx, { of_test: "one" });
    const first = await read();
    expect(first).toMatchObject([{ decrypted_secret: "one" }]);
    await ensureVaultSecrets(ctx, { of_test: "one" });
    expect(await read()).toEqual(first);
    await ensureVaultSecrets(ctx, { of_test: "two" });
    expect(await read()).toMatchObject([{ decrypted_secret: "two" }]);
  });
});
