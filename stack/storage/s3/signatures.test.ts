import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  ChecksumAlgorithm,
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startTestStack, type TestStack } from "../testing/stack.ts";
import { s3Keys } from "./credentials.ts";
import { s3Client, s3ClientOf } from "./testing/client.ts";
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
  await s3.send(new PutObjectCommand({ Bucket, Key: "file", Body: "content" }));
});
afterAll(async () => {
  s3.destroy();
  await stack.stop();
});
afterEach(async () => {
  vi.useRealTimers();
  await expectNothingLeftBehind(stack);
});

const code = async (response: Response) => /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1];
const exists = async (name: string) => (await stack.service.from(Bucket).exists(name)).data;

describe("a signed request", () => {
  test("holds in the regions that clients name", async () => {
    for (const region of ["local", "us-east-1", "auto"]) {
      const client = s3Client(stack, { region });
      await client.send(new ListBucketsCommand());
      client.destroy();
    }
    const elsewhere = s3Client(stack, { region: "eu-west-1" });
    expect(await refusal(elsewhere.send(new ListBucketsCommand()))).toMatchObject({ code: "SignatureDoesNotMatch" });
    elsewhere.destroy();
  });

  test("is refused with another secret, and with a key that nobody has", async () => {
    const { accessKeyId, secretAccessKey } = s3Keys;
    for (const [credentials, answer] of [
      [{ accessKeyId, secretAccessKey: "wrong" }, "SignatureDoesNotMatch"],
      [{ accessKeyId: "nobody", secretAccessKey }, "AccessDenied"],
      [{ accessKeyId: "stub", secretAccessKey: stack.anonKey }, "AccessDenied"],
    ] as const) {
      const client = s3Client(stack, { credentials });
      const refused = await refusal(client.send(new ListBucketsCommand()));
      expect(refused).toMatchObject({ status: 403, code: answer });
      client.destroy();
    }
  });

  test("is refused without a signature, with a bearer's token too", async () => {
    for (const token of [undefined, stack.serviceKey]) {
      const response = await stack.fetch(`/s3/${Bucket}/file`, { token });
      expect(response.status).toBe(403);
      expect(response.headers.get("content-type")).toContain("application/xml");
      expect(await code(response)).toBe("AccessDenied");
    }
  });

  test.each([
    ["another method", { sentMethod: "DELETE" }],
    ["another path", { sentPath: "/other" }],
    ["another query", { sentQuery: "?versioning" }],
    ["another signed header", { sentHeaders: { "x-amz-acl": "public-read" }, headers: { "x-amz-acl": "private" } }],
    ["a header of S3's that is not signed", { sentHeaders: { "x-amz-acl": "public-read" } }],
  ])("is refused with %s than it was signed for", async (_, change) => {
    const response = await signedFetch(stack, { method: "PUT", path: "/new", ...change });
    expect(response.status).toBe(403);
    expect((await stack.service.listBuckets()).data?.map(({ id }) => id)).toEqual([Bucket]);
  });

  test("is refused when its date is far from now", async () => {
    for (const minutes of [-16, 16]) {
      const date = new Date(Date.now() + minutes * 60 * 1000);
      const response = await signedFetch(stack, { path: "/", date });
      expect(response.status).toBe(403);
      expect(await code(response)).toBe("RequestTimeTooSkewed");
    }
  });

  test.each([
    ["no signature in it", "AWS4-HMAC-SHA256 Credential=a/20260101/local/s3/aws4_request, SignedHeaders=host"],
    ["a scope that is too short", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=00"],
    ["nothing in it", "AWS4-HMAC-SHA256 "],
    [
      "a day that is not the request's",
      "AWS4-HMAC-SHA256 Credential=a/19990101/local/s3/aws4_request, SignedHeaders=host;x-amz-date;x-amz-content-sha256, Signature=00",
    ],
  ])("is refused with %s", async (_, authorization) => {
    const time = new Date().toISOString().replace(/[:-]|\.\d{3}/g, "");
    const headers = { authorization, "x-amz-date": time, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    expect([400, 403]).toContain((await stack.fetch("/s3/", { headers })).status);
  });
});

describe("a body", () => {
  test.each(Object.values(ChecksumAlgorithm).filter((name) => !/XXHASH|MD5|SHA512/.test(name)))(
    "is taken with its %s and refused with another's",
    async (ChecksumAlgorithm) => {
      const Body = randomBytes(100_000);
      const Key = `sum-${ChecksumAlgorithm}`;
      await s3.send(new PutObjectCommand({ Bucket, Key, Body, ChecksumAlgorithm }));
      const header = `x-amz-checksum-${ChecksumAlgorithm.toLowerCase()}`;
      const response = await signedFetch(stack, {
        method: "PUT",
        path: `/${Bucket}/wrong`,
        body: "other bytes",
        headers: { [header]: "AAAAAA==" },
      });
      expect(response.status).toBe(400);
      expect(await code(response)).toBe("BadDigest");
      expect(await exists("wrong")).toBe(false);
    },
  );

  test("that is not the one that was signed is refused", async () => {
    const response = await signedFetch(stack, {
      method: "PUT",
      path: `/${Bucket}/wrong`,
      body: "forged",
      payload: createHash("sha256").update("signed").digest("hex"),
    });
    expect(response.status).toBe(400);
    expect(await exists("wrong")).toBe(false);
  });

  test("of unknown make is refused", async () => {
    const request = {
      method: "PUT",
      path: `/${Bucket}/wrong`,
      body: "x",
      payload: "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    };
    expect((await signedFetch(stack, request)).status).toBe(501);
  });

  test("streams with a checksum behind it", async () => {
    const bytes = randomBytes(300_000);
    const Body = Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)]);
    await s3.send(new PutObjectCommand({ Bucket, Key: "stream", Body, ContentLength: bytes.length }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "stream" }));
    expect(Buffer.compare(bytes, Buffer.from((await got.Body?.transformToByteArray()) ?? []))).toBe(0);
  });
});

