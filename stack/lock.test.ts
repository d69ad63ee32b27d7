import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { AlreadyRunningError, acquireLock, processStart, readRunning } from "./lock.ts";

const ports = { api: 55150, db: 55151, studio: 55152, mail: 55153, smtp: 55154 };

function lockFile(): string {
  return path.join(mkdtempSync(path.join(os.tmpdir(), "lock-")), "stack.json");
}

function write(file: string, pid: number, started: string): void {
  writeFileSync(file, JSON.stringify({ pid, started, status: "ready", ports }));
}

async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return child.pid ?? 0;
}

test("acquireLock holds the folder until release", () => {
  const file = lockFile();
  const lock = acquireLock(file, ports);
  expect(readRunning(file)).toMatchObject({ pid: process.pid, status: "starting", ports });
  lock.setReady();
  expect(readRunning(file)?.status).toBe("ready");
  lock.release();
  expect(readRunning(file)).toBeNull();
  expect(existsSync(file)).toBe(false);
});

test("acquireLock says where the running stack is when there is one", () => {
  const file = lockFile();
  acquireLock(file, ports);
  expect(() => acquireLock(file, ports)).toThrow(AlreadyRunningError);
  expect(() => acquireLock(file, ports)).toThrow("http://127.0.0.1:55150");
});

test("acquireLock takes over from a process that is gone", async () => {
  const file = lockFile();
  write(file, await endedProcess(), "long ago");
  acquireLock(file, ports);
  expect(readRunning(file)?.pid).toBe(process.pid);
});

test("acquireLock takes over when the pid belongs to a stranger by now", () => {
  const file = lockFile();
  write(file, process.ppid, "another boot");
  expect(readRunning(file)).toBeNull();
  acquireLock(file, ports);
  expect(readRunning(file)?.pid).toBe(process.pid);
});

test("acquireLock takes over from a half-written file", () => {
  const file = lockFile();
  writeFileSync(file, '{"pid":');
  acquireLock(file, ports);
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ pid: process.pid });
});

test("processStart tells processes apart, and is null for none", async () => {
  expect(processStart(process.pid)).toBe(processStart(process.pid));
  expect(processStart(await endedProcess())).toBeNull();
});
