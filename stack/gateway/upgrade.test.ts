import { once } from "node:events";
import { connect } from "node:net";
import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { GatewayEnv, UpgradeRequest } from "../context.ts";
import { serviceOf, startTestGateway, type TestGateway } from "./testing/gateway.ts";
import { dial } from "./testing/talk.ts";

let gateway: TestGateway | undefined;
afterEach(() => gateway?.close());

/** Echoes, and says goodbye when the gateway closes, unless it is a rude one. */
async function startEcho({ rude = false } = {}) {
  const server = new WebSocketServer({ noServer: true });
  const seen: { url: string | undefined; request: UpgradeRequest }[] = [];
  const service = serviceOf(new Hono<GatewayEnv>(), (incoming, socket, head, request) => {
    seen.push({ url: incoming.url, request });
    server.handleUpgrade(incoming, socket, head, (connection) => {
      connection.on("message", (data) => connection.send(`echo ${data}`));
      if (!rude) request.closing.addEventListener("abort", () => connection.close(1001, "going away"));
    });
  });
  const started = await startTestGateway(
    { realtime: service, rest: serviceOf(new Hono<GatewayEnv>()) },
    { closing: 400 },
  );
  gateway = started;
  return { gateway: started, seen, address: `${started.url.replace("http", "ws")}/realtime/v1` };
}

function open(address: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(address, { headers });
  const opened = new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  const message = new Promise<string>((resolve) => socket.once("message", (data) => resolve(String(data))));
  return { socket, opened, closed, message };
}

test("a service takes over the connection below its own prefix, with a request id and an address", async () => {
  const { address, seen } = await startEcho();
  const { socket, opened, message } = open(`${address}/websocket?vsn=1.0.0`, { "x-request-id": "abc-12345678" });
  await opened;
  socket.send("hello");
  expect(await message).toBe("echo hello");
  expect(seen).toMatchObject([
    { url: "/websocket?vsn=1.0.0", request: { requestId: "abc-12345678", ip: "127.0.0.1" } },
  ]);
  socket.close();
});

test("the log has a line without the key that the address carries", async () => {
  const { gateway, address } = await startEcho();
  const { opened, socket } = open(`${address}/websocket?apikey=sb_publishable_hidden&token=eyJhidden`);
  await opened;
  const line = gateway.lines.find((each) => each.includes('"UPGRADE"')) ?? "{}";
  expect(JSON.parse(line)).toMatchObject({ service: "realtime", path: "/realtime/v1/websocket", ip: "127.0.0.1" });
  expect(gateway.lines.join("")).not.toContain("hidden");
  socket.close();
});

test.each([
  ["a service that speaks no WebSocket", "/rest/v1/x", "websocket"],
  ["a service that is not there", "/auth/v1/x", "websocket"],
  ["no service at all", "/", "websocket"],
  ["another protocol", "/realtime/v1/websocket", "h2c"],
])("%s refuses in JSON and ends the connection", async (_, path, protocol) => {
  const { gateway } = await startEcho();
  const { socket, answer } = dial(gateway.port);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
  expect(await answer).toMatch(/^HTTP\/1\.1 400 .*"upgrade_not_supported"/s);
});

test("whoever never closes their half of a refused connection does not keep it open", async () => {
  const { gateway } = await startEcho();
  const socket = connect({ port: gateway.port, host: "127.0.0.1", allowHalfOpen: true });
  socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  await once(socket.resume(), "end");
  // What is written to a connection that is gone is answered with a reset.
  const pinging = setInterval(() => socket.write("x"), 100);
  const [error] = await once(socket, "error");
  clearInterval(pinging);
  expect(String(error)).toMatch(/EPIPE|ECONNRESET/);
});

test("closing lets the service say goodbye", async () => {
  const { gateway, address } = await startEcho();
  const { opened, closed } = open(`${address}/websocket`);
  await opened;
  await gateway.close();
  expect(await closed).toBe(1001);
});

test("a service that says nothing does not keep the gateway from closing", async () => {
  const { gateway, address } = await startEcho({ rude: true });
  const { opened, closed } = open(`${address}/websocket`);
  await opened;
  await gateway.close();
  expect(await closed).toBe(1006);
});
