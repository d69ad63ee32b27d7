import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownFolderPolicies } from "./testing/policies.ts";
import { type Person, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let owner: Person;
let other: Person;
let path: string;

beforeAll(async () => {
  stack = await startTestStack();
  await stack.admin.query(ownFolderPolicies);
  owner = await stack.person();
  other = await stack.person();
  path = `${owner.id}/notes.txt`;
  const { error } = await owner.storage.from("private").upload(path, new Blob(["mine"], { type: "text/plain" }));
  expect(error).toBeNull();
});

afterAll(() => stack?.stop());

async function untouched() {
  const { data } = await owner.storage.from("private").download(path);
  expect(await data?.text()).toBe("mine");
  expect(stack.stored()).toEqual(await stack.versions());
  expect(stack.unsettled()).toEqual([]);
}

describe("the owner of a folder", () => {
  test("lists, reads and signs what is in it", async () => {
    const bucket = owner.storage.from("private");
    expect((await bucket.list(owner.id)).data?.map((file) => file.name)).toEqual(["notes.txt"]);
    const { data } = await bucket.createSignedUrl(path, 60);
    expect(await (await fetch(data?.signedUrl ?? "")).text()).toBe("mine");
    expect(await bucket.exists(path)).toEqual({ data: true, error: null });
  });

  test("is recorded as the object's owner", async () => {
    const { rows } = await stack.admin.query("select owner, owner_id from storage.objects where name = $1", [path]);
    expect(rows).toEqual([{ owner: owner.id, owner_id: owner.id }]);
  });
});

describe.each([
  ["another user", () => other.storage],
  ["anon", () => stack.anon],
])("%s", (_who, storage) => {
  test("does not upload there", async () => {
    const { error } = await storage().from("private").upload(`${owner.id}/x.txt`, "x");
    expect(error).toMatchObject({
      status: 400,
      statusCode: "403",
      code: "AccessDenied",
      message: "new row violates row-level security policy",
    });
    await untouched();
  });

  test("does not overwrite, by upsert or update", async () => {
    const bucket = storage().from("private");
    expect((await bucket.upload(path, "x", { upsert: true })).error).toMatchObject({ statusCode: "403" });
    expect((await bucket.update(path, "x")).error).toMatchObject({ statusCode: "403" });
    await untouched();
  });

  test("learns no more from an existing name than from an absent one", async () => {
    const bucket = storage().from("private");
    const absent = `${owner.id}/absent.txt`;
    for (const ask of [
      async (name: string) => (await bucket.createSignedUrl(name, 60)).error,
      async (name: string) => (await bucket.info(name)).error,
      async (name: string) => (await bucket.download(name)).error,
      async (name: string) => (await bucket.upload(name, "x")).error,
      async (name: string) => (await bucket.move(name, `${other.id}/x.txt`)).error,
      async (name: string) => (await bucket.copy(name, `${other.id}/x.txt`)).error,
    ]) {
      const answer = await ask(path);
      expect(answer).not.toBeNull();
      expect(answer).toEqual(await ask(absent));
    }
  });

  test("may not delete by name, which says whether there is an object of that name", async () => {
    const token = storage() === other.storage ? other.token : stack.anonKey;
    const remove = async (name: string) =>
      (await stack.fetch(`/object/private/${name}`, { method: "DELETE", token })).json();
    expect(await remove(path)).toMatchObject({ statusCode: "403", message: "Access denied" });
    expect(await remove(`${owner.id}/absent.txt`)).toMatchObject({ statusCode: "404", error: "not_found" });
    await untouched();
  });

  test("sees an empty folder and signs nothing", async () => {
    const bucket = storage().from("private");
    expect((await bucket.list(owner.id)).data).toEqual([]);
    expect((await bucket.listV2({ prefix: `${owner.id}/` })).data).toEqual({
      hasNext: false,
      folders: [],
      objects: [],
    });
    const { data } = await bucket.createSignedUrls([path], 60);
    expect(data).toEqual([
      {
        path,
        signedURL: null,
        signedUrl: null,
        error: "Either the object does not exist or you do not have access to it",
      },
    ]);
    expect((await bucket.createSignedUploadUrl(`${owner.id}/x.txt`)).error).toMatchObject({ statusCode: "403" });
  });

  test("removes nothing", async () => {
    expect(await storage().from("private").remove([path])).toEqual({ data: [], error: null });
    await untouched();
  });
});

describe("without a valid token", () => {
  const refused = { statusCode: "403", error: "Unauthorized" };

  test("a private object is not there", async () => {
    const response = await stack.fetch(`/object/private/${path}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ statusCode: "404", code: "NoSuchBucket" });
    expect((await stack.fetch(`/object/public/private/${path}`)).status).toBe(400);
  });

  test("nothing else is answered", async () => {
    const response = await stack.fetch("/object/list/private", { method: "POST", body: '{"prefix":""}' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ statusCode: "400" });
  });

  test("an expired, forged, unsigned or malformed token is refused", async () => {
    const claims = { role: "service_role" };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const tokens = {
      expired: await stack.sign(claims, Math.floor(Date.now() / 1000) - 60),
      forged: await stack.sign(claims, "1h", "another secret of thirty-two characters or more"),
      unsigned: `${part({ alg: "none" })}.${part({ ...claims, exp: 9e9 })}.`,
      malformed: "abc",
    };
    for (const token of Object.values(tokens)) {
      const response = await stack.fetch("/bucket", { token });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject(refused);
      expect((await stack.fetch(`/object/private/${path}`, { token })).status).toBe(400);
    }
  });

  test.each(["supabase_admin", "supabase_storage_admin", "none", "AUTHENTICATED"])(
    "the role %s is refused, which is not the API's",
    async (role) => {
      const token = await stack.sign({ role });
      const answer: unknown = await (await stack.fetch("/bucket", { token })).json();
      expect(answer).toMatchObject({ ...refused, message: `permission denied to set role "${role}"` });
    },
  );
});

describe("the service key", () => {
  test("passes over the policies and leaves no owner", async () => {
    const name = `${owner.id}/by-service.txt`;
    expect((await stack.service.from("private").upload(name, "s")).error).toBeNull();
    const { rows } = await stack.admin.query("select owner, owner_id from storage.objects where name = $1", [name]);
    expect(rows).toEqual([{ owner: null, owner_id: null }]);
    expect((await stack.service.from("private").remove([name])).data).toHaveLength(1);
  });
});

describe("policies", () => {
  test("can ask for operation, request and claims", async () => {
    await stack.admin.query(`
      create policy "listing only" on storage.objects as restrictive for select to authenticated
        using (storage.allow_any_operation(array['object.list', 'storage.object.upload'])
          and current_setting('request.headers')::json ->> 'x-client-info' like 'supabase-js%'
          and current_setting('request.method') in ('POST', 'PUT')
          and auth.role() = 'authenticated');
    `);
    try {
      const bucket = owner.storage.from("private");
      expect((await bucket.list(owner.id)).data).toHaveLength(1);
      expect((await bucket.download(path)).error).toMatchObject({ statusCode: "404" });
    } finally {
      await stack.admin.query(`drop policy "listing only" on storage.objects`);
    }
  });

  test("are told the gateway's address and id, not the client's", async () => {
    await stack.admin.query(`
      create policy "local only" on storage.objects as restrictive for select to authenticated
        using (current_setting('request.headers')::json ->> 'x-forwarded-for' = '127.0.0.1'
          and current_setting('request.headers')::json ->> 'x-request-id' = 'request-0001');
    `);
    try {
      const ask = (id: string) =>
        stack.fetch(`/object/private/${path}`, {
          token: owner.token,
          headers: { "x-forwarded-for": "10.0.0.1", "x-request-id": id },
        });
      expect((await ask("request-0001")).status).toBe(200);
      expect((await ask("request-0002")).status).toBe(400);
    } finally {
      await stack.admin.query(`drop policy "local only" on storage.objects`);
    }
  });

  test("a cast that fails on somebody else's name tells nothing of it", async () => {
    await stack.admin.query(`
      create policy "a bad cast" on storage.objects for select to authenticated using (name::uuid is not null);
    `);
    try {
      const { error } = await other.storage.from("private").list();
      expect(error).toMatchObject({ statusCode: "400", code: "InvalidParameter" });
      expect(error?.message).not.toContain(owner.id);
    } finally {
      await stack.admin.query(`drop policy "a bad cast" on storage.objects`);
    }
  });
});

describe("what Postgres cannot take", () => {
  const invalid = { statusCode: "400", code: "InvalidParameter" };

  test("a NUL in any place is refused", async () => {
    const bucket = stack.service.from("private");
    const answers = await Promise.all([
      bucket.remove(["a\0"]),
      bucket.list("a\0"),
      bucket.listV2({ prefix: "a\0" }),
      bucket.createSignedUrls(["a\0"], 60),
      bucket.move("a\0", "b"),
      bucket.copy("a\0", "b"),
      stack.service.from("a\0b").list(),
      stack.service.getBucket("a%00b"),
    ]);
    for (const { error } of answers) expect(error).toMatchObject(invalid);
  });

  test("numbers beyond its integers are refused", async () => {
    const bucket = stack.service.from("private");
    expect((await bucket.list("", { offset: 2 ** 40 })).error).toMatchObject(invalid);
    expect((await bucket.list("", { limit: 2 ** 40 })).error).toMatchObject(invalid);
    expect((await bucket.list("", { limit: 1e300 })).error).toMatchObject({ code: "InvalidRequest" });
  });

  test("SQL in any place is only text", async () => {
    const sql = "'; delete from storage.objects; --";
    const bucket = owner.storage.from("private");
    expect((await bucket.list(sql)).data).toEqual([]);
    expect((await bucket.list("", { search: sql })).data).toEqual([]);
    expect((await bucket.listV2({ prefix: sql, with_delimiter: true })).data?.objects).toEqual([]);
    expect((await bucket.remove([sql])).data).toEqual([]);
    expect((await owner.storage.listBuckets({ search: sql })).data).toEqual([]);
    await untouched();
  });
});
