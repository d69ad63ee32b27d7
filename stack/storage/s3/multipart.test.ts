import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ObjectStore } from "../object-store.ts";
import { createStorage } from "../service.ts";
import { startTestStack, type TestStack } from "../testing/stack.ts";
import { s3Client } from "./testing/client.ts";
import { refusal } from "./testing/refusal.ts";
import { expectNothingLeftBehind } from "./testing/stored.ts";

let stack: TestStack;
let s3: S3Client;
const Bucket = "files";

beforeAll(async () => {
  stack = await startTestStack({ storage: { file_size_limit: "1MiB" } });
  s3 = s3Client(stack);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  s3.destroy();
  await stack.stop();
});
afterEach(() => expectNothingLeftBehind(stack));

async function begin(Key: string, options: object = {}): Promise<string> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...options }));
  return UploadId ?? "";
}
const part = (Key: string, UploadId: string, PartNumber: number, Body: string | Uint8Array) =>
  s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
const complete = (Key: string, UploadId: string, Parts: { PartNumber: number; ETag: string | undefined }[]) =>
  s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
const read = async (Key: string) => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

test("parts become one object in the order of their numbers, whenever they came", async () => {
  const id = await begin("whole", { ContentType: "text/css", CacheControl: "max-age=3", Metadata: { a: "1" } });
  const second = await part("whole", id, 2, "world");
  await part("whole", id, 1, "replaced");
  const first = await part("whole", id, 1, "hello ");
  const done = await complete("whole", id, [
    { PartNumber: 1, ETag: first.ETag },
    { PartNumber: 2, ETag: second.ETag },
  ]);
  expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
  expect(await read("whole")).toBe("hello world");
  expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "whole" }))).toMatchObject({
    ETag: done.ETag,
    ContentLength: 11,
    ContentType: "text/css",
    CacheControl: "max-age=3",
    Metadata: { a: "1" },
  });
  expect(await refusal(complete("whole", id, []))).toMatchObject({ status: 404, code: "NoSuchUpload" });
});

test("parts that are not named are left out", async () => {
  const id = await begin("some");
  await part("some", id, 1, "no");
  const { ETag } = await part("some", id, 2, "yes");
  await complete("some", id, [{ PartNumber: 2, ETag }]);
  expect(await read("some")).toBe("yes");
});

test("a list of parts that does not fit is refused, and nothing is lost", async () => {
  const id = await begin("refused");
  const { ETag } = await part("refused", id, 1, "x");
  const second = await part("refused", id, 2, "y");
  const wrong = complete("refused", id, [{ PartNumber: 1, ETag: '"0"' }]);
  expect(await refusal(wrong)).toMatchObject({ status: 400, code: "InvalidPart" });
  const missing = complete("refused", id, [{ PartNumber: 3, ETag }]);
  expect(await refusal(missing)).toMatchObject({ status: 400, code: "InvalidPart" });
  const turned = complete("refused", id, [
    { PartNumber: 2, ETag: second.ETag },
    { PartNumber: 1, ETag },
  ]);
  expect(await refusal(turned)).toMatchObject({ status: 400, code: "InvalidPartOrder" });
  const { Parts } = await s3.send(new ListPartsCommand({ Bucket, Key: "refused", UploadId: id }));
  expect(Parts).toEqual([
    { PartNumber: 1, Size: 1, ETag, LastModified: expect.any(Date) },
    { PartNumber: 2, Size: 1, ETag: second.ETag, LastModified: expect.any(Date) },
  ]);
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "refused", UploadId: id }));
});

test("an upload is that of its own key and bucket", async () => {
  const id = await begin("mine");
  const theirs = part("other", id, 1, "x");
  expect(await refusal(theirs)).toMatchObject({ status: 404, code: "NoSuchUpload" });
  const abort = s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "other", UploadId: id }));
  expect(await refusal(abort)).toMatchObject({ status: 404 });
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "mine", UploadId: id }));
});

test("all parts together stay within the limit of a file", async () => {
  const id = await begin("large");
  const bytes = randomBytes(600 * 1024);
  await part("large", id, 1, bytes);
  expect(await refusal(part("large", id, 2, bytes))).toMatchObject({ status: 413, code: "EntityTooLarge" });
  await part("large", id, 1, bytes);
  await part("large", id, 2, bytes.subarray(0, 400 * 1024));
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "large", UploadId: id }));
});

test("parts that come at the same time do not get past that limit together", async () => {
  const id = await begin("together");
  const half = randomBytes(300 * 1024);
  const gate = Promise.withResolvers<void>();
  async function* slowly() {
    yield half;
    await gate.promise;
    yield half;
  }
  const upload = { Bucket, Key: "together", UploadId: id, ContentLength: 2 * half.length };
  const sent = [1, 2].map((PartNumber) =>
    s3.send(new UploadPartCommand({ ...upload, PartNumber, Body: Readable.from(slowly()) })),
  );
  // Both have been let in, since neither was there when the other asked.
  await expect.poll(() => stack.unsettled()).toHaveLength(2);
  gate.resolve();
  const answers = await Promise.allSettled(sent);
  expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "together", UploadId: id }));
});

