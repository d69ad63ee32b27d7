import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startTestStack, type TestStack } from "../testing/stack.ts";
import { s3Client } from "./testing/client.ts";
import { refusal } from "./testing/refusal.ts";
import { signedFetch } from "./testing/signed-fetch.ts";
import { expectNothingLeftBehind } from "./testing/stored.ts";

let stack: TestStack;
let s3: S3Client;
const Bucket = "files";

beforeAll(async () => {
  stack = await startTestStack();
  s3 = s3Client(stack);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  s3.destroy();
  await stack.stop();
});
afterEach(() => expectNothingLeftBehind(stack));

const put = (Key: string, Body: string | Uint8Array = Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const read = async (Key: string) => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

describe("buckets", () => {
  test("are the same ones as over REST", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: "open", ACL: "public-read" }));
    expect((await stack.service.getBucket("open")).data).toMatchObject({ public: true });
    const { Buckets } = await s3.send(new ListBucketsCommand());
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["files", "open"]);
    expect(Buckets?.[0]?.CreationDate).toBeInstanceOf(Date);
    expect(await s3.send(new HeadBucketCommand({ Bucket: "open" }))).toMatchObject({ BucketRegion: "local" });
    await s3.send(new DeleteBucketCommand({ Bucket: "open" }));
    expect((await stack.service.getBucket("open")).error).toMatchObject({ statusCode: "404" });
  });

  test("say where they are and that they have no versions", async () => {
    const location = await s3.send(new GetBucketLocationCommand({ Bucket }));
    expect(location.LocationConstraint).toBe("local");
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Suspended");
  });

  test("are refused with S3's codes", async () => {
    await put("keep");
    const taken = await refusal(s3.send(new CreateBucketCommand({ Bucket })));
    expect(taken).toMatchObject({ status: 409, code: "BucketAlreadyExists" });
    expect(await refusal(s3.send(new DeleteBucketCommand({ Bucket })))).toMatchObject({ status: 409 });
    expect(await refusal(s3.send(new HeadBucketCommand({ Bucket: "absent" })))).toMatchObject({ status: 404 });
    const absent = await refusal(s3.send(new ListObjectsV2Command({ Bucket: "absent" })));
    expect(absent).toMatchObject({ status: 404, code: "NoSuchBucket" });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "keep" }));
  });
});

