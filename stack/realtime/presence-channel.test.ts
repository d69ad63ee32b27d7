import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestStack, subscribed, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

const ok = { status: "ok", response: {} };
const track = (payload: unknown) => ({ type: "presence", event: "track", payload });
const metas = (...list: unknown[]) => ({ metas: list });
const phx_ref = expect.any(String);

test("supabase-js sees who comes, changes and goes", async () => {
  const seen: string[] = [];
  const watcher = stack.anon().channel("desk", { config: { presence: { key: "watcher" } } });
  const gone = new Promise<void>((resolve) => {
    watcher
      .on("presence", { event: "join" }, ({ key, newPresences }) => seen.push(`${key} joins ${newPresences[0]?.at}`))
      .on("presence", { event: "leave" }, ({ key, leftPresences }) => {
        seen.push(`${key} leaves ${leftPresences[0]?.at}`);
        if (leftPresences[0]?.at === "desk") resolve();
      });
  });
  await subscribed(watcher);
  const client = stack.anon();
  const guest = client.channel("desk", { config: { presence: { key: "guest" } } });
  await subscribed(guest);
  expect(await guest.track({ at: "door" })).toBe("ok");
  expect(await guest.track({ at: "desk" })).toBe("ok");
  await client.realtime.disconnect();
  await gone;
  expect(seen).toEqual(["guest joins door", "guest joins desk", "guest leaves door", "guest leaves desk"]);
  expect(watcher.presenceState()).toEqual({});
});

test("a newcomer gets the whole state; one key used twice has two entries", async () => {
  const [one, two] = [await stack.raw(), await stack.raw()];
  const config = { presence: { enabled: true, key: "same" } };
  await one.join("realtime:twice", config);
  await two.join("realtime:twice", config);
  expect((await one.event("realtime:twice", "presence_state")).payload).toEqual({});
  expect(await one.ask("realtime:twice", "presence", track({ tab: 1 }))).toEqual(ok);
  expect(await two.ask("realtime:twice", "presence", track({ tab: 2 }))).toEqual(ok);
  const late = await stack.raw();
  await late.join("realtime:twice", config);
  const state = await late.event("realtime:twice", "presence_state");
  expect(state.payload).toEqual({ same: metas({ tab: 1, phx_ref }, { tab: 2, phx_ref }) });
  await one.close();
  expect((await late.event("realtime:twice", "presence_diff")).payload).toEqual({
    joins: {},
    leaves: { same: metas({ tab: 1, phx_ref }) },
  });
});

test("a change says what it replaces, the same again says nothing, and untracking says who is gone", async () => {
  const [tracker, watcher] = [await stack.raw(), await stack.raw()];
  await tracker.join("realtime:change", { presence: { key: "me" } });
  await watcher.join("realtime:change", { presence: { enabled: "true" } });
  const diff = async () => (await watcher.event("realtime:change", "presence_diff")).payload;
  await tracker.ask("realtime:change", "presence", track({ n: 1 }));
  expect(await diff()).toEqual({ joins: { me: metas({ n: 1, phx_ref }) }, leaves: {} });
  expect(await tracker.ask("realtime:change", "presence", track({ n: 1 }))).toEqual(ok);
  await tracker.ask("realtime:change", "presence", track({ n: 2 }));
  expect(await diff()).toEqual({
    joins: { me: metas({ n: 2, phx_ref, phx_ref_prev: phx_ref }) },
    leaves: { me: metas({ n: 1, phx_ref }) },
  });
  expect(await tracker.ask("realtime:change", "presence", { event: "untrack" })).toEqual(ok);
  expect(await diff()).toEqual({ joins: {}, leaves: { me: metas({ n: 2, phx_ref, phx_ref_prev: phx_ref }) } });
});

test("what is no presence is answered with an error, or passed over", async () => {
  const socket = await stack.raw();
  await socket.join("realtime:odd", { presence: { enabled: true } });
  expect(await socket.ask("realtime:odd", "presence", track(["no", "map"]))).toEqual({
    status: "error",
    response: { reason: "Presence track payload must be a map" },
  });
  expect(await socket.ask("realtime:odd", "presence", { event: "dance" })).toEqual({ status: "error", response: {} });
  expect(await socket.ask("realtime:odd", "presence", {})).toEqual(ok);
});

test("too many calls in a short time close the channel", async () => {
  const socket = await stack.raw();
  await socket.join("realtime:busy");
  for (let n = 0; n < 5; n++) await socket.ask("realtime:busy", "presence", track({ n }));
  socket.push("realtime:busy", "presence", track({ n: 5 }));
  expect((await socket.event("realtime:busy", "system")).payload).toEqual({
    extension: "system",
    status: "error",
    message: "Client presence rate limit exceeded",
    channel: "busy",
  });
  await socket.event("realtime:busy", "phx_close");
});

test("public and private channels of a name do not see each other's people", async () => {
  const [open, secret] = [await stack.raw(), await stack.raw(stack.serviceKey)];
  const presence = { enabled: true, key: "me" };
  await open.join("realtime:apart", { presence });
  await secret.join("realtime:apart", { presence, private: true });
  await secret.event("realtime:apart", "presence_state");
  const unasked = await stack.raw(stack.serviceKey);
  await unasked.join("realtime:apart", { private: true });
  await open.ask("realtime:apart", "presence", track({ who: "public" }));
  expect(await secret.ask("realtime:apart", "presence", track({ who: "private" }))).toEqual(ok);
  expect((await secret.event("realtime:apart", "presence_diff")).payload).toMatchObject({
    joins: { me: metas({ who: "private" }) },
  });
  // Whether it may see them was not asked when it joined without presence; it is when it is present itself.
  expect(await unasked.ask("realtime:apart", "presence", track({ who: "third" }))).toEqual(ok);
  expect((await unasked.event("realtime:apart", "presence_diff")).payload).toMatchObject({ leaves: {} });
  await secret.ask("realtime:apart", "presence", track({ who: "again" }));
  const [seen, ...more] = [await unasked.event("realtime:apart", "presence_diff"), ...unasked.frames];
  expect(seen?.payload).toMatchObject({ joins: { me: metas({ who: "again" }) } });
  expect(more).toEqual([]);
});

test("a presence nested too deeply, sent before the join is answered, harms nobody", async () => {
  const [watcher, guest] = [await stack.raw(), await stack.raw()];
  await watcher.join("realtime:deep", { presence: { enabled: true } });
  guest.push("realtime:deep", "phx_join", { config: { presence: { enabled: true } } }, "join");
  const deep = `{"event":"track","payload":{"a":${"[".repeat(12_000)}${"]".repeat(12_000)}}}`;
  guest.ws.send(`["join","deep","realtime:deep","presence",${deep}]`);
  expect(await guest.ask("realtime:deep", "presence", track({ at: "door" }), "join")).toEqual(ok);
  expect((await watcher.event("realtime:deep", "presence_diff")).payload).toMatchObject({ leaves: {} });
});
