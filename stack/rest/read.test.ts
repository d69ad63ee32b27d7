import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADA, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let ada: Awaited<ReturnType<TestStack["as"]>>;

beforeAll(async () => {
  stack = await startTestStack();
  ada = await stack.as(ADA);
});
afterAll(() => stack?.close());

describe("values", () => {
  test("rows keep Postgres' own JSON forms", async () => {
    const text = await (await stack.raw("/people?school_id=eq.1&id=eq.1")).text();
    expect(text).toContain('"pay":1234.50');
    expect(text).toContain('"serial":9007199254740993');
    expect(text).toContain('"created_at":"2026-01-02T03:04:05.678901+00:00"');
    expect(text).toContain('"photo":"\\\\xdead"');
    expect(text).toContain('"tags":["math","art"]');
    expect(text).toContain('"born":"1980-05-06"');
    expect(text).toContain('"present":"[\\"2026-01-01 00:00:00+00\\",\\"2026-02-01 00:00:00+00\\")"');
  });

  test("casts, aliases, JSON paths and computed fields select", async () => {
    const { data, error } = await ada
      .from("people")
      .select(
        "nick:name,pay::text,settings->theme->dark,first:settings->theme->sizes->0,settings->>level,tags->0,birthday",
      )
      .eq("id", 1);
    expect(error).toBeNull();
    expect(data).toEqual([
      { nick: "Ada", pay: "1234.50", dark: true, first: 1, level: "5", tags: "math", birthday: "1980-05-06" },
    ]);
  });
});

describe("filters", () => {
  const ids = async (build: (query: ReturnType<typeof people>) => PromiseLike<{ data: unknown; error: unknown }>) => {
    const { data, error } = await build(people());
    expect(error).toBeNull();
    return (data as { id: number }[]).map((row) => row.id);
  };
  const people = () => ada.from("people").select("id").order("id");

  test("each operator chooses its rows", async () => {
    expect(await ids((q) => q.eq("name", "Ada"))).toEqual([1]);
    expect(await ids((q) => q.neq("name", "Ada"))).toEqual([2, 3]);
    expect(await ids((q) => q.gt("id", 1).lte("id", 2))).toEqual([2]);
    expect(await ids((q) => q.like("name", "A%"))).toEqual([1]);
    expect(await ids((q) => q.ilike("name", "*B*"))).toEqual([2]);
    expect(await ids((q) => q.likeAnyOf("name", ["A%", "B%"]))).toEqual([1, 2]);
    expect(await ids((q) => q.is("user_id", null))).toEqual([3]);
    expect(await ids((q) => q.not("user_id", "is", null))).toEqual([1, 2]);
    expect(await ids((q) => q.filter("name", "in", '(Ada,"Cy, \\"the\\" (one)")'))).toEqual([1, 3]);
    expect(await ids((q) => q.in("id", []))).toEqual([]);
    expect(await ids((q) => q.contains("tags", ["math"]))).toEqual([1]);
    expect(await ids((q) => q.containedBy("tags", ["music", "x"]))).toEqual([2, 3]);
    expect(await ids((q) => q.overlaps("tags", ["art", "music"]))).toEqual([1, 2]);
    expect(await ids((q) => q.contains("settings", { level: "7" }))).toEqual([2]);
    expect(await ids((q) => q.rangeGt("present", "[2025-01-01,2025-02-01)"))).toEqual([1]);
    expect(await ids((q) => q.rangeAdjacent("present", "[2026-02-01,2026-03-01)"))).toEqual([1]);
    expect(await ids((q) => q.textSearch("bio", "ada"))).toEqual([1]);
    expect(await ids((q) => q.textSearch("name", "'ben'", { config: "english", type: "websearch" }))).toEqual([2]);
    expect(await ids((q) => q.filter("settings->>level", "eq", "7"))).toEqual([2]);
    expect(await ids((q) => q.match({ name: "Ben", id: 2 }))).toEqual([2]);
    expect(await ids((q) => q.filter("born", "isdistinct", "1990-01-01"))).toEqual([1, 3]);
  });

  test("groups nest, negate and quote", async () => {
    expect(await ids((q) => q.or('name.eq.Ada,and(id.gt.1,id.lt.3),name.eq."Cy, \\"the\\" (one)"'))).toEqual([1, 2, 3]);
    expect(await ids((q) => q.or("id.in.(1,2),tags.cs.{music}"))).toEqual([1, 2]);
  });

  test("a negated group leaves the rest", async () => {
    const rows = await (await stack.raw("/people?select=id&school_id=eq.1&not.or=(id.eq.1,name.not.eq.Ben)")).json();
    expect(rows).toEqual([{ id: 2 }]);
  });

  test("orders by nulls, JSON and an embedded row", async () => {
    const born = await ada.from("people").select("id").order("born", { ascending: false, nullsFirst: false });
    expect(born.data?.map((row) => row.id)).toEqual([2, 1, 3]);
    const level = await ada
      .from("people")
      .select("id")
      .order("settings->>level", { ascending: false, nullsFirst: false });
    expect(level.data?.map((row) => row.id)).toEqual([2, 1, 3]);
    const teacher = await ada
      .from("visits")
      .select("id,teacher:people!visits_teacher_fkey(id)")
      .order("teacher(name)", { ascending: false })
      .order("id");
    expect(teacher.data?.map((row) => row.id)).toEqual([3, 1, 2]);
  });
});

