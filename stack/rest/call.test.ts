import { afterAll, beforeAll, expect, test } from "vitest";
import { ADA, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let ada: Awaited<ReturnType<TestStack["as"]>>;

beforeAll(async () => {
  stack = await startTestStack();
  ada = await stack.as(ADA);
});
afterAll(() => stack?.close());

test("scalars, sets, rows and void", async () => {
  expect((await ada.rpc("add", { a: 1, b: 2 })).data).toBe(3);
  expect((await ada.rpc("greet")).data).toBe("hi you");
  expect((await ada.rpc("greet", { name: "Ada" })).data).toBe("hi Ada");
  expect((await ada.rpc("numbers", { up_to: 3 })).data).toEqual([1, 2, 3]);
  expect((await ada.rpc("tally")).data).toEqual([{ school_id: 1, n: 3 }]);
  expect((await ada.rpc("one_person", { school: 1 }).select("name")).data).toEqual({ name: "Ada" });
  const nothing = await ada.rpc("nothing");
  expect([nothing.status, nothing.data]).toEqual([204, null]);
});

test("arrays, variadic and unnamed parameters", async () => {
  expect((await ada.rpc("sum_list", { list: [1, 2, 3] })).data).toBe(6);
  expect((await ada.rpc("total", { numbers: [4, 5] })).data).toBe(9);
  const get = await stack.raw("/rpc/total?numbers=4&numbers=6");
  expect(await get.json()).toBe(10);
  const json = await stack.raw("/rpc/echo_json", { method: "POST", body: '[{"b":1.50}]' });
  expect(await json.text()).toBe('[{"b":1.50}]');
  const object = await stack.raw("/rpc/echo_json", { method: "POST", body: '{"x":1}' });
  expect(await object.json()).toEqual({ x: 1 });
  const text = await stack.raw("/rpc/shout", {
    method: "POST",
    body: "hey",
    headers: { "content-type": "text/plain" },
  });
  expect(await text.json()).toBe("HEY");
});

test("rows of a table take filters, orders, embeds and counts", async () => {
  const { data, error, count } = await ada
    .rpc("people_of", { school: 1 }, { count: "exact" })
    .select("name,visits!visits_teacher_fkey(id)")
    .gt("id", 1)
    .order("id", { ascending: false })
    .limit(1);
  expect(error).toBeNull();
  expect(count).toBe(2);
  expect(data).toEqual([{ name: 'Cy, "the" (one)', visits: [] }]);
  const one = await ada.rpc("people_of", { school: 1 }).eq("id", 1).select("name").single();
  expect(one.data).toEqual({ name: "Ada" });
});

test("GET is read-only, POST of a volatile function is not", async () => {
  const read = await ada.rpc("whoami", {}, { get: true });
  expect([read.data.method, read.data.read_only, read.data.path]).toEqual(["GET", "on", "/rpc/whoami"]);
  const refused = await stack.raw("/rpc/log_word?word=x");
  expect([refused.status, (await refused.json()).code]).toEqual([405, "25006"]);
  expect((await stack.service.rpc("log_word", { word: "x" })).data).toBeTypeOf("number");
  const put = await stack.raw("/rpc/add", { method: "PUT", body: "{}" });
  expect([put.status, (await put.json()).code]).toEqual([405, "PGRST101"]);
});

test("overloads that cannot be told apart are 300", async () => {
  const { status, error } = await ada.rpc("overload", { a: 1 });
  expect([status, error?.code]).toEqual([300, "PGRST203"]);
  const missing = await ada.rpc("add", { a: 1 });
  expect([missing.status, missing.error?.code]).toEqual([404, "PGRST202"]);
  expect(missing.error?.message).toBe("Could not find the function public.add(a) in the schema cache");
});

test.each([
  ["P0001", 400],
  ["PT404", 404],
  ["PT418", 418],
  ["42501", 403],
  ["23505", 409],
  ["22P02", 400],
  ["40001", 500],
  ["57014", 500],
  ["28000", 403],
])("a function that raises %s answers %i", async (code, status) => {
  const raised = await ada.rpc("fail", { code, message: "no" });
  expect([raised.status, raised.error]).toMatchObject([
    status,
    { code, message: "no", details: "the detail", hint: "the hint" },
  ]);
});

test("a function can answer as a whole", async () => {
  const { status, error } = await ada.rpc("fail", { code: "PGRST", message: '{"code":"mine","message":"my words"}' });
  expect([status, error?.code]).toEqual([500, "PGRST121"]);
  const teapot = await stack.raw("/rpc/teapot");
  expect([teapot.status, teapot.headers.get("x-kind"), await teapot.json()]).toEqual([418, "teapot", { short: true }]);
});

test("the database sees claims, headers, path and the caller's timeout", async () => {
  const response = await fetch(`${stack.url}/rest/v1/rpc/whoami`, {
    method: "POST",
    body: "{}",
    headers: {
      apikey: stack.ctx.keys.publishable,
      authorization: `Bearer ${await stack.tokenFor(ADA, { session_id: "s1" })}`,
      "content-type": "application/json",
      "X-Request-Id": "my-request-0001",
      "X-Forwarded-For": "6.6.6.6",
      "User-Agent": "tests",
    },
  });
  const who = await response.json();
  expect(response.headers.get("x-request-id")).toBe("my-request-0001");
  expect(who).toMatchObject({
    role: "authenticated",
    claims: { sub: ADA, session_id: "s1" },
    timeout: "8s",
    headers: { "x-request-id": "my-request-0001", "x-forwarded-for": "127.0.0.1", "user-agent": "tests" },
  });
  expect(who.headers.authorization).toBeUndefined();
  const zone = await stack.raw("/rpc/whoami", { headers: { prefer: "timezone=Asia/Jerusalem" } });
  expect((await zone.json()).timezone).toBe("Asia/Jerusalem");
});
