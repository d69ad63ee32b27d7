import { describe, expect, test } from "vitest";
import { decode, MalformedFrame } from "./decode.ts";
import { KIND } from "./frames.ts";

const text = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

describe("serializer 2.0.0", () => {
  test("reads an array of five", () => {
    const frame = decode(2, text(["1", "2", "realtime:a", "broadcast", { event: "x" }]), false);
    expect(frame).toMatchObject({ joinRef: "1", ref: "2", topic: "realtime:a", event: "broadcast" });
    expect(frame.payload).toMatchObject({ kind: "json", value: { event: "x" } });
  });

  test("reads a client's own event with JSON and with bytes", () => {
    const head = (encoding: number) => Buffer.from([KIND.userPush, 1, 1, 10, 2, 2, encoding]);
    const json = Buffer.concat([head(1), text('67realtime:ahi{}{"a":1}')]);
    expect(decode(2, json, true)).toEqual({
      joinRef: "6",
      ref: "7",
      topic: "realtime:a",
      event: "broadcast",
      payload: { kind: "user", event: "hi", encoding: "json", bytes: text('{"a":1}') },
    });
    const bytes = Buffer.concat([head(0), text("67realtime:ahi{}"), Buffer.from([0, 255])]);
    expect(decode(2, bytes, true).payload).toMatchObject({ encoding: "binary", bytes: Buffer.from([0, 255]) });
  });

  test("reads a push of bytes", () => {
    const frame = Buffer.concat([Buffer.from([KIND.push, 1, 1, 1, 1]), text("12te"), Buffer.from([9])]);
    expect(decode(2, frame, true)).toMatchObject({
      joinRef: "1",
      ref: "2",
      topic: "t",
      event: "e",
      payload: { kind: "bytes", bytes: Buffer.from([9]) },
    });
  });
});

describe("serializer 1.0.0", () => {
  test("reads an object, with or without join_ref", () => {
    const frame = { topic: "realtime:a", event: "phx_join", payload: {}, ref: "1" };
    expect(decode(1, text(frame), false)).toMatchObject({ joinRef: null, ref: "1", topic: "realtime:a" });
    expect(decode(1, text({ ...frame, join_ref: "1" }), false)).toMatchObject({ joinRef: "1" });
  });
});

test.each([
  ["text that is not JSON", 2, text("{"), false],
  ["text that is not UTF-8", 2, Buffer.from('[null,null,"t","\xff",1]', "latin1"), false],
  ["an object for the second serializer", 2, text({ topic: "a" }), false],
  ["an array that is too short", 2, text([null, "1", "a"]), false],
  ["an array without a payload", 2, text([null, "1", "realtime:a", "phx_join"]), false],
  ["an object without a payload", 1, text({ topic: "a", event: "b", ref: null }), false],
  ["a topic that is no text", 2, text([null, "1", 7, "e", {}]), false],
  ["a topic beyond measure", 2, text([null, "1", "t".repeat(1001), "e", {}]), false],
  ["an array for the first serializer", 1, text([null, "1", "a", "b", {}]), false],
  ["an object without an event", 1, text({ topic: "a", payload: {}, ref: null }), false],
  ["a binary frame for the first serializer", 1, Buffer.from([3, 0, 0, 0, 0, 0, 0]), true],
  ["an empty binary frame", 2, Buffer.alloc(0), true],
  ["a binary frame of an unknown kind", 2, Buffer.from([9, 0, 0, 0, 0, 0, 0, 0]), true],
  ["a binary frame shorter than its header says", 2, Buffer.from([3, 200, 200, 200, 200, 200, 1, 65]), true],
  ["a payload nested deeper than it can be written", 2, text(`[null,"1","realtime:a","e",${deep(501)}]`), false],
  ["the same for the first serializer", 1, text(`{"topic":"a","event":"b","ref":"1","payload":${deep(501)}}`), false],
  ["half a header", 2, Buffer.from([3, 1]), true],
] as const)("%s is malformed", (_, version, data, binary) => {
  expect(() => decode(version, data, binary)).toThrow(MalformedFrame);
});

test("brackets in strings are not nesting", () => {
  const payload = { text: `\\"${"[{".repeat(2000)}` };
  expect(decode(2, text([null, "1", "realtime:a", "e", payload]), false).payload).toMatchObject({ value: payload });
});
