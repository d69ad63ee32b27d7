import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADA, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let ada: Awaited<ReturnType<TestStack["as"]>>;

beforeAll(async () => {
  stack = await startTestStack();
  ada = await stack.as(ADA);
});
afterAll(() => stack?.close());

async function count(table: string): Promise<number> {
  const [row] = await stack.sql(`select count(*)::int as n from public.${table}`);
  return row.n;
}

describe("insert", () => {
  test("answers nothing unless asked, and the new row with its embeds when asked", async () => {
    const plain = await ada.from("visits").insert({ school_id: 1, teacher_id: 2 });
    expect([plain.status, plain.data]).toEqual([201, null]);
    const { data, status, error } = await ada
      .from("visits")
      .insert({ school_id: 1, teacher_id: 2, note: "new" })
      .select("note,status,teacher:people!visits_teacher_fkey(name)")
      .single();
    expect(error).toBeNull();
    expect([status, data]).toEqual([201, { note: "new", status: "draft", teacher: { name: "Ben" } }]);
  });

  test("many rows, missing keys null or default", async () => {
    const rows = [{ word: "a", n: 1 }, { word: "b" }];
    const nulls = await stack.service.from("logs").insert(rows).select("word,n");
    expect(nulls.data).toEqual([
      { word: "a", n: 1 },
      { word: "b", n: null },
    ]);
    const defaults = await stack.service.from("logs").insert(rows, { defaultToNull: false }).select("word,n");
    expect(defaults.data?.[1]).toEqual({ word: "b", n: 7 });
    const empty = await stack.service.from("logs").insert({}).select("word,n");
    expect(empty.data).toEqual([{ word: "none", n: 7 }]);
    const none = await stack.service.from("logs").insert([]).select();
    expect([none.status, none.data]).toEqual([201, []]);
  });

  test("upserts merge or ignore", async () => {
    const merged = await ada
      .from("ratings")
      .upsert({ school_id: 1, visit_id: 1, domain: "climate", level: 4 })
      .select("level");
    expect(merged.data).toEqual([{ level: 4 }]);
    const ignored = await ada
      .from("ratings")
      .upsert({ school_id: 1, visit_id: 1, domain: "climate", level: 1 }, { ignoreDuplicates: true })
      .select("level");
    expect(ignored.data).toEqual([]);
    const named = await stack.service.from("schools").upsert({ id: 2, name: "Lake" }, { onConflict: "id" }).select();
    expect(named.error).toBeNull();
  });

  test("csv and forms are bodies too", async () => {
    const headers = { prefer: "return=representation", "content-type": "text/csv" };
    const csv = await stack.raw("/logs?select=word,n", { method: "POST", headers, body: 'word,n\n"a,b",NULL\nc,3\n' });
    expect(await csv.json()).toEqual([
      { word: "a,b", n: null },
      { word: "c", n: 3 },
    ]);
  });

  test("headers-only names the new row", async () => {
    const headers = { prefer: "return=headers-only", "content-type": "application/json" };
    const created = await stack.raw("/schools", { method: "POST", headers, body: '{"id":9,"name":"Nine"}' });
    expect([created.status, created.headers.get("location")]).toEqual([201, "/schools?id=eq.9"]);
  });
});

