import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let bucket: ReturnType<TestStack["service"]["from"]>;

const names = [
  "a.txt",
  "B.txt",
  "docs.txt",
  "docs/a.pdf",
  "docs/b.pdf",
  "docs/deep/er/c.pdf",
  "docs-old/x.pdf",
  "Docs/upper.pdf",

  "z_1.txt",
  "zA1.txt",
];

beforeAll(async () => {
  stack = await startTestStack();
  await stack.service.createBucket("files", { public: false });
  bucket = stack.service.from("files");
  for (const [index, name] of names.entries()) {
    expect((await bucket.upload(name, name)).error).toBeNull();
    await stack.admin.query(
      `update storage.objects set created_at = timestamptz '2026-01-01' + $2 * interval '1 day' where name = $1`,
      [name, names.length - index],
    );
  }
});

afterAll(() => stack?.stop());

async function listed(...args: Parameters<typeof bucket.list>) {
  const { data, error } = await bucket.list(...args);
  expect(error).toBeNull();
  return data?.map((entry) => (entry.id === null ? `${entry.name}/` : entry.name));
}

describe("list", () => {
  test("shows files and folders of the top, mixed, without regard to case", async () => {
    expect(await listed()).toEqual(["a.txt", "B.txt", "docs-old/", "docs.txt", "Docs/", "z_1.txt", "zA1.txt"]);
  });

  test("answers entries as Supabase does", async () => {
    const { data } = await bucket.list("docs", { limit: 3 });
    expect(data?.find((entry) => entry.id)).toEqual({
      name: "a.pdf",
      id: expect.any(String),
      updated_at: expect.stringMatching(/Z$/),
      created_at: expect.stringMatching(/Z$/),
      last_accessed_at: expect.stringMatching(/Z$/),
      metadata: expect.objectContaining({ size: 10, mimetype: "text/plain;charset=UTF-8" }),
    });
    expect(data?.find((entry) => !entry.id)).toEqual({
      name: "deep",
      id: null,
      updated_at: null,
      created_at: null,
      last_accessed_at: null,
      metadata: null,
    });
  });

  test("shows one folder, with or without its slash", async () => {
    const inside = ["a.pdf", "b.pdf", "deep/", "upper.pdf"];
    expect(await listed("docs")).toEqual(inside);
    expect(await listed("docs/")).toEqual(inside);
    expect(await listed("docs/deep/er")).toEqual(["c.pdf"]);
    expect(await listed("no/such")).toEqual([]);
  });

  test("searches by the start of the name, taking no character for a pattern", async () => {
    expect(await listed("", { search: "do" })).toEqual(["docs-old/", "docs.txt", "Docs/"]);
    expect(await listed("docs", { search: "B" })).toEqual(["b.pdf"]);
    expect(await listed("", { search: "z_" })).toEqual(["z_1.txt"]);
    expect(await listed("", { search: "%" })).toEqual([]);
  });

  test("pages by limit and offset", async () => {
    const pages = [];
    for (let offset = 0; offset < 9; offset += 3) pages.push(await listed("", { limit: 3, offset }));
    expect(pages).toEqual([["a.txt", "B.txt", "docs-old/"], ["docs.txt", "Docs/", "z_1.txt"], ["zA1.txt"]]);
  });

  test("sorts by name backwards, and by time with folders first", async () => {
    const backwards = await listed("", { sortBy: { column: "name", order: "desc" } });
    expect(backwards).toEqual(["zA1.txt", "z_1.txt", "Docs/", "docs.txt", "docs-old/", "B.txt", "a.txt"]);
    const byTime = await listed("", { sortBy: { column: "created_at", order: "asc" } });
    expect(byTime).toEqual(["docs-old/", "Docs/", "zA1.txt", "z_1.txt", "docs.txt", "B.txt", "a.txt"]);
  });

  test.each([
    { limit: 0 },
    { offset: -1 },
    { sortBy: { column: "name; drop table storage.objects" } },
    { sortBy: { column: "name", order: "sideways" } },
  ])("refuses %j", async (options) => {
    const { error } = await bucket.list("", options);
    expect(error).toMatchObject({ status: 400, statusCode: "400", code: "InvalidRequest" });
  });

  test("refuses a body that is no JSON, of the wrong type, or too large", async () => {
    const ask = (body: string) =>
      stack.fetch("/object/list/files", { method: "POST", body, token: stack.serviceKey }).then((r) => r.json());
    expect(await ask("{")).toMatchObject({ code: "InvalidRequest", message: "Body is not valid JSON" });
    expect(await ask('{"prefix":1}')).toMatchObject({ code: "InvalidRequest" });
    expect(await ask("")).toMatchObject({ code: "InvalidRequest" });
    expect(await ask(JSON.stringify({ prefix: "x".repeat(1024 * 1024) }))).toMatchObject({ statusCode: "413" });
  });
});

describe("listV2", () => {
  type Options = NonNullable<Parameters<typeof bucket.listV2>[0]>;

  async function all(options: Options) {
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const { data, error } = await bucket.listV2({ ...options, cursor });
      expect(error).toBeNull();
      const page = [...(data?.folders ?? []), ...(data?.objects ?? [])].map((entry) => entry.name);
      expect(page.length).toBeLessThanOrEqual(options.limit ?? 1000);
      found.push(...page.sort());
      cursor = data?.hasNext ? data.nextCursor : undefined;
    } while (cursor);
    return found;
  }

  const top = ["B.txt", "Docs/", "a.txt", "docs-old/", "docs.txt", "docs/", "zA1.txt", "z_1.txt"];

  test("shows folders and objects apart", async () => {
    const { data } = await bucket.listV2({ with_delimiter: true, prefix: "docs/" });
    expect(data).toMatchObject({
      hasNext: false,
      folders: [{ key: "deep", name: "docs/deep/" }],
      objects: [
        { key: "a.pdf", name: "docs/a.pdf", id: expect.any(String) },
        { key: "b.pdf", name: "docs/b.pdf", id: expect.any(String) },
      ],
    });
  });

  test.each([1, 2, 3, 100])("pages through %i at a time without loss or repetition", async (limit) => {
    expect((await all({ with_delimiter: true, limit })).sort()).toEqual(top);
    expect((await all({ limit })).sort()).toEqual([...names].sort());
    for (const column of ["name", "created_at", "updated_at"] as const) {
      for (const order of ["asc", "desc"] as const) {
        const sortBy = { column, order };
        expect((await all({ with_delimiter: true, limit, sortBy })).sort()).toEqual(top);
        expect((await all({ limit, sortBy })).sort()).toEqual([...names].sort());
      }
    }
  });

  test("orders by name and by time", async () => {
    expect(await all({ limit: 1 })).toEqual([...names].sort());
    expect(await all({ limit: 1, sortBy: { column: "name", order: "desc" } })).toEqual([...names].sort().reverse());
    expect(await all({ limit: 1, sortBy: { column: "created_at", order: "desc" } })).toEqual(names);
  });

  test("keeps a file and a folder of one name apart", async () => {
    for (const name of ["same", "same/inside.txt"]) await bucket.upload(name, "x");
    expect(await all({ with_delimiter: true, limit: 1, prefix: "same" })).toEqual(["same", "same/"]);
    await bucket.remove(["same", "same/inside.txt"]);
  });

  test.each(["rubbish", Buffer.from('{"after":1}').toString("base64url")])("refuses the cursor %s", async (cursor) => {
    expect((await bucket.listV2({ cursor })).error).toMatchObject({ code: "InvalidParameter" });
  });
});
