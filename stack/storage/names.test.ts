import { describe, expect, test } from "vitest";
import { checkedBucketName, checkedObjectName } from "./names.ts";

describe("checkedObjectName", () => {
  test.each(["a.txt", "folder/sub folder/a-b_c.pdf", "a/..b/c", "(1)!$&'+,;=:@?*.txt", "x".repeat(1024)])(
    "takes %j",
    (name) => {
      expect(checkedObjectName(name)).toBe(name);
    },
  );

  test.each([
    ["nothing", ""],
    ["a parent segment", "a/../b"],
    ["a leading parent segment", "../b"],
    ["a trailing parent segment", "a/.."],
    ["a current segment", "a/./b"],
    ["an absolute path", "/etc/passwd"],
    ["a backslash", "..\\..\\b"],
    ["a NUL", "a\0.txt"],
    ["a line break", "a\n.txt"],
    ["a bidi override", "a\u202egpj.exe"],
    ["a letter outside ASCII", "\u05e7.txt"],
    ["an encoded slash left over", "..%2f..%2fb"],
    ["bytes that are no UTF-8", "%ff.txt"],
    ["1025 characters", "x".repeat(1025)],
  ])("refuses %s", (_what, name) => {
    expect(() => checkedObjectName(name)).toThrow(expect.objectContaining({ code: "InvalidKey" }));
  });
});

describe("checkedBucketName", () => {
  test("takes a hundred characters and no more", () => {
    expect(checkedBucketName("b".repeat(100))).toHaveLength(100);
    expect(() => checkedBucketName("b".repeat(101))).toThrow("Bucket name invalid");
  });

  test.each(["", "a/b", "a\\b", "\u05d0", "a\n", " a", "a "])("refuses %j", (name) => {
    expect(() => checkedBucketName(name)).toThrow("Bucket name invalid");
  });
});
