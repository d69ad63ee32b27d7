import { FunctionRegion, FunctionsFetchError, FunctionsHttpError, FunctionsRelayError } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServedProject, serveProject } from "./testing/serve-project.ts";

const files = {
  "echo/index.ts": `
Deno.serve(async (request) => Response.json({
  type: request.headers.get("content-type"),
  bytes: [...new Uint8Array(await request.arrayBuffer())],
  method: request.method,
  search: new URL(request.url).search,
  region: request.headers.get("x-region"),
  custom: request.headers.get("x-custom"),
  apikey: request.headers.get("apikey"),
  authorization: request.headers.get("authorization"),
}));`,
  "form/index.ts": `
Deno.serve(async (request) => {
  const form = await request.formData();
  const file = form.get("file");
  return Response.json({ name: form.get("name"), file: [file.name, file.type, await file.text()] });
});`,
  "answer/index.ts": `
const bytes = new Uint8Array([0, 255, 128, 10]);
const form = new FormData();
form.set("field", "ערך");
const answers = {
  json: () => Response.json({ a: [1, null, "ש"] }),
  text: () => new Response("plain שלום"),
  html: () => new Response("<p>", { headers: { "content-type": "text/html" } }),
  octets: () => new Response(bytes, { headers: { "content-type": "application/octet-stream" } }),
  pdf: () => new Response(bytes, { headers: { "content-type": "application/pdf" } }),
  form: () => new Response(form),
  events: () => new Response("data: one\\n\\ndata: two\\n\\n", { headers: { "content-type": "text/event-stream" } }),
  empty: () => new Response(null, { status: 204 }),
  refused: () => Response.json({ code: "no" }, { status: 418, headers: { "x-own": "kept" } }),
  relay: () => new Response("relay", { status: 200, headers: { "x-relay-error": "true" } }),
  hang: () => new Promise(() => {}),
};
Deno.serve((request) => answers[new URL(request.url).pathname.split("/")[2]]());`,
  "user/index.ts": `
import { createClient } from "npm:@supabase/supabase-js@2.119.0";
Deno.serve((request) => Response.json({
  made: typeof createClient(Deno.env.get("SUPABASE_URL"), Deno.env.get("SUPABASE_ANON_KEY")).from,
  authorization: request.headers.get("authorization"),
}));`,
};

let project: ServedProject;
beforeAll(async () => {
  project = await serveProject(files);
});
afterAll(() => project?.close());

const bytesOf = (text: string) => [...new TextEncoder().encode(text)];

async function invoke(name: string, options: Parameters<ServedProject["client"]["functions"]["invoke"]>[1] = {}) {
  const { data, error } = await project.client.functions.invoke(name, options);
  if (error) throw error;
  return data;
}

describe("functions.invoke", () => {
  test.each([
    ["an object", { name: "ש" }, "application/json", bytesOf('{"name":"ש"}')],
    ["text", "hello", "text/plain;charset=UTF-8", bytesOf("hello")],
    ["a blob", new Blob([new Uint8Array([0, 200])]), "application/octet-stream", [0, 200]],
    ["an array buffer", new Uint8Array([1, 2, 255]).buffer, "application/octet-stream", [1, 2, 255]],
  ])("sends %s as it is", async (_name, body, type, bytes) => {
    const seen = await invoke("echo", { body });
    expect(seen.type.startsWith(type.split(";")[0] ?? type)).toBe(true);
    expect(seen).toMatchObject({ bytes, method: "POST" });
  });

  test("sends a form with a file", async () => {
    const body = new FormData();
    body.set("name", "שם");
    body.set("file", new File(["content"], "a.txt", { type: "text/x-own" }));
    expect(await invoke("form", { body })).toEqual({ name: "שם", file: ["a.txt", "text/x-own", "content"] });
  });

  test("sends a stream", async () => {
    const parts = ["one", "two", "three"];
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const part = parts.shift();
        if (part === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(part));
      },
    });
    const response = await fetch(`${project.url}/echo`, { method: "PUT", body, duplex: "half" } as RequestInit);
    expect((await response.json()).bytes).toEqual(bytesOf("onetwothree"));
  });

  test.each(["GET", "PUT", "PATCH", "DELETE"] as const)("calls with %s", async (method) => {
    expect((await invoke("echo", { method })).method).toBe(method);
  });

  test("names the region, in header and address, and sends what else it is given", async () => {
    const options = { region: FunctionRegion.EuCentral1, headers: { "x-custom": "own" } };
    expect(await invoke("echo", options)).toMatchObject({
      region: "eu-central-1",
      search: "?forceFunctionRegion=eu-central-1",
      custom: "own",
      apikey: project.ctx.keys.publishable,
    });
  });

  test("reads JSON, text, bytes, forms and events as what they are", async () => {
    expect(await invoke("answer/json")).toEqual({ a: [1, null, "ש"] });
    expect(await invoke("answer/text")).toBe("plain שלום");
    expect(await invoke("answer/html")).toBe("<p>");
    for (const kind of ["octets", "pdf"]) {
      const blob: Blob = await invoke(`answer/${kind}`);
      expect([...new Uint8Array(await blob.arrayBuffer())]).toEqual([0, 255, 128, 10]);
    }
    expect((await invoke("answer/form")).get("field")).toBe("ערך");
    const events: Response = await invoke("answer/events");
    expect(await events.text()).toBe("data: one\n\ndata: two\n\n");
    expect(await invoke("answer/empty")).toBe("");
  });

  test("answer that is an error is a FunctionsHttpError with the response", async () => {
    const { error } = await project.client.functions.invoke("answer/refused");
    expect(error).toBeInstanceOf(FunctionsHttpError);
    expect([error.context.status, error.context.headers.get("x-own")]).toEqual([418, "kept"]);
    expect(await error.context.json()).toEqual({ code: "no" });
    const missing = await project.client.functions.invoke("no-such-function");
    expect([missing.error.context.status, await missing.error.context.text()]).toEqual([404, "Function not found"]);
  });

  test("relay's error is a FunctionsRelayError, and no connection a FunctionsFetchError", async () => {
    expect((await project.client.functions.invoke("answer/relay")).error).toBeInstanceOf(FunctionsRelayError);
    const away = await project.client.functions.invoke("answer/hang", { timeout: 300 });
    expect(away.error).toBeInstanceOf(FunctionsFetchError);
    const aborted = await project.client.functions.invoke("answer/hang", { signal: AbortSignal.abort() });
    expect(aborted.error).toBeInstanceOf(FunctionsFetchError);
  });

  test("function may use supabase-js itself, and sees the caller's token", async () => {
    project.client.functions.setAuth("a-token");
    expect(await invoke("user")).toEqual({ made: "function", authorization: "Bearer a-token" });
  });
});
