import { describe, expect, test } from "vitest";
import { checkedMimeTypes, checkedSizeLimit, checkMimeType } from "./limits.ts";

describe("checkedSizeLimit", () => {
  test.each([
    [5, 5],
    ["20MB", 20e6],
    ["1.5kb", 1500],
    ["3B", 3],
    [null, null],
    [undefined, undefined],
  ])("reads %j", (limit, bytes) => {
    expect(checkedSizeLimit(limit, 50e6)).toBe(bytes);
  });

  test("refuses more than the whole stack takes", () => {
    expect(() => checkedSizeLimit("51MB", 50e6)).toThrow("exceeded the maximum allowed size");
  });

  test.each(["", "MB", "10 apples", "-1MB", "1e9"])("refuses %j", (limit) => {
    expect(() => checkedSizeLimit(limit, 50e6)).toThrow("Invalid file size format");
  });
});

describe("checkMimeType", () => {
  test("takes anything where nothing is listed", () => {
    expect(() => checkMimeType("x/y", null)).not.toThrow();
    expect(() => checkMimeType("x/y", [])).not.toThrow();
  });

  test("compares type and subtype, and knows the star", () => {
    const allowed = ["image/*", "application/pdf"];
    expect(() => checkMimeType("image/png", allowed)).not.toThrow();
    expect(() => checkMimeType("application/pdf", allowed)).not.toThrow();
    for (const refused of ["application/json", "text/html", "imagex/png", "image", "", "application/pdf; a=b"]) {
      expect(() => checkMimeType(refused, allowed)).toThrow("is not supported");
    }
  });
});

describe("checkedMimeTypes", () => {
  test("drops empty entries and keeps null", () => {
    expect(checkedMimeTypes(["", "image/*"])).toEqual(["image/*"]);
    expect(checkedMimeTypes(null)).toBeNull();
    expect(checkedMimeTypes(undefined)).toBeUndefined();
  });

  test.each(["png", "image/", "image/p ng", "a/b\r\nx: y"])("refuses %j", (type) => {
    expect(() => checkedMimeTypes([type])).toThrow("is not supported");
  });
});