describe("update and delete", () => {
  test("change what the filter names and return it", async () => {
    const { data, status } = await ada.from("visits").update({ note: "changed" }).eq("id", 2).select("id,note");
    expect([status, data]).toEqual([200, [{ id: 2, note: "changed" }]]);
    const plain = await ada.from("visits").update({ note: "again" }, { count: "exact" }).eq("id", 2);
    expect([plain.status, plain.count]).toEqual([204, 1]);
    const invisible = await ada.from("visits").update({ note: "x" }).eq("school_id", 2).select("id");
    expect(invisible.data).toEqual([]);
    const gone = await stack.service.from("logs").delete({ count: "exact" }).eq("word", "nobody");
    expect([gone.status, gone.count]).toEqual([204, 0]);
  });

  test("without a filter both are refused", async () => {
    const update = await stack.raw("/logs", { method: "PATCH", body: '{"n":1}' });
    expect([update.status, await update.json()]).toEqual([
      400,
      { code: "21000", details: null, hint: null, message: "UPDATE requires a WHERE clause" },
    ]);
    const before = await count("logs");
    const remove = await stack.raw("/logs?limit=1&order=id", { method: "DELETE" });
    expect([remove.status, (await remove.json()).message]).toEqual([400, "DELETE requires a WHERE clause"]);
    expect(await count("logs")).toBe(before);
  });

  test("a column without a grant is 403 with the grant that is missing", async () => {
    const { status, error } = await ada.from("visits").update({ score: 5 }).eq("id", 1);
    expect([status, error?.code]).toEqual([403, "42501"]);
    expect(error?.hint).toBe(
      "Grant the required privileges to the current role with: GRANT UPDATE ON public.visits TO authenticated;",
    );
  });

  test("single on several rows undoes the write", async () => {
    const { status, error } = await ada.from("visits").update({ note: "single" }).gt("id", 0).select().single();
    expect([status, error?.code]).toEqual([406, "PGRST116"]);
    expect(await stack.sql("select 1 from public.visits where note = 'single'")).toEqual([]);
  });

  test("max-affected undoes the write", async () => {
    const response = await stack.raw("/visits?id=gt.0", {
      method: "PATCH",
      body: '{"note":"max"}',
      headers: { prefer: "handling=strict, max-affected=1" },
    });
    expect([response.status, (await response.json()).code]).toEqual([400, "PGRST124"]);
    expect(await stack.sql("select 1 from public.visits where note = 'max'")).toEqual([]);
  });

  test("put replaces the row it names", async () => {
    const put = (query: string, body: string) => stack.raw(`/schools?${query}`, { method: "PUT", body });
    expect((await put("id=eq.8", '{"id":8,"name":"Eight"}')).status).toBe(204);
    expect((await (await put("id=eq.8", '{"id":7,"name":"Seven"}')).json()).code).toBe("PGRST115");
    expect((await (await put("name=eq.x", '{"id":8,"name":"x"}')).json()).code).toBe("PGRST105");
  });
});

describe("refusals", () => {
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    stack.raw(path, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

  test.each([
    ["malformed JSON", "/schools", '{"id":', 400, "PGRST102"],
    ["a bare value", "/schools", "3", 400, "PGRST102"],
    ["an empty body", "/schools", "", 400, "PGRST102"],
    ["rows with different keys", "/schools", '[{"id":1},{"name":"x"}]', 400, "PGRST102"],
    ["an unknown column", "/schools", '{"nope":1}', 400, "PGRST204"],
    ["an unknown table", "/nope", "{}", 404, "PGRST205"],
    ["a table of another schema", "/vault", "{}", 404, "PGRST205"],
    ["an unknown function", "/rpc/nope", "{}", 404, "PGRST202"],
    ["a wrong type", "/schools", '{"id":"x","name":"y"}', 400, "22P02"],
    ["a duplicate", "/schools", '{"id":1,"name":"y"}', 409, "23505"],
    ["a missing parent", "/people", '{"school_id":77,"id":1,"name":"y"}', 409, "23503"],
    ["a missing value", "/schools", '{"id":50}', 400, "23502"],
    ["a failed check", "/visits", '{"school_id":1,"teacher_id":1,"status":"odd"}', 400, "23514"],
    ["a generated column", "/people", '{"school_id":1,"id":9,"name":"y","bio":"x"}', 400, "428C9"],
    ["a NUL in a value", "/schools", '{"id":51,"name":"a\\u0000b"}', 400, "22P05"],
    ["a path too deep", "/schools/1", "{}", 404, "PGRST125"],
  ])("%s", async (_, path, body, status, code) => {
    const response = await post(path, body);
    const answer = await response.json();
    expect([response.status, answer.code]).toEqual([status, code]);
    expect(Object.keys(answer).sort()).toEqual(["code", "details", "hint", "message"]);
  });

  test("a policy's refusal is 403 and writes nothing", async () => {
    const before = await count("visits");
    const { status, error } = await ada.from("visits").insert({ school_id: 2, teacher_id: 1 });
    expect([status, error?.code]).toEqual([403, "42501"]);
    expect(await count("visits")).toBe(before);
  });

  test("strict handling names the preferences that are not known", async () => {
    const strict = await post("/schools", '{"id":60,"name":"x"}', { prefer: "handling=strict, anything" });
    expect([strict.status, (await strict.json()).code]).toEqual([400, "PGRST122"]);
  });

  test("an unknown schema is 406", async () => {
    const profile = await stack.raw("/vault", { headers: { "accept-profile": "hidden" } });
    expect([profile.status, (await profile.json()).code]).toEqual([406, "PGRST106"]);
  });
});
