import { createHash } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ownFolderPolicies } from "./testing/policies.ts";
import { type Person, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let person: Person;

beforeAll(async () => {
  stack = await startTestStack({ storage: { file_size_limit: "1MiB" } });
  await stack.admin.query(ownFolderPolicies);
  await stack.service.createBucket("pictures", {
    public: false,
    fileSizeLimit: 1000,
    allowedMimeTypes: ["image/*", "application/pdf"],
  });
  person = await stack.person();
});

afterAll(() => stack?.stop());

/** Whatever happened: once nothing is under way, each row has its file and each file its row. */
afterEach(settled);

async function settled() {
  await vi.waitFor(() => expect(stack.unsettled()).toEqual([]), { timeout: 5000 });
  expect(stack.stored()).toEqual(await stack.versions());
}

async function storedAs(name: string) {
  const { rows } = await stack.admin.query("select * from storage.objects where name = $1", [name]);
  return rows[0];
}

/** Sends bytes as they are, so that headers may lie; answers what came back. */
function send(lines: string[], body: string | Buffer = "", { end = true } = {}): Promise<string> {
  const { hostname, port } = new URL(stack.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
    socket.write(`${[...lines, `Authorization: Bearer ${person.token}`].join("\r\n")}\r\n\r\n`);
    socket.write(body);
    if (end) socket.end();
    else setTimeout(() => socket.destroy(), 300);
  });
}

test.each(["notatype", "image/\tpng", "/", "a/b/c"])("a media type that is none is refused: %j", async (type) => {
  const request = { method: "POST", token: stack.serviceKey, body: "x", headers: { "content-type": type } };
  const response = await stack.fetch(`/object/private/${person.id}/odd-type`, request);
  expect(response.status).toBe(400);
  const message = "Invalid Content-Type header";
  expect(await response.json()).toEqual({
    statusCode: "415",
    error: "invalid_mime_type",
    message,
    code: "InvalidMimeType",
  });
});

test("what a form says behind its file counts when the file is small", async () => {
  const name = `${person.id}/late-fields.txt`;
  const form = new FormData();
  form.append("file", new Blob(["small"]), "x");
  form.append("contentType", "text/x-late");
  form.append("metadata", '{"late":true}');
  const request = { method: "POST", token: person.token, body: form };
  expect((await stack.fetch(`/object/private/${name}`, request)).status).toBe(200);
  expect(await storedAs(name)).toMatchObject({ metadata: { mimetype: "text/x-late" }, user_metadata: { late: true } });
});

describe("an upload", () => {
  const content = Buffer.from("observation notes");
  const eTag = `"${createHash("md5").update(content).digest("hex")}"`;

  test.each([
    ["a Blob in a form", () => new Blob([content], { type: "text/x-notes" })],
    ["a Buffer", () => content],
    ["a stream", () => new Blob([content]).stream()],
    [
      "a FormData",
      () => {
        const form = new FormData();
        form.append("file", new Blob([content], { type: "text/x-notes" }), "x.txt");
        return form;
      },
    ],
  ])("as %s is stored with what was said about it", async (_kind, body) => {
    const name = `${person.id}/kinds/a.txt`;
    const { data, error } = await person.storage.from("private").upload(name, body(), {
      upsert: true,
      cacheControl: "60",
      contentType: "text/x-notes",
      contentEncoding: "identity",
      metadata: { lesson: "ט״ו בשבט", n: 1 },
    });
    expect(error).toBeNull();
    expect(data).toEqual({ id: expect.any(String), path: name, fullPath: `private/${name}` });
    const row = await storedAs(name);
    expect(row).toMatchObject({ id: data?.id, owner_id: person.id, user_metadata: { lesson: "ט״ו בשבט", n: 1 } });
    expect(row.metadata).toEqual({
      eTag,
      size: content.length,
      mimetype: "text/x-notes",
      cacheControl: "max-age=60",
      contentEncoding: "identity",
      lastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      contentLength: content.length,
      httpStatusCode: 200,
    });
    const { data: back } = await person.storage.from("private").download(name);
    expect(await back?.text()).toBe(content.toString());
  });

  test("may be empty", async () => {
    const name = `${person.id}/empty.txt`;
    expect((await person.storage.from("private").upload(name, new Blob([]))).error).toBeNull();
    const { data } = await person.storage.from("private").download(name);
    expect(data?.size).toBe(0);
  });

  test("of a missing bucket is refused", async () => {
    const { error } = await stack.service.from("nowhere").upload("a.txt", "x");
    expect(error).toMatchObject({ status: 400, statusCode: "404", code: "NoSuchBucket", message: "Bucket not found" });
  });

  test("to a taken name is refused without upsert", async () => {
    const name = `${person.id}/taken.txt`;
    const bucket = person.storage.from("private");
    await bucket.upload(name, "first");
    const { error } = await bucket.upload(name, "second");
    expect(error).toMatchObject({ status: 400, statusCode: "409", code: "KeyAlreadyExists" });
    expect(await (await bucket.download(name)).data?.text()).toBe("first");
  });

  test("by update or upsert replaces the bytes and keeps the id", async () => {
    const name = `${person.id}/replaced.txt`;
    const bucket = person.storage.from("private");
    const first = await bucket.upload(name, "first");
    const second = await bucket.update(name, "second");
    const third = await bucket.upload(name, "third", { upsert: true });
    expect([second.data?.id, third.data?.id]).toEqual([first.data?.id, first.data?.id]);
    expect(await (await bucket.download(name)).data?.text()).toBe("third");
  });
});

