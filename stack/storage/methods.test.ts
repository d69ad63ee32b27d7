import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
const Bucket = "files";

beforeAll(async () => {
  stack = await startTestStack();
  await stack.service.createBucket(Bucket, { public: true });
});
afterAll(() => stack.stop());

// What every client of storage-js has, or keeps for itself.
const HELPERS = new Set([
  "constructor",
  "throwOnError",
  "setHeader",
  "handleOperation",
  "bucketLifecycleUrl",
  "listBucketOptionsToQueryString",
  "uploadOrUpdate",
  "prepareUploadFormData",
  "encodeMetadata",
  "toBase64",
  "applyTransformOptsToQuery",
]);

/** The methods of an object of the library, also those that it will have in a later version. */
function methodsOf(object: object): string[] {
  const found = new Set<string>();
  for (let at = object; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const { value } = Object.getOwnPropertyDescriptor(at, name) ?? {};
      if (typeof value === "function" && !HELPERS.has(name) && !name.startsWith("_") && name !== "fetch")
        found.add(name);
    }
  }
  return [...found].sort();
}

type Call = () => Promise<{ data: unknown; error: unknown }>;

async function expectWorks(call: Call) {
  const { data, error } = await call();
  expect(error).toBeNull();
  expect(data).not.toBeNull();
}

async function expectNotEnabled(call: Call) {
  const { data, error } = await call();
  expect(data).toBeNull();
  expect(error).toMatchObject({ status: 403, statusCode: "403" });
  expect(String(error)).toContain("feature not enabled");
}

async function uploaded(): Promise<string> {
  const path = `${randomUUID()}.txt`;
  await stack.service.from(Bucket).upload(path, "content");
  return path;
}

async function madeBucket(): Promise<string> {
  const id = randomUUID();
  await stack.service.createBucket(id);
  return id;
}

const bucketCalls: Record<string, Call> = {
  createBucket: () => stack.service.createBucket(randomUUID(), { public: false, fileSizeLimit: "1MB" }),
  deleteBucket: async () => stack.service.deleteBucket(await madeBucket()),
  emptyBucket: async () => stack.service.emptyBucket(await madeBucket()),
  getBucket: () => stack.service.getBucket(Bucket),
  listBuckets: () => stack.service.listBuckets({ limit: 5, offset: 0, sortColumn: "created_at", sortOrder: "desc" }),
  purgeBucketCache: () => stack.service.purgeBucketCache(Bucket, { transformations: true }),
  updateBucket: async () => stack.service.updateBucket(await madeBucket(), { public: true, fileSizeLimit: 10 }),
};

const lifecycleCalls: Record<string, Call> = {
  getBucketLifecycle: () => stack.service.getBucketLifecycle(Bucket),
  updateBucketLifecycle: () => stack.service.updateBucketLifecycle(Bucket, { rules: [] }),
  deleteBucketLifecycle: () => stack.service.deleteBucketLifecycle(Bucket),
};

const files = () => stack.service.from(Bucket);

const fileCalls: Record<string, Call> = {
  copy: async () => files().copy(await uploaded(), randomUUID()),
  createSignedUploadUrl: () => files().createSignedUploadUrl(randomUUID(), { upsert: true }),
  createSignedUrl: async () => files().createSignedUrl(await uploaded(), 60, { download: "a.txt" }),
  createSignedUrls: async () => files().createSignedUrls([await uploaded()], 60),
  download: async () => files().download(await uploaded()),
  exists: async () => files().exists(await uploaded()),
  info: async () => files().info(await uploaded()),
  list: () => files().list("", { limit: 2, sortBy: { column: "updated_at", order: "desc" } }),
  listV2: () => files().listV2({ limit: 2, with_delimiter: true, sortBy: { column: "created_at", order: "desc" } }),
  move: async () => files().move(await uploaded(), randomUUID()),
  purgeCache: async () => files().purgeCache(await uploaded()),
  remove: async () => files().remove([await uploaded()]),
  update: async () => files().update(await uploaded(), "new content"),
  upload: () => files().upload(randomUUID(), "content"),
  uploadToSignedUrl: async () => {
    const path = randomUUID();
    const { data } = await files().createSignedUploadUrl(path);
    return files().uploadToSignedUrl(path, data?.token ?? "", "content");
  },
  getPublicUrl: async () => {
    const { data } = files().getPublicUrl(await uploaded());
    const response = await fetch(data.publicUrl);
    return { data: await response.text(), error: response.ok ? null : response.status };
  },
};

