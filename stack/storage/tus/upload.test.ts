import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { upload, uploadFirstChunk } from "./testing/tus-client.ts";
import { startTusStack, type TusStack } from "./testing/tus-stack.ts";

let stack: TusStack;

beforeAll(async () => {
  stack = await startTusStack();
});
afterAll(() => stack?.stop());

function optionsFor(objectName: string, metadata: Record<string, string> = {}) {
  return {
    endpoint: stack.endpoint,
    headers: { authorization: `Bearer ${stack.person.token}` },
    metadata: { bucketName: "private", objectName, contentType: "image/jpeg", cacheControl: "3600", ...metadata },
  };
}

async function content(name: string): Promise<Buffer> {
  const { data, error } = await stack.person.storage.from("private").download(name);
  if (error) throw error;
  return Buffer.from(await data.arrayBuffer());
}

test("an upload in chunks becomes an object with what was said about it", async () => {
  const name = stack.ownName();
  const bytes = stack.bytes(300_000);
  const done = await upload(bytes, {
    ...optionsFor(name, { metadata: JSON.stringify({ lesson: "ט״ו בשבט", n: 1 }) }),
    chunkSize: 128 * 1024,
  });
  expect(done).toMatchObject({
    url: expect.stringMatching(new RegExp(`^${stack.endpoint}/[\\w-]+$`)),
    asked: [
      { method: "POST", status: 201 },
      { method: "PATCH", status: 204 },
      { method: "PATCH", status: 204 },
      { method: "PATCH", status: 204 },
    ],
  });
  expect(await content(name)).toEqual(bytes);
  expect(await stack.row(name)).toMatchObject({
    owner_id: stack.person.id,
    owner: stack.person.id,
    user_metadata: { lesson: "ט״ו בשבט", n: 1 },
    metadata: {
      eTag: `"${createHash("md5").update(bytes).digest("hex")}"`,
      size: bytes.length,
      contentLength: bytes.length,
      mimetype: "image/jpeg",
      cacheControl: "max-age=3600",
      httpStatusCode: 200,
    },
  });
});

test("an upload can come with its creation, or be empty", async () => {
  const [whole, empty] = [stack.ownName(), stack.ownName()];
  const bytes = stack.bytes(1000);
  const done = await upload(bytes, { ...optionsFor(whole), uploadDataDuringCreation: true });
  expect(done.asked).toEqual([{ method: "POST", status: 201 }]);
  expect(await content(whole)).toEqual(bytes);
  await upload(Buffer.alloc(0), optionsFor(empty));
  expect(await content(empty)).toHaveLength(0);
});

test("an upload whose length is told last is stored", async () => {
  const name = stack.ownName();
  const url = await stack.createdAt({ bucketName: "private", objectName: name });
  expect((await stack.patch(url, 0, "some")).headers.get("upload-offset")).toBe("4");
  const head = await stack.raw("HEAD", url);
  expect([head.headers.get("upload-defer-length"), head.headers.get("upload-length")]).toEqual(["1", null]);
  const last = await stack.patch(url, 4, "thing", { headers: { "upload-length": "9" } });
  expect([last.status, last.headers.get("tus-complete")]).toEqual([204, "1"]);
  expect((await content(name)).toString()).toBe("something");
});

test("an upload broken off goes on from where it was, with nothing left behind", async () => {
  const name = stack.ownName();
  const bytes = stack.bytes(100_000);
  const options = { ...optionsFor(name), chunkSize: 40_000 };
  const uploadUrl = await uploadFirstChunk(bytes, options);
  expect(await stack.offset(uploadUrl)).toEqual([200, "40000"]);
  expect(await stack.row(name)).toBeUndefined();
  const { asked } = await upload(bytes, { ...options, uploadUrl });
  expect(asked.map(({ method }) => method)).toEqual(["HEAD", "PATCH", "PATCH"]);
  expect(await content(name)).toEqual(bytes);
  expect(await stack.offset(uploadUrl)).toEqual([200, "100000"]);
  expect(stack.unfinished().filter((file) => file.endsWith(".bytes"))).toEqual([]);
  expect(stack.stored()).toEqual(await stack.versions());
  expect(stack.unsettled()).toEqual([]);
});

test("an object that is there is replaced only with x-upsert", async () => {
  const name = stack.ownName();
  await upload(Buffer.from("first"), optionsFor(name));
  const { refused } = await upload(Buffer.from("second"), optionsFor(name));
  expect(refused).toEqual({ status: 409, body: "The resource already exists" });
  const { headers, ...rest } = optionsFor(name);
  await upload(Buffer.from("third"), { ...rest, headers: { ...headers, "x-upsert": "true" } });
  expect((await content(name)).toString()).toBe("third");
  expect(stack.stored()).toEqual(await stack.versions());
});

test("an upload with a signature needs no token and belongs to the signer", async () => {
  const name = stack.ownName();
  const { data } = await stack.person.storage.from("private").createSignedUploadUrl(name);
  const signed = (signature?: string, objectName = name) => ({
    endpoint: `${stack.endpoint}/sign`,
    ...(signature !== undefined && { headers: { "x-signature": signature } }),
    metadata: { bucketName: "private", objectName },
  });
  const bytes = stack.bytes(5000);
  const { url } = await upload(bytes, { ...signed(data?.token), chunkSize: 3000 });
  expect(url).toContain(`${stack.endpoint}/sign/`);
  expect(await content(name)).toEqual(bytes);
  expect(await stack.row(name)).toMatchObject({ owner_id: stack.person.id });

  const refusals = await Promise.all([
    upload(bytes, signed()),
    upload(bytes, signed("invalid-token")),
    upload(bytes, signed(data?.token, "elsewhere.bin")),
    upload(bytes, signed(stack.person.token)),
  ]);
  expect(refusals.map(({ refused }) => refused)).toEqual([
    { status: 400, body: "Missing x-signature header" },
    { status: 400, body: "Invalid Compact JWS" },
    { status: 400, body: "Invalid signature" },
    { status: 400, body: "signature verification failed" },
  ]);
});

test("OPTIONS says what the server can do", async () => {
  const answer = await fetch(stack.endpoint, { method: "OPTIONS" });
  expect([answer.status, Object.fromEntries(answer.headers)]).toEqual([
    204,
    expect.objectContaining({
      "tus-version": "1.0.0",
      "tus-resumable": "1.0.0",
      "tus-extension": "creation,creation-with-upload,creation-defer-length,termination,expiration",
      "tus-max-size": String(1024 * 1024),
    }),
  ]);
});

test("a browser reads the headers that the protocol needs", async () => {
  const created = await stack.create({ bucketName: "private", objectName: stack.ownName() }, 5, {
    headers: { origin: "http://localhost:3000" },
  });
  const exposed = created.headers.get("access-control-expose-headers")?.toLowerCase().split(", ");
  expect(exposed).toEqual(expect.arrayContaining(["location", "upload-offset", "upload-length", "upload-expires"]));
  expect(created.headers.get("access-control-allow-origin")).toBe("*");
  expect(new Date(created.headers.get("upload-expires") ?? 0).getTime()).toBeGreaterThan(Date.now());
});