describe("upsert", () => {
  test("needs the rights to insert, read and update", async () => {
    const name = "drop/box.txt";
    await stack.service.from("private").upload(name, "first");
    await stack.admin.query(`
      create policy "drop box" on storage.objects for insert to authenticated with check (bucket_id = 'private');
    `);
    const bucket = person.storage.from("private");
    const overwrite = () => bucket.upload(name, "second", { upsert: true });
    try {
      expect((await bucket.upload("drop/new.txt", "x")).error).toBeNull();
      expect((await overwrite()).error).toMatchObject({ statusCode: "403" });
      await stack.admin.query(`
        create policy "drop box read" on storage.objects for select to authenticated using (bucket_id = 'private');
      `);
      expect((await overwrite()).error).toMatchObject({ statusCode: "403" });
      await stack.admin.query(`
        create policy "drop box update" on storage.objects for update to authenticated using (bucket_id = 'private');
      `);
      expect((await overwrite()).error).toBeNull();
    } finally {
      await stack.admin.query(`
        drop policy "drop box" on storage.objects;
        drop policy if exists "drop box read" on storage.objects;
        drop policy if exists "drop box update" on storage.objects;
      `);
    }
  });
});

describe("rights that end while the bytes arrive", () => {
  test("leave neither row nor file", async () => {
    const name = "late/a.txt";
    await stack.admin.query(`
      create policy "for a moment" on storage.objects for insert to authenticated with check (name like 'late/%');
    `);
    const body = new ReadableStream<Uint8Array>({
      async start(stream) {
        stream.enqueue(new Uint8Array(1000));
        await sleep(200);
        await stack.admin.query(`drop policy "for a moment" on storage.objects`);
        stream.close();
      },
    });
    const { error } = await person.storage.from("private").upload(name, body);
    expect(error).toMatchObject({ statusCode: "403" });
    expect(await storedAs(name)).toBeUndefined();
  });
});

