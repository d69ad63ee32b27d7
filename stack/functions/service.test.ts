import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFunction } from "./definitions.ts";
import { createSupervisor } from "./supervisor.ts";
import { createTestProject, type TestProject } from "./testing/test-project.ts";

/** Answers with what the function found when it tried each thing that it must not be able to do. */
const probe = `
const attempt = async (name, action) => {
  try { await action(); return [name, "allowed"]; } catch (error) { return [name, error.name]; }
};
Deno.serve(async () => Response.json(Object.fromEntries([
  await attempt("write", () => Deno.writeTextFile("written.txt", "x")),
  await attempt("writeTmp", () => Deno.writeTextFile("/tmp/written-by-function", "x")),
  await attempt("run", () => new Deno.Command("/bin/true").output()),
  await attempt("ffi", () => Deno.dlopen("/lib/libc.so.6", {})),
  await attempt("readState", () => Deno.readTextFile("../../state/functions-secrets.json")),
  await attempt("readPasswd", () => Deno.readTextFile("/etc/passwd")),
  await attempt("readDotEnv", () => Deno.readTextFile(".env")),
  await attempt("readOthersDotEnv", () => Deno.readTextFile("env/.env")),
  await attempt("readOwnCode", () => Deno.readTextFile("probe/index.ts")),
])));`;

const files = {
  "_shared/greeting.ts": `export const greeting = "hello";`,
  "echo/index.ts": `
import { Hono } from "npm:hono@4.13.19";
import { greeting } from "../_shared/greeting.ts";
const app = new Hono();
app.all("*", async (c) => c.json({
  greeting, main: import.meta.main, method: c.req.method, url: c.req.url, body: await c.req.text(),
  headers: Object.fromEntries(c.req.raw.headers),
}));
Deno.serve(app.fetch);`,
  "exported/index.ts": `export default { fetch: (request) => new Response(new URL(request.url).pathname) };`,
  "options/index.ts": `Deno.serve({ port: 1, handler: () => new Response("from options") });`,
  "env/index.ts": "Deno.serve(() => Response.json(Deno.env.toObject()));",
  ".env": "SHARED=file\nONLY_FILE=1\nSUPABASE_URL=http://evil.example\nHOME=/root",
  "env/.env": "SHARED=own",
  "probe/index.ts": probe,
  "stream/index.ts": `
Deno.serve((request) => new Response(request.body.pipeThrough(new TransformStream({
  transform(chunk, controller) { controller.enqueue(new TextEncoder().encode("<" + new TextDecoder().decode(chunk) + ">")); },
})), { headers: { "content-type": "text/event-stream" } }));`,
  "empty/index.ts": `Deno.serve(() => new Response(null, { status: 204, headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] }));`,
  "broken/index.ts": `import "./missing.ts"; Deno.serve(() => new Response("never"));`,
  "silent/index.ts": "console.log('no server here');",
  "throws/index.ts": `Deno.serve(() => { throw new Error("inside the handler"); });`,
  "crash/index.ts": `
const started = crypto.randomUUID();
Deno.serve((request) => {
  if (request.url.endsWith("/exit")) Deno.exit(1);
  if (request.url.endsWith("/reject")) Promise.reject(new Error("unhandled"));
  if (request.url.endsWith("/heap")) { const kept = []; for (;;) kept.push(new Array(1e6).fill(kept.length + 0.5)); }
  return request.url.endsWith("/id") ? new Response(started) : new Promise(() => {});
});`,
  "partly/index.ts": `
Deno.serve((request) => new Response(new ReadableStream({
  async pull(controller) {
    controller.enqueue(new TextEncoder().encode("part"));
    await new Promise((r) => setTimeout(r, 100));
    if (request.url.endsWith("/exit")) Deno.exit(1);
  },
  cancel() { console.log("cancelled"); },
})));`,
  "early/index.ts": `Deno.serve(() => Response.json({ code: "too_large" }, { status: 413 }));`,
  "counted/index.ts": "const started = crypto.randomUUID(); Deno.serve(() => new Response(started));",
  "changing/index.ts": `Deno.serve(() => new Response("first"));`,
  "sharing/index.ts": `import { greeting } from "../_shared/greeting.ts"; Deno.serve(() => new Response(greeting));`,
};

let project: TestProject;
beforeAll(() => {
  project = createTestProject(files, {
    config: [
      'project_id = "test"',
      '[edge_runtime.secrets]\nSHARED = "config"\nONLY_CONFIG = "1"',
      ...Object.keys(files)
        .filter((path) => path.endsWith("/index.ts"))
        .map((path) => `[functions.${path.split("/")[0]}]\nverify_jwt = false`),
      "[functions.disabled]\nenabled = false\nentrypoint = './functions/echo/index.ts'",
      "[functions.renamed]\nverify_jwt = false\nentrypoint = './functions/exported/index.ts'",
    ].join("\n"),
  });
});
afterAll(() => project.close());

