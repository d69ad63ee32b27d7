import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownFolderPolicies } from "./testing/policies.ts";
import { type Person, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let person: Person;
let path: string;

beforeAll(async () => {
  stack = await startTestStack();
  await stack.admin.query(ownFolderPolicies);
  await stack.service.createBucket("open", { public: true });
  person = await stack.person();
  path = `${person.id}/digits.txt`;
  const file = new Blob(["0123456789"], { type: "text/plain" });
  for (const bucket of ["open", "private"]) {
    expect((await stack.service.from(bucket).upload(path, file, { metadata: { a: 1 } })).error).toBeNull();
  }
});

afterAll(() => stack?.stop());

function get(headers: Record<string, string> = {}, method = "GET") {
  return stack.fetch(`/object/authenticated/private/${path}`, { method, headers, token: person.token });
}

describe("a download", () => {
  test("has the headers that Supabase sends", async () => {
    const response = await get();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "accept-ranges": "bytes",
      "cache-control": "max-age=3600",
      "content-length": "10",
      "content-type": "text/plain",
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      "last-modified": expect.stringContaining("GMT"),
      "x-robots-tag": "none",
    });
    expect(response.headers.get("content-disposition")).toBeNull();
    expect(await response.text()).toBe("0123456789");
  });

  test("asked for by HEAD of its description, has the headers of a download", async () => {
    for (const kind of ["info", "info/authenticated", "info/public"]) {
      const bucket = kind === "info/public" ? "open" : "private";
      const request = { method: "HEAD", token: person.token };
      const response = await stack.fetch(`/object/${kind}/${bucket}/${path}`, request);
      expect(response.status).toBe(200);
      expect(response.headers.get("etag")).toMatch(/^"[0-9a-f]{32}"$/);
      expect(response.headers.get("content-length")).toBe("10");
    }
  });

  test("is not given when it is not the one that was meant", async () => {
    const eTag = (await get({}, "HEAD")).headers.get("etag") ?? "";
    expect((await get({ "if-match": '"other"' })).status).toBe(412);
    expect((await get({ "if-match": `"other", ${eTag}` })).status).toBe(200);
    expect((await get({ "if-unmodified-since": new Date(0).toUTCString() })).status).toBe(412);
    expect((await get({ "if-unmodified-since": new Date().toUTCString() })).status).toBe(200);
  });

  test.each([
    ["bytes=0-3", "0123", "bytes 0-3/10"],
    ["bytes=8-", "89", "bytes 8-9/10"],
    ["bytes=-2", "89", "bytes 8-9/10"],
  ])("serves %s", async (range, text, contentRange) => {
    const response = await get({ range });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(contentRange);
    expect(await response.text()).toBe(text);
  });

  test("answers 416 to a range beyond the end", async () => {
    const response = await get({ range: "bytes=10-" });
    expect(response.status).toBe(416);
    expect(await response.json()).toMatchObject({ statusCode: "416", error: "invalid_range" });
  });

  test("knows what the client has", async () => {
    const { headers } = await get();
    const eTag = headers.get("etag") ?? "";
    const modified = headers.get("last-modified") ?? "";
    for (const known of [eTag, `W/${eTag}`, `"other", ${eTag}`, "*"]) {
      expect((await get({ "if-none-match": known })).status).toBe(304);
    }
    expect((await get({ "if-modified-since": modified })).status).toBe(304);
    expect((await get({ "if-none-match": '"other"', "if-modified-since": modified })).status).toBe(200);
    expect((await get({ range: "bytes=0-1", "if-range": eTag })).status).toBe(206);
    expect((await get({ range: "bytes=0-1", "if-range": '"other"' })).status).toBe(200);
  });

  test("as HEAD is the same without a body", async () => {
    const response = await get({}, "HEAD");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-length")).toBe("10");
    expect(await response.text()).toBe("");
    const missing = await stack.fetch(`/object/private/${person.id}/no`, { method: "HEAD", token: person.token });
    expect(missing.status).toBe(400);
  });

  test("becomes an attachment on request", async () => {
    const { data } = stack.anon.from("open").getPublicUrl(path, { download: "דוח (1).txt" });
    expect((await fetch(data.publicUrl)).headers.get("content-disposition")).toBe(
      "attachment; filename=%D7%93%D7%95%D7%97%20%281%29.txt; filename*=UTF-8''%D7%93%D7%95%D7%97%20%281%29.txt",
    );
    const plain = stack.anon.from("open").getPublicUrl(path, { download: true });
    expect((await fetch(plain.data.publicUrl)).headers.get("content-disposition")).toBe("attachment;");
  });

  test("is streamed, and its file let go when the client leaves", async () => {
    const large = new Blob([new Uint8Array(20 * 1024 * 1024)]);
    await stack.service.from("open").upload("large.bin", large);
    const { data } = await stack.service.from("open").download("large.bin");
    expect(data?.size).toBe(large.size);

    const { hostname, port } = new URL(stack.url);
    const socket = connect(Number(port), hostname);
    socket.write("GET /storage/v1/object/public/open/large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((resolve) => socket.once("data", resolve));
    socket.destroy();
    expect((await stack.service.from("open").remove(["large.bin"])).data).toHaveLength(1);
    expect(stack.stored()).toEqual(await stack.versions());
  });
});

