import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ownFolderPolicies } from "../testing/policies.ts";
import { type Person, startTestStack, type TestStack } from "../testing/stack.ts";
import { s3Client, s3ClientOf } from "./testing/client.ts";
import { refusal } from "./testing/refusal.ts";
import { expectNothingLeftBehind } from "./testing/stored.ts";

let stack: TestStack;
let ann: Person;
let ben: Person;
let asAnn: S3Client;
let asBen: S3Client;
const Bucket = "private";
const opened: S3Client[] = [];

function client(person: Pick<Person, "token">): S3Client {
  const made = s3ClientOf(stack, person);
  opened.push(made);
  return made;
}

beforeAll(async () => {
  stack = await startTestStack();
  await stack.admin.query(ownFolderPolicies);
  ann = await stack.person();
  ben = await stack.person();
  asAnn = client(ann);
  asBen = client(ben);
  await asAnn.send(new PutObjectCommand({ Bucket, Key: `${ann.id}/note`, Body: "ann's" }));
});
afterAll(async () => {
  for (const made of opened) made.destroy();
  await stack.stop();
});
afterEach(() => expectNothingLeftBehind(stack));

describe("with a session token", () => {
  test("a user owns what the policies let in", async () => {
    const { rows } = await stack.admin.query("select owner_id from storage.objects where name = $1", [
      `${ann.id}/note`,
    ]);
    expect(rows).toEqual([{ owner_id: ann.id }]);
    const got = await asAnn.send(new GetObjectCommand({ Bucket, Key: `${ann.id}/note` }));
    expect(await got.Body?.transformToString()).toBe("ann's");
  });

  test("another user neither reads, lists, copies, replaces nor deletes it", async () => {
    const Key = `${ann.id}/note`;
    expect(await refusal(asBen.send(new GetObjectCommand({ Bucket, Key })))).toMatchObject({ status: 404 });
    expect((await asBen.send(new ListObjectsV2Command({ Bucket }))).Contents).toBeUndefined();
    const copy = new CopyObjectCommand({ Bucket, Key: `${ben.id}/copy`, CopySource: `${Bucket}/${Key}` });
    expect(await refusal(asBen.send(copy))).toMatchObject({ status: 404, code: "NoSuchKey" });
    const denied = { status: 403, code: "AccessDenied" };
    expect(await refusal(asBen.send(new PutObjectCommand({ Bucket, Key, Body: "ben's" })))).toMatchObject(denied);
    expect(await refusal(asBen.send(new DeleteObjectCommand({ Bucket, Key })))).toMatchObject(denied);
    const many = await asBen.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }));
    expect(many.Errors).toEqual([{ Key, Code: "AccessDenied", Message: "Access Denied" }]);
    const got = await asAnn.send(new GetObjectCommand({ Bucket, Key }));
    expect(await got.Body?.transformToString()).toBe("ann's");
  });

  test("buckets are those that the policies show", async () => {
    expect((await asAnn.send(new ListBucketsCommand())).Buckets).toEqual([]);
    expect(await refusal(asAnn.send(new HeadBucketCommand({ Bucket })))).toMatchObject({ status: 404 });
    expect(await refusal(asAnn.send(new CreateBucketCommand({ Bucket: "anns" })))).toMatchObject({ status: 403 });
  });

  test("an upload in parts is its user's, from the first step to the last", async () => {
    const Key = `${ann.id}/parts`;
    const begin = new CreateMultipartUploadCommand({ Bucket, Key });
    expect(await refusal(asBen.send(begin))).toMatchObject({ status: 403, code: "AccessDenied" });
    const { UploadId } = await asAnn.send(begin);
    const upload = { Bucket, Key, UploadId };
    const sent = new UploadPartCommand({ ...upload, PartNumber: 1, Body: "x" });
    expect(await refusal(asBen.send(sent))).toMatchObject({ status: 403 });
    const copied = { ...upload, PartNumber: 2, CopySource: `${Bucket}/${ann.id}/note` };
    expect(await refusal(asBen.send(new UploadPartCopyCommand(copied)))).toMatchObject({ status: 404 });
    const { ETag } = await asAnn.send(sent);
    const done = new CompleteMultipartUploadCommand({
      ...upload,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
    });
    expect(await refusal(asBen.send(done))).toMatchObject({ status: 403 });
    expect((await asAnn.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toBeUndefined();
    await asAnn.send(done);
    const { rows } = await stack.admin.query("select owner_id from storage.objects where name = $1", [Key]);
    expect(rows).toEqual([{ owner_id: ann.id }]);
  });

  test("policies see Supabase's name for what is done", async () => {
    await stack.admin.query(`create policy "only by S3" on storage.objects as restrictive for insert to authenticated
      with check (storage.allow_any_operation(array['s3.upload', 's3.upload.create_multipart']))`);
    try {
      await asAnn.send(new PutObjectCommand({ Bucket, Key: `${ann.id}/s3`, Body: "x" }));
      const { error } = await ann.storage.from(Bucket).upload(`${ann.id}/rest`, "x");
      expect(error).toMatchObject({ statusCode: "403" });
    } finally {
      await stack.admin.query('drop policy "only by S3" on storage.objects');
    }
  });

  test("one that is expired, forged or of another role is refused", async () => {
    const list = new ListObjectsV2Command({ Bucket });
    const past = Math.floor(Date.now() / 1000) - 10;
    const expired = { token: await stack.sign({ role: "authenticated", sub: ann.id }, past) };
    expect(await refusal(client(expired).send(list))).toMatchObject({ status: 403, code: "AccessDenied" });
    const forged = { token: `${ann.token.slice(0, -6)}AAAAAA` };
    expect(await refusal(client(forged).send(list))).toMatchObject({ status: 403, code: "AccessDenied" });
    const admin = await stack.person({ role: "supabase_storage_admin" });
    expect(await refusal(client(admin).send(list))).toMatchObject({ status: 403, code: "AccessDenied" });
  });

  test("the token of one user with the signature of another request is refused", async () => {
    const keys = { accessKeyId: "stub", secretAccessKey: "not the anon key", sessionToken: ann.token };
    const made = s3Client(stack, { credentials: keys });
    opened.push(made);
    const refused = await refusal(made.send(new ListObjectsV2Command({ Bucket })));
    expect(refused).toMatchObject({ status: 403, code: "SignatureDoesNotMatch" });
  });
});

test("without the protocol in config.toml there is no such route", async () => {
  const off = await startTestStack({ storage: { s3_protocol: { enabled: false } } });
  try {
    const response = await off.fetch("/s3/", { token: off.serviceKey });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ statusCode: "404", error: "Not Found" });
  } finally {
    await off.stop();
  }
});
