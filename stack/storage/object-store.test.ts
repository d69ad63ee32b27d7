import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ObjectStore } from "./object-store.ts";

let directory: string;
let store: ObjectStore;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "object-store-"));
  store = new ObjectStore(directory);
  await store.open();
});

afterEach(() => rmSync(directory, { recursive: true }));

function files(folder: string): string[] {
  return readdirSync(join(directory, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

describe("ObjectStore", () => {
  test("writes, hashes and reads back", async () => {
    const version = await store.begin();
    const bytes = await store.write(version, Readable.from([Buffer.from("hello "), Buffer.from("world")]), 11);
    expect(bytes).toEqual({ size: 11, eTag: '"5eb63bbbe01eeed093cb22bb8f5acdc3"' });
    await store.settle([version]);
    const file = await store.openVersion(version);
    expect(await new Response(file.stream({ start: 0, end: 10 })).text()).toBe("hello world");
    expect(files("unsettled")).toEqual([]);
  });

  test("stops at the limit", async () => {
    const version = await store.begin();
    await expect(store.write(version, Readable.from([Buffer.alloc(5)]), 4)).rejects.toMatchObject({
      code: "EntityTooLarge",
    });
    await store.discard([version]);
    expect([...files("objects"), ...files("unsettled")]).toEqual([]);
  });

  test("leaves nothing of a source that fails at once", async () => {
    const failing = Array.from({ length: 50 }, async () => {
      const version = await store.begin();
      const source = new Readable({ read: () => {} });
      const written = store.write(version, source, 1);
      source.destroy(new Error("gone"));
      await expect(written).rejects.toThrow();
      await store.discard([version]);
    });
    await Promise.all(failing);
    await sleep(50);
    expect([...files("objects"), ...files("unsettled")]).toEqual([]);
  });

  test("recover removes what has no row and keeps what has one", async () => {
    const [lost, kept] = [await store.begin(), await store.begin()];
    for (const version of [lost, kept]) await store.write(version, Readable.from([Buffer.from("x")]), 1);
    writeFileSync(join(directory, "unsettled", "not a version"), "");
    expect(await store.recover(async () => new Set([kept]))).toBe(1);
    expect(files("objects")).toEqual([kept]);
    expect(files("unsettled")).toEqual(["not a version"]);
  });

  test.each(["../../etc/passwd", "", "..", randomUUID().toUpperCase()])("reads no version %j", async (version) => {
    await expect(store.openVersion(version)).rejects.toMatchObject({ code: "NoSuchKey" });
  });

  test("leaves alone what is no version of its own", async () => {
    await store.mark(["../mark"]);
    await store.discard(["../mark", "../objects"]);
    expect(readdirSync(directory).sort()).toEqual(["objects", "unsettled"]);
  });
});
