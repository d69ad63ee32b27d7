import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UrlSigner } from "./signed-urls.ts";
import { ownFolderPolicies } from "./testing/policies.ts";
import { type Person, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let person: Person;
let path: string;

beforeAll(async () => {
  stack = await startTestStack();
  await stack.admin.query(ownFolderPolicies);
  person = await stack.person();
  path = `${person.id}/re port.txt`;
  for (const name of [path, `${person.id}/other.txt`]) await person.storage.from("private").upload(name, name);
});

afterAll(() => stack?.stop());

async function answer(url: string | null | undefined) {
  const response = await fetch(url ?? "");
  const text = await response.text();
  return response.ok ? text : JSON.parse(text);
}

describe("a signed URL", () => {
  test("is read without any key until it expires", async () => {
    const { data, error } = await person.storage.from("private").createSignedUrl(path, 60);
    expect(error).toBeNull();
    const response = await fetch(data?.signedUrl ?? "");
    expect(await response.text()).toBe(path);
    const expires = Date.parse(response.headers.get("expires") ?? "") - Date.now();
    expect(expires).toBeGreaterThan(50_000);
    expect(expires).toBeLessThanOrEqual(60_000);
  });

  test("keeps its download name, ranges and headers", async () => {
    const { data } = await person.storage.from("private").createSignedUrl(path, 60, { download: "a.txt" });
    const response = await fetch(data?.signedUrl ?? "", { headers: { range: "bytes=0-1" } });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-disposition")).toContain("filename=a.txt");
  });

  test("is made for many objects at once", async () => {
    const paths = [path, "missing.txt", `${person.id}/other.txt`];
    const { data } = await person.storage.from("private").createSignedUrls(paths, 60);
    expect(data?.map((entry) => [entry.path, entry.error === null])).toEqual([
      [path, true],
      ["missing.txt", false],
      [`${person.id}/other.txt`, true],
    ]);
    expect(await answer(data?.[2]?.signedUrl)).toBe(`${person.id}/other.txt`);
  });

  test("does not open another object or another bucket", async () => {
    const { data } = await person.storage.from("private").createSignedUrl(path, 60);
    const token = new URL(data?.signedUrl ?? "").searchParams.get("token");
    const { error } = await stack.service.createBucket("elsewhere", { public: false });
    expect(error).toBeNull();
    for (const target of [`private/${person.id}/other.txt`, `elsewhere/${path}`]) {
      const response = await stack.fetch(`/object/sign/${target}?token=${token}`);
      expect(await response.json()).toMatchObject({ statusCode: "400", code: "InvalidSignature" });
    }
  });

  test("that expired, was forged or has no token is refused", async () => {
    const url = `private/${path}`;
    const target = `/object/sign/private/${encodeURI(path)}`;
    const own = new UrlSigner(stack.ctx.keys.jwtSecret);
    const tokens = [
      [await own.signDownload({ url }, -1), '"exp" claim timestamp check failed'],
      [await new UrlSigner("guess").signDownload({ url }, 60), "signature verification failed"],
      [await stack.sign({ url, scope: "download" }), "signature verification failed"],
      [person.token, "signature verification failed"],
      ["rubbish", "Invalid Compact JWS"],
    ];
    for (const [token, message] of tokens) {
      const response = await stack.fetch(`${target}?token=${token}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: "InvalidJWT", message });
    }
    expect((await stack.fetch(target)).status).toBe(400);
  });

  test("is no token for anything else", async () => {
    const { data } = await person.storage.from("private").createSignedUrl(path, 60);
    const token = new URL(data?.signedUrl ?? "").searchParams.get("token") ?? "";
    expect(await (await stack.fetch("/bucket", { token })).json()).toMatchObject({ statusCode: "403" });
    const upload = await stack.fetch(`/object/upload/sign/private/${encodeURI(path)}?token=${token}`, {
      method: "PUT",
      body: "x",
    });
    expect(await upload.json()).toMatchObject({ code: "InvalidSignature" });
  });

  test.each([0, -5, 1.5, 1e12])("cannot last %s seconds", async (seconds) => {
    const { error } = await person.storage.from("private").createSignedUrl(path, seconds);
    expect(error).toMatchObject({ statusCode: "400", code: "InvalidRequest" });
  });

  test("of a removed object answers that it is gone", async () => {
    const name = `${person.id}/soon-gone.txt`;
    await person.storage.from("private").upload(name, "x");
    const { data } = await person.storage.from("private").createSignedUrl(name, 60);
    await person.storage.from("private").remove([name]);
    expect(await answer(data?.signedUrl)).toMatchObject({ statusCode: "404" });
  });
});

describe("a signed upload URL", () => {
  async function grant(name: string, options?: { upsert: boolean }) {
    const { data, error } = await person.storage.from("private").createSignedUploadUrl(name, options);
    expect(error).toBeNull();
    return data?.token ?? "";
  }

  test("uploads without rights of one's own, in the signer's name", async () => {
    const name = `${person.id}/by-url.txt`;
    const token = await grant(name);
    const { data, error } = await stack.anon
      .from("private")
      .uploadToSignedUrl(name, token, new Blob(["by url"], { type: "text/plain" }));
    expect(error).toBeNull();
    expect(data).toMatchObject({ path: name, fullPath: `private/${name}` });
    const { rows } = await stack.admin.query("select owner_id from storage.objects where name = $1", [name]);
    expect(rows).toEqual([{ owner_id: person.id }]);
  });

  test("replaces only when it was made for that", async () => {
    const name = `${person.id}/replace.txt`;
    const token = await grant(name);
    const replacing = await grant(name, { upsert: true });
    await person.storage.from("private").upload(name, "first");
    const anon = stack.anon.from("private");
    expect((await anon.uploadToSignedUrl(name, token, "x")).error).toMatchObject({ statusCode: "409" });
    expect((await anon.uploadToSignedUrl(name, token, "x", { upsert: true })).error).toMatchObject({
      statusCode: "409",
    });
    expect((await anon.uploadToSignedUrl(name, replacing, "second")).error).toBeNull();
    expect(await (await person.storage.from("private").download(name)).data?.text()).toBe("second");
  });

  test("does not take another name", async () => {
    const token = await grant(`${person.id}/mine.txt`);
    const { error } = await stack.anon.from("private").uploadToSignedUrl(`${person.id}/else.txt`, token, "x");
    expect(error).toMatchObject({ code: "InvalidSignature" });
  });

  test("does not read", async () => {
    const token = await grant(`${person.id}/unread.txt`);
    await person.storage.from("private").upload(`${person.id}/unread.txt`, "x");
    const response = await stack.fetch(`/object/sign/private/${person.id}/unread.txt?token=${token}`);
    expect(await response.json()).toMatchObject({ code: "InvalidSignature" });
  });

  test("leaves no row behind when it is made", async () => {
    await grant(`${person.id}/planned.txt`);
    const { rows } = await stack.admin.query("select from storage.objects where name like '%planned.txt'");
    expect(rows).toHaveLength(0);
    expect(stack.stored()).toEqual(await stack.versions());
  });
});