describe("limits", () => {
  const png = (size: number) => new Blob([new Uint8Array(size)], { type: "image/png" });

  test("a bucket's size holds for forms, buffers and streams", async () => {
    const bucket = stack.service.from("pictures");
    expect((await bucket.upload("fits.png", png(1000))).error).toBeNull();
    const tooLarge = { status: 400, statusCode: "413", code: "EntityTooLarge" };
    expect((await bucket.upload("form.png", png(1001))).error).toMatchObject(tooLarge);
    const options = { contentType: "image/png" };
    expect((await bucket.upload("buffer.png", Buffer.alloc(1001), options)).error).toMatchObject(tooLarge);
    expect((await bucket.upload("stream.png", png(1001).stream(), options)).error).toMatchObject(tooLarge);
    expect((await bucket.list()).data?.map((file) => file.name)).toEqual(["fits.png"]);
  });

  test("the stack's size holds where the bucket has none, also for a body of many megabytes", async () => {
    for (const body of [png(1024 * 1024 + 1), png(40 * 1024 * 1024), Buffer.alloc(40 * 1024 * 1024)]) {
      const { error } = await stack.service.from("private").upload("large.png", body, { contentType: "image/png" });
      expect(error).toMatchObject({ statusCode: "413", message: "The object exceeded the maximum allowed size" });
    }
  });

  test("a bucket's types hold for what the part or the header declares", async () => {
    const bucket = stack.service.from("pictures");
    const page = new Blob(["<script>"], { type: "text/html" });
    expect((await bucket.upload("a.html", page)).error).toMatchObject({
      status: 400,
      statusCode: "415",
      code: "InvalidMimeType",
      message: "mime type text/html is not supported",
    });
    expect((await bucket.upload("a.png", Buffer.from("x"), { contentType: "text/html" })).error).toMatchObject({
      statusCode: "415",
    });
    expect((await bucket.upload("a.pdf", new Blob(["x"], { type: "application/pdf" }))).error).toBeNull();
  });

  test("a declared type is one type, since browsers read a list as its last entry", async () => {
    for (const contentType of ["application/pdf/, TEXT/HTML", "application/pdf/html", "application/pdf, text/html"]) {
      const form = new FormData();
      form.append("contentType", contentType);
      form.append("", new Blob(["<script>"], { type: "application/pdf" }));
      const init = { method: "POST", token: stack.serviceKey, body: form };
      const response = await stack.fetch("/object/pictures/listed.pdf", init);
      expect(await response.json()).toMatchObject({ statusCode: "415" });
    }
  });

  test("a folder's placeholder holds nothing", async () => {
    const bucket = stack.service.from("pictures");
    expect((await bucket.upload("f/.emptyFolderPlaceholder", new Blob([]))).error).toBeNull();
    expect((await bucket.upload("g/.emptyFolderPlaceholder", "x")).error).toMatchObject({ statusCode: "413" });
  });
});

describe("names that lead elsewhere", () => {
  test.each([
    "..%2f..%2f..%2fsecret.txt",
    "a/..%2fb.txt",
    "%2e%2e%2fb.txt",
    "%2fetc%2fpasswd",
    "..%5c..%5cb.txt",
    "a%00.txt",
    "a%0d%0ax:y.txt",
    "%e2%80%aegpj.exe",
    "%d7%90.txt",
    "%ff%fe.txt",
    "%252e%252e%252fb.txt",
    "%zz.txt",
    "x".repeat(1025),
  ])("%s is refused", async (name) => {
    for (const method of ["POST", "PUT", "GET", "DELETE"]) {
      const body = method === "POST" || method === "PUT" ? "x" : undefined;
      const response = await stack.fetch(`/object/private/${name}`, { method, body, token: stack.serviceKey });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ statusCode: "400", code: "InvalidKey" });
    }
  });

  test("a name is no path on disk", async () => {
    const name = `${person.id}/....//etc/a;rm -rf.txt`;
    const response = await stack.fetch(`/object/private/${name}`, { method: "POST", body: "x", token: person.token });
    expect(response.status).toBe(200);
    expect(stack.stored()).toContain((await storedAs(name)).version);
  });
});

