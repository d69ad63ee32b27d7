import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GatewayEnv } from "../context.ts";
import { startTestStack, type TestStack } from "../rest/testing/stack.ts";

let stack: TestStack;

beforeAll(async () => {
  const app = new Hono<GatewayEnv>();
  app.options("/own", (c) => c.text("mine", 200, { "Access-Control-Allow-Origin": "https://school.example" }));
  app.get("/echo/*", (c) =>
    c.json({
      path: c.req.path,
      url: new URL(c.req.url).pathname,
      authorization: c.req.header("authorization") ?? null,
      key: c.req.header("sb-api-key") ?? null,
      token: c.var.token,
      ip: c.var.ip,
    }),
  );
  app.get("/slow", async (c) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return c.text("done");
  });
  app.get("/broken", () => {
    throw new Error("Cannot show this: secret-detail");
  });
  stack = await startTestStack({ services: { functions: { app, close: async () => undefined } } });
});
afterAll(() => stack?.close());

const at = (path: string, init?: RequestInit) => fetch(`${stack.url}/functions/v1${path}`, init);

test("the prefix is gone, Authorization stays, the key stands beside it", async () => {
  const { publishable, secret, serviceRole, anon } = stack.ctx.keys;
  const user = await at("/echo/a?b=c", { headers: { apikey: publishable, authorization: "Bearer user.jwt.x" } });
  expect(await user.json()).toEqual({
    path: "/echo/a",
    url: "/echo/a",
    authorization: "Bearer user.jwt.x",
    key: anon,
    token: "user.jwt.x",
    ip: "127.0.0.1",
  });
  const forged = await at("/echo/a", { headers: { apikey: secret, "sb-api-key": "forged" } });
  expect(await forged.json()).toMatchObject({ authorization: null, key: serviceRole, token: serviceRole });
  const alone = await at("/echo/a", { headers: { "sb-api-key": "forged" } });
  expect(await alone.json()).toMatchObject({ key: null, token: null });
});

test("a function answers its own preflight; where none does, the gateway is permissive", async () => {
  const headers = {
    origin: "http://x",
    "access-control-request-method": "POST",
    "access-control-request-headers": "a",
  };
  const own = await at("/own", { method: "OPTIONS", headers });
  expect([own.status, own.headers.get("access-control-allow-origin")]).toEqual([200, "https://school.example"]);
  const none = await at("/absent", { method: "OPTIONS", headers });
  expect([none.status, none.headers.get("access-control-allow-headers")]).toEqual([204, "a"]);
  const plain = await at("/echo/a", { headers: { origin: "http://x" } });
  expect(plain.headers.get("access-control-allow-origin")).toBeNull();
});

test("an unexpected error shows nothing of itself", async () => {
  const response = await at("/broken");
  expect([response.status, await response.json()]).toEqual([
    500,
    { code: "internal_error", message: "An unexpected error occurred" },
  ]);
});

test("closing lets a running request finish", async () => {
  const running = at("/slow");
  await new Promise((resolve) => setTimeout(resolve, 100));
  const closed = stack.closeGateway();
  expect(await (await running).text()).toBe("done");
  await closed;
  await expect(at("/slow")).rejects.toThrow();
});
