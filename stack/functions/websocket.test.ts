import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type ServedProject, serveProject } from "./testing/serve-project.ts";

const files = {
  "echo/index.ts": `
Deno.serve((request) => {
  if (new URL(request.url).pathname.endsWith("/pid")) return new Response(String(Deno.pid));
  if (request.headers.get("upgrade") !== "websocket") return new Response("Not a socket", { status: 426 });
  const { socket, response } = Deno.upgradeWebSocket(request, { protocol: request.headers.get("sec-websocket-protocol") ?? undefined });
  socket.onopen = () => socket.send(JSON.stringify({ pid: Deno.pid, url: request.url, ip: request.headers.get("x-real-ip") }));
  socket.onmessage = ({ data }) => data === "close" ? socket.close(4001, "as asked") : socket.send(data);
  return response;
});`,
  "hono/index.ts": `
import { Hono } from "npm:hono@4.13.19";
import { upgradeWebSocket } from "npm:hono@4.13.19/deno";
const app = new Hono();
app.get("/hono/room", upgradeWebSocket(() => ({ onMessage: (event, socket) => socket.send("hono " + event.data) })));
export default app;`,
  "guarded/index.ts": `
Deno.serve((request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => socket.send("in");
  return response;
});`,
  "plain/index.ts": `Deno.serve(() => Response.json({ code: "no_socket" }, { status: 403, headers: { "x-own": "kept" } }));`,
  "broken/index.ts": `import "./missing.ts";`,
};

let project: ServedProject;
beforeAll(async () => {
  const open = ["echo", "hono", "plain", "broken"].map((slug) => `[functions.${slug}]\nverify_jwt = false`);
  project = await serveProject(files, { config: ['project_id = "test"', ...open].join("\n") });
});
afterAll(() => project?.close());

function connect(path: string, options: { protocol?: string; headers?: Record<string, string> } = {}): WebSocket {
  const { protocol, ...rest } = options;
  const socket = new WebSocket(`${project.url.replace("http", "ws")}${path}`, protocol ?? [], rest);
  socket.on("error", () => {});
  return socket;
}

async function next(socket: WebSocket): Promise<string> {
  const [data] = await once(socket, "message");
  return String(data);
}

/** What the server answered instead of upgrading. */
async function refusal(socket: WebSocket) {
  const [, response] = await once(socket, "unexpected-response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() };
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("WebSocket to a function", () => {
  test("messages go both ways, text and bytes, small and large", async () => {
    const socket = connect("/echo/room?x=1", { protocol: "chat" });
    const { origin } = new URL(project.url);
    expect(JSON.parse(await next(socket))).toMatchObject({ url: `${origin}/echo/room?x=1`, ip: "127.0.0.1" });
    expect(socket.protocol).toBe("chat");
    socket.send("שלום");
    expect(await next(socket)).toBe("שלום");
    const bytes = Buffer.alloc(3_000_000, 7);
    socket.send(bytes);
    const [data] = await once(socket, "message");
    expect(Buffer.from(data).equals(bytes)).toBe(true);
    socket.send("close");
    const [code, reason] = await once(socket, "close");
    expect([code, String(reason)]).toEqual([4001, "as asked"]);
  });

  test("many sockets share one worker, and calls go on beside them", async () => {
    const sockets = Array.from({ length: 20 }, () => connect("/echo"));
    const pids = new Set((await Promise.all(sockets.map(next))).map((hello) => JSON.parse(hello).pid));
    expect(pids.size).toBe(1);
    expect(await (await fetch(`${project.url}/echo`)).text()).toBe("Not a socket");
    for (const socket of sockets) socket.terminate();
  });

  test("default export and Hono's helper are served too", async () => {
    const socket = connect("/hono/room");
    await once(socket, "open");
    socket.send("hello");
    expect(await next(socket)).toBe("hono hello");
  });

  test("verify_jwt holds for sockets", async () => {
    const refused = await refusal(connect("/guarded"));
    expect([refused.status, refused.headers["sb-error-code"]]).toEqual([401, "UNAUTHORIZED_NO_AUTH_HEADER"]);
    expect(await next(connect("/guarded", { headers: { apikey: project.ctx.keys.publishable } }))).toBe("in");
  });

  test("function that does not upgrade, is not there, or does not boot, answers as to any call", async () => {
    const plain = await refusal(connect("/plain"));
    expect([plain.status, plain.headers["x-own"], JSON.parse(plain.body)]).toEqual([
      403,
      "kept",
      { code: "no_socket" },
    ]);
    expect(await refusal(connect("/missing"))).toMatchObject({ status: 404, body: "Function not found" });
    const broken = await refusal(connect("/broken"));
    expect([broken.status, JSON.parse(broken.body).code]).toEqual([503, "BOOT_ERROR"]);
  });

  test("worker that dies takes its sockets along, and the next one finds another", async () => {
    const socket = connect("/echo");
    const { pid } = JSON.parse(await next(socket));
    process.kill(pid, "SIGKILL");
    const [code] = await once(socket, "close");
    expect(code).toBe(1006);
    await expect.poll(() => exists(pid), { timeout: 10_000 }).toBe(false);
    expect(JSON.parse(await next(connect("/echo"))).pid).not.toBe(pid);
  });

  test("worker is free again once its sockets are closed", async () => {
    const brief = await serveProject(files, { limits: { idleMs: 200 } });
    const socket = new WebSocket(`${brief.url.replace("http", "ws")}/echo`);
    const { pid } = JSON.parse(await next(socket));
    socket.terminate();
    await expect.poll(() => exists(pid), { timeout: 10_000 }).toBe(false);
    await brief.close();
  });

  test("open socket keeps its worker; the wall clock ends both", async () => {
    const short = await serveProject(files, { limits: { idleMs: 100, wallClockMs: 5_000 } });
    const socket = new WebSocket(`${short.url.replace("http", "ws")}/echo`);
    const { pid } = JSON.parse(await next(socket));
    await sleep(600);
    socket.send("still here");
    expect(await next(socket)).toBe("still here");
    expect((await once(socket, "close"))[0]).toBe(1006);
    await expect.poll(() => exists(pid), { timeout: 10_000 }).toBe(false);
    await short.close();
  });
});