test("of parts that came at the same time under one number, one stays", async () => {
  const id = await begin("race");
  await Promise.all(Array.from({ length: 8 }, (_, index) => part("race", id, 1, `body ${index}`)));
  await expectNothingLeftBehind(stack);
  const { Parts } = await s3.send(new ListPartsCommand({ Bucket, Key: "race", UploadId: id }));
  expect(Parts).toHaveLength(1);
  await complete("race", id, [{ PartNumber: 1, ETag: Parts?.[0]?.ETag }]);
  expect(await read("race")).toMatch(/^body \d$/);
});

test("what is completed twice at once leaves one whole object", async () => {
  const id = await begin("twice");
  const { ETag } = await part("twice", id, 1, "body");
  const parts = [{ PartNumber: 1, ETag }];
  const answers = await Promise.allSettled([complete("twice", id, parts), complete("twice", id, parts)]);
  expect(answers.some(({ status }) => status === "fulfilled")).toBe(true);
  expect(await read("twice")).toBe("body");
});

test("an aborted upload is gone with its bytes, and a bucket is not deleted under one", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: "busy" }));
  const at = { Bucket: "busy", Key: "a" };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
  await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "x" }));
  const remove = () => s3.send(new DeleteBucketCommand({ Bucket: "busy" }));
  expect(await refusal(remove())).toMatchObject({ status: 409 });
  await s3.send(new AbortMultipartUploadCommand({ ...at, UploadId }));
  expect((await s3.send(new ListMultipartUploadsCommand({ Bucket: "busy" }))).Uploads).toBeUndefined();
  await remove();
});

test("parts are copied from objects, whole or by range", async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: "0123456789" }));
  const id = await begin("copied");
  const copy = (PartNumber: number, options: object = {}) =>
    s3.send(
      new UploadPartCopyCommand({
        Bucket,
        Key: "copied",
        UploadId: id,
        PartNumber,
        CopySource: `${Bucket}/source`,
        ...options,
      }),
    );
  const whole = await copy(1);
  const range = await copy(2, { CopySourceRange: "bytes=3-5" });
  for (const CopySourceRange of ["bytes=-5", "bytes=5-10", "bytes=5-4", "3-5"]) {
    expect(await refusal(copy(3, { CopySourceRange }))).toMatchObject({ status: 400 });
  }
  expect(await refusal(copy(3, { CopySource: `${Bucket}/absent` }))).toMatchObject({ status: 404 });
  await complete("copied", id, [
    { PartNumber: 1, ETag: whole.CopyPartResult?.ETag },
    { PartNumber: 2, ETag: range.CopyPartResult?.ETag },
  ]);
  expect(await read("copied")).toBe("0123456789345");
});

test("uploads are listed page by page, also several of one key, and by folder", async () => {
  const uploads: { Key: string; UploadId: string }[] = [];
  for (const Key of ["list/a", "list/a", "list/b/1", "list/b/2"]) uploads.push({ Key, UploadId: await begin(Key) });
  const seen: (string | undefined)[] = [];
  let markers: { KeyMarker?: string; UploadIdMarker?: string } = {};
  do {
    const page = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "list/", MaxUploads: 1, ...markers }));
    seen.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  } while (markers.KeyMarker);
  expect([...seen].sort()).toEqual(uploads.map(({ UploadId }) => UploadId).sort());
  const folders = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "list/", Delimiter: "/" }));
  expect(folders.CommonPrefixes).toEqual([{ Prefix: "list/b/" }]);
  expect(folders.Uploads).toHaveLength(2);
  for (const upload of uploads) await s3.send(new AbortMultipartUploadCommand({ Bucket, ...upload }));
});

test("numbers of parts go from 1 to 10000", async () => {
  const id = await begin("numbers");
  expect(await refusal(part("numbers", id, 0, "x"))).toMatchObject({ status: 400 });
  expect(await refusal(part("numbers", id, 10_001, "x"))).toMatchObject({ status: 400 });
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "numbers", UploadId: id }));
});

test("after a crash, parts with a row stay and others go", async () => {
  const id = await begin("crash");
  await part("crash", id, 1, "x");
  const [kept] = (await stack.admin.query("select version from storage.s3_multipart_uploads_parts")).rows;
  const store = new ObjectStore(join(stack.ctx.stateDir, "storage"));
  await store.write(await store.begin(), Readable.from([Buffer.from("orphan")]), 100);
  await store.mark([kept.version]);
  await (await createStorage(stack.ctx)).close();
  expect(stack.stored()).toContain(kept.version);
  await expectNothingLeftBehind(stack);
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "crash", UploadId: id }));
});

test("the types that the bucket takes hold for an upload of which nothing is said, and when it is completed", async () => {
  await stack.service.createBucket("typed", { public: false, allowedMimeTypes: ["text/plain"] });
  const create = (ContentType?: string) =>
    s3.send(new CreateMultipartUploadCommand({ Bucket: "typed", Key: "a", ContentType }));
  const refused = { status: 415, code: "InvalidMimeType" };
  expect(await refusal(create())).toMatchObject(refused);
  const { UploadId } = await create("text/plain");
  const named = { Bucket: "typed", Key: "a", UploadId };
  const { ETag } = await s3.send(new UploadPartCommand({ ...named, PartNumber: 1, Body: "text" }));
  await stack.service.updateBucket("typed", { public: false, allowedMimeTypes: ["image/png"] });
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  expect(await refusal(s3.send(new CompleteMultipartUploadCommand({ ...named, MultipartUpload })))).toMatchObject(
    refused,
  );
  await s3.send(new AbortMultipartUploadCommand(named));
});
