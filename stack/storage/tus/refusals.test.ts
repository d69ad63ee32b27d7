import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTusStack, type TusStack } from "./testing/tus-stack.ts";

let stack: TusStack;

beforeAll(async () => {
  stack = await startTusStack();
  await stack.service.createBucket("pictures", { public: false, fileSizeLimit: 1000, allowedMimeTypes: ["image/*"] });
});
afterAll(() => stack?.stop());

let mine: { bucketName: string; objectName: string };

beforeEach(() => {
  mine = { bucketName: "private", objectName: stack.ownName() };
});

async function said(answer: Promise<Response>) {
  const response = await answer;
  return [response.status, await response.text()];
}

test("no upload starts without a token that holds", async () => {
  const none = await stack.raw("POST", stack.endpoint, { token: "", headers: { "upload-length": "5" } });
  expect([none.status, (await none.json()).message]).toEqual([
    400,
    "headers must have required property 'authorization'",
  ]);
  const false_ = await stack.create(mine, 5, { token: `${stack.person.token}x` });
  expect([false_.status, (await false_.json()).statusCode]).toEqual([400, "403"]);
});

test("policies hold at creation", async () => {
  const foreign = { bucketName: "private", objectName: `${crypto.randomUUID()}/a.bin` };
  const refused = [403, "new row violates row-level security policy"];
  expect(await said(stack.create(foreign, 5))).toEqual(refused);
  expect(await said(stack.create(foreign, 5, { headers: { "x-upsert": "true" } }))).toEqual(refused);
  expect(await said(stack.create(mine, 5, { token: stack.anonKey }))).toEqual(refused);
  expect(stack.unfinished()).toEqual([]);
});

test("policies hold at completion, and before each part", async () => {
  const url = await stack.createdAt(mine, 8);
  expect((await stack.patch(url, 0, "four")).status).toBe(204);
  await stack.admin.query(`create policy "closed" on storage.objects as restrictive for insert with check (false)`);
  try {
    expect(await said(stack.patch(url, 4, "more"))).toEqual([403, "new row violates row-level security policy"]);
    expect(await stack.offset(url)).toEqual([200, "4"]);
  } finally {
    await stack.admin.query(`drop policy "closed" on storage.objects`);
  }
  // This one lets the trial run of each part pass, and refuses only the row that tells the size.
  await stack.admin.query(`create policy "unsized" on storage.objects as restrictive for insert
    with check (metadata ->> 'eTag' is null)`);
  try {
    expect(await said(stack.patch(url, 4, "more"))).toEqual([403, "new row violates row-level security policy"]);
  } finally {
    await stack.admin.query(`drop policy "unsized" on storage.objects`);
  }
  expect([await stack.row(mine.objectName), stack.stored().length]).toEqual([
    undefined,
    (await stack.versions()).length,
  ]);
  // The end is to be sent again, so that nobody takes the upload for an object.
  expect(await stack.offset(url)).toEqual([200, "7"]);
  expect((await stack.patch(url, 7, "e")).headers.get("tus-complete")).toBe("1");
  expect(await stack.row(mine.objectName)).toMatchObject({ metadata: { size: 8 } });
});

test("an upload is its creator's alone", async () => {
  const url = await stack.createdAt(mine, 8);
  const stranger = await stack.stranger();
  const signature = await stack.service.from("private").createSignedUploadUrl(mine.objectName);
  const signed = { token: "", headers: { "x-signature": signature.data?.token ?? "" } };
  const signedUrl = url.replace("/resumable/", "/resumable/sign/");
  for (const token of [stranger.token, stack.anonKey, stack.serviceKey]) {
    expect((await stack.patch(url, 0, "stranger", { token })).status).toBe(403);
    expect((await stack.raw("HEAD", url, { token })).status).toBe(403);
    expect((await stack.raw("DELETE", url, { token })).status).toBe(403);
  }
  expect((await stack.patch(signedUrl, 0, "stranger", signed)).status).toBe(403);
  expect((await stack.raw("DELETE", signedUrl, signed)).status).toBe(403);
  expect((await stack.raw("DELETE", url, { token: "" })).status).toBe(400);
  expect(await stack.offset(url)).toEqual([200, "0"]);
});

