import { describe, expect, test } from "vitest";
import { parseRange } from "./byte-range.ts";

describe("parseRange", () => {
  test.each([
    ["bytes=0-0", { start: 0, end: 0 }],
    ["bytes=2-4", { start: 2, end: 4 }],
    ["bytes=7-", { start: 7, end: 9 }],
    ["bytes=-3", { start: 7, end: 9 }],
    ["bytes=-99", { start: 0, end: 9 }],
    ["bytes=5-99", { start: 5, end: 9 }],
  ])("reads %s of ten bytes", (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });

  test.each(["bytes=10-", "bytes=4-2", "bytes=-", "bytes=-0", "bytes=0-1,3-4", "items=0-1", "bytes=a-b", ""])(
    "refuses %j of ten bytes",
    (header) => {
      expect(() => parseRange(header, 10)).toThrow("invalid range provided");
    },
  );

  test("refuses any range of an empty file", () => {
    expect(() => parseRange("bytes=0-", 0)).toThrow("invalid range provided");
  });
});