describe("objects", () => {
  test("come back as they were put, with what was said about them", async () => {
    const Key = "deep/down/note (1).txt";
    const put = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: "hello",
        ContentType: "text/html",
        CacheControl: "max-age=7",
        Metadata: { colour: "blue" },
      }),
    );
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await got.Body?.transformToString()).toBe("hello");
    expect(got).toMatchObject({
      ContentType: "text/html",
      CacheControl: "max-age=7",
      ContentLength: 5,
      ETag: put.ETag,
      Metadata: { colour: "blue" },
    });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({ ContentLength: 5, ETag: put.ETag, Metadata: { colour: "blue" } });
    const { data } = await stack.service.from(Bucket).download(Key);
    expect(await data?.text()).toBe("hello");
  });

  test("have no document's powers in the origin of the API", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "page.html", Body: "<p>", ContentType: "text/html" }));
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "page.html" }));
    const { headers } = await fetch(url);
    expect(headers.get("content-security-policy")).toContain("sandbox");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    await s3.send(new PutObjectCommand({ Bucket, Key: "a.pdf", Body: "<script>", ContentType: "application/pdf" }));
    const asPage = { Bucket, Key: "a.pdf", ResponseContentType: "text/html" };
    const disguised = await fetch(await getSignedUrl(s3, new GetObjectCommand(asPage)));
    expect(disguised.headers.get("content-type")).toBe("text/html");
    expect(disguised.headers.get("content-security-policy")).toContain("sandbox");
    const asList = { Bucket, Key: "a.pdf", ResponseContentType: "application/pdf, text/html" };
    const listed = await fetch(await getSignedUrl(s3, new GetObjectCommand(asList)));
    expect(listed.headers.get("content-security-policy")).toContain("sandbox");
  });

  test("metadata that fits into no header is counted", async () => {
    await stack.service.from(Bucket).upload("odd", "x", { metadata: { plain: "yes", letter: "ä", deep: { a: 1 } } });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "odd" }));
    expect(head).toMatchObject({ Metadata: { plain: "yes" }, MissingMeta: 2 });
  });

  test("are given in parts, and not at all when they are known", async () => {
    await put("range", "0123456789");
    const get = (headers: object) => s3.send(new GetObjectCommand({ Bucket, Key: "range", ...headers }));
    const part = await get({ Range: "bytes=2-4" });
    expect(part.ContentRange).toBe("bytes 2-4/10");
    expect(await part.Body?.transformToString()).toBe("234");
    const { ETag, LastModified } = await s3.send(new HeadObjectCommand({ Bucket, Key: "range" }));
    const before = new Date((LastModified?.getTime() ?? 0) - 1000);
    expect(await refusal(get({ IfNoneMatch: ETag }))).toMatchObject({ status: 304 });
    expect(await refusal(get({ IfMatch: '"other"' }))).toMatchObject({ status: 412, code: "PreconditionFailed" });
    expect(await refusal(get({ IfUnmodifiedSince: before }))).toMatchObject({ status: 412 });
    expect(await refusal(get({ Range: "bytes=10-" }))).toMatchObject({ status: 416 });
    expect(await (await get({ IfMatch: ETag })).Body?.transformToString()).toBe("0123456789");
  });

  test("answer with the headers that the request asks for", async () => {
    await put("attach");
    const got = await s3.send(
      new GetObjectCommand({
        Bucket,
        Key: "attach",
        ResponseContentDisposition: 'attachment; filename="a.txt"',
        ResponseContentType: "text/csv",
      }),
    );
    expect(got).toMatchObject({ ContentDisposition: 'attachment; filename="a.txt"', ContentType: "text/csv" });
    await got.Body?.transformToByteArray();
  });

  test("are made only where there is none, if that is asked", async () => {
    const create = (Body: string) => s3.send(new PutObjectCommand({ Bucket, Key: "once", Body, IfNoneMatch: "*" }));
    await create("first");
    expect(await refusal(create("second"))).toMatchObject({ status: 412, code: "PreconditionFailed" });
    expect(await read("once")).toBe("first");
  });

  test("a folder made by a file manager is Supabase's empty one", async () => {
    await put("folder/", new Uint8Array());
    expect((await stack.service.from(Bucket).exists("folder/.emptyFolderPlaceholder")).data).toBe(true);
  });

  test("limits of the bucket hold", async () => {
    await stack.service.createBucket("small", { public: false, fileSizeLimit: 4, allowedMimeTypes: ["image/png"] });
    const send = (Body: string, ContentType: string) =>
      refusal(s3.send(new PutObjectCommand({ Bucket: "small", Key: "a.png", Body, ContentType })));
    expect(await send("12345", "image/png")).toMatchObject({ status: 413, code: "EntityTooLarge" });
    const refused = { status: 415, code: "InvalidMimeType" };
    expect(await send("123", "text/plain")).toMatchObject(refused);
    await stack.service.from("small").upload("a.png", Buffer.from("123"), { contentType: "image/png" });
    const copy = (ContentType?: string) =>
      s3.send(
        new CopyObjectCommand({
          Bucket: "small",
          Key: "b.png",
          CopySource: "small/a.png",
          MetadataDirective: "REPLACE",
          ContentType,
        }),
      );
    expect(await refusal(copy("text/html"))).toMatchObject(refused);
    expect(await refusal(copy())).toMatchObject(refused);
    expect((await copy("image/png")).CopyObjectResult?.ETag).toBeTruthy();
  });

  test("names that Supabase does not take are refused", async () => {
    expect(await refusal(put("a[1].txt"))).toMatchObject({ status: 400, message: "Invalid key: a[1].txt" });
    expect(await refusal(put("back\\slash"))).toMatchObject({ status: 400, code: "InvalidKey" });
  });

  test("what there is not is said, never taken for something else", async () => {
    await put("plain", "as it was");
    const tags = { TagSet: [{ Key: "a", Value: "b" }] };
    const tagging = s3.send(new PutObjectTaggingCommand({ Bucket, Key: "plain", Tagging: tags }));
    expect(await refusal(tagging)).toMatchObject({ status: 501, code: "NotImplemented" });
    const acl = s3.send(new GetObjectAclCommand({ Bucket, Key: "plain" }));
    expect(await refusal(acl)).toMatchObject({ status: 501 });
    expect(await read("plain")).toBe("as it was");
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "plain" }))).TagSet).toEqual([]);
    const absent = s3.send(new GetObjectTaggingCommand({ Bucket, Key: "absent" }));
    expect(await refusal(absent)).toMatchObject({ status: 404, code: "NoSuchKey" });
  });
});

describe("copies", () => {
  const copy = (Key: string, options: object = {}) =>
    s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `/${Bucket}/source%20(1)`, ...options }));

  beforeAll(async () => {
    const options = { ContentType: "text/css", Metadata: { a: "1" } };
    await s3.send(new PutObjectCommand({ Bucket, Key: "source (1)", Body: "body", ...options }));
  });

  test("take what is said about the source with them, or what the request says instead", async () => {
    expect((await copy("copy")).CopyObjectResult?.ETag).toBeTruthy();
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }))).toMatchObject({
      ContentType: "text/css",
      Metadata: { a: "1" },
    });
    await copy("copy", { MetadataDirective: "REPLACE", ContentType: "text/plain", Metadata: { b: "2" } });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }));
    expect(head).toMatchObject({ ContentType: "text/plain", Metadata: { b: "2" } });
    expect(await read("copy")).toBe("body");
    await copy("copy", { MetadataDirective: "REPLACE" });
    const bare = await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }));
    expect(bare).toMatchObject({ ContentType: "binary/octet-stream", Metadata: {} });
  });

  test("are made of the source that was meant and no other", async () => {
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key: "source (1)" }));
    const failed = { status: 412, code: "PreconditionFailed" };
    expect(await refusal(copy("no", { CopySourceIfMatch: '"other"' }))).toMatchObject(failed);
    expect(await refusal(copy("no", { CopySourceIfNoneMatch: ETag }))).toMatchObject(failed);
    expect(await refusal(copy("no", { CopySourceIfUnmodifiedSince: new Date(0) }))).toMatchObject(failed);
    expect(await refusal(copy("no", { CopySourceIfModifiedSince: new Date() }))).toMatchObject(failed);
    const absent = copy("no", { CopySource: `${Bucket}/absent` });
    expect(await refusal(absent)).toMatchObject({ status: 404, code: "NoSuchKey" });
    await copy("yes", { CopySourceIfMatch: ETag });
  });
});

