import { randomUUID } from "node:crypto";
import { afterAll, expect } from "vitest";
import { newcomer, server, visitor } from "./clients.ts";
import { proves } from "./proof.ts";

const { storage } = server();
const made: string[] = [];

async function newBucket(options = { public: false }): Promise<string> {
  const id = `client-${randomUUID()}`;
  const { error } = await storage.createBucket(id, options);
  if (error) throw error;
  made.push(id);
  return id;
}

afterAll(async () => {
  for (const id of made) {
    await storage.emptyBucket(id);
    await storage.deleteBucket(id);
  }
});

const refused = { data: null, error: { status: 400, statusCode: "403", code: "AccessDenied" } };
const unknown = { data: null, error: { status: 400, statusCode: "404", code: "NoSuchBucket" } };

proves(
  "storage.createBucket",
  "makes a bucket with its limits; a second of the name is `ResourceAlreadyExists`",
  async () => {
    const id = await newBucket();
    const again = await storage.createBucket(id, { public: true });
    expect(again).toMatchObject({ data: null, error: { status: 400, statusCode: "409" } });
    const limited = `client-${randomUUID()}`;
    const options = { public: true, fileSizeLimit: "1KB", allowedMimeTypes: ["text/plain"] };
    expect((await storage.createBucket(limited, options)).data).toEqual({ name: limited });
    made.push(limited);
    const small = await storage.from(limited).upload("a.txt", "x".repeat(2000), { contentType: "text/plain" });
    expect(small.error).toMatchObject({ statusCode: "413", code: "EntityTooLarge" });
    const typed = await storage.from(limited).upload("a.png", "x", { contentType: "image/png" });
    expect(typed.error).toMatchObject({ statusCode: "415", code: "InvalidMimeType" });
  },
);

proves("storage.createBucket", "is refused to whom no policy lets", async () => {
  const { client } = await newcomer("no-buckets");
  for (const each of [client, visitor()]) {
    expect(await each.storage.createBucket(`client-${randomUUID()}`)).toMatchObject(refused);
  }
});

proves("storage.getBucket", "answers a bucket; one unknown or hidden by policies is `NoSuchBucket`", async () => {
  const id = await newBucket();
  expect((await storage.getBucket(id)).data).toMatchObject({ id, name: id, public: false, file_size_limit: null });
  expect(await storage.getBucket("client-nowhere")).toMatchObject(unknown);
  expect(await visitor().storage.getBucket(id)).toMatchObject(unknown);
});

proves("storage.listBuckets", "lists, searches, sorts and pages; hides what policies hide", async () => {
  const ids = [await newBucket(), await newBucket()].sort();
  const listed = await storage.listBuckets({ search: "client-", sortColumn: "name", sortOrder: "asc" });
  expect(listed.data?.map(({ id }) => id).filter((id) => ids.includes(id))).toEqual(ids);
  expect((await storage.listBuckets({ search: ids[0], limit: 1 })).data).toMatchObject([{ id: ids[0] }]);
  expect((await visitor().storage.listBuckets()).data).toEqual([]);
});

proves("storage.updateBucket", "changes a bucket, which holds from then on", async () => {
  const id = await newBucket();
  await storage.from(id).upload("a.txt", "hello", { contentType: "text/plain" });
  const { publicUrl } = storage.from(id).getPublicUrl("a.txt").data;
  expect((await fetch(publicUrl)).ok).toBe(false);
  expect((await storage.updateBucket(id, { public: true })).data).toEqual({ message: "Successfully updated" });
  expect(await (await fetch(publicUrl)).text()).toBe("hello");
  expect(await storage.updateBucket("client-nowhere", { public: true })).toMatchObject(unknown);
});

proves("storage.emptyBucket", "removes every file of a bucket; only with the secret key", async () => {
  const id = await newBucket();
  for (const name of ["a.txt", "b/c.txt"]) await storage.from(id).upload(name, "x");
  expect((await visitor().storage.emptyBucket(id)).error).toMatchObject({ statusCode: "403" });
  expect((await storage.from(id).list()).data).toHaveLength(2);
  expect((await storage.emptyBucket(id)).error).toBeNull();
  expect((await storage.from(id).list()).data).toEqual([]);
  expect(await storage.emptyBucket("client-nowhere")).toMatchObject(unknown);
});

proves("storage.deleteBucket", "removes an empty bucket; one with files is refused", async () => {
  const id = await newBucket();
  await storage.from(id).upload("a.txt", "x");
  expect((await storage.deleteBucket(id)).error).toMatchObject({ statusCode: "409" });
  await storage.from(id).remove(["a.txt"]);
  expect((await storage.deleteBucket(id)).data).toEqual({ message: "Successfully deleted" });
  expect(await storage.getBucket(id)).toMatchObject(unknown);
});

proves("storage.purgeBucketCache", "has no cache to purge; only with the secret key", async () => {
  expect((await storage.purgeBucketCache("evidence")).data).toEqual({ message: "success" });
  expect((await visitor().storage.purgeBucketCache("evidence")).error).toMatchObject({ status: 403 });
});

proves("storage.from", "opens a bucket, asking nobody until it is used", async () => {
  const id = await newBucket();
  expect((await storage.from(id).upload("a.txt", "x")).data).toMatchObject({ fullPath: `${id}/a.txt` });
  expect(await storage.from("client-nowhere").upload("a.txt", "x")).toMatchObject({
    error: { statusCode: "404", code: "NoSuchBucket" },
  });
});

proves("storage.throwOnError", "throws what else would be answered as `error`", async () => {
  const strict = server().storage.throwOnError();
  await expect(strict.getBucket("client-nowhere")).rejects.toMatchObject({ code: "NoSuchBucket" });
});

proves("storage.setHeader", "sends a header that Storage honours", async () => {
  const { client } = await newcomer("header");
  const id = await newBucket();
  const token = (await client.auth.getSession()).data.session?.access_token;
  const asUser = server().storage.setHeader("Authorization", `Bearer ${token}`);
  expect((await storage.getBucket(id)).error).toBeNull();
  expect(await asUser.getBucket(id)).toMatchObject(unknown);
});
