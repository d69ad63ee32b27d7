import { expect, test } from "vitest";
import { isoTimestamp } from "./database.ts";
import { parseDuration } from "./durations.ts";
import { createRateLimit } from "./rate-limit.ts";

test("isoTimestamp keeps microseconds and turns zones into UTC", () => {
  expect(isoTimestamp("2026-11-21 08:19:46.123456+00")).toBe("2026-11-21T08:19:46.123456Z");
  expect(isoTimestamp("2026-11-21 08:19:46+00")).toBe("2026-11-21T08:19:46Z");
  expect(isoTimestamp("2026-11-21 10:19:46.5+02")).toBe("2026-11-21T08:19:46.5Z");
  expect(isoTimestamp("2026-11-21 13:49:46+05:30")).toBe("2026-11-21T08:19:46Z");
  expect(isoTimestamp("2026-11-21 08:19:46.1")).toBe("2026-11-21T08:19:46.1Z");
  expect(isoTimestamp("infinity")).toBe("infinity");
});

test("parseDuration reads Go's durations, and nothing else", () => {
  expect(parseDuration("1h30m")).toBe(5_400_000);
  expect(parseDuration("1.5s")).toBe(1500);
  expect(parseDuration("0")).toBe(0);
  for (const text of ["", "1", "1d", "h", "-1h", "1h "]) expect(parseDuration(text)).toBeNull();
});

test("a rate limit allows what fits into its interval, fills evenly, and knows keys apart", () => {
  let now = 0;
  const limit = createRateLimit(2, 60_000, () => now);
  const take = () => limit.take("one");
  expect([take(), take(), take(), limit.take("other")]).toEqual([true, true, false, true]);
  now += 30_000;
  expect([take(), take()]).toEqual([true, false]);
  limit.forget("one");
  expect([take(), take(), take()]).toEqual([true, true, false]);
});

test("a rate limit forgets the keys that came least lately, and no others", () => {
  const limit = createRateLimit(1, 60_000, () => 0);
  limit.take("early");
  limit.take("used again");
  for (let index = 0; index < 9_998; index++) limit.take(String(index));
  expect(limit.take("used again")).toBe(false);
  limit.take("one more");
  expect(limit.take("used again")).toBe(false);
  expect(limit.take("early")).toBe(true);
});