describe("a request that ends early", () => {
  const gone = () => `${person.id}/gone.txt`;

  afterEach(async () => {
    await settled();
    expect(await storedAs(gone())).toBeUndefined();
  });

  test("leaves nothing when the Content-Length promised more", async () => {
    await send([`POST /storage/v1/object/private/${gone()} HTTP/1.1`, "Host: x", "Content-Length: 1000"], "short", {
      end: false,
    });
  });

  test("leaves nothing when the client half-closes instead", async () => {
    await send([`POST /storage/v1/object/private/${gone()} HTTP/1.1`, "Host: x", "Content-Length: 1000"], "short");
  });

  test("leaves nothing when the last chunk never comes", async () => {
    const lines = [`POST /storage/v1/object/private/${gone()} HTTP/1.1`, "Host: x", "Transfer-Encoding: chunked"];
    await send(lines, "5\r\nshort\r\n", { end: false });
    await send(lines, "5\r\nshort\r\n");
  });

  test.each([
    ["before the file", "--edge\r\nContent-Disposition: form-data; na"],
    ["at the file's start", '--edge\r\nContent-Disposition: form-data; name=""; filename="a"\r\n\r\n'],
    ["inside the file", '--edge\r\nContent-Disposition: form-data; name=""; filename="a"\r\n\r\nshort'],
  ])("leaves nothing when a form stops %s", async (_where, body) => {
    const answer = await send(
      [
        `POST /storage/v1/object/private/${gone()} HTTP/1.1`,
        "Host: x",
        "Content-Type: multipart/form-data; boundary=edge",
        `Content-Length: ${body.length}`,
      ],
      body,
      { end: false },
    );
    expect(answer).toContain('"code":"InvalidRequest"');
  });

  test("takes no more than the Content-Length said", async () => {
    const name = `${person.id}/more.txt`;
    await send(
      [`POST /storage/v1/object/private/${name} HTTP/1.1`, "Host: x", "Content-Type: text/plain", "Content-Length: 5"],
      "12345 and more",
      { end: false },
    );
    expect([5, undefined]).toContain((await storedAs(name))?.metadata.size);
  });

  test("leaves nothing when the client aborts midway", async () => {
    const controller = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      async pull(stream) {
        stream.enqueue(new Uint8Array(1000));
        await sleep(20);
      },
    });
    setTimeout(() => controller.abort(), 150);
    const request = stack.fetch(`/object/private/${gone()}`, {
      method: "POST",
      body,
      duplex: "half",
      token: person.token,
      signal: controller.signal,
    });
    await expect(request).rejects.toThrow();
  });
});

describe("malformed requests", () => {
  test.each([
    ["a form without a file", { "content-type": "multipart/form-data; boundary=edge" }, "--edge--\r\n"],
    ["a form without a boundary", { "content-type": "multipart/form-data" }, "x"],
    ["metadata that is no JSON", { "x-metadata": "bm90IGpzb24=" }, "x"],
    ["metadata that is no object", { "x-metadata": Buffer.from("[1]").toString("base64") }, "x"],
    ["a type that no header can carry", { "content-type": `text/${"x".repeat(300)}` }, "x"],
  ])("%s is refused", async (_what, headers, body) => {
    const response = await stack.fetch("/object/private/bad.txt", {
      method: "POST",
      headers,
      body,
      token: stack.serviceKey,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ statusCode: "400", code: "InvalidRequest" });
  });

  test("a NUL in the metadata is refused", async () => {
    const { error } = await stack.service.from("private").upload("nul.txt", "x", { metadata: { a: "\0" } });
    expect(error).toMatchObject({ statusCode: "400", code: "InvalidParameter" });
  });
});

describe("at the same time", () => {
  test("two uploads of one name: one wins, the other is told", async () => {
    for (let round = 0; round < 5; round++) {
      const name = `${person.id}/race-${round}.txt`;
      const results = await Promise.all(
        ["one", "two"].map((text) => person.storage.from("private").upload(name, text)),
      );
      expect(results.filter(({ error }) => error === null)).toHaveLength(1);
      expect(results.find(({ error }) => error)?.error).toMatchObject({ statusCode: "409" });
    }
  });

  test("upserts, deletions and reads of one name leave one object or none", async () => {
    const name = `${person.id}/contended.txt`;
    const bucket = person.storage.from("private");
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        if (index % 5 === 4) return bucket.remove([name]);
        if (index % 5 === 3) {
          const { data, error } = await bucket.download(name);
          if (error) expect(error).toMatchObject({ statusCode: "404" });
          else expect(await data?.text()).toMatch(/^content \d+$/);
          return;
        }
        expect((await bucket.upload(name, `content ${index}`, { upsert: true })).error).toBeNull();
      }),
    );
  });

  test("a move onto a name that is being uploaded leaves one of the two", async () => {
    const bucket = person.storage.from("private");
    for (let round = 0; round < 5; round++) {
      const [from, to] = [`${person.id}/from-${round}`, `${person.id}/to-${round}`];
      await bucket.upload(from, "moved");
      const [move, upload] = await Promise.all([bucket.move(from, to), bucket.upload(to, "uploaded")]);
      expect([move.error, upload.error].filter(Boolean)).toHaveLength(1);
    }
  });
});
