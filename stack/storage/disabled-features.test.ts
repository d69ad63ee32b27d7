import { afterAll, beforeAll, expect, test } from "vitest";
import { type Person, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let person: Person;

beforeAll(async () => {
  stack = await startTestStack();
  person = await stack.person();
});

afterAll(() => stack?.stop());

const notEnabled = { status: 403, code: "FeatureNotEnabled", message: "feature not enabled for this tenant" };
const notAllowed = { status: 403, code: "AccessDenied" };

test("vector buckets, analytics buckets and lifecycles are not enabled, which only the service is told", async () => {
  const calls = [
    (storage: typeof stack.service) => storage.vectors.listBuckets(),
    (storage: typeof stack.service) => storage.analytics.listBuckets(),
    (storage: typeof stack.service) => storage.getBucketLifecycle("any"),
  ];
  for (const call of calls) {
    expect((await call(stack.service)).error).toMatchObject(notEnabled);
    expect((await call(person.storage)).error).toMatchObject(notAllowed);
  }
});

test("the cache, which is none, can be purged by the service alone", async () => {
  expect(await stack.service.purgeBucketCache("any")).toMatchObject({ data: { message: "success" }, error: null });
  expect((await stack.service.from("any").purgeCache("a/b c.txt")).data).toEqual({ message: "success" });
  expect((await person.storage.purgeBucketCache("any")).error).toMatchObject(notAllowed);
});