test("addresses that name no upload are 404", async () => {
  const url = await stack.createdAt(mine, 8);
  const id = Buffer.from(url.split("/").at(-1) ?? "", "base64url").toString();
  const at = (text: string) => `${stack.endpoint}/${Buffer.from(text).toString("base64url")}`;
  const versionOf = id.split("/").at(-1);
  for (const address of [
    at(`private/${stack.person.id}/other.bin/${versionOf}`),
    at(`private/${mine.objectName}/${crypto.randomUUID()}`),
    at(`private/${mine.objectName}/../../x`),
    at("nonsense"),
    `${stack.endpoint}/%00%ff`,
    stack.endpoint,
  ]) {
    expect([address, (await stack.patch(address, 0, "12345678")).status]).toEqual([address, 404]);
    expect([address, (await stack.raw("HEAD", address)).status]).toEqual([address, 404]);
  }
  expect((await fetch(url, { headers: { authorization: `Bearer ${stack.person.token}` } })).status).toBe(404);
});

test.each([
  ["no bucket of that name", { bucketName: "nowhere" }, [404, "Bucket not found"]],
  ["no bucket's name", { bucketName: "" }, [400, "Bucket name invalid"]],
  ["a path upwards", { objectName: "../../escape" }, [400, "Invalid key: ../../escape"]],
  ["a character that no key has", { objectName: "a\\b" }, [400, "Invalid key: a\\b"]],
  ["a header's end in the type", { contentType: "a/b\r\nx: y" }, [400, "Invalid character in a header value"]],
])("a creation with %s is refused", async (_case, wrong, answer) => {
  expect(await said(stack.create({ ...mine, ...wrong }, 5))).toEqual(answer);
  expect(await said(stack.create({ ...mine, ...wrong }, 5, { token: stack.serviceKey }))).toEqual(answer);
});

test("size limits of the stack and of the bucket hold", async () => {
  const tooLarge = [413, "Maximum size exceeded\n"];
  expect(await said(stack.create(mine, 1024 * 1024 + 1))).toEqual(tooLarge);
  const picture = { bucketName: "pictures", objectName: mine.objectName, contentType: "image/png" };
  const token = stack.serviceKey;
  expect(await said(stack.create(picture, 1001, { token }))).toEqual(tooLarge);
  const unsized = await stack.createdAt(picture, undefined, { token });
  expect((await stack.patch(unsized, 0, stack.bytes(1001), { token })).status).toBe(413);
  const stream = new Blob([stack.bytes(70_000)]).stream();
  expect((await stack.patch(unsized, 0, stream, { token })).status).toBe(413);
  expect((await stack.patch(unsized, 0, "", { token, headers: { "upload-length": "1001" } })).status).toBe(413);
  const placeholder = { ...mine, objectName: `${stack.person.id}/.emptyFolderPlaceholder` };
  expect((await stack.create(placeholder, 1)).status).toBe(413);
  expect((await stack.create(placeholder)).status).toBe(413);
  expect((await stack.create(placeholder, 0)).status).toBe(201);
});

test("limits that were lowered meanwhile hold at completion", async () => {
  const token = stack.serviceKey;
  const picture = { bucketName: "pictures", objectName: mine.objectName, contentType: "image/png" };
  const url = await stack.createdAt(picture, 900, { token });
  await stack.service.updateBucket("pictures", { public: false, fileSizeLimit: 800, allowedMimeTypes: ["image/*"] });
  expect(await said(stack.patch(url, 0, stack.bytes(900), { token }))).toEqual([
    413,
    "The object exceeded the maximum allowed size",
  ]);
  await stack.service.updateBucket("pictures", {
    public: false,
    fileSizeLimit: 1000,
    allowedMimeTypes: ["text/plain"],
  });
  expect((await stack.patch(url, 899, "x", { token })).status).toBe(415);
  await stack.service.updateBucket("pictures", { public: false, fileSizeLimit: 1000, allowedMimeTypes: ["image/*"] });
  expect((await stack.patch(url, 899, "x", { token })).status).toBe(204);
});