const text = async (path: string, init?: RequestInit) => (await project.call(path, init)).text();
const logPath = (slug: string) => join(project.ctx.stateDir, `logs/functions-${slug}.log`);
const log = (slug: string) => readFileSync(logPath(slug), "utf8");

describe("calling", () => {
  test("function sees its own path, the caller's host and body, and not the gateway's headers", async () => {
    const response = await project.call("/echo/a/b?x=1", {
      method: "POST",
      body: "שלום",
      headers: {
        "x-forwarded-host": "evil.example",
        "x-real-ip": "1.1.1.1",
        "sb-api-key": "forged",
        "x-custom": "kept",
      },
    });
    const seen = await response.json();
    expect(seen).toMatchObject({ greeting: "hello", main: true, method: "POST", body: "שלום" });
    expect(seen.url).toBe("http://127.0.0.1:54321/echo/a/b?x=1");
    expect(seen.headers).toMatchObject({
      "x-custom": "kept",
      "x-forwarded-for": "127.0.0.9",
      "x-forwarded-host": "127.0.0.1:54321",
      "x-real-ip": "127.0.0.9",
      "x-request-id": "request-1",
    });
    expect(seen.headers).not.toHaveProperty("sb-api-key");
    expect(seen.headers).not.toHaveProperty("x-function-worker");
  });

  test("default export with fetch and options with a handler are served too", async () => {
    expect(await text("/exported/x")).toBe("/exported/x");
    expect(await text("/renamed/x")).toBe("/renamed/x");
    expect(await text("/options")).toBe("from options");
  });

  test("unknown, disabled, private and malformed names are not found", async () => {
    for (const path of ["/nowhere", "/disabled", "/_shared", "/..%2f..%2fstack", "/constructor", "/"]) {
      const response = await project.call(path);
      expect([path, response.status, await response.text()]).toEqual([path, 404, "Function not found"]);
    }
  });

  test("bodies stream both ways", async () => {
    let send: (text: string) => void = () => {};
    const body = new ReadableStream({
      start(controller) {
        send = (chunk) => (chunk ? controller.enqueue(new TextEncoder().encode(chunk)) : controller.close());
      },
    });
    send("one");
    const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" };
    const response = await project.call("/stream", init);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe("<one>");
    send("two");
    expect((await reader?.read())?.value).toBe("<two>");
    send("");
    expect((await reader?.read())?.done).toBe(true);
  });

  test("caller that stops reading stops the function's stream", async () => {
    const response = await project.call("/partly");
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await expect.poll(() => log("partly"), { timeout: 5_000 }).toContain("cancelled");
  });

  test("answer that does not wait for a large body arrives whole", async () => {
    const body = new Uint8Array(20 * 1024 * 1024);
    const response = await project.call("/early", { method: "POST", body });
    expect([response.status, await response.json()]).toEqual([413, { code: "too_large" }]);
  });

  test("answer without a body keeps its status and each cookie", async () => {
    const response = await project.call("/empty");
    expect([response.status, response.body, response.headers.getSetCookie()]).toEqual([204, null, ["a=1", "b=2"]]);
  });

  test("parallel first calls share one start", async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, () => text("/counted")));
    expect(new Set(ids).size).toBe(1);
  });

  test("port of a worker answers nobody but the supervisor", async () => {
    const supervisor = createSupervisor(project.ctx, { bootMs: 20_000, idleMs: 60_000, wallClockMs: 60_000 });
    const definition = findFunction(project.ctx, "exported");
    if (!definition) throw new Error("Find function exported");
    const { worker, release } = await supervisor.acquire(definition);
    expect((await fetch(`http://127.0.0.1:${worker.port}/exported`)).status).toBe(403);
    release();
    await supervisor.close();
  });
});

