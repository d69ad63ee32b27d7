import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestStack, type TestStack } from "../testing/stack.ts";
import { halves } from "./testing/pictures.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
  await stack.service.createBucket("open", { public: true });
  const picture = await halves(40, 20).png().toBuffer();
  await stack.service.from("open").upload("a.png", picture, { contentType: "image/png" });
});
afterAll(() => stack?.stop());

test("without the setting there is no such route", async () => {
  const { data } = stack.anon.from("open").getPublicUrl("a.png", { transform: { width: 10 } });
  const answer = await fetch(data.publicUrl);
  expect([answer.status, await answer.json()]).toEqual([
    404,
    {
      statusCode: "404",
      code: "InvalidRequest",
      error: "Not Found",
      message: "Route GET:/render/image/public/open/a.png not found",
    },
  ]);
});

test("without the setting a signed URL leads to the object as it is", async () => {
  const { data } = await stack.service.from("open").createSignedUrl("a.png", 60, { transform: { width: 10 } });
  expect(data?.signedUrl).toContain("/object/sign/open/a.png");
  expect((await fetch(data?.signedUrl ?? "")).status).toBe(200);
});
