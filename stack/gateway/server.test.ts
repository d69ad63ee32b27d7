import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestStack, type TestStack } from "../rest/testing/stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.close());

test("health answers, unknown routes are 404 JSON", async () => {
  const health = await fetch(`${stack.url}/health`);
  expect([health.status, await health.json()]).toEqual([
    200,
    { status: "ok", database: "up", services: { rest: "up" } },
  ]);
  for (const path of ["/", "/rest/v2/x", "/rest/v1x", "/auth/v1/token"]) {
    const response = await fetch(`${stack.url}${path}`);
    expect([path, response.status, (await response.json()).code]).toEqual([path, 404, "no_route"]);
  }
});

test("GraphQL says that it is not enabled", async () => {
  const response = await fetch(`${stack.url}/graphql/v1`, { method: "POST", body: '{"query": "{ __typename }"}' });
  const errors = [{ message: "pg_graphql extension is not enabled." }];
  expect([response.status, await response.json()]).toEqual([200, { errors }]);
});

test("preflight reflects what is asked for, answers expose what clients read", async () => {
  const preflight = await fetch(`${stack.url}/rest/v1/schools`, {
    method: "OPTIONS",
    headers: {
      origin: "http://localhost:3000",
      "access-control-request-method": "GET",
      "access-control-request-headers": "apikey,x-custom",
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  expect(preflight.headers.get("access-control-allow-headers")).toBe("apikey,x-custom");
  const response = await fetch(`${stack.url}/rest/v1/schools`, { headers: { origin: "http://localhost:3000" } });
  const exposed = response.headers.get("access-control-expose-headers") ?? "";
  for (const name of ["Content-Range", "X-Total-Count", "Link", "X-Supabase-Api-Version", "sb-error-code"]) {
    expect(exposed).toContain(name);
  }
  expect(response.headers.get("access-control-allow-credentials")).toBeNull();
});

test("a browser may read refusals too, and no cookie ever goes along", async () => {
  const origin = "http://localhost:3000";
  const asked = [
    fetch(`${stack.url}/nowhere`, { headers: { origin } }),
    fetch(`${stack.url}/auth/v1/token`, { headers: { origin } }),
    stack.raw("/nowhere", { headers: { origin } }),
    stack.raw("/people", { method: "POST", body: "{", headers: { origin } }),
    stack.raw("/people", { headers: { origin, authorization: "Bearer broken" } }),
    stack.raw("/people", { method: "POST", body: "x".repeat(21 * 1024 * 1024), headers: { origin } }),
  ];
  const answers = await Promise.all(asked);
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 400, 401, 413]);
  for (const { headers } of answers) {
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-expose-headers")).toContain("sb-error-code");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
  }
});

test("a request id is taken when sane, made otherwise", async () => {
  const ask = async (id: string) => {
    const response = await fetch(`${stack.url}/health`, { headers: { "x-request-id": id } });
    return response.headers.get("x-request-id");
  };
  expect(await ask("abc-12345678")).toBe("abc-12345678");
  expect(await ask("bad id {}")).toMatch(/^[0-9a-f-]{36}$/);
  expect(await ask("x".repeat(500))).toMatch(/^[0-9a-f-]{36}$/);
});

test("a body too large is 413 whether its length is told or not", async () => {
  const big = "x".repeat(21 * 1024 * 1024);
  const told = await stack.raw("/schools", { method: "POST", body: big });
  expect([told.status, (await told.json()).code]).toEqual([413, "payload_too_large"]);
  const stream = new Blob([big]).stream();
  const init: RequestInit & { duplex: "half" } = { method: "POST", body: stream, duplex: "half" };
  const untold = await stack.raw("/schools", init);
  expect([untold.status, (await untold.json()).code]).toEqual([413, "payload_too_large"]);
});

test("headers too large and broken HTTP are refused in JSON", async () => {
  const send = (text: string) =>
    new Promise<string>((resolve, reject) => {
      let answer = "";
      const socket = connect(stack.ctx.ports.api, "127.0.0.1", () => socket.write(text));
      socket.on("data", (chunk) => {
        answer += chunk;
      });
      socket.on("close", () => resolve(answer));
      socket.on("error", reject);
    });
  const large = await send(`GET /health HTTP/1.1\r\nHost: x\r\nX-Big: ${"y".repeat(60_000)}\r\n\r\n`);
  expect(large).toMatch(/^HTTP\/1\.1 431 .*"headers_too_large"/s);
  expect(await send("NOT HTTP\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 .*"bad_request"/s);
});

test("the log has one line per request, without token, key or query", async () => {
  stack.lines.length = 0;
  const token = await stack.tokenFor("00000000-0000-0000-0000-000000000001");
  await fetch(`${stack.url}/rest/v1/people?name=eq.Ada`, {
    headers: { apikey: stack.ctx.keys.publishable, authorization: `Bearer ${token}` },
  });
  const lines = stack.lines.filter((line) => line.includes('"msg":"request"'));
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "{}")).toMatchObject({
    method: "GET",
    path: "/rest/v1/people",
    status: 200,
    service: "rest",
  });
  expect(lines[0]).not.toMatch(/Ada|eyJ|sb_publishable/);
});
