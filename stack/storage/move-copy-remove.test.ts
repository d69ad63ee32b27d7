import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ownFolderPolicies } from "./testing/policies.ts";
import { type Person, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;
let person: Person;
let other: Person;
let path: string;

beforeAll(async () => {
  stack = await startTestStack();
  await stack.admin.query(ownFolderPolicies);
  await stack.service.createBucket("archive", { public: false });
  person = await stack.person();
  other = await stack.person();
  path = `${person.id}/source.txt`;
});

afterAll(() => stack?.stop());

beforeEach(async () => {
  const file = new Blob(["content"], { type: "text/plain" });
  await stack.service.emptyBucket("private");
  await stack.service.emptyBucket("archive");
  const { error } = await person.storage.from("private").upload(path, file, { metadata: { term: 1 } });
  expect(error).toBeNull();
});

afterEach(async () => {
  expect(stack.stored()).toEqual(await stack.versions());
  expect(stack.unsettled()).toEqual([]);
});

async function text(bucket: string, name: string) {
  const { data } = await stack.service.from(bucket).download(name);
  return data?.text();
}

describe("move", () => {
  test("renames the object and keeps its id and metadata", async () => {
    const before = await person.storage.from("private").info(path);
    const to = `${person.id}/folder/moved.txt`;
    const { data, error } = await person.storage.from("private").move(path, to);
    expect(error).toBeNull();
    expect(data).toMatchObject({ message: "Successfully moved", Id: before.data?.id, Key: to });
    expect(await text("private", to)).toBe("content");
    expect(await text("private", path)).toBeUndefined();
    expect((await person.storage.from("private").info(to)).data).toMatchObject({ metadata: { term: 1 }, size: 7 });
  });

  test("goes across buckets", async () => {
    const { error } = await stack.service.from("private").move(path, "kept.txt", { destinationBucket: "archive" });
    expect(error).toBeNull();
    expect(await text("archive", "kept.txt")).toBe("content");
  });

  test("needs the right to update, before and after", async () => {
    const bucket = person.storage.from("private");
    for (const [to, options] of [
      [`${other.id}/x.txt`, {}],
      [`${person.id}/x.txt`, { destinationBucket: "archive" }],
    ] as const) {
      expect((await bucket.move(path, to, options)).error).toMatchObject({ statusCode: "403" });
    }
    const theirs = await other.storage.from("private").move(path, `${other.id}/x.txt`);
    expect(theirs.error).toMatchObject({ statusCode: "404" });
    expect(await text("private", path)).toBe("content");
  });

  test("overwrites nothing and creates no bucket", async () => {
    const taken = `${person.id}/taken.txt`;
    const bucket = person.storage.from("private");
    await bucket.upload(taken, "taken");
    expect((await bucket.move(path, taken)).error).toMatchObject({ statusCode: "409" });
    const nowhere = await stack.service.from("private").move(path, "x", { destinationBucket: "nowhere" });
    expect(nowhere.error).toMatchObject({ statusCode: "404" });
    expect((await bucket.move(`${person.id}/missing`, `${person.id}/y`)).error).toMatchObject({ statusCode: "404" });
    expect(await text("private", taken)).toBe("taken");
  });

  test.each(["../x", "a/../../x", "/x", "a\\b", "\u202ex", ""])("does not go to %j", async (to) => {
    expect((await stack.service.from("private").move(path, to)).error).toMatchObject({ code: "InvalidKey" });
    expect((await stack.service.from("private").copy(path, to)).error).toMatchObject({ code: "InvalidKey" });
  });
});

describe("copy", () => {
  test("makes a second object with bytes of its own", async () => {
    const to = `${person.id}/copy.txt`;
    const bucket = person.storage.from("private");
    const { data, error } = await bucket.copy(path, to);
    expect(error).toBeNull();
    expect(data).toEqual({ path: `private/${to}` });
    await bucket.update(path, "changed");
    await bucket.remove([path]);
    expect(await text("private", to)).toBe("content");
    const { rows } = await stack.admin.query(
      "select owner_id, user_metadata, metadata ->> 'mimetype' as type from storage.objects where name = $1",
      [to],
    );
    expect(rows).toEqual([{ owner_id: person.id, user_metadata: { term: 1 }, type: "text/plain" }]);
  });

  test("can leave the metadata behind", async () => {
    const to = `${person.id}/bare.txt`;
    const options = { copyMetadata: false, metadata: { mimetype: "text/x-other", cacheControl: "no-store" } };
    expect((await person.storage.from("private").copy(path, to, options)).error).toBeNull();
    expect((await person.storage.from("private").info(to)).data).toMatchObject({
      metadata: {},
      contentType: "text/x-other",
      cacheControl: "no-store",
    });
  });

  test("is bound by the types and the size that its bucket takes", async () => {
    const bucket = person.storage.from("private");
    await stack.service.updateBucket("private", { public: false, allowedMimeTypes: ["text/plain"] });
    await stack.service.createBucket("tiny", { public: false, fileSizeLimit: 3 });
    try {
      const page = { copyMetadata: false, metadata: { mimetype: "text/html" } };
      expect((await bucket.copy(path, `${person.id}/page.html`, page)).error).toMatchObject({ statusCode: "415" });
      expect((await bucket.copy(path, `${person.id}/same.txt`)).error).toBeNull();
      await stack.service.updateBucket("tiny", { public: false, allowedMimeTypes: ["image/png"] });
      const to = { destinationBucket: "tiny" };
      const from = stack.service.from("private");
      expect((await from.copy(path, "a.txt", to)).error).toMatchObject({ statusCode: "415" });
      await stack.service.updateBucket("tiny", { public: false, allowedMimeTypes: ["text/plain"] });
      expect((await from.copy(path, "a.txt", to)).error).toMatchObject({ statusCode: "413" });
    } finally {
      await stack.service.updateBucket("private", { public: false, allowedMimeTypes: null });
      await stack.service.deleteBucket("tiny");
    }
  });

  test("goes across buckets", async () => {
    const { error } = await stack.service.from("private").copy(path, "kept.txt", { destinationBucket: "archive" });
    expect(error).toBeNull();
    expect([await text("private", path), await text("archive", "kept.txt")]).toEqual(["content", "content"]);
  });

  test("needs the right to read there and to insert here", async () => {
    const bucket = person.storage.from("private");
    expect((await bucket.copy(path, `${other.id}/x.txt`)).error).toMatchObject({ statusCode: "403" });
    const archived = await bucket.copy(path, `${person.id}/x.txt`, { destinationBucket: "archive" });
    expect(archived.error).toMatchObject({ statusCode: "403" });
    const theirs = await other.storage.from("private").copy(path, `${other.id}/x.txt`);
    expect(theirs.error).toMatchObject({ statusCode: "404" });
  });

  test("overwrites only as an upsert", async () => {
    const taken = `${person.id}/taken.txt`;
    await person.storage.from("private").upload(taken, "taken");
    expect((await person.storage.from("private").copy(path, taken)).error).toMatchObject({ statusCode: "409" });
    const copy = (headers: Record<string, string>) =>
      stack.fetch("/object/copy", {
        method: "POST",
        headers,
        body: JSON.stringify({ bucketId: "private", sourceKey: path, destinationKey: taken }),
        token: person.token,
      });
    expect((await copy({ "x-upsert": "false" })).status).toBe(400);
    expect((await copy({ "x-upsert": "true" })).status).toBe(200);
    expect(await text("private", taken)).toBe("content");
  });

  test("of an object that loses its bytes meanwhile leaves nothing", async () => {
    await stack.admin.query(
      "insert into storage.objects (bucket_id, name, version) values ('archive', 'lost', gen_random_uuid()::text)",
    );
    const { error } = await stack.service.from("archive").copy("lost", "copy");
    expect(error).toMatchObject({ statusCode: "404" });
    await stack.service.from("archive").remove(["lost"]);
  });
});

describe("remove", () => {
  test("takes many at once and answers those that are gone", async () => {
    const bucket = person.storage.from("private");
    const names = Array.from({ length: 25 }, (_, index) => `${person.id}/many/${index}`);
    await Promise.all(names.map((name) => bucket.upload(name, name)));
    const theirs = `${other.id}/theirs.txt`;
    await other.storage.from("private").upload(theirs, "theirs");
    const { data, error } = await bucket.remove([...names, theirs, `${person.id}/missing`]);
    expect(error).toBeNull();
    expect(data?.map(({ name }) => name).sort()).toEqual(names.sort());
    expect(data?.[0]).toMatchObject({
      bucket_id: "private",
      owner_id: person.id,
      metadata: { size: expect.any(Number) },
    });
    expect(await text("private", theirs)).toBe("theirs");
  });

  test("needs the right to read as well as to delete", async () => {
    await stack.admin.query(`alter policy "people read their folder" on storage.objects using (false)`);
    try {
      expect((await person.storage.from("private").remove([path])).data).toEqual([]);
    } finally {
      await stack.admin.query(`alter policy "people read their folder" on storage.objects
        using (bucket_id = 'private' and (storage.foldername(name))[1] = (select auth.uid())::text)`);
    }
    expect(await text("private", path)).toBe("content");
  });

  test("of one object answers as Supabase does", async () => {
    await stack.admin.query(`alter policy "people delete from their folder" on storage.objects using (false)`);
    const remove = () => stack.fetch(`/object/private/${path}`, { method: "DELETE", token: person.token });
    try {
      expect(await (await remove()).json()).toMatchObject({ statusCode: "403", message: "Access denied" });
    } finally {
      await stack.admin.query(`alter policy "people delete from their folder" on storage.objects
        using (bucket_id = 'private' and (storage.foldername(name))[1] = (select auth.uid())::text)`);
    }
    expect(await (await remove()).json()).toEqual({ message: "Successfully deleted" });
    expect(await (await remove()).json()).toMatchObject({ statusCode: "404" });
  });

  test("refuses nothing, more than a thousand, and versions", async () => {
    const bucket = stack.service.from("private");
    for (const names of [[], Array.from({ length: 1001 }, String), [{ path, versionId: "1" }]]) {
      expect((await bucket.remove(names)).error).toMatchObject({ code: "InvalidRequest" });
    }
  });

  test("keeps the bytes when the deletion is undone", async () => {
    await stack.admin.query(`
      create function public.tg_refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
      create trigger refuse after delete on storage.objects for each row execute function public.tg_refuse();
    `);
    try {
      expect((await person.storage.from("private").remove([path])).error).toMatchObject({ status: 500 });
      expect((await person.storage.from("private").update(path, "new")).error).toBeNull();
    } finally {
      await stack.admin.query("drop trigger refuse on storage.objects; drop function public.tg_refuse()");
    }
    expect(await text("private", path)).toBe("new");
  });
});

describe("when the row cannot be written", () => {
  test("an upload, an upsert and a copy leave the old bytes and no new ones", async () => {
    await stack.admin.query(`
      create function public.tg_refuse() returns trigger language plpgsql as $$
        begin if new.metadata ? 'eTag' and new.version <> '1' then raise 'no'; end if; return new; end $$;
      create trigger refuse before insert or update on storage.objects
        for each row execute function public.tg_refuse();
    `);
    const bucket = person.storage.from("private");
    try {
      expect((await bucket.upload(`${person.id}/x.txt`, "x")).error).toMatchObject({ status: 500 });
      expect((await bucket.update(path, "new")).error).toMatchObject({ status: 500 });
      expect((await bucket.copy(path, `${person.id}/y.txt`)).error).toMatchObject({ status: 500 });
    } finally {
      await stack.admin.query("drop trigger refuse on storage.objects; drop function public.tg_refuse()");
    }
    expect(await text("private", path)).toBe("content");
  });
});