test("a type that the bucket does not take is refused, said or unsaid", async () => {
  const token = stack.serviceKey;
  const picture = { bucketName: "pictures", objectName: mine.objectName };
  expect(await said(stack.create({ ...picture, contentType: "text/html" }, 5, { token }))).toEqual([
    415,
    "mime type text/html is not supported",
  ]);
  expect((await stack.create(picture, 5, { token })).status).toBe(415);
});

test.each([
  ["an offset that is not the upload's", 3, {}, 409],
  ["an offset below zero", -1, {}, 400],
  ["an offset that is no number", "1e0x", {}, 400],
  ["another version of the protocol", 0, { "tus-resumable": "0.2.2" }, 400],
  ["another content type", 0, { "content-type": "text/plain" }, 400],
  ["a length told twice", 0, { "upload-length": "9" }, 400],
])("a part with %s is refused", async (_case, offset, headers, status) => {
  const url = await stack.createdAt(mine, 8);
  expect((await stack.patch(url, offset, "12345678", { headers })).status).toBe(status);
  expect(await stack.offset(url)).toEqual([200, "0"]);
});

test.each(["-1", "1.5", "x", "9e99", ""])("a creation of length '%s' is refused", async (length) => {
  expect((await stack.create(mine, length)).status).toBeGreaterThanOrEqual(400);
  expect((await stack.create(mine, length)).status).toBeLessThan(500);
});

test("a creation needs the version, a length and metadata that can be read", async () => {
  const post = (headers: Record<string, string>) => stack.raw("POST", stack.endpoint, { headers });
  expect(await said(post({}))).toEqual([400, "Upload-Length or Upload-Defer-Length header required\n"]);
  expect(await said(post({ "upload-length": "5" }))).toEqual([400, "Metadata header is required"]);
  expect((await post({ "upload-length": "5", "upload-metadata": "bucketName !!!" })).status).toBe(400);
  expect((await post({ "upload-length": "5", "upload-concat": "partial" })).status).toBe(501);
  const token = `Bearer ${stack.person.token}`;
  expect((await fetch(stack.endpoint, { method: "POST", headers: { authorization: token } })).status).toBe(412);
});

test("no part goes beyond the length, told or not", async () => {
  const url = await stack.createdAt(mine, 8);
  expect((await stack.patch(url, 0, "123456789")).status).toBe(413);
  expect((await stack.patch(url, 0, new Blob(["123456789"]).stream())).status).toBe(413);
  expect(await stack.offset(url)).toEqual([200, "0"]);
  expect((await stack.patch(url, 0, "12345678")).status).toBe(204);
  expect((await stack.patch(url, 8, "9")).status).toBeGreaterThanOrEqual(400);
  expect(await stack.row(mine.objectName)).toMatchObject({ metadata: { size: 8 } });
});

test("a large part refused at once does not break the connection", async () => {
  const url = await stack.createdAt(mine, 1024 * 1024);
  const answers = await Promise.all([1, 2, 3].map(() => stack.patch(url, 77, stack.bytes(1024 * 1024 - 77))));
  expect(answers.map(({ status }) => status)).toEqual([409, 409, 409]);
});

test("an upload is removed by its creator, a finished one by nobody", async () => {
  const url = await stack.createdAt(mine, 4);
  expect((await stack.raw("DELETE", url)).status).toBe(204);
  expect(await stack.offset(url)).toEqual([404, null]);
  const other = await stack.createdAt(mine, 4);
  await stack.patch(other, 0, "done");
  expect(await said(stack.raw("DELETE", other))).toEqual([400, "Cannot terminate an already completed upload"]);
  expect(await stack.offset(other)).toEqual([200, "4"]);
});