describe("what could run in a browser", () => {
  test.each([
    ["page.html", "text/html; charset=utf-8", "text/plain"],
    ["drawing.svg", "image/svg+xml", "image/svg+xml"],
    ["page.xhtml", "application/xhtml+xml", "application/xhtml+xml"],
  ])("%s gets no origin and no scripts", async (name, contentType, served) => {
    await stack.service.from("open").upload(name, "<script>alert(1)</script>", { contentType, upsert: true });
    const response = await stack.fetch(`/object/public/open/${name}`);
    expect(response.headers.get("content-type")).toBe(served);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none';.*; sandbox$/);
  });

  test("a list of types that begins with PDF is none: browsers take its last entry", async () => {
    await stack.service.from("open").upload("b.pdf", "<script>", { contentType: "application/pdf" });
    await stack.admin.query(
      `update storage.objects set metadata = metadata || '{"mimetype": "application/pdf/, TEXT/HTML"}' where name = 'b.pdf'`,
    );
    const { headers } = await stack.fetch("/object/public/open/b.pdf");
    expect(headers.get("content-security-policy")).toMatch(/; sandbox$/);
  });

  test("a PDF is shown, but never sniffed", async () => {
    await stack.service.from("open").upload("a.pdf", "%PDF-1.7", { contentType: "application/pdf" });
    const { headers } = await stack.fetch("/object/public/open/a.pdf");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toBeNull();
  });
});

describe("a public bucket", () => {
  test("is read by anybody, listed by nobody without a policy", async () => {
    const { data } = stack.anon.from("open").getPublicUrl(path);
    expect(await (await fetch(data.publicUrl)).text()).toBe("0123456789");
    expect(await (await stack.anon.from("open").download(path)).data?.text()).toBe("0123456789");
    expect((await stack.fetch(`/object/open/${path}`)).status).toBe(200);
    expect((await stack.anon.from("open").list()).data).toEqual([]);
    expect((await stack.anon.from("open").upload("x.txt", "x")).error).toMatchObject({ statusCode: "403" });
    expect((await stack.anon.from("open").remove([path])).data).toEqual([]);
  });

  test("that is missing or private is not there", async () => {
    for (const bucket of ["private", "missing"]) {
      const response = await stack.fetch(`/object/public/${bucket}/${path}`);
      expect(await response.json()).toEqual({
        statusCode: "404",
        code: "NoSuchBucket",
        error: "Bucket not found",
        message: "Bucket not found",
      });
    }
  });

  test("answers a missing object with 404 inside", async () => {
    const response = await stack.fetch("/object/public/open/missing.txt");
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      statusCode: "404",
      code: "NoSuchKey",
      error: "not_found",
      message: "Object not found",
    });
  });
});

describe("info", () => {
  test("describes the object", async () => {
    const { data, error } = await person.storage.from("private").info(path);
    expect(error).toBeNull();
    expect(data).toMatchObject({
      name: path,
      bucketId: "private",
      size: 10,
      contentType: "text/plain",
      cacheControl: "max-age=3600",
      etag: expect.stringMatching(/^"/),
      metadata: { a: 1 },
      version: expect.any(String),
      createdAt: expect.stringMatching(/Z$/),
      lastModified: expect.stringMatching(/Z$/),
    });
    expect((await stack.fetch(`/object/info/public/open/${path}`)).status).toBe(200);
  });

  test("exists tells an absent object from a present one", async () => {
    const bucket = person.storage.from("private");
    expect((await bucket.exists(path)).data).toBe(true);
    expect((await bucket.exists(`${person.id}/no.txt`)).data).toBe(false);
  });
});

describe("a row without bytes", () => {
  test("is an object that is not there", async () => {
    await stack.admin.query(
      `insert into storage.objects (bucket_id, name, version) values ('open', 'lost-1', gen_random_uuid()::text),
        ('open', 'lost-2', '../../etc/passwd'), ('open', 'lost-3', null)`,
    );
    for (const name of ["lost-1", "lost-2", "lost-3"]) {
      const { error } = await stack.service.from("open").download(name);
      expect(error).toMatchObject({ statusCode: "404", code: "NoSuchKey" });
    }
    const { data } = await stack.service.from("open").remove(["lost-1", "lost-2", "lost-3"]);
    expect(data).toHaveLength(3);
  });
});
