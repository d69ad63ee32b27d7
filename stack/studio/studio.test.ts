import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RIGHTS } from "../testing/rights.ts";
import { startTestStudio, type TestStudio } from "./testing/stack.ts";

let studio: TestStudio;

beforeAll(async () => {
  studio = await startTestStudio();
});
afterAll(() => studio?.close());

const rows = async (query: string, schema = "public") =>
  JSON.parse((await studio.get(`/rest/v1/${query}`, { "accept-profile": schema })).text);

test("using every page leaves the catalog's rights as they were", async () => {
  const before = await studio.sql(RIGHTS);
  const pages = [
    "/",
    "/editor/public.notes",
    "/_system/info",
    "/_system/introspect",
    "/sql",
    "/policies",
    "/users",
    "/storage",
  ];
  for (const page of [...pages, "/policies?schema=auth", "/storage/evidence", "/logs", "/about"]) {
    expect([page, (await studio.get(page)).status]).toEqual([page, 200]);
  }
  await rows("notes?select=*");
  await rows("secret_words?select=*", "private");
  await studio.send("POST", "/rest/v1/notes?select=*", { id: 9 });
  await studio.send("PATCH", "/rest/v1/notes?id=eq.9", { body: "x" });
  await studio.send("DELETE", "/rest/v1/notes?id=in.(9)", undefined);
  await studio.run("select count(*) from public.notes");
  await studio.run("nonsense");
  expect(await studio.sql(RIGHTS)).toEqual(before);
});

test("the API's port has none of it", async () => {
  for (const page of [
    "/",
    "/sql",
    "/policies",
    "/_system/info",
    "/_system/introspect",
    "/static/favicon.ico",
    "/studio.css",
  ]) {
    expect([page, (await fetch(studio.url + page)).status]).toEqual([page, 404]);
  }
  const { secret } = studio.ctx.keys;
  const hidden = await fetch(`${studio.url}/rest/v1/secret_words`, {
    headers: { apikey: secret, "accept-profile": "private" },
  });
  expect(hidden.status).toBe(406);
});

describe("SQL", () => {
  test("runs as postgres, who is no superuser", async () => {
    const { text } = await studio.run(
      "select current_user as who, rolsuper as mighty from pg_roles where rolname = current_user",
    );
    expect(text).toContain("<td>postgres</td><td>f</td>");
    for (const denied of [
      "set role supabase_admin",
      "copy (select 1) to program 'id'",
      "select pg_read_file('/etc/passwd')",
      "alter role postgres superuser",
      "create table auth.mine (id int)",
      "drop table auth.users",
    ]) {
      expect([denied, (await studio.run(denied)).text]).toEqual([denied, expect.stringMatching(/ERROR 42501/)]);
    }
  });

  test("shows every statement's rows, and text as text", async () => {
    const { text } = await studio.run(
      "select 1 as one; select body from public.notes order by id; select 2 as one where false",
    );
    expect(text).toContain("<h2>SELECT 1</h2>");
    expect(text).toContain("<h2>SELECT 0</h2>");
    expect(text).toContain("<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>");
    expect(text).toContain('<td class="null">null</td>');
    expect(text).not.toContain("<script>alert");
    const page = await studio.run("</textarea><script>alert(2)</script>");
    expect(page.text).not.toContain("<script>alert(2)");
  });

  test("is one transaction: an error undoes what came before", async () => {
    const { text } = await studio.run("insert into public.words values ('kept'); select 1 / 0; select 3");
    expect(text).toContain("ERROR 22012: division by zero");
    expect(await studio.sql("select * from public.words")).toEqual([]);
  });

  test("leaves nothing behind for the next run", async () => {
    await studio.run("begin; set role anon; set search_path = private; create temp table mine (id int)");
    const { text } = await studio.run("select current_user as who, to_regclass('mine') as mine");
    expect(text).toContain('<td>postgres</td><td class="null">null</td>');
  });

  test("keeps the first thousand rows and tells of the rest", async () => {
    const { text } = await studio.run("select generate_series(1, 20000) as n");
    expect(text).toContain("The first 1000 of 20000 rows");
    expect(text.match(/<td>/g)).toHaveLength(1000);
  });

  test("copies out, cannot copy in, and shows notices", async () => {
    const { text } = await studio.run("copy public.notes (id) to stdout; do $$ begin raise warning 'mind'; end $$");
    expect(text).toContain("<td>1</td>");
    expect(text).toContain("WARNING: mind");
    expect((await studio.run("copy public.words from stdin")).text).toContain("No data can be sent here");
  });

  test("runs nothing that stands in an address", async () => {
    await studio.get("/sql?sql=create+table+public.linked+(id+int)");
    expect(await studio.sql("select to_regclass('public.linked') as made")).toEqual([{ made: null }]);
  });

  test("answers while nothing is written", async () => {
    expect((await studio.run(" ")).text).toContain("Nothing to run");
    expect((await studio.run("x".repeat(6 * 1024 * 1024))).status).toBe(413);
  });
});

