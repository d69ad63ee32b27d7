import { CreateBucketCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ownFolderPolicies } from "../testing/policies.ts";
import { startTestStack, type TestStack } from "../testing/stack.ts";
import { s3Client, s3ClientOf } from "./testing/client.ts";
import { expectNothingLeftBehind } from "./testing/stored.ts";

let stack: TestStack;
let s3: S3Client;
const Bucket = "files";

beforeAll(async () => {
  stack = await startTestStack();
  s3 = s3Client(stack);
  await s3.send(new CreateBucketCommand({ Bucket }));
  await stack.admin.query(ownFolderPolicies);
});
afterAll(async () => {
  s3.destroy();
  await stack.stop();
});
afterEach(() => expectNothingLeftBehind(stack));

type Post = Parameters<typeof createPresignedPost>[1];

/** A form as a page sends it; `change` is what the page does that it was not given. */
async function submit(post: Partial<Post>, change: (form: FormData) => void = () => {}, client = s3, path?: string) {
  const signed = await createPresignedPost(client, { Bucket, Key: "posted", Expires: 60, ...post });
  const form = new FormData();
  for (const [name, value] of Object.entries(signed.fields)) form.set(name, value);
  change(form);
  form.set("file", new Blob(["content"], { type: "text/css" }), "a.css");
  return fetch(path ? `${stack.url}/storage/v1/s3${path}` : signed.url, { method: "POST", body: form });
}
const exists = async (name: string) => (await stack.service.from(Bucket).exists(name)).data;

test("a form uploads what its policy describes", async () => {
  const Fields = { "Content-Type": "text/plain", "x-amz-meta-colour": "blue", "Cache-Control": "max-age=5" };
  const response = await submit({ Fields });
  expect(response.status).toBe(200);
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "posted" }));
  expect(head).toMatchObject({
    ContentLength: 7,
    ContentType: "text/plain",
    CacheControl: "max-age=5",
    Metadata: { colour: "blue" },
    ETag: response.headers.get("etag"),
  });
});

test("a policy may leave the end of the name open, and say how long the file may be", async () => {
  const Conditions: Post["Conditions"] = [
    ["starts-with", "$key", "user/"],
    ["content-length-range", 1, 100],
  ];
  const unnamed = { Key: "user/$", Conditions };
  const named = await submit(unnamed, (form) => form.set("key", "user/mine"));
  expect(named.status).toBe(403);
  const signed = await submit({ Key: "user/mine", Conditions });
  expect(signed.status).toBe(200);
  expect(await exists("user/mine")).toBe(true);
});

test.each<[string, number, Partial<Post>, (form: FormData) => void]>([
  ["another name", 403, {}, (form) => form.set("key", "other")],
  ["a field that the policy does not name", 403, {}, (form) => form.set("x-amz-meta-extra", "1")],
  ["another policy", 403, {}, (form) => form.set("Policy", Buffer.from('{"conditions":[]}').toString("base64"))],
  ["no signature", 403, {}, (form) => form.delete("X-Amz-Signature")],
  ["a policy that has expired", 400, { Expires: -10 }, () => {}],
  ["a file that is too long", 413, { Conditions: [["content-length-range", 0, 3]] }, () => {}],
  ["a file that is too short", 400, { Conditions: [["content-length-range", 30, 99]] }, () => {}],
  ["a field twice in other letters", 400, {}, (form) => form.set("KEY", "other")],
])("a form with %s is refused and leaves nothing", async (_, status, post, change) => {
  const response = await submit({ Key: "refused", ...post }, change);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toContain("application/xml");
  for (const name of ["refused", "other"]) expect(await exists(name)).toBe(false);
});

test("a form for one bucket is of no use in another", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: "second" }));
  expect((await submit({}, undefined, s3, "/second")).status).toBe(403);
  expect((await stack.service.from("second").list()).data).toEqual([]);
});

test("a user's form uploads under the user's policies", async () => {
  const person = await stack.person();
  const client = s3ClientOf(stack, person);
  const post = (Key: string) => submit({ Bucket: "private", Key }, undefined, client);
  expect((await post(`${person.id}/a`)).status).toBe(200);
  expect((await post("somewhere/a")).status).toBe(403);
  const { rows } = await stack.admin.query("select owner_id from storage.objects where bucket_id = 'private'");
  expect(rows).toEqual([{ owner_id: person.id }]);
  client.destroy();
});
