import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createStorage } from "./service.ts";
import { startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
  await stack.service.createBucket("files", { public: false });
});

afterAll(() => stack?.stop());

describe("createStorage after a crash", () => {
  test("removes bytes whose row was never written, and keeps those with one", async () => {
    await stack.service.from("files").upload("kept.txt", "kept");
    const [kept] = await stack.versions();
    const lost = randomUUID();
    const directory = join(stack.ctx.stateDir, "storage");
    mkdirSync(join(directory, "objects", lost.slice(0, 2)), { recursive: true });
    writeFileSync(join(directory, "objects", lost.slice(0, 2), lost), "half an upl");
    for (const version of [lost, kept ?? ""]) writeFileSync(join(directory, "unsettled", version), "");

    await createStorage(stack.ctx);

    expect(stack.stored()).toEqual([kept]);
    expect(stack.unsettled()).toEqual([]);
    expect(await (await stack.service.from("files").download("kept.txt")).data?.text()).toBe("kept");
  });
});
