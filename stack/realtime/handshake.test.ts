import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { tokenSigner } from "../testing/tokens.ts";
import { startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ limits: { sockets: 1 } });
});
afterAll(() => stack?.stop());

/** Status and error of a handshake that is refused. */
async function refusal(query: string, headers: Record<string, string> = {}, path = "/realtime/v1/websocket") {
  const ws = new WebSocket(`${stack.url.replace("http", "ws")}${path}?${query}`, { headers });
  const refused = new Promise<IncomingMessage>((resolve) =>
    ws.on("unexpected-response", (_, answer) => resolve(answer)),
  );
  const opened = once(ws, "open").then(() => Promise.reject(new Error("The socket opened")));
  const response = await Promise.race([refused, opened]);
  let body = "";
  for await (const chunk of response) body += chunk;
  return [response.statusCode, JSON.parse(body).error];
}

test("a socket without a key, or with one that is no token, is refused", async () => {
  expect(await refusal("vsn=2.0.0")).toEqual([401, "API key is missing"]);
  expect(await refusal("apikey=nonsense")).toEqual([401, "The token provided is not a valid JWT"]);
});

test("a token must be in time, signed by the stack, and name a role", async () => {
  const { es, hs } = tokenSigner(stack.ctx.keys);
  const refused = async (token: Promise<string>) => refusal(`apikey=${await token}`);
  expect(await refused(es({ role: "anon" }, "-1h"))).toEqual([401, "Token has expired"]);
  expect(await refused(es({ sub: "x" }))).toEqual([401, "Fields `role` and `exp` are required in JWT"]);
  const forged = hs({ role: "service_role" }, "1h", "another-secret-of-at-least-32-characters");
  expect(await refused(forged)).toEqual([401, "Failed to validate JWT signature"]);
  const [status, error] = await refused(es({ role: "anon" }, "1h", "other"));
  expect([status, error]).toEqual([401, expect.stringContaining('signer for key ID (kid) "other"')]);
});

test("an unknown serializer and an unknown address are refused", async () => {
  expect((await refusal(`apikey=${stack.publishableKey}&vsn=3.0.0`))[0]).toBe(403);
  expect((await refusal(`apikey=${stack.publishableKey}`, {}, "/realtime/v1/other"))[0]).toBe(404);
});

test("the header goes before the address, and only so many sockets are open", async () => {
  expect(await refusal(`apikey=${stack.publishableKey}`, { "x-api-key": "nonsense" })).toEqual([
    401,
    "The token provided is not a valid JWT",
  ]);
  const socket = await stack.raw();
  expect(await refusal(`apikey=${stack.publishableKey}`)).toEqual([429, "Too many connected users"]);
  await socket.close();
});
