import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GatewayEnv } from "../context.ts";
import { startTestStack, type TestStack } from "../rest/testing/stack.ts";
import { serviceOf } from "./testing/gateway.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ services: { storage: serviceOf(new Hono<GatewayEnv>()) } });
});
afterAll(() => stack?.close());

const health = async () => {
  const response = await fetch(`${stack.url}/health`);
  return [response.status, await response.json()];
};

test("health follows the database down and up again, and names the services", async () => {
  const up = [200, { status: "ok", database: "up", services: { rest: "up", storage: "up" } }];
  expect(await health()).toEqual(up);
  await stack.stopDatabase();
  await expect
    .poll(health, { timeout: 15_000 })
    .toEqual([503, { status: "unavailable", database: "down", services: { rest: "down", storage: "down" } }]);
  await stack.startDatabase();
  await expect.poll(health, { timeout: 15_000 }).toEqual(up);
});

test("asking often opens no connection each time", async () => {
  const opened = async () => {
    const [row] = await stack.sql("select sessions::int as n from pg_stat_database where datname = 'postgres'");
    return row.n;
  };
  await stack.sql("select pg_stat_clear_snapshot()");
  const before = await opened();
  await Promise.all(Array.from({ length: 200 }, health));
  expect((await opened()) - before).toBeLessThan(20);
});
