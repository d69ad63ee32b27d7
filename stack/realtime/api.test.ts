import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { topicPolicies } from "./testing/policies.ts";
import { type Person, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let person: Person;
beforeAll(async () => {
  stack = await startTestStack({ limits: { payloadBytes: 10_000, eventsPerSecond: 1000 } });
  await stack.admin.query(topicPolicies);
  person = await stack.person();
});
afterAll(() => stack?.stop());

const event = (name: string, payload: unknown = {}) => ({ type: "broadcast", event: name, payload });

type Headers = Record<string, string>;

async function post(path: string, body: unknown, headers: Headers = { apikey: stack.publishableKey }) {
  const response = await fetch(`${stack.url}/realtime/v1/api${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body:
      typeof body === "string" || body instanceof Uint8Array ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? "" : JSON.parse(text) };
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test("the service answers a ping, with its rate", async () => {
  const response = await fetch(`${stack.url}/realtime/v1/api/ping`);
  expect(await response.json()).toEqual({ message: "Success" });
  expect(response.headers.get("x-rate-limit")).toBe("1000");
  expect(Number(response.headers.get("x-rate-limit-remaining"))).toBeGreaterThan(0);
  expect(response.headers.get("x-rate-rolling")).toMatch(/^\d+$/);
});

test("a caller without a good token is turned away", async () => {
  const path = "/broadcast/t/events/e";
  const strangers: Headers[] = [
    {},
    { apikey: "nonsense" },
    bearer("nonsense"),
    bearer(await stack.sign({ role: "anon" }, "-1h")),
  ];
  for (const headers of strangers) {
    expect(await post(path, {}, headers)).toMatchObject({
      status: 401,
      body: { message: "Unauthorized" },
    });
    expect((await post("/broadcast", { messages: [] }, headers)).status).toBe(401);
  }
});

describe("a batch", () => {
  const message = (topic: string, name: string, isPrivate?: boolean) => ({
    topic,
    event: name,
    payload: { n: 1 },
    private: isPrivate,
  });

  test("goes to each room in its order; private messages only where the caller may write", async () => {
    const [open, secret, forbidden] = [await stack.raw(), await stack.raw(), await stack.raw()];
    await open.join("realtime:room:open:1");
    await secret.join("realtime:room:open:1", { private: true }, person.token);
    await forbidden.join("realtime:room:1", { private: true }, person.token);
    const messages = [
      message("room:open:1", "a"),
      message("room:open:1", "b", false),
      message("room:open:1", "c", true),
      message("room:1", "d", true),
    ];
    const { status, body } = await post("/broadcast", { messages }, bearer(person.token));
    expect([status, body]).toEqual([202, ""]);
    expect((await open.event("realtime:room:open:1", "broadcast")).payload).toEqual(event("a", { n: 1 }));
    expect((await open.event("realtime:room:open:1", "broadcast")).payload).toEqual(event("b", { n: 1 }));
    expect((await secret.event("realtime:room:open:1", "broadcast")).payload).toEqual(event("c", { n: 1 }));
    await post("/broadcast", { messages: [message("room:1", "e", true)] }, bearer(stack.serviceKey));
    expect((await forbidden.event("realtime:room:1", "broadcast")).payload).toEqual(event("e", { n: 1 }));
  });

  test("with something wrong in it goes nowhere, and says what", async () => {
    const blank = ["can't be blank"];
    expect(await post("/broadcast", { messages: [{ topic: "t" }, { payload: {} }, message("t", "e")] })).toMatchObject({
      status: 422,
      body: { errors: { messages: [{ payload: blank, event: blank }, { topic: blank, event: blank }, {}] } },
    });
    expect((await post("/broadcast", { messages: [{ topic: "t", event: "e", payload: "text" }] })).body).toEqual({
      errors: { messages: [{ payload: ["is invalid"] }] },
    });
    const large = { topic: "t", event: "e", payload: { x: "x".repeat(10_001) } };
    expect((await post("/broadcast", { messages: [large] })).body.errors.messages[0]).toEqual({
      payload: ["Payload size exceeds tenant limit"],
    });
    for (const body of [{}, [], "{", { messages: 7 }]) expect((await post("/broadcast", body)).status).toBe(422);
  });

  test("too large for what is left of the rate is refused", async () => {
    const messages = Array.from({ length: 1001 }, () => message("t", "e"));
    expect(await post("/broadcast", { messages })).toMatchObject({
      status: 429,
      body: { message: "Too many messages to broadcast, please reduce the batch size" },
    });
  });
});

describe("a single message", () => {
  test("has its topic and event in the address, and its payload as the body", async () => {
    const socket = await stack.raw();
    await socket.join("realtime:räume/1 a");
    const path = `/broadcast/${encodeURIComponent("räume/1 a")}/events/${encodeURIComponent("e/1")}`;
    const heard = async () => (await socket.event("realtime:räume/1 a", "broadcast")).payload;
    expect((await post(path, { a: 1 })).status).toBe(202);
    expect(await heard()).toEqual(event("e/1", { a: 1 }));
    const long = "t".repeat(300);
    await socket.join(`realtime:${long}`);
    expect((await post(`/broadcast/${long}/events/e`, { a: 2 })).status).toBe(202);
    expect(await socket.event(`realtime:${long}`, "broadcast")).toEqual({
      joinRef: null,
      ref: null,
      topic: `realtime:${long}`,
      event: "broadcast",
      payload: event("e", { a: 2 }),
    });
    expect((await post(path, [1])).status).toBe(202);
    expect(await heard()).toEqual(event("e/1", { _json: [1] }));
    const octets = { apikey: stack.publishableKey, "content-type": "application/octet-stream" };
    expect((await post(path, Buffer.from([0, 255]), octets)).status).toBe(202);
    expect(await heard()).toEqual(event("e/1", Buffer.from([0, 255])));
  });

  test("that is private needs permission to write", async () => {
    const socket = await stack.raw();
    await socket.join("realtime:room:open:9", { private: true }, person.token);
    expect(await post("/broadcast/room:1/events/e?private=true", {}, bearer(person.token))).toMatchObject({
      status: 403,
      body: { message: "Unauthorized" },
    });
    const allowed = await post("/broadcast/room:open:9/events/e?private=true&vsn=2.0.0", {}, bearer(person.token));
    expect(allowed.status).toBe(202);
    expect((await socket.event("realtime:room:open:9", "broadcast")).payload).toEqual(event("e"));
    expect((await post("/broadcast/broken/events/e?private=true", {})).status).toBe(422);
    const odd = await stack.sign({ role: "no such role" });
    expect(await post("/broadcast/t/events/e?private=true", {}, bearer(odd))).toMatchObject({
      status: 422,
      body: { message: "RLS policy error" },
    });
  });

  test("of another kind, too large or broken is refused", async () => {
    const path = "/broadcast/t/events/e";
    const headers = { apikey: stack.publishableKey, "content-type": "text/plain" };
    expect((await post(path, "x", headers)).body).toEqual({
      error: "Unsupported Media Type. Use application/json or application/octet-stream",
    });
    expect(await post(path, { x: "x".repeat(10_001) })).toMatchObject({
      status: 422,
      body: { errors: { payload: ["Payload size exceeds tenant limit"] } },
    });
    expect((await post(path, "{")).status).toBe(400);
  });

  test("may come from any page", async () => {
    const response = await fetch(`${stack.url}/realtime/v1/api/broadcast/t/events/e`, {
      method: "POST",
      headers: { origin: "https://school.example", apikey: stack.publishableKey, "content-type": "application/json" },
      body: "{}",
    });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });
});
