import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import pg from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../testing/free-port.ts";
import { testLog } from "../testing/log.ts";
import { scratchDir } from "../testing/scratch-dir.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { pidFile, waitForExit } from "./postmaster.ts";
import { serverUser } from "./server-user.ts";

let dir: string;
let dataDir: string;
let port: number;

beforeAll(async () => {
  dir = scratchDir("cluster");
  dataDir = path.join(dir, "data");
  port = await freePort();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const start = (onExit?: (error: Error) => void) => startCluster({ dataDir, port, log: testLog, onExit });

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user: "supabase_admin",
    password: "postgres",
    database: "postgres",
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Another uid than root's, or root's with nothing that makes it root. */
function isUnprivileged({ pid }: Cluster): boolean {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
  const effective = /^CapEff:\s+([0-9a-f]+)/m.exec(status)?.[1] ?? "";
  return uid !== 0 || /^0+$/.test(effective);
}

async function stopped(cluster: Cluster): Promise<void> {
  await cluster.stop();
  expect(existsSync(pidFile(dataDir))).toBe(false);
}

describe("startCluster", () => {
  test("makes a cluster that keeps its data over a stop", async () => {
    const first = await start();
    expect(first.created).toBe(true);
    await query("create table kept (text text collate \"he-x-icu\"); insert into kept values ('שלום')");
    await stopped(first);
    const second = await start();
    expect(second.created).toBe(false);
    expect(await query("select text from kept")).toEqual([{ text: "שלום" }]);
    const settings = await query(
      "select current_setting('wal_level') as wal, current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as socket, current_setting('server_encoding') as encoding",
    );
    expect(settings).toEqual([{ wal: "logical", listen: "127.0.0.1", socket: "", encoding: "UTF8" }]);
    await stopped(second);
  });

  test("never runs as root", async () => {
    const cluster = await start();
    expect(isUnprivileged(cluster)).toBe(true);
    await stopped(cluster);
  });

  test("recovers after kill -9 and reports the end that nobody asked for", async () => {
    const ends: Error[] = [];
    const cluster = await start((error) => ends.push(error));
    await query("insert into kept values ('committed')");
    process.kill(cluster.pid, "SIGKILL");
    await cluster.exited;
    expect(ends.map(({ message }) => message)).toEqual([expect.stringContaining("SIGKILL")]);
    const again = await start();
    expect(await query("select count(*)::int as n from kept")).toEqual([{ n: 2 }]);
    await stopped(again);
  });

  test("ends the server that a killed stack left behind", async () => {
    const orphan = await start();
    const cluster = await start();
    expect(cluster.pid).not.toBe(orphan.pid);
    expect(await waitForExit(orphan.pid, 0)).toBe(true);
    await stopped(cluster);
  });

  test("is not misled by a pid file that names a stranger of the same user", async () => {
    const stranger = spawn("sleep", ["60"], { ...serverUser([dataDir]).account });
    writeFileSync(pidFile(dataDir), `${stranger.pid}\n${dataDir}\n1\n${port}\n\n127.0.0.1\n\nready\n`);
    const cluster = await start();
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
    stranger.kill();
    await stopped(cluster);
  });

  test("renews a folder whose making was interrupted", async () => {
    const half = path.join(dir, "half");
    mkdirSync(path.join(half, "base"), { recursive: true });
    writeFileSync(path.join(half, "PG_VERSION"), "17\n");
    writeFileSync(`${half}.initialising`, "");
    const cluster = await startCluster({ dataDir: half, port, log: testLog, durable: false });
    expect(cluster.created).toBe(true);
    await cluster.stop();
    expect(existsSync(`${half}.initialising`)).toBe(false);
  });

  test("leaves a folder alone that is not its own", async () => {
    const foreign = path.join(dir, "foreign");
    mkdirSync(foreign);
    writeFileSync(path.join(foreign, "thesis.txt"), "years of work");
    await expect(startCluster({ dataDir: foreign, port, log: testLog })).rejects.toThrow("holds no PostgreSQL data");
    expect(readFileSync(path.join(foreign, "thesis.txt"), "utf8")).toBe("years of work");
  });

  test("names a port that is taken", async () => {
    const occupant = createServer().listen(port, "127.0.0.1");
    await once(occupant, "listening");
    await expect(start()).rejects.toThrow(`port ${port} is already taken`);
    occupant.close();
  });

  test.runIf(process.getuid?.() === 0)("has no capability either below a folder that nobody may pass", async () => {
    const closed = path.join(dir, "closed");
    mkdirSync(closed);
    chmodSync(closed, 0o700);
    const warnings: unknown[] = [];
    const log = pino({ level: "warn" }, { write: (line) => warnings.push(JSON.parse(line)) });
    const cluster = await startCluster({ dataDir: path.join(closed, "data"), port, log });
    expect(isUnprivileged(cluster)).toBe(true);
    expect(await query("select current_setting('data_directory') as dir")).toEqual([
      { dir: path.join(closed, "data") },
    ]);
    expect(warnings).toEqual([expect.objectContaining({ msg: expect.stringContaining("user namespace") })]);
    await cluster.stop();
  });
});