describe("deletion", () => {
  test("of what is not there succeeds, of a bucket's that is not there does not", async () => {
    const gone = await s3.send(new DeleteObjectCommand({ Bucket, Key: "never" }));
    expect(gone.$metadata.httpStatusCode).toBe(204);
    const absent = s3.send(new DeleteObjectCommand({ Bucket: "absent", Key: "x" }));
    expect(await refusal(absent)).toMatchObject({ status: 404, code: "NoSuchBucket" });
  });

  test("of many takes names with XML's own signs", async () => {
    const names = ["a&b", "it's", "c;d"];
    for (const name of names) await put(name);
    const all = [...names, "never"].map((Key) => ({ Key }));
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: all } }));
    expect(Deleted?.map(({ Key }) => Key)).toEqual([...names, "never"]);
    expect(Errors).toBeUndefined();
    const left = await stack.service.from(Bucket).list();
    expect(left.data?.map(({ name }) => name)).not.toEqual(expect.arrayContaining(["a&b"]));
    const Delete = { Objects: all, Quiet: true };
    expect((await s3.send(new DeleteObjectsCommand({ Bucket, Delete }))).Deleted).toBeUndefined();
  });
});

test.each([
  ["nothing", "", "application/json", "InvalidRequest", "Body cannot be empty"],
  ["half a JSON", '{"Parts":', "application/json", "InvalidRequest", "Body is not valid JSON"],
  ["JSON", "{}", "application/json", "InvalidRequest", "Body must be XML"],
  ["no XML", "text", "application/xml", "MalformedXML", "Invalid XML payload"],
  ["an entity of its own", '<!DOCTYPE a [<!ENTITY b "c">]><Delete>&b;</Delete>', "text/xml", "MalformedXML", "type"],
  ["another root", "<Other/>", "application/xml", "InvalidRequest", "Delete"],
  ["no names", "<Delete><Object></Object></Delete>", "application/xml", "InvalidRequest", "Object"],
])("a list of objects to delete that is %s is refused", async (_, body, type, code, message) => {
  const request = { method: "POST", path: `/${Bucket}?delete=`, headers: { "content-type": type }, body };
  const response = await signedFetch(stack, request);
  expect(response.status).toBe(400);
  const answer = await response.text();
  expect(answer).toContain(`<Code>${code}</Code>`);
  expect(answer).toContain(message);
});

describe("listings", () => {
  const Bucket = "lists";
  const names = ["a/1", "a/2", "b", "c/d/3", "c/é".replace("é", "e"), "z z"];
  beforeAll(async () => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    for (const Key of names) await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
  });

  test("go page by page through every object", async () => {
    const seen: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 2, ContinuationToken }));
      expect(page.KeyCount).toBe(page.Contents?.length);
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
      ContinuationToken = page.NextContinuationToken;
      expect(page.IsTruncated).toBe(ContinuationToken !== undefined);
    } while (ContinuationToken);
    expect(seen).toEqual(names);
  });

  test("gather folders by any delimiter, encoded where that is asked", async () => {
    const options = { Bucket, Delimiter: "/", EncodingType: "url" as const };
    const page = await s3.send(new ListObjectsV2Command(options));
    expect(page.CommonPrefixes).toEqual([{ Prefix: "a/" }, { Prefix: "c/" }]);
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(["b", "z%20z"]);
    const spaced = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: " " }));
    expect(spaced.CommonPrefixes).toEqual([{ Prefix: "z " }]);
    expect(page.Contents?.[0]).toMatchObject({ Size: 1, StorageClass: "STANDARD", LastModified: expect.any(Date) });
  });

  test("of the first version go on after a marker", async () => {
    const first = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 2 }));
    expect(first.CommonPrefixes).toEqual([{ Prefix: "a/" }]);
    expect(first).toMatchObject({ NextMarker: "b", Marker: "b" });
    const flat = await s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 1 }));
    expect(flat).toMatchObject({ IsTruncated: true, Marker: "a/1" });
    expect(flat.NextMarker).toBeUndefined();
    const next = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: "/", Marker: first.NextMarker }));
    expect(next.CommonPrefixes).toEqual([{ Prefix: "c/" }]);
    expect(next.Contents?.map(({ Key }) => Key)).toEqual(["z z"]);
    expect(next.IsTruncated).toBe(false);
  });

  test("a token that was made up is refused", async () => {
    const forged = s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: "x" }));
    expect(await refusal(forged)).toMatchObject({ status: 400, code: "InvalidParameter" });
  });
});