describe("embeds", () => {
  test("by constraint, nested, to one and to many", async () => {
    const { data, error } = await ada
      .from("visits")
      .select(
        "id,teacher:people!visits_teacher_fkey(name,badges(code)),observer:people!visits_observer_fkey(name),ratings(domain)",
      )
      .eq("id", 1)
      .single();
    expect(error).toBeNull();
    expect(data).toEqual({
      id: 1,
      teacher: { name: "Ada", badges: { code: "gold" } },
      observer: { name: "Ben" },
      ratings: [{ domain: "climate" }, { domain: "tasks" }],
    });
  });

  test("the constraint's own name is a target", async () => {
    const { data } = await ada.from("visits").select("visits_teacher_fkey(name)").eq("id", 3);
    expect(data).toEqual([{ visits_teacher_fkey: { name: "Ben" } }]);
  });

  test("many to many goes through the junction", async () => {
    const { data } = await ada.from("people").select("name,topics(name)").eq("id", 1);
    expect(data).toEqual([{ name: "Ada", topics: [{ name: "science" }, { name: "physics" }] }]);
  });

  test("a self-reference has a parent by column and children by table", async () => {
    const { data } = await stack.service
      .from("topics")
      .select("name,parent:parent_id(name),children:topics!parent_id(name)")
      .eq("id", 2);
    expect(data).toEqual([{ name: "physics", parent: { name: "science" }, children: [{ name: "optics" }] }]);
  });

  test("inner drops parents, left keeps them, an embedded filter narrows", async () => {
    const inner = await ada.from("visits").select("id,ratings!inner(domain)").eq("ratings.domain", "tasks");
    expect(inner.data).toEqual([{ id: 1, ratings: [{ domain: "tasks" }] }]);
    const left = await ada.from("visits").select("id,ratings(domain)").eq("ratings.domain", "tasks").order("id");
    expect(left.data?.map((row) => row.ratings.length)).toEqual([1, 0, 0]);
    const none = await ada.from("visits").select("id,ratings()").is("ratings", null);
    expect(none.data).toEqual([{ id: 2 }]);
    const observed = await ada
      .from("visits")
      .select("id,o:people!visits_observer_fkey()")
      .not("o", "is", null)
      .order("id");
    expect(observed.data?.map((row) => row.id)).toEqual([1, 3]);
    const counted = await ada.from("visits").select("id,ratings!inner(domain)", { count: "exact", head: true });
    expect(counted.count).toBe(2);
  });

  test("limits and orders reach the embedded rows", async () => {
    const { data } = await ada
      .from("visits")
      .select("id,ratings(domain)")
      .eq("id", 1)
      .order("domain", { referencedTable: "ratings", ascending: false })
      .limit(1, { referencedTable: "ratings" });
    expect(data).toEqual([{ id: 1, ratings: [{ domain: "tasks" }] }]);
  });

  test("groups on an embedded resource", async () => {
    const { data } = await ada
      .from("visits")
      .select("id,ratings!inner(level)")
      .or("level.eq.2,level.is.null", { referencedTable: "ratings" })
      .order("id");
    expect(data).toEqual([
      { id: 1, ratings: [{ level: null }] },
      { id: 3, ratings: [{ level: 2 }] },
    ]);
  });

  test("spreads hoist one row's columns and gather many rows'", async () => {
    const { data, error } = await ada
      .from("visits")
      .select("id,...people!visits_teacher_fkey(teacher:name),...ratings(domain,level)")
      .eq("id", 1);
    expect(error).toBeNull();
    expect(data).toEqual([{ id: 1, teacher: "Ada", domain: ["climate", "tasks"], level: [3, null] }]);
  });

  test("functions of the row compute relationships", async () => {
    const { data, error } = await ada
      .from("people")
      .select("id,visits_of(id),first_visit(id)")
      .lte("id", 2)
      .order("id");
    expect(error).toBeNull();
    expect(data).toEqual([
      { id: 1, visits_of: [{ id: 1 }, { id: 2 }], first_visit: { id: 1 } },
      { id: 2, visits_of: [{ id: 3 }], first_visit: { id: 3 } },
    ]);
  });

  test("views embed by the keys of their tables", async () => {
    const { data, error } = await ada
      .from("open_visits")
      .select("id,state,teacher:people!visits_teacher_fkey(name)")
      .order("id");
    expect(error).toBeNull();
    expect(data).toEqual([
      { id: 2, state: "DRAFT", teacher: { name: "Ada" } },
      { id: 3, state: "DRAFT", teacher: { name: "Ben" } },
    ]);
  });

  test("ambiguous is 300 with the choices, absent is 400", async () => {
    const ambiguous = await ada.from("visits").select("id,people(name)");
    expect(ambiguous.status).toBe(300);
    expect(ambiguous.error?.code).toBe("PGRST201");
    expect(ambiguous.error?.hint).toContain("'people!visits_teacher_fkey'");
    const absent = await ada.from("visits").select("id,topics(name)");
    expect([absent.status, absent.error?.code]).toEqual([400, "PGRST200"]);
    const hidden = await ada.from("people").select("id,vault(id)");
    expect(hidden.error?.code).toBe("PGRST200");
    const unknown = await ada.from("visits").select("id").eq("ratings.level", 1);
    expect(unknown.error?.code).toBe("PGRST108");
  });
});

