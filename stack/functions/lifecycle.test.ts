import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { createTestProject, type TestProject } from "./testing/test-project.ts";

const files = {
  "pid/index.ts": "Deno.serve(() => new Response(String(Deno.pid)));",
  "spin/index.ts": `Deno.serve(() => { setTimeout(() => { for (;;); }, 50); return new Response(String(Deno.pid)); });`,
  "hang/index.ts": "Deno.serve(() => new Promise(() => {}));",
  "slow/index.ts": `Deno.serve(async () => { await new Promise((r) => setTimeout(r, 600)); return new Response("done"); });`,
  "forever/index.ts": `
addEventListener("beforeunload", (event) => console.log("leaving:", event.detail.reason));
EdgeRuntime.waitUntil(new Promise(() => {}));
Deno.serve(() => new Response(String(Deno.pid)));`,
  "later/index.ts": `
addEventListener("beforeunload", (event) => console.log("leaving:", event.detail.reason));
Deno.serve((request) => {
  const url = new URL(request.url).searchParams.get("tell");
  EdgeRuntime.waitUntil(new Promise((r) => setTimeout(r, 800)).then(() => fetch(url)));
  EdgeRuntime.waitUntil(Promise.reject(new Error("in the background")));
  return new Response(String(Deno.pid));
});`,
};

let project: TestProject | undefined;
afterEach(() => project?.close());

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const gone = (pid: number) => expect.poll(() => alive(pid), { timeout: 25_000, interval: 50 }).toBe(false);

async function pidOf(slug: string): Promise<number> {
  return Number(await (await project?.call(`/${slug}`))?.text());
}

describe("workers", () => {
  test("worker with nothing to do is stopped, and the next call starts another", async () => {
    project = createTestProject(files, { limits: { idleMs: 200 } });
    const first = await pidOf("pid");
    await gone(first);
    expect(await pidOf("pid")).not.toBe(first);
  });

  test("call that lasts longer than the idle time is not cut", async () => {
    project = createTestProject(files, { limits: { idleMs: 100 } });
    expect(await (await project.call("/slow")).text()).toBe("done");
  });

  test("waitUntil keeps the worker until its promise settles, and a rejection is only logged", async () => {
    project = createTestProject(files, { limits: { idleMs: 100 } });
    const server = http.createServer((_request, response) => response.end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("Listen for the function");
    const told = once(server, "request");
    const response = await project.call(`/later?tell=http://127.0.0.1:${address.port}/`);
    const pid = Number(await response.text());
    await sleep(500);
    expect(alive(pid)).toBe(true);
    await told;
    await gone(pid);
    server.close();
    const log = readFileSync(join(project.ctx.stateDir, "logs/functions-later.log"), "utf8");
    expect(log).toContain("leaving: early_drop");
    expect(log).toContain("in the background");
  });

  test("background work that never ends is ended by the wall clock, of which the function hears before", async () => {
    project = createTestProject(files, { limits: { idleMs: 100, wallClockMs: 4_000 } });
    const pid = await pidOf("forever");
    await sleep(1_200);
    expect(alive(pid)).toBe(true);
    await gone(pid);
    const log = readFileSync(join(project.ctx.stateDir, "logs/functions-forever.log"), "utf8");
    expect(log).toBe("leaving: wall_clock\n");
  });

  test("call that outlasts the wall clock answers WORKER_LIMIT", async () => {
    project = createTestProject(files, { limits: { wallClockMs: 1_000 } });
    const response = await project.call("/hang");
    expect([response.status, (await response.json()).code]).toEqual([546, "WORKER_LIMIT"]);
  });

  test("caller that goes away frees the worker", async () => {
    project = createTestProject(files, { limits: { idleMs: 200 } });
    const response = await project.call("/hang", { signal: AbortSignal.timeout(500) });
    expect(response.status).toBe(499);
  });

  test("oneshot policy gives each call a process of its own", async () => {
    const config = '[edge_runtime]\npolicy = "oneshot"\n[functions.pid]\nverify_jwt = false';
    project = createTestProject(files, { config });
    const [first, second] = [await pidOf("pid"), await pidOf("pid")];
    expect(first).not.toBe(second);
    await gone(first);
    await gone(second);
  });

  test("closing ends every worker, also one that spins", async () => {
    project = createTestProject(files);
    const pids = [await pidOf("pid"), await pidOf("spin")];
    await sleep(100);
    await project.service.close();
    expect(pids.map(alive)).toEqual([false, false]);
  });

  // The kernel's limit on processor time ends the one that spins: it can no longer notice that the stack is gone.
  test.each(["pid", "spin"])("worker %s does not outlive a stack that was killed", async (slug) => {
    const script = `
      const { createTestProject } = await import(${JSON.stringify(join(import.meta.dirname, "testing/test-project.ts"))});
      const project = createTestProject(${JSON.stringify(files)}, { limits: { wallClockMs: 1000 } });
      const response = await project.call("/${slug}");
      console.log(JSON.stringify({ pid: await response.text(), folder: project.ctx.projectDir }));`;
    const stack = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(stack.stdout, "data");
    const { pid, folder } = JSON.parse(String(line));
    stack.kill("SIGKILL");
    await once(stack, "exit");
    await gone(Number(pid));
    rmSync(folder, { recursive: true, force: true });
  });
});