describe("the table editor's requests", () => {
  test("the catalog has every schema's tables and says which rows can be addressed", async () => {
    const catalog = JSON.parse((await studio.get("/_system/introspect")).text);
    const schemas = new Set(catalog.tables.map((table: { schema: string }) => table.schema));
    expect([...schemas]).toEqual(expect.arrayContaining(["public", "private", "auth", "storage"]));
    const keys = new Map(
      catalog.primary_keys.map((key: { table: string; columns: string[] }) => [key.table, key.columns]),
    );
    expect([keys.get("notes"), keys.get("pairs"), keys.get("words")]).toEqual([["id"], ["id"], undefined]);
    const column = (table: string, name: string) =>
      catalog.columns.find((each: { table: string; name: string }) => each.table === table && each.name === name);
    expect(column("secret_words", "id")).toMatchObject({ schema: "private", type: "integer", is_identity: true });
    expect(column("notes", "made")).toMatchObject({ nullable: false, default_value: "now()", is_identity: false });
  });

  test("rows of every schema are read past row-level security", async () => {
    expect(await rows("notes?select=*")).toHaveLength(3);
    expect(await rows("secret_words?select=*", "private")).toEqual([{ id: 1, word: "hidden" }]);
    expect(await rows("users?select=*", "auth")).toHaveLength(1);
  });

  test("a row is added, changed and removed", async () => {
    const added = await studio.send(
      "POST",
      "/rest/v1/notes?select=*",
      { id: 5, body: "new" },
      { prefer: "return=representation" },
    );
    expect([added.status, JSON.parse(added.text)]).toMatchObject([201, [{ id: 5, body: "new" }]]);
    expect((await studio.send("PATCH", "/rest/v1/notes?id=eq.5", { body: "newer" })).status).toBe(204);
    expect(await rows("notes?select=body&id=eq.5")).toEqual([{ body: "newer" }]);
    expect((await studio.send("DELETE", "/rest/v1/notes?id=in.(5)", undefined)).status).toBe(204);
    expect(await rows("notes?select=body&id=eq.5")).toEqual([]);
  });

  test("a change that would hit more rows than were meant is undone", async () => {
    const changed = await studio.send("PATCH", "/rest/v1/pairs?id=eq.1", { label: "x" });
    expect([changed.status, JSON.parse(changed.text).code]).toEqual([400, "PGRST124"]);
    const removed = await studio.send("DELETE", "/rest/v1/pairs?id=in.(1)", undefined);
    expect(removed.status).toBe(400);
    expect((await studio.send("DELETE", "/rest/v1/pairs", undefined)).status).toBe(400);
    expect(await rows("pairs?select=label&order=label")).toEqual([{ label: "a" }, { label: "b" }, { label: "c" }]);
  });

  test("a table made in SQL is there at once", async () => {
    await studio.run("create table public.fresh (id int primary key); insert into public.fresh values (1)");
    await expect.poll(() => rows("fresh?select=*"), { timeout: 10_000 }).toEqual([{ id: 1 }]);
  });
});

describe("pages to read", () => {
  test("policies, by schema", async () => {
    const { text } = await studio.get("/policies");
    expect(text).toContain("people read &lt;their&gt; notes");
    expect(text).toContain("(id &lt; 10)");
    expect(text).toMatch(/public\.pairs<\/h2>\s*<p class="note">Row-level security is off/);
    expect((await studio.get("/policies?schema=%3Cb%3E")).text).toContain("There is no table in &lt;b&gt;");
  });

  test("users, and never a hash", async () => {
    const { text } = await studio.get("/users?q=ADA");
    expect(text).toContain("ada@example.test");
    expect(text).not.toContain("a-hash");
    expect((await studio.get("/users?q=%25")).text).not.toContain("ada@example.test");
  });

  test("buckets and their files", async () => {
    expect((await studio.get("/storage")).text).toContain('href="/storage/evidence"');
    expect((await studio.get("/storage/evidence")).text).toContain("<td>a/b.txt</td><td>5</td><td>text/plain</td>");
    expect((await studio.get("/storage/none")).text).toContain("There is no file in this bucket");
  });

  test("logs, newest first", async () => {
    expect((await studio.get("/logs")).status).toBe(200);
    const lines = [
      {
        level: 30,
        time: "2026-01-01T00:00:00Z",
        service: "rest",
        method: "GET",
        path: "/rest/v1/<b>",
        status: 200,
        ms: 1.5,
        msg: "request",
      },
      { level: 50, time: "2026-01-01T00:00:01Z", msg: "Cannot answer", err: { message: "it broke" } },
    ];
    writeFileSync(
      path.join(studio.ctx.stateDir, "stack.log"),
      `${lines.map((line) => JSON.stringify(line)).join("\n")}\n{half`,
    );
    const { text } = await studio.get("/logs");
    expect(text).toContain("<td>GET /rest/v1/&lt;b&gt;</td><td>200</td><td>1.5</td>");
    expect(text.indexOf("Cannot answer it broke")).toBeLessThan(text.indexOf("GET /rest/v1/"));
  });

  test("what is not here says so, and the official addresses lead to what is", async () => {
    const none = await studio.get("/functions", { accept: "text/html" });
    expect([none.status, none.text]).toEqual([404, expect.stringContaining("This Studio has no such page")]);
    const api = await studio.get("/api/mcp");
    expect([api.status, JSON.parse(api.text)]).toEqual([404, { message: "This Studio has no such page" }]);
    for (const [from, to] of [
      ["/project/default", "/"],
      ["/project/default/editor/17", "/"],
      ["/project/default/sql/new", "/sql"],
      ["/project/default/auth/policies", "/policies"],
      ["/project/default/auth/users", "/users"],
    ]) {
      expect([from, (await studio.get(from ?? "")).headers.location]).toEqual([from, to]);
    }
  });
});
