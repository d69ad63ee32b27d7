import { expect, test } from "vitest";
import { createPresence } from "./presence.ts";

test("one key holds an entry for each channel that tracks itself under it", () => {
  const presence = createPresence<string>();
  const { joins, leaves } = presence.track("a", "me", { tab: 1 });
  expect(joins.me?.metas).toEqual([{ tab: 1, phx_ref: expect.any(String) }]);
  expect(leaves).toEqual({});
  presence.track("b", "me", { tab: 2 });
  expect(presence.state().me?.metas.map(({ tab }) => tab)).toEqual([1, 2]);
  expect(presence.untrack("a", "me")?.leaves).toEqual(joins);
  expect(presence.state().me?.metas).toHaveLength(1);
  presence.untrack("b", "me");
  expect(presence.state()).toEqual({});
  expect(presence.untrack("b", "me")).toBeNull();
});

test("tracking something else replaces the entry and names the one before", () => {
  const presence = createPresence<string>();
  const before = presence.track("a", "me", { at: "door" }).joins.me?.metas[0];
  const { joins, leaves } = presence.track("a", "me", { at: "desk" });
  expect(leaves.me?.metas).toEqual([before]);
  expect(joins.me?.metas).toEqual([{ at: "desk", phx_ref: expect.any(String), phx_ref_prev: before?.phx_ref }]);
});

test("a client cannot choose what names its entry", () => {
  const presence = createPresence<string>();
  const { joins } = presence.track("a", "__proto__", { phx_ref: "mine" });
  expect(Object.keys(joins)).toEqual(["__proto__"]);
  expect(Object.values(joins)[0]?.metas[0]?.phx_ref).not.toBe("mine");
});
