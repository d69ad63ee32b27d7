import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createStorage } from "./service.ts";
import { startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
  await stack.service.createBucket("files", { public: false });
});

afterAll(() => stack?.stop());
afterEach(() => vi.restoreAllMocks());

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

/** The next commit of an object reaches the database or not; its answer is lost with the connection. */
function loseTheNextAnswer(reaches: boolean): void {
  const pool = stack.ctx.pool("supabase_storage_admin");
  const connect = pool.connect.bind(pool);
  const spy = vi.spyOn(pool, "connect").mockImplementation(async () => {
    const client = await connect();
    const query = pg.Client.prototype.query.bind(client);
    const gone = new Error("Connection terminated unexpectedly");
    let inserted = false;
    let lost = false;
    vi.spyOn(client, "query").mockImplementation(async (text: unknown, values?: unknown) => {
      if (lost) throw gone;
      if (text !== "commit" || !inserted) {
        inserted ||= /insert into storage\.objects/.test(String(text));
        return query(String(text), values as unknown[]);
      }
      lost = true;
      spy.mockRestore();
      await query(reaches ? "commit" : "rollback");
      throw gone;
    });
    return client;
  });
}

test.each([
  ["reached the database keeps the bytes", true],
  ["did not leaves none", false],
])("a commit whose answer is lost and that %s", async (_what, reaches) => {
  const before = stack.stored();
  loseTheNextAnswer(reaches);
  const { error } = await stack.service.from("files").upload(`doubtful-${reaches}.txt`, "bytes");
  expect(error === null).toBe(reaches);
  expect(stack.stored()).toHaveLength(before.length + (reaches ? 1 : 0));
  expect(stack.stored()).toEqual(await stack.versions());
  expect(stack.unsettled()).toEqual([]);
});