describe("pages and media types", () => {
  test("counts and ranges", async () => {
    const page = await stack.raw("/visits?select=id&order=id&limit=2&offset=1", { headers: { prefer: "count=exact" } });
    expect([page.status, page.headers.get("content-range")]).toEqual([206, "1-2/4"]);
    const range = await stack.raw("/visits?select=id", { headers: { range: "0-1" } });
    expect([range.status, range.headers.get("content-range")]).toEqual([200, "0-1/*"]);
    const none = await stack.raw("/visits?id=eq.999", { headers: { prefer: "count=exact" } });
    expect([none.status, none.headers.get("content-range")]).toEqual([200, "*/0"]);
    const beyond = await stack.raw("/visits?offset=99", { headers: { prefer: "count=exact" } });
    expect([beyond.status, (await beyond.json()).code]).toEqual([416, "PGRST103"]);
    const backwards = await stack.raw("/visits", { headers: { range: "5-1" } });
    expect([backwards.status, (await backwards.json()).code]).toEqual([416, "PGRST103"]);
    const planned = await stack.service.from("visits").select("*", { count: "planned", head: true });
    expect(planned.count).toBeTypeOf("number");
    const estimated = await stack.service.from("visits").select("*", { count: "estimated" });
    expect(estimated.count).toBe(4);
  });

  test("a head request has headers and no body", async () => {
    const { data, count, status } = await ada.from("people").select("*", { count: "exact", head: true });
    expect([data, count, status]).toEqual([null, 3, 200]);
  });

  test("single, maybeSingle and csv", async () => {
    const many = await ada.from("people").select().single();
    expect([many.status, many.error?.code, many.error?.details]).toEqual([
      406,
      "PGRST116",
      "The result contains 3 rows",
    ]);
    const none = await ada.from("people").select().eq("id", 99).maybeSingle();
    expect([none.data, none.error]).toEqual([null, null]);
    const csv = await ada.from("people").select("id,name").order("id").csv();
    expect(csv.data).toBe('id,name\n1,Ada\n2,Ben\n3,"Cy, ""the"" (one)"');
    const stripped = await ada.from("people").select("id,born").eq("id", 3).stripNulls();
    expect(stripped.data).toEqual([{ id: 3 }]);
  });

  test("what cannot be served is refused", async () => {
    const xml = await stack.raw("/people", { headers: { accept: "application/xml" } });
    expect([xml.status, (await xml.json()).code]).toEqual([406, "PGRST107"]);
    const plan = await stack.raw("/people", { headers: { accept: "application/vnd.pgrst.plan+json" } });
    expect(plan.status).toBe(406);
    const aggregate = await stack.raw("/people?select=pay.sum()");
    expect((await aggregate.json()).code).toBe("PGRST123");
  });
});
