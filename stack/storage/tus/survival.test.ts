import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createStorage } from "../service.ts";
import { startTusStack, type TusStack } from "./testing/tus-stack.ts";

let stack: TusStack;

beforeAll(async () => {
  stack = await startTusStack();
});
afterAll(() => stack?.stop());

const newUpload = () => ({ bucketName: "private", objectName: stack.ownName() });

/** Begins a part and leaves its end open. */
function beginPart(url: string, offset: number, length: number) {
  const part = request(url, {
    method: "PATCH",
    headers: {
      authorization: `Bearer ${stack.person.token}`,
      "tus-resumable": "1.0.0",
      "content-type": "application/offset+octet-stream",
      "upload-offset": offset,
      "content-length": length,
    },
  });
  part.on("error", () => {});
  part.flushHeaders();
  return part;
}

/** As after a restart: another service over the same database and folder. */
async function restart(): Promise<void> {
  const again = await createStorage(stack.ctx);
  await again.close();
}

function versionOf(url: string): string {
  return (
    Buffer.from(url.split("/").at(-1) ?? "", "base64url")
      .toString()
      .split("/")
      .at(-1) ?? ""
  );
}

const fileOf = (url: string, kind: "json" | "bytes") =>
  join(stack.ctx.stateDir, "storage", "resumable", `${versionOf(url)}.${kind}`);

test("of two parts at once one is stored, and no byte twice", async () => {
  const upload = newUpload();
  const url = await stack.createdAt(upload, 200_000);
  const bytes = [stack.bytes(200_000), stack.bytes(200_000)];
  const answers = await Promise.all(bytes.map((part) => stack.patch(url, 0, part)));
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
  const { data } = await stack.person.storage.from("private").download(upload.objectName);
  const stored = data ? Buffer.from(await data.arrayBuffer()) : Buffer.alloc(0);
  expect(bytes.some((part) => part.equals(stored))).toBe(true);
});

test("what came before the connection broke counts", async () => {
  const url = await stack.createdAt(newUpload(), 100_000);
  const part = beginPart(url, 0, 100_000);
  part.write(stack.bytes(30_000));
  await vi.waitFor(async () => expect((await readFile(fileOf(url, "bytes"))).length).toBe(30_000));
  part.destroy();
  await vi.waitFor(async () => expect(await stack.offset(url)).toEqual([200, "30000"]));
  expect((await stack.patch(url, 30_000, stack.bytes(70_000))).headers.get("tus-complete")).toBe("1");
});

test("a part that hangs makes way for who asks", async () => {
  const url = await stack.createdAt(newUpload(), 100_000);
  const part = beginPart(url, 0, 100_000);
  part.write(stack.bytes(30_000));
  await vi.waitFor(async () => expect((await readFile(fileOf(url, "bytes"))).length).toBe(30_000));
  expect(await stack.offset(url)).toEqual([200, "30000"]);
  expect((await stack.patch(url, 30_000, stack.bytes(70_000))).status).toBe(204);
  part.destroy();
});

test("an upload goes on after a restart", async () => {
  const upload = newUpload();
  const url = await stack.createdAt(upload, 8);
  await stack.patch(url, 0, "four");
  await restart();
  expect(await stack.offset(url)).toEqual([200, "4"]);
  expect((await stack.patch(url, 4, "more")).headers.get("tus-complete")).toBe("1");
});

test("bytes that all came before a crash are not taken for an object", async () => {
  const upload = newUpload();
  const url = await stack.createdAt(upload, 8);
  await writeFile(fileOf(url, "bytes"), "complete");
  await restart();
  expect(await stack.offset(url)).toEqual([200, "7"]);
  expect((await stack.patch(url, 7, "e")).headers.get("tus-complete")).toBe("1");
  expect(await stack.row(upload.objectName)).toMatchObject({ metadata: { size: 8 }, version: versionOf(url) });
});

test("an object whose upload was not closed before a crash is known after it", async () => {
  const upload = newUpload();
  const url = await stack.createdAt(upload, 8);
  const before = await readFile(fileOf(url, "json"));
  await stack.patch(url, 0, "complete");
  await writeFile(fileOf(url, "json"), before);
  await writeFile(fileOf(url, "bytes"), "complete");
  await restart();
  expect(await stack.offset(url)).toEqual([200, "8"]);
  expect(stack.unfinished()).not.toContain(`${versionOf(url)}.bytes`);
});

test("uploads a day old are gone, with their bytes, and so is what a crash left", async () => {
  const [unfinished, finished, young] = await Promise.all([1, 2, 3].map(() => stack.createdAt(newUpload(), 4)));
  if (!unfinished || !finished || !young) throw new Error("Cannot create uploads");
  await stack.patch(unfinished, 0, "two");
  await stack.patch(finished, 0, "four");
  for (const url of [unfinished, finished]) {
    const record = JSON.parse(await readFile(fileOf(url, "json"), "utf8"));
    record.created = new Date(Date.now() - 25 * 60 * 60 * 1000).toISOString();
    await writeFile(fileOf(url, "json"), JSON.stringify(record));
  }
  expect(await stack.offset(unfinished)).toEqual([410, null]);
  expect((await stack.patch(unfinished, 3, "r")).status).toBe(410);
  await writeFile(join(fileOf(young, "json"), "..", "leftover.json.new"), "{");
  await restart();
  const left = stack.unfinished();
  for (const url of [unfinished, finished]) expect(left.filter((file) => file.includes(versionOf(url)))).toEqual([]);
  expect(left).not.toContain("leftover.json.new");
  expect(await stack.offset(young)).toEqual([200, "0"]);
  expect(stack.stored()).toEqual(await stack.versions());
});

test("a record that the disk has spoiled stops nobody", async () => {
  const [spoiled, sound] = [await stack.createdAt(newUpload(), 4), await stack.createdAt(newUpload(), 4)];
  await writeFile(fileOf(spoiled, "json"), "{");
  await restart();
  expect(await stack.offset(spoiled)).toEqual([404, null]);
  expect(await stack.offset(sound)).toEqual([200, "0"]);
});