describe("a body in signed chunks", () => {
  const chunks = ["first chunk ", "second chunk"];
  const send = (options: object) =>
    signedFetch(stack, { method: "PUT", path: `/${Bucket}/chunked`, chunks, ...options });

  test("is put together", async () => {
    expect((await send({})).status).toBe(200);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "chunked" }));
    expect(await got.Body?.transformToString()).toBe("first chunk second chunk");
    expect(got.ContentEncoding).toBeUndefined();
  });

  test("is put together with a signed trailer", async () => {
    const trailer = { "x-amz-checksum-sha256": createHash("sha256").update(chunks.join("")).digest("base64") };
    expect((await send({ trailer })).status).toBe(200);
  });

  test.each([
    ["a chunk was changed on the way", { forge: (body: string) => body.replace("second", "forged") }, 403],
    ["chunks were swapped", { chunks: ["aaaa", "bbbb"], forge: swap }, 403],
    ["the last chunk is missing", { forge: (body: string) => body.slice(0, body.indexOf("\r\n0;") + 2) }, 400],
    ["it ends within a chunk", { forge: (body: string) => body.slice(0, 150) }, 400],
    ["a chunk says that it is shorter", { forge: (body: string) => body.replace(/^c;/, "b;") }, 403],
    ["it is not in chunks", { forge: () => "plain bytes" }, 400],
    ["a line has no end", { forge: () => "0".repeat(5000) }, 400],
    ["the trailer's checksum is another's", { trailer: { "x-amz-checksum-crc32": "AAAAAA==" } }, 400],
    ["the trailer was changed", { trailer: { "x-amz-checksum-crc32": "AAAAAA==" }, forge: forgeTrailer }, 403],
    ["the trailer is missing", { trailer: {}, headers: { "x-amz-trailer": "x-amz-checksum-crc32" } }, 400],
    ["more was announced", { length: 100 }, 400],
  ])("is refused when %s, and leaves nothing", async (_, options, status) => {
    await stack.service.from(Bucket).remove(["chunked"]);
    expect((await send(options)).status).toBe(status);
    expect(await exists("chunked")).toBe(false);
  });
});

function swap(body: string): string {
  return body.replace("aaaa", "####").replace("bbbb", "aaaa").replace("####", "bbbb");
}

function forgeTrailer(body: string): string {
  return body.replace("AAAAAA==", "BBBBBA==");
}

describe("a presigned URL", () => {
  test("lets whoever has it read, or write, one object", async () => {
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "file" }), { expiresIn: 60 });
    expect(await (await fetch(url)).text()).toBe("content");
    expect((await fetch(url.replace("/file?", "/other?"))).status).toBe(403);
    expect((await fetch(url, { method: "DELETE" })).status).toBe(403);
    expect(await (await fetch(url, { headers: { range: "bytes=0-2" } })).text()).toBe("con");
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "by-url" }), { expiresIn: 60 });
    expect((await fetch(put, { method: "PUT", body: "uploaded" })).status).toBe(200);
    expect(await (await stack.service.from(Bucket).download("by-url")).data?.text()).toBe("uploaded");
  });

  test("works until it expires, and no longer than it was signed for", async () => {
    const sign = (signingDate: Date, expiresIn: number) =>
      getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "file" }), { expiresIn, signingDate });
    const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
    const expired = await fetch(await sign(ago(61), 60));
    expect(expired.status).toBe(400);
    expect(await code(expired)).toBe("ExpiredToken");
    expect((await fetch(await sign(ago(50), 60))).status).toBe(200);
    const longer = (await sign(ago(61), 60)).replace("X-Amz-Expires=60", "X-Amz-Expires=600");
    expect((await fetch(longer)).status).toBe(403);
    expect((await fetch(await sign(ago(-20 * 60), 60))).status).toBe(403);
    for (const seconds of ["-1", "1e3", "604801", ""]) {
      const url = (await sign(ago(0), 60)).replace("X-Amz-Expires=60", `X-Amz-Expires=${seconds}`);
      expect((await fetch(url)).status).toBe(400);
    }
  });

  test("of a user is worth what the user's policies allow", async () => {
    const person = await stack.person();
    const client = s3ClientOf(stack, person);
    const list = await getSignedUrl(client, new ListObjectsV2Command({ Bucket }));
    expect(await (await fetch(list)).text()).not.toContain("<Contents>");
    const read = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: "file" }));
    expect((await fetch(read)).status).toBe(404);
    client.destroy();
  });
});
