import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServedProject, serveProject } from "./testing/serve-project.ts";

const MB = 1024 * 1024;

const files = {
  "echo/index.ts": `Deno.serve((request) => new Response(request.body));`,
  "endless/index.ts": `
let sent = 0;
Deno.serve((request) => {
  if (request.url.endsWith("/sent")) return Response.json(sent);
  return new Response(new ReadableStream({
    pull(controller) { sent += 65536; controller.enqueue(new Uint8Array(65536)); },
    cancel() { console.log("reader left"); },
  }));
});`,
  "sink/index.ts": `
let received = 0;
let open;
const gate = new Promise((resolve) => { open = resolve; });
Deno.serve(async (request) => {
  const path = new URL(request.url).pathname;
  if (path.endsWith("/received")) return Response.json(received);
  if (path.endsWith("/open")) return Response.json(open() ?? true);
  await gate;
  for await (const chunk of request.body) received += chunk.byteLength;
  return Response.json(received);
});`,
  "count/index.ts": "Deno.serve(async (request) => Response.json((await request.arrayBuffer()).byteLength));",
  "abort/index.ts": `
Deno.serve((request) => {
  request.signal.addEventListener("abort", () => console.log("caller left"));
  return new Promise(() => {});
});`,
};

let project: ServedProject;
beforeAll(async () => {
  project = await serveProject(files);
});
afterAll(() => project?.close());

const log = (slug: string) => readFileSync(join(project.ctx.stateDir, `logs/functions-${slug}.log`), "utf8");

/** What the address answers once it answers the same twice in a row. */
async function settled(path: string): Promise<number> {
  for (let before = -1; ; ) {
    const now: number = await (await fetch(`${project.url}${path}`)).json();
    if (now === before) return now;
    before = now;
    await sleep(500);
  }
}

describe("streaming", () => {
  test("function answers each part before the next one is sent", async () => {
    const outgoing = request(`${project.url}/echo`, { method: "POST" });
    const response = new Promise<NodeJS.ReadableStream>((resolve) => outgoing.once("response", resolve));
    outgoing.write("0");
    const incoming = (await response)[Symbol.asyncIterator]();
    expect(String((await incoming.next()).value)).toBe("0");
    for (const part of ["1", "2", "3"]) {
      outgoing.write(part);
      expect(String((await incoming.next()).value)).toBe(part);
    }
    outgoing.end();
    expect((await incoming.next()).done).toBe(true);
  });

  test("reader that stops holds the function up, and one that leaves ends its stream", async () => {
    const leave = new AbortController();
    const response = await fetch(`${project.url}/endless`, { signal: leave.signal });
    await response.body?.getReader().read();
    expect(await settled("/endless/sent")).toBeLessThan(32 * MB);
    leave.abort();
    await expect.poll(() => log("endless"), { timeout: 10_000 }).toContain("reader left");
  });

  test("body that is too large is refused, whether or not it says so beforehand", async () => {
    const part = new Uint8Array(MB);
    let parts = 0;
    const body = new ReadableStream({
      pull: (controller) => (parts++ < 51 ? controller.enqueue(part) : controller.close()),
    });
    const untold = await fetch(`${project.url}/count`, { method: "POST", body, duplex: "half" } as RequestInit);
    expect([untold.status, (await untold.json()).code]).toEqual([413, "payload_too_large"]);
    const told = request(`${project.url}/count`, { method: "POST", headers: { "content-length": 51 * MB } });
    told.on("error", () => {});
    told.flushHeaders();
    const [answer] = await once(told, "response");
    expect(answer.statusCode).toBe(413);
    told.destroy();
  });

  test("large body arrives whole though the function is slow to read it", async () => {
    const call = fetch(`${project.url}/sink`, { method: "POST", body: new Uint8Array(20 * MB) });
    expect(await settled("/sink/received")).toBe(0);
    await fetch(`${project.url}/sink/open`);
    expect(await (await call).json()).toBe(20 * MB);
  });

  test("function hears that its caller left", async () => {
    await expect(fetch(`${project.url}/abort`, { signal: AbortSignal.timeout(1_500) })).rejects.toThrow();
    await expect.poll(() => log("abort"), { timeout: 10_000 }).toContain("caller left");
  });
});