describe("environment and permissions", () => {
  test("function gets exactly what Supabase injects and what the project sets, later files winning", async () => {
    process.env.LEAKED_FROM_HOST = "1";
    const environment = await (await project.call("/env")).json();
    expect(Object.keys(environment).sort()).toEqual([
      "AUDIT_HEADS_TOKEN",
      "AUDIT_SIGNING_KEY",
      "MAIL_FROM",
      "NOTIFICATION_MAIL_TOKEN",
      "ONLY_CONFIG",
      "ONLY_FILE",
      "SHARED",
      "SITE_URL",
      "SMTP_URL",
      "SUPABASE_ANON_KEY",
      "SUPABASE_DB_URL",
      "SUPABASE_FUNCTION_SLUG",
      "SUPABASE_JWKS",
      "SUPABASE_PUBLISHABLE_KEYS",
      "SUPABASE_SECRET_KEYS",
      "SUPABASE_SERVICE_ROLE_KEY",
      "SUPABASE_URL",
    ]);
    expect(environment).toMatchObject({
      SHARED: "own",
      SUPABASE_URL: project.ctx.apiUrl,
      SUPABASE_FUNCTION_SLUG: "env",
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: project.ctx.keys.secret }),
    });
    const { keys } = JSON.parse(environment.SUPABASE_JWKS);
    expect(keys.map(({ kty }: { kty: string }) => kty)).toEqual(["EC", "oct"]);
    expect(keys[0]).not.toHaveProperty("d");
  });

  test("function can neither write, run, load foreign code, nor read outside its code", async () => {
    expect(await (await project.call("/probe")).json()).toEqual({
      write: "NotCapable",
      writeTmp: "NotCapable",
      run: "NotCapable",
      ffi: "NotCapable",
      readState: "NotCapable",
      readPasswd: "NotCapable",
      readDotEnv: "NotCapable",
      readOthersDotEnv: "NotCapable",
      readOwnCode: "allowed",
    });
  });
});

describe("failures", () => {
  test("function that cannot load, or serves nothing, answers BOOT_ERROR and its log says why", async () => {
    for (const slug of ["broken", "silent"]) {
      const response = await project.call(`/${slug}`);
      expect([response.status, await response.json()]).toEqual([
        503,
        { code: "BOOT_ERROR", message: "Worker failed to boot (please check logs)" },
      ]);
    }
    expect(log("broken")).toContain("missing.ts");
    expect(log("silent")).toContain("no server here");
  });

  test("throwing handler answers 500 and its worker lives on", async () => {
    expect((await project.call("/throws")).status).toBe(500);
    expect((await project.call("/throws")).status).toBe(500);
    expect(log("throws")).toContain("inside the handler");
  });

  test.each(["exit", "reject"])(
    "worker that dies by %s answers WORKER_ERROR, and the next call starts anew",
    async (way) => {
      const before = await text("/crash/id");
      const response = await project.call(`/crash/${way}`);
      expect([response.status, (await response.json()).code]).toEqual([500, "WORKER_ERROR"]);
      const after = await text("/crash/id");
      expect(after).toMatch(/^[0-9a-f-]{36}$/);
      expect(after).not.toBe(before);
    },
  );

  test("answer that breaks off is not taken for a whole one", async () => {
    const response = await project.call("/partly/exit");
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test("worker that fills its memory answers WORKER_LIMIT", async () => {
    const response = await project.call("/crash/heap");
    expect([response.status, (await response.json()).code]).toEqual([546, "WORKER_LIMIT"]);
  });
});

describe("reload", () => {
  async function until(path: string, expected: string): Promise<void> {
    await expect.poll(() => text(path), { timeout: 10_000, interval: 50 }).toBe(expected);
  }

  test("change of the function's file, of a shared file and of .env takes effect", async () => {
    expect(await text("/changing")).toBe("first");
    project.write("changing/index.ts", `Deno.serve(() => new Response(Deno.env.get("ADDED") ?? "second"));`);
    await until("/changing", "second");
    project.write(".env", "ADDED=third");
    await until("/changing", "third");
    expect(await text("/sharing")).toBe("hello");
    project.write("_shared/greeting.ts", `export const greeting = "goodbye";`);
    await until("/sharing", "goodbye");
  });

  test("function added while the stack runs is found, and asks for a token by default", async () => {
    project.write("added/index.ts", `Deno.serve(() => new Response("added"));`);
    expect((await project.call("/added")).status).toBe(401);
    const headers = { apikey: project.ctx.keys.publishable };
    expect(await text("/added", { headers })).toBe("added");
  });

  test("call in flight finishes on the old code", async () => {
    project.write(
      "slow/index.ts",
      `Deno.serve(async () => { console.log("called"); await new Promise((r) => setTimeout(r, 600)); return new Response("old"); });`,
    );
    const headers = { apikey: project.ctx.keys.publishable };
    const slow = text("/slow", { headers });
    await expect.poll(() => existsSync(logPath("slow")) && log("slow"), { timeout: 10_000 }).toContain("called");
    project.write("slow/index.ts", `Deno.serve(() => new Response("new"));`);
    expect(await slow).toBe("old");
    await expect.poll(() => text("/slow", { headers }), { timeout: 10_000 }).toBe("new");
  });
});
