import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { topicPolicies } from "./testing/policies.ts";
import { type Person, startTestStack, subscribed, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let person: Person;
beforeAll(async () => {
  stack = await startTestStack();
  await stack.admin.query(topicPolicies);
  person = await stack.person();
});
afterAll(() => stack?.stop());

const event = (name: string, payload: unknown = {}) => ({ type: "broadcast", event: name, payload });
const unauthorized = (topic: string) => ({
  status: "error",
  response: { reason: `Unauthorized: You do not have permissions to read from this Channel topic: ${topic}` },
});
const closing = (topic: string, message: string) => ({ extension: "system", status: "error", message, channel: topic });
const isPrivate = { private: true };

describe("reading", () => {
  test("a channel is joined by those whom a policy lets read its topic", async () => {
    const { client, id } = person;
    await subscribed(client.channel("room:1", { config: isPrivate }));
    await subscribed(client.channel(`own:${id}`, { config: isPrivate }));
    const refused = subscribed(client.channel("own:somebody-else", { config: isPrivate }));
    await expect(refused).rejects.toThrow(/^Unauthorized: You do not have permissions/);
    await expect(subscribed(stack.anon().channel("room:1", { config: isPrivate }))).rejects.toThrow(/^Unauthorized/);
    await subscribed(stack.service().channel("anything", { config: isPrivate }));
  });

  test("a policy that fails lets nobody in", async () => {
    const socket = await stack.raw();
    expect(await socket.join("realtime:broken", isPrivate)).toEqual(unauthorized("broken"));
  });

  test("a role that the database does not know is nobody", async () => {
    const socket = await stack.raw();
    for (const role of ["no such role", "postgres", "supabase_admin", "none"]) {
      const token = await stack.sign({ role, sub: person.id });
      expect(await socket.join("realtime:room:1", isPrivate, token)).toEqual(unauthorized("room:1"));
    }
  });

  test("policies read the handshake's headers", async () => {
    const address = `${stack.url.replace("http", "ws")}/realtime/v1/websocket?apikey=${stack.publishableKey}&vsn=2.0.0`;
    for (const [value, status] of [
      ["7b", "ok"],
      ["8a", "error"],
    ]) {
      const ws = new WebSocket(address, { headers: { "x-class": value } });
      const answer = new Promise<unknown>((resolve) =>
        ws.on("message", (data) => resolve(JSON.parse(data.toString()))),
      );
      ws.on("open", () => ws.send(JSON.stringify(["1", "1", "realtime:header", "phx_join", { config: isPrivate }])));
      expect(await answer).toMatchObject(["1", "1", "realtime:header", "phx_reply", { status }]);
      ws.terminate();
    }
  });

  test("asking leaves nothing in the table", async () => {
    const { rows } = await stack.admin.query("select count(*)::int as kept from realtime.messages");
    expect(rows).toEqual([{ kept: 0 }]);
  });
});

describe("writing", () => {
  test("without permission a message goes nowhere, and is not answered", async () => {
    const [silenced, listener] = [await stack.raw(), await stack.raw()];
    const config = { ...isPrivate, broadcast: { ack: true } };
    await silenced.join("realtime:room:1", config, person.token);
    await listener.join("realtime:room:1", config, person.token);
    silenced.push("realtime:room:1", "broadcast", event("shout"));
    silenced.userPush("realtime:room:1", "shout", Buffer.from("1"), 1);
    expect(await silenced.ask("realtime:room:1", "presence", { event: "track", payload: {} })).toMatchObject({
      status: "error",
    });
    await stack.service().channel("room:1", { config: isPrivate }).httpSend("allowed", {});
    expect((await listener.event("realtime:room:1", "broadcast")).payload).toEqual(event("allowed"));
    expect(silenced.frames.filter((frame) => frame.event === "phx_reply")).toEqual([]);
  });

  test("with permission it is delivered in the order in which it was sent", async () => {
    const [from, to] = [await stack.raw(), await stack.raw()];
    await from.join("realtime:room:open:1", { ...isPrivate, broadcast: { ack: true } }, person.token);
    await to.join("realtime:room:open:1", isPrivate, person.token);
    // All but the first are sent before it is known whether any may be.
    for (let n = 0; n < 50; n++) from.userPush("realtime:room:open:1", "n", Buffer.from(String(n)), 1);
    for (let n = 0; n < 50; n++) {
      expect((await to.event("realtime:room:open:1", "broadcast")).payload).toEqual(event("n", n));
    }
  });

  test("a public channel of the same name is another room", async () => {
    const [open, secret] = [await stack.raw(), await stack.raw()];
    await open.join("realtime:room:open:2");
    await secret.join("realtime:room:open:2", isPrivate, person.token);
    const other = await stack.raw();
    await other.join("realtime:room:open:2", { ...isPrivate, broadcast: { ack: true } }, person.token);
    await other.ask("realtime:room:open:2", "broadcast", event("secret"));
    open.push("realtime:room:open:2", "broadcast", event("public"));
    await stack.anon().channel("room:open:2").httpSend("for all", {});
    expect((await open.event("realtime:room:open:2", "broadcast")).payload).toEqual(event("for all"));
    expect((await secret.event("realtime:room:open:2", "broadcast")).payload).toEqual(event("secret"));
    expect([...open.frames, ...secret.frames]).toEqual([]);
  });
});

test("who may only see presence joins, and hears no broadcasts", async () => {
  const [socket, silent] = [await stack.raw(), await stack.raw()];
  const config = { ...isPrivate, presence: { enabled: true, key: "me" } };
  expect(await socket.join("realtime:lobby:1", config, person.token)).toMatchObject({ status: "ok" });
  expect(await silent.join("realtime:lobby:1", isPrivate, person.token)).toEqual(unauthorized("lobby:1"));
  expect((await socket.event("realtime:lobby:1", "presence_state")).payload).toEqual({});
  await stack.service().channel("lobby:1", { config: isPrivate }).httpSend("unheard", {});
  expect(await socket.ask("realtime:lobby:1", "presence", { event: "track", payload: { at: 1 } })).toMatchObject({
    status: "ok",
  });
  expect((await socket.event("realtime:lobby:1", "presence_diff")).payload).toMatchObject({
    joins: { me: { metas: [{ at: 1 }] } },
  });
  expect(socket.frames).toEqual([]);
});

describe("a token", () => {
  test("that is no good is refused with its reason", async () => {
    const socket = await stack.raw();
    const answer = (token: string) => socket.join("realtime:room:1", isPrivate, token);
    const refused = (reason: unknown) => ({ status: "error", response: { reason } });
    const late = expect.stringMatching(/^InvalidJWTToken: Token has expired \d+ seconds ago$/);
    expect(await answer(await stack.sign({ role: "authenticated" }, "-1m"))).toEqual(refused(late));
    expect(await answer("nonsense")).toEqual(refused("MalformedJWT: The token provided is not a valid JWT"));
    const incomplete = "InvalidJWTToken: Fields `role` and `exp` are required in JWT";
    expect(await answer(await stack.sign({ sub: "x" }))).toEqual(refused(incomplete));
    const forged = `${person.token.slice(0, -8)}AAAAAAAA`;
    expect(await answer(forged)).toEqual(refused("JwtSignatureError: Failed to validate JWT signature"));
  });

  test("of an API key stands for the socket's own", async () => {
    const socket = await stack.raw(stack.ctx.keys.secret);
    expect(await socket.join("realtime:whatever", isPrivate, stack.publishableKey)).toMatchObject({ status: "ok" });
  });

  test("that ends closes the channel, with the time", async () => {
    const socket = await stack.raw();
    const token = await stack.sign({ role: "authenticated", sub: person.id }, Math.floor(Date.now() / 1000) + 2);
    expect(await socket.join("realtime:room:1", isPrivate, token)).toMatchObject({ status: "ok" });
    const { payload } = await socket.event("realtime:room:1", "system");
    expect(payload).toEqual(closing("room:1", expect.stringMatching(/^Token has expired \d+ seconds ago$/)));
    expect(await socket.event("realtime:room:1", "phx_close")).toMatchObject({ joinRef: "join", ref: "join" });
    expect(await socket.ask("realtime:room:1", "broadcast", event("late"))).toEqual({
      status: "error",
      response: { reason: "unmatched topic" },
    });
  });

  test("that follows keeps the channel open beyond the first one's end, until its own", async () => {
    const socket = await stack.raw();
    const soon = Math.floor(Date.now() / 1000) + 2;
    const claims = { role: "authenticated", sub: person.id };
    await socket.join("realtime:room:1", isPrivate, await stack.sign(claims, soon));
    socket.push("realtime:room:1", "access_token", { access_token: await stack.sign(claims, soon + 4) }, "join");
    await delay(soon * 1000 - Date.now() + 300);
    await stack.service().channel("room:1", { config: isPrivate }).httpSend("later", {});
    expect((await socket.event("realtime:room:1", "broadcast")).payload).toEqual(event("later"));
    const { payload } = await socket.event("realtime:room:1", "system");
    expect(payload).toEqual(closing("room:1", expect.stringMatching(/^Token has expired \d+ seconds ago$/)));
  });

  test("that is refreshed after a membership ended closes the channel; until then it stays open", async () => {
    const member = await stack.person();
    const topic = "members:1";
    await stack.admin.query("insert into public.members values ($1, $2)", [topic, member.id]);
    const socket = await stack.raw();
    const config = { ...isPrivate, broadcast: { ack: true } };
    expect(await socket.join(`realtime:${topic}`, config, member.token)).toMatchObject({ status: "ok" });
    expect(await socket.ask(`realtime:${topic}`, "broadcast", event("a"))).toMatchObject({ status: "ok" });
    await stack.admin.query("delete from public.members");
    expect(await socket.ask(`realtime:${topic}`, "broadcast", event("b"))).toMatchObject({ status: "ok" });
    for (const access_token of [null, member.token, "sb_publishable_x", 7]) {
      socket.push(`realtime:${topic}`, "access_token", { access_token });
    }
    expect(await socket.ask(`realtime:${topic}`, "broadcast", event("c"))).toMatchObject({ status: "ok" });
    const renewed = await stack.sign({ role: "authenticated", sub: member.id, again: true });
    socket.push(`realtime:${topic}`, "access_token", { access_token: renewed });
    expect((await socket.event(`realtime:${topic}`, "system")).payload).toEqual(
      closing(topic, `You do not have permissions to read from this Channel topic: ${topic}`),
    );
    await socket.event(`realtime:${topic}`, "phx_close");
  });

  test("whose rights are fewer closes a channel that has lost one of them", async () => {
    const member = await stack.person();
    const topic = "lobby:2";
    await stack.admin.query("insert into public.members values ($1, $2)", [topic, member.id]);
    const socket = await stack.raw();
    const config = { ...isPrivate, presence: { enabled: true } };
    expect(await socket.join(`realtime:${topic}`, config, member.token)).toMatchObject({ status: "ok" });
    socket.push(`realtime:${topic}`, "access_token", { access_token: person.token });
    expect((await socket.event(`realtime:${topic}`, "system")).payload).toEqual(
      closing(topic, `You no longer have permission to read from this Channel topic: ${topic}`),
    );
  });

  test("that is no good ends the channel when it comes later", async () => {
    const socket = await stack.raw();
    await socket.join("realtime:plain");
    socket.push("realtime:plain", "access_token", { access_token: "nonsense" });
    expect((await socket.event("realtime:plain", "system")).payload).toEqual(
      closing("plain", "The token provided is not a valid JWT"),
    );
  });

  test("of another person takes away what the first could send", async () => {
    const member = await stack.person();
    await stack.admin.query("insert into public.members values ('room:3', $1)", [member.id]);
    const [socket, listener] = [await stack.raw(), await stack.raw()];
    await socket.join("realtime:room:3", isPrivate, member.token);
    await listener.join("realtime:room:3", isPrivate, person.token);
    socket.push("realtime:room:3", "broadcast", event("mine"));
    socket.push("realtime:room:3", "access_token", { access_token: person.token });
    socket.push("realtime:room:3", "broadcast", event("not mine"));
    socket.push("realtime:room:3", "access_token", { access_token: member.token });
    socket.push("realtime:room:3", "broadcast", event("mine again"));
    expect((await listener.event("realtime:room:3", "broadcast")).payload).toEqual(event("mine"));
    expect((await listener.event("realtime:room:3", "broadcast")).payload).toEqual(event("mine again"));
  });
});