const vectors = () => stack.service.vectors;
const index = () => vectors().from("vectors").index("index");
const vector = { float32: [0.1, 0.2] };

const vectorCalls: Record<string, Record<string, Call>> = {
  vectors: {
    createBucket: () => vectors().createBucket("vectors"),
    deleteBucket: () => vectors().deleteBucket("vectors"),
    getBucket: () => vectors().getBucket("vectors"),
    listBuckets: () => vectors().listBuckets(),
  },
  "a vector bucket": {
    createIndex: () =>
      vectors()
        .from("vectors")
        .createIndex({ indexName: "index", dataType: "float32", dimension: 2, distanceMetric: "cosine" }),
    deleteIndex: () => vectors().from("vectors").deleteIndex("index"),
    getIndex: () => vectors().from("vectors").getIndex("index"),
    listIndexes: () => vectors().from("vectors").listIndexes(),
  },
  "a vector index": {
    deleteVectors: () => index().deleteVectors({ keys: ["a"] }),
    getVectors: () => index().getVectors({ keys: ["a"] }),
    listVectors: () => index().listVectors(),
    putVectors: () => index().putVectors({ vectors: [{ key: "a", data: vector }] }),
    queryVectors: () => index().queryVectors({ queryVector: vector, topK: 1 }),
  },
};

const analyticsCalls: Record<string, Call> = {
  createBucket: () => stack.service.analytics.createBucket("analytics"),
  deleteBucket: () => stack.service.analytics.deleteBucket("analytics"),
  listBuckets: () => stack.service.analytics.listBuckets(),
};

describe("every method of storage-js is known here", () => {
  const known = (...calls: object[]) => calls.flatMap((names) => Object.keys(names)).sort();

  test("of the client, and of its buckets", () => {
    expect(methodsOf(stack.service)).toEqual(["from", ...known(bucketCalls, lifecycleCalls)].sort());
    expect(methodsOf(files())).toEqual(known(fileCalls));
  });

  test("of vectors and analytics", () => {
    expect(methodsOf(vectors())).toEqual(["from", ...known(vectorCalls.vectors ?? {})].sort());
    expect(methodsOf(vectors().from("vectors"))).toEqual(
      ["index", ...known(vectorCalls["a vector bucket"] ?? {})].sort(),
    );
    expect(methodsOf(index())).toEqual(known(vectorCalls["a vector index"] ?? {}));
    expect(methodsOf(stack.service.analytics)).toEqual(["from", ...known(analyticsCalls)].sort());
  });
});

test.each(Object.entries({ ...bucketCalls, ...fileCalls }))("%s works", (_, call) => expectWorks(call));

test.each(Object.entries(lifecycleCalls))("%s is not enabled", (_, call) => expectNotEnabled(call));

describe.each(Object.entries(vectorCalls))("of %s", (_, calls) => {
  test.each(Object.entries(calls))("%s is not enabled", (_name, call) => expectNotEnabled(call));
});

describe("of analytics", () => {
  test.each(Object.entries(analyticsCalls))("%s is not enabled", (_, call) => expectNotEnabled(call));

  test("a catalogue's methods are not enabled", async () => {
    const catalogue = stack.service.analytics.from("analytics");
    for (const answer of [
      await catalogue.listNamespaces(),
      await catalogue.createNamespace({ namespace: ["a"] }),
      await catalogue.loadTable({ namespace: ["a"], name: "t" }),
      await catalogue.dropTable({ namespace: ["a"], name: "t" }, { purge: true }),
    ]) {
      expect(answer.data).toBeNull();
      expect(answer.error).toMatchObject({ status: 403 });
    }
  });
});

test("purging the cache is for the service only", async () => {
  expect((await stack.anon.purgeBucketCache(Bucket)).error).toMatchObject({ status: 403, statusCode: "403" });
});
