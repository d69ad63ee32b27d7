import { expect, test } from "vitest";
import { isoTimestamp } from "./database.ts";
import { parseDuration } from "./durations.ts";
import { hourlyLimit } from "./rate-limit.ts";

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

test("hourlyLimit allows what fits into an hour, and fills evenly", () => {
  let now = 0;
  const allowed = hourlyLimit(2, () => now);
  expect([allowed(), allowed(), allowed()]).toEqual([true, true, false]);
  now += 30 * 60_000;
  expect([allowed(), allowed()]).toEqual([true, false]);
});
