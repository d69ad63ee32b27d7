import { describe, expect, test } from "vitest";
import { parseSchedule } from "./schedule.ts";

function next(schedule: string, after: string): string | undefined {
  const parsed = parseSchedule(schedule);
  return parsed.kind === "clock" ? parsed.next(new Date(after))?.toISOString() : parsed.kind;
}

describe("parseSchedule", () => {
  test.each([
    ["*/5 * * * *", "2026-11-21T08:02:30Z", "2026-11-21T08:05:00.000Z"],
    ["0 3 * * 7", "2026-11-21T08:00:00Z", "2026-11-22T03:00:00.000Z"],
    ["0 0 $ * *", "2026-02-10T00:00:00Z", "2026-02-28T00:00:00.000Z"],
    ["0 0 13 * fri", "2026-11-21T00:00:00Z", "2026-11-27T00:00:00.000Z"],
    ["@hourly", "2026-11-21T08:00:00Z", "2026-11-21T09:00:00.000Z"],
  ])("%s after %s is %s", (schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  test("reads intervals in any case", () => {
    expect(parseSchedule("30 Seconds")).toEqual({ kind: "interval", milliseconds: 30_000 });
  });
});
