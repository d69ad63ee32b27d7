import { setTimeout as sleep } from "node:timers/promises";
import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GatewayEnv } from "../context.ts";
import { serviceOf, startTestGateway, type TestGateway } from "./testing/gateway.ts";
import { dial } from "./testing/talk.ts";

let gateway: TestGateway;
let reached = 0;

beforeAll(async () => {
  const app = new Hono<GatewayEnv>();
  app.post("/body", async (c) => {
    const text = await c.req.text();
    reached += 1;
    return c.text(`read ${text.length}`);
  });
  app.get("/long", async (c) => {
    await sleep(3000);
    return c.text("patient");
  });
  gateway = await startTestGateway({ rest: serviceOf(app) }, { headers: 600, request: 60_000, body: 2000 });
});
afterAll(() => gateway?.close());

const HEAD = "POST /rest/v1/body HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n";

test("headers that dribble in are refused, however steadily they come", async () => {
  const { socket, answer } = dial(gateway.port);
  socket.write("GET /health HTTP/1.1\r\nHost: x\r\n");
  const dribble = setInterval(() => socket.writable && socket.write("X-A: b\r\n"), 50);
  expect(await answer).toMatch(/^HTTP\/1\.1 408 .*"request_timeout"/s);
  clearInterval(dribble);
});

test("a connection that says nothing is ended", async () => {
  expect(await dial(gateway.port).answer).toMatch(/^(HTTP\/1\.1 408 .*)?$/s);
});

test("a body that stops is refused, and no service acts on the part that came", async () => {
  const { socket, answer } = dial(gateway.port);
  socket.write(`${HEAD}half`);
  expect(await answer).toMatch(/^HTTP\/1\.1 408 .*"request_timeout"/s);
  expect(reached).toBe(0);
});

test("a chunked body that stops is refused as well", async () => {
  const { socket, answer } = dial(gateway.port);
  socket.write("POST /rest/v1/body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(reached).toBe(0);
});

test("a body that keeps coming is read, though it takes longer than one pause may", async () => {
  const { socket, answer } = dial(gateway.port);
  socket.write(HEAD.replace("Host: x", "Host: x\r\nConnection: close"));
  for (let part = 0; part < 10; part += 1) {
    socket.write("0123456789");
    await sleep(300);
  }
  expect(await answer).toMatch(/^HTTP\/1\.1 200 .*read 100$/s);
});

test("an answer may take longer than a body may pause", async () => {
  const response = await fetch(`${gateway.url}/rest/v1/long`);
  expect(await response.text()).toBe("patient");
});

test("as many slow clients as like keep nobody else out", async () => {
  const slow = Array.from({ length: 200 }, () => {
    const line = dial(gateway.port);
    line.socket.write(`${HEAD}x`);
    return line;
  });
  const response = await fetch(`${gateway.url}/rest/v1/body`, { method: "POST", body: "quick" });
  expect(await response.text()).toBe("read 5");
  await Promise.all(slow.map(({ answer }) => answer));
});
