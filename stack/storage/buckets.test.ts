import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuckets } from "./ensure-buckets.ts";
import { type Person, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let person: Person;

beforeAll(async () => {
  stack = await startTestStack({
    storage: {
      file_size_limit: "10MiB",
      buckets: { declared: { public: true, file_size_limit: "1MiB", allowed_mime_types: ["image/png"] }, plain: {} },
    },
  });
  person = await stack.person();
});

afterAll(() => stack?.stop());

describe("with the service key, a bucket", () => {
  test("is created, read, changed and deleted", async () => {
    const created = await stack.service.createBucket("pictures", {
      public: false,
      fileSizeLimit: "2MB",
      allowedMimeTypes: ["image/*"],
    });
    expect(created).toEqual({ data: { name: "pictures" }, error: null });
    expect((await stack.service.getBucket("pictures")).data).toEqual({
      id: "pictures",
      name: "pictures",
      owner: "",
      public: false,
      file_size_limit: 2_000_000,
      allowed_mime_types: ["image/*"],
      created_at: expect.stringMatching(/Z$/),
      updated_at: expect.stringMatching(/Z$/),
    });
    const updated = await stack.service.updateBucket("pictures", { public: true, fileSizeLimit: null });
    expect(updated.data).toEqual({ message: "Successfully updated" });
    expect((await stack.service.getBucket("pictures")).data).toMatchObject({
      public: true,
      file_size_limit: null,
      allowed_mime_types: ["image/*"],
    });
    expect((await stack.service.deleteBucket("pictures")).data).toEqual({ message: "Successfully deleted" });
    expect((await stack.service.getBucket("pictures")).error).toMatchObject({
      statusCode: "404",
      code: "NoSuchBucket",
    });
  });

  test("of a taken name is refused", async () => {
    await stack.service.createBucket("twice");
    expect((await stack.service.createBucket("twice")).error).toMatchObject({
      status: 400,
      statusCode: "409",
      code: "BucketAlreadyExists",
    });
  });

  test("with files is emptied before it is deleted", async () => {
    await stack.service.createBucket("full");
    const bucket = stack.service.from("full");
    for (const name of ["a", "b/c", "b/d"]) await bucket.upload(name, "x");
    expect((await stack.service.deleteBucket("full")).error).toMatchObject({
      statusCode: "409",
      message: "The bucket you tried to delete is not empty",
    });
    expect((await stack.service.emptyBucket("full")).error).toBeNull();
    expect((await bucket.list()).data).toEqual([]);
    expect(stack.stored()).toEqual([]);
    expect((await stack.service.deleteBucket("full")).error).toBeNull();
  });

  test.each([
    ["a slash in its name", "a/b", {}],
    ["no name", "", {}],
    ["101 characters", "b".repeat(101), {}],
    ["Hebrew letters", "\u05d0\u05d1", {}],
    ["a limit above the stack's", "large", { fileSizeLimit: "11MB" }],
    ["a limit that is no size", "odd", { fileSizeLimit: "many" }],
    ["types that are none", "types", { allowedMimeTypes: ["pictures"] }],
    ["versions", "versions", { versioningStatus: "ENABLED" as const }],
  ])("with %s is refused", async (_what, id, options) => {
    const { error } = await stack.service.createBucket(id, { public: false, ...options });
    expect(error).toMatchObject({ status: 400, statusCode: expect.stringMatching(/^4/) });
    expect((await stack.service.listBuckets({ search: id || "none" })).data?.some((b) => b.id === id)).toBe(false);
  });

  test("that is missing is neither changed, emptied nor deleted", async () => {
    const missing = { statusCode: "404", code: "NoSuchBucket" };
    expect((await stack.service.updateBucket("missing", { public: true })).error).toMatchObject(missing);
    expect((await stack.service.emptyBucket("missing")).error).toMatchObject(missing);
    expect((await stack.service.deleteBucket("missing")).error).toMatchObject(missing);
  });

  test("is listed, searched and sorted among others", async () => {
    for (const id of ["list-a", "list-b", "list-c"]) await stack.service.createBucket(id);
    const list = async (options: Parameters<typeof stack.service.listBuckets>[0]) =>
      (await stack.service.listBuckets(options)).data?.map(({ id }) => id);
    expect(await list({ search: "LIST-" })).toEqual(["list-a", "list-b", "list-c"]);
    expect(await list({ search: "list-", sortColumn: "id", sortOrder: "desc", limit: 1, offset: 1 })).toEqual([
      "list-b",
    ]);
    expect(await list({ search: "%" })).toEqual([]);
  });
});

describe("without the service key", () => {
  const refused = { status: 400, statusCode: "403", code: "AccessDenied" };

  test("no bucket is created, changed, emptied or deleted", async () => {
    await stack.service.createBucket("theirs");
    await stack.service.from("theirs").upload("a", "x");
    for (const storage of [person.storage, stack.anon]) {
      expect((await storage.createBucket("mine")).error).toMatchObject(refused);
      expect((await storage.updateBucket("theirs", { public: true })).error).toMatchObject({ statusCode: "404" });
      expect((await storage.emptyBucket("theirs")).error).toMatchObject({
        status: 403,
        statusCode: "403",
        message: "Access denied: Invalid role",
      });
      expect((await storage.deleteBucket("theirs")).error).not.toBeNull();
      expect((await storage.getBucket("theirs")).error).toMatchObject({ statusCode: "404" });
      expect((await storage.listBuckets()).data).toEqual([]);
    }
    expect((await stack.service.getBucket("theirs")).data).toMatchObject({ public: false });
    expect((await stack.service.from("theirs").list()).data).toHaveLength(1);
  });

  test("policies decide, but emptying is for the service only", async () => {
    await stack.service.createBucket("shared");
    await stack.admin.query(`
      create policy "see buckets" on storage.buckets for select to authenticated using (id = 'shared');
      create policy "make buckets" on storage.buckets for insert to authenticated with check (name like 'team-%');
      create policy "see files" on storage.objects for select to authenticated using (bucket_id = 'shared');
      create policy "delete own files" on storage.objects for delete to authenticated
        using (owner_id = auth.uid()::text);
      create policy "add files" on storage.objects for insert to authenticated with check (bucket_id = 'shared');
    `);
    await stack.service.from("shared").upload("not-mine", "x");
    await person.storage.from("shared").upload("mine", "x");
    expect((await person.storage.listBuckets()).data?.map(({ id }) => id)).toEqual(["shared"]);
    expect((await person.storage.emptyBucket("shared")).error).toMatchObject({ statusCode: "403" });
    expect((await stack.service.from("shared").list()).data?.map(({ name }) => name)).toEqual(["mine", "not-mine"]);
    expect((await person.storage.createBucket("team-a")).error).toBeNull();
    const { data } = await stack.service.getBucket("team-a");
    expect(data?.owner).toBe(person.id);
  });
});

test("a request without a token names what it lacks", async () => {
  const response = await stack.fetch("/bucket");
  expect(response.status).toBe(400);
  const body = { statusCode: "400", error: "Error", code: "InvalidRequest" };
  expect(await response.json()).toEqual({ ...body, message: "headers must have required property 'authorization'" });
});

test("the service says that it is there", async () => {
  expect((await stack.fetch("/status")).status).toBe(200);
  expect(await (await stack.fetch("/version")).text()).not.toBe("");
});

describe("ensureBuckets", () => {
  test("creates what config.toml declares, and puts it right again", async () => {
    await ensureBuckets(stack.ctx);
    const declared = { public: true, file_size_limit: 1024 * 1024, allowed_mime_types: ["image/png"] };
    expect((await stack.service.getBucket("declared")).data).toMatchObject(declared);
    expect((await stack.service.getBucket("plain")).data).toMatchObject({
      public: false,
      file_size_limit: null,
      allowed_mime_types: null,
    });
    await stack.service.updateBucket("declared", { public: false });
    await stack.service.createBucket("undeclared");
    await ensureBuckets(stack.ctx);
    expect((await stack.service.getBucket("declared")).data).toMatchObject(declared);
    expect((await stack.service.getBucket("undeclared")).error).toBeNull();
  });
});
