import { readdirSync, readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../testing/free-port.ts";
import { forward } from "./forward.ts";
import { forwardUpgrade } from "./forward-upgrade.ts";
import { type ServedProject, serveProject } from "./testing/serve-project.ts";
import type { Worker } from "./worker.ts";

const files = {
  "work/index.ts": `
Deno.serve(async (request) => {
  if (request.url.endsWith("/pid")) return new Response(String(Deno.pid));
  await new Promise((r) => setTimeout(r, 20));
  return Response.json({ ok: await request.text() });
});`,
  "doomed/index.ts": `Deno.serve((request) => { if (request.url.endsWith("/die")) Deno.exit(3); return new Response(String(Deno.pid)); });`,
  "stillborn/index.ts": `throw new Error("stillborn");`,
};

let project: ServedProject;
const lines: string[] = [];
const delayed = (slug: string) => lines.map((line) => JSON.parse(line)).filter((line) => line.function === slug).length;
beforeAll(async () => {
  project = await serveProject(files, { log: pino({ level: "warn" }, { write: (line) => lines.push(line) }) });
});
afterAll(() => project?.close());

/** Processes whose command line names a file of this project; Linux only. */
function processes(entrypoint: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(
          `${project.ctx.projectDir}/supabase/functions/${entrypoint}\0`,
        );
      } catch {
        return false;
      }
    });
}

async function call(path: string, body?: string) {
  const response = await fetch(`${project.url}${path}`, body === undefined ? {} : { method: "POST", body });
  return { status: response.status, text: await response.text() };
}

const onLinux = test.runIf(process.platform === "linux");

describe("crashes", () => {
  onLinux("killed under load: what fails has a code, the rest is answered, and no process is left over", async () => {
    let answered = 0;
    const results: { status: number; text: string; sent: string }[] = [];
    const caller = async (numbers: number[]) => {
      for (const number of numbers) {
        const sent = String(number);
        results.push({ ...(await call("/work", sent)), sent });
        answered += 1;
      }
    };
    const numbers = Array.from({ length: 200 }, (_, index) => index);
    const callers = Array.from({ length: 10 }, (_, each) => caller(numbers.filter((number) => number % 10 === each)));
    for (const threshold of [40, 90, 140]) {
      await expect.poll(() => answered, { timeout: 20_000, interval: 5 }).toBeGreaterThan(threshold);
      for (const pid of processes("work/index.ts")) process.kill(pid, "SIGKILL");
    }
    await Promise.all(callers);
    const failed = results.filter(({ status }) => status !== 200);
    expect(results).toHaveLength(200);
    expect(failed.map(({ status, text }) => [status, JSON.parse(text).code])).toEqual(
      failed.map(() => [500, "WORKER_ERROR"]),
    );
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(100);
    for (const { text, sent } of results.filter(({ status }) => status === 200)) {
      expect(JSON.parse(text)).toEqual({ ok: sent });
    }
    expect(processes("work/index.ts")).toHaveLength(1);
  });

  test("function that dies at every call is started ever more slowly, and still answers", async () => {
    for (let round = 0; round < 5; round++) {
      expect(JSON.parse((await call("/doomed/die")).text).code).toBe("WORKER_ERROR");
    }
    expect((await call("/doomed")).status).toBe(200);
    expect(delayed("doomed")).toBeGreaterThan(0);
  });

  onLinux("function that never boots answers BOOT_ERROR each time", async () => {
    for (let round = 0; round < 6; round++) {
      const { status, text } = await call("/stillborn");
      expect([status, JSON.parse(text).code]).toEqual([503, "BOOT_ERROR"]);
    }
    expect(delayed("stillborn")).toBeGreaterThan(0);
    expect(processes("stillborn/index.ts")).toEqual([]);
  });
});

describe("a worker that is gone before the call arrives", () => {
  const caller = { ip: "", requestId: "" };
  const url = new URL("http://127.0.0.1/work");
  const gone = async (): Promise<Worker> => ({
    port: await freePort(),
    token: "",
    retired: true,
    exited: Promise.resolve({ limit: false, unasked: true }),
    hold: () => () => {},
    retire() {},
    kill() {},
  });

  test("makes forward give the call back, when it has no body", async () => {
    const worker = await gone();
    let released = 0;
    const ask = (init?: RequestInit) => forward(new Request(url, init), worker, () => released++, caller);
    expect(await ask()).toBeNull();
    expect((await ask({ method: "POST", body: "x" }))?.status).toBe(500);
    await expect.poll(() => released).toBe(2);
  });

  test("makes forwardUpgrade give the connection back untouched", async () => {
    const socket = new PassThrough();
    const handshake = { url, headers: new Headers(), socket, head: Buffer.alloc(0) };
    let released = 0;
    expect(await forwardUpgrade(handshake, await gone(), () => released++, caller)).toBe(false);
    expect([released, socket.readableLength, socket.writable]).toEqual([1, 0, true]);
  });
});
