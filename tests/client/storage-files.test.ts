import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect } from "vitest";
import { ownerConnection } from "../support/database.ts";
import { newcomer, server, visitor } from "./clients.ts";
import { proves } from "./proof.ts";

const bucket = "client-suite";
const policies = ["select", "insert", "update", "delete"].map((command) => ({
  command,
  name: `client suite: own folder, ${command}`,
}));
let userId: string;
let files: ReturnType<ReturnType<typeof visitor>["storage"]["from"]>;
let strangers: typeof files;

/** In the bucket of this file, each user has the folder that is named after the user. */
beforeAll(async () => {
  await server().storage.createBucket(bucket, { public: false });
  const owner = await ownerConnection();
  const own = `bucket_id = '${bucket}' and (storage.foldername(name))[1] = (select auth.uid())::text`;
  for (const { command, name } of policies) {
    const clause = command === "insert" ? `with check (${own})` : `using (${own})`;
    await owner.query(`drop policy if exists "${name}" on storage.objects`);
    await owner.query(`create policy "${name}" on storage.objects for ${command} to authenticated ${clause}`);
  }
  await owner.end();
  const [user, stranger] = await Promise.all([newcomer("files"), newcomer("stranger")]);
  userId = user.userId;
  files = user.client.storage.from(bucket);
  strangers = stranger.client.storage.from(bucket);
});

afterAll(async () => {
  const owner = await ownerConnection();
  for (const { name } of policies) await owner.query(`drop policy if exists "${name}" on storage.objects`);
  await owner.end();
  await server().storage.emptyBucket(bucket);
  await server().storage.deleteBucket(bucket);
});

/** A file of one's own, with its name as its content unless it is given. */
async function stored(name: string, content = name): Promise<string> {
  const path = `${userId}/${randomUUID()}/${name}`;
  const { error } = await files.upload(path, content, { contentType: "text/plain" });
  if (error) throw error;
  return path;
}

const read = async (path: string) => await (await files.download(path)).data?.text();
const notFound = { error: { status: 400, statusCode: "404", code: "NoSuchKey" } };
const forbidden = { error: { status: 400, statusCode: "403", code: "AccessDenied" } };

proves(
  "storage.from.upload",
  "stores bytes, streams and forms with type and metadata; a taken name is refused",
  async () => {
    const path = `${userId}/${randomUUID()}/a.txt`;
    const options = { contentType: "text/plain", cacheControl: "60", metadata: { colour: "red" } };
    expect((await files.upload(path, "hello", options)).data).toMatchObject({ path, fullPath: `${bucket}/${path}` });
    expect((await files.info(path)).data).toMatchObject({ contentType: "text/plain", metadata: { colour: "red" } });
    const taken = { statusCode: "409", error: { code: "KeyAlreadyExists" } };
    expect((await files.upload(path, "again")).error).toMatchObject({ statusCode: taken.statusCode });
    expect(await read(path)).toBe("hello");
    expect((await files.upload(path, new Blob(["form"]), { upsert: true })).error).toBeNull();
    expect(await read(path)).toBe("form");
    const streamed = `${userId}/${randomUUID()}/b.bin`;
    const stream = new Blob(["streamed"]).stream();
    expect((await files.upload(streamed, stream, { duplex: "half" })).error).toBeNull();
    expect(await read(streamed)).toBe("streamed");
  },
);

proves(
  "storage.from.upload",
  "is refused where no policy lets, and for a name that is none: `InvalidKey`",
  async () => {
    const path = `${userId}/${randomUUID()}.txt`;
    expect(await strangers.upload(path, "intruder")).toMatchObject(forbidden);
    expect(await visitor().storage.from(bucket).upload(path, "intruder")).toMatchObject(forbidden);
    expect(await files.upload(`${userId}/€.txt`, "x")).toMatchObject({
      error: { statusCode: "400", code: "InvalidKey" },
    });
    expect((await files.exists(path)).data).toBe(false);
  },
);

proves("storage.from.update", "replaces a file; for a stranger there is none to replace", async () => {
  const path = await stored("a.txt");
  expect((await files.update(path, "changed", { contentType: "text/plain" })).error).toBeNull();
  expect(await read(path)).toBe("changed");
  expect((await strangers.update(path, "intruder")).error).not.toBeNull();
  expect(await read(path)).toBe("changed");
});

proves("storage.from.download", "answers a file, also as a stream; unknown or hidden it is `NoSuchKey`", async () => {
  const path = await stored("a.txt", "content");
  const { data } = await files.download(path);
  expect(data?.type).toContain("text/plain");
  expect(await data?.text()).toBe("content");
  const stream = (await files.download(path).asStream()).data;
  expect(await new Response(stream).text()).toBe("content");
  expect(await files.download(`${userId}/nothing.txt`)).toMatchObject({ data: null, ...notFound });
  expect(await strangers.download(path)).toMatchObject({ data: null, ...notFound });
});

proves("storage.from.info", "answers size, type and metadata; unknown or hidden it is `NoSuchKey`", async () => {
  const path = await stored("a.txt", "12345");
  expect((await files.info(path)).data).toMatchObject({ name: path, size: 5, contentType: "text/plain" });
  expect(await files.info(`${userId}/nothing.txt`)).toMatchObject(notFound);
  expect(await strangers.info(path)).toMatchObject(notFound);
});

proves("storage.from.exists", "says whether a file is there for this user", async () => {
  const path = await stored("a.txt");
  expect(await files.exists(path)).toMatchObject({ data: true, error: null });
  expect(await files.exists(`${path}.not`)).toMatchObject({ data: false });
  expect(await strangers.exists(path)).toMatchObject({ data: false });
});

proves(
  "storage.from.list",
  "lists a folder with sub-folders, searched, sorted and paged; hides what policies hide",
  async () => {
    const folder = `${userId}/${randomUUID()}`;
    for (const name of ["b.txt", "a.txt", "sub/c.txt"]) await files.upload(`${folder}/${name}`, name);
    const names = async (options?: object, from = files) =>
      (await from.list(folder, options)).data?.map(({ name, id }) => (id ? name : `${name}/`));
    expect(await names({ sortBy: { column: "name", order: "asc" } })).toEqual(["a.txt", "b.txt", "sub/"]);
    expect(await names({ search: "b" })).toContain("b.txt");
    expect(await names({ limit: 1, offset: 1 })).toEqual(["b.txt"]);
    expect(await names({}, strangers)).toEqual([]);
  },
);

proves("storage.from.listV2", "lists by prefix with a cursor, flat or by folders", async () => {
  const folder = `${userId}/${randomUUID()}`;
  for (const name of ["a.txt", "b.txt", "sub/c.txt"]) await files.upload(`${folder}/${name}`, name);
  const first = await files.listV2({ prefix: `${folder}/`, limit: 2 });
  expect(first.data).toMatchObject({ hasNext: true, nextCursor: expect.any(String) });
  const rest = await files.listV2({ prefix: `${folder}/`, cursor: first.data?.nextCursor });
  const all = [...(first.data?.objects ?? []), ...(rest.data?.objects ?? [])].map(({ name }) => name);
  expect(all).toEqual(["a.txt", "b.txt", "sub/c.txt"].map((name) => `${folder}/${name}`));
  const folders = await files.listV2({ prefix: `${folder}/`, with_delimiter: true });
  expect(folders.data).toMatchObject({ hasNext: false, folders: [{ name: `${folder}/sub/` }] });
  expect((await strangers.listV2({ prefix: `${folder}/` })).data?.objects).toEqual([]);
});

proves("storage.from.move", "gives a file another name; a taken one and a stranger's call are refused", async () => {
  const [from, taken] = [await stored("a.txt", "moved"), await stored("b.txt")];
  const to = `${from}.moved`;
  expect((await strangers.move(from, to)).error).not.toBeNull();
  expect((await files.move(from, taken)).error).toMatchObject({ statusCode: "409" });
  expect((await files.move(from, to)).data).toMatchObject({ message: "Successfully moved" });
  expect(await read(to)).toBe("moved");
  expect((await files.exists(from)).data).toBe(false);
});

proves("storage.from.copy", "copies a file; the copy of an unknown one is refused", async () => {
  const from = await stored("a.txt", "copied");
  const to = `${from}.copy`;
  expect((await files.copy(from, to)).data).toEqual({ path: `${bucket}/${to}` });
  expect([await read(from), await read(to)]).toEqual(["copied", "copied"]);
  expect((await strangers.copy(from, `${to}2`)).error).not.toBeNull();
  expect(await files.copy(`${userId}/nothing.txt`, `${to}3`)).toMatchObject(notFound);
});

proves("storage.from.remove", "removes files and answers which; what policies hide stays", async () => {
  const path = await stored("a.txt");
  expect((await strangers.remove([path])).data).toEqual([]);
  expect((await files.exists(path)).data).toBe(true);
  expect((await files.remove([path, `${userId}/nothing.txt`])).data).toMatchObject([{ name: path }]);
  expect((await files.exists(path)).data).toBe(false);
});

proves("storage.from.createSignedUrl", "makes an address that needs no key; forged, it is refused", async () => {
  const path = await stored("a.txt", "signed");
  const { data } = await files.createSignedUrl(path, 60, { download: "b.txt" });
  const answer = await fetch(String(data?.signedUrl));
  expect(answer.headers.get("content-disposition")).toContain("b.txt");
  expect(await answer.text()).toBe("signed");
  // Not its last character, whose last bits mean nothing.
  const altered = (first: string) => (first === "A" ? "B" : "A");
  const forged = await fetch(
    String(data?.signedUrl).replace(
      /\.([^.&])([^.&]*)(&|$)/,
      (_, first, rest, end) => `.${altered(first)}${rest}${end}`,
    ),
  );
  expect(forged.status).toBe(400);
  const other = await fetch(String(data?.signedUrl).replace("a.txt", "c.txt"));
  expect(other.status).toBe(400);
  expect(await strangers.createSignedUrl(path, 60)).toMatchObject(notFound);
});

proves("storage.from.createSignedUrls", "makes several, and names those that cannot be", async () => {
  const path = await stored("a.txt", "signed");
  const nothing = `${userId}/nothing.txt`;
  const { data } = await files.createSignedUrls([path, nothing], 60);
  expect(data).toMatchObject([
    { path, error: null },
    { path: nothing, signedUrl: null, error: expect.any(String) },
  ]);
  expect(await (await fetch(String(data?.[0]?.signedUrl))).text()).toBe("signed");
});

proves("storage.from.createSignedUploadUrl", "lets another upload one file; a stranger can make none", async () => {
  const path = `${userId}/${randomUUID()}/a.txt`;
  const { data } = await files.createSignedUploadUrl(path);
  expect(data).toMatchObject({ path, token: expect.any(String) });
  expect(await strangers.createSignedUploadUrl(path)).toMatchObject(forbidden);
});

proves("storage.from.uploadToSignedUrl", "uploads with the token and no sign-in, to that name alone", async () => {
  const path = `${userId}/${randomUUID()}/a.txt`;
  const token = String((await files.createSignedUploadUrl(path)).data?.token);
  const guest = visitor().storage.from(bucket);
  expect((await guest.uploadToSignedUrl(`${path}.other`, token, "x")).error).not.toBeNull();
  expect((await guest.uploadToSignedUrl(path, token, "by a guest")).data).toMatchObject({ path });
  expect(await read(path)).toBe("by a guest");
  expect((await guest.uploadToSignedUrl(path, "no.such.token", "x")).error).not.toBeNull();
});

proves("storage.from.getPublicUrl", "makes an address that answers for a public bucket alone", async () => {
  const path = await stored("a.txt", "public");
  const { publicUrl } = files.getPublicUrl(path, { download: true }).data;
  expect((await fetch(publicUrl)).status).toBe(400);
  await server().storage.updateBucket(bucket, { public: true });
  const answer = await fetch(publicUrl);
  await server().storage.updateBucket(bucket, { public: false });
  expect(answer.headers.get("content-disposition")).toContain("attachment");
  expect(await answer.text()).toBe("public");
});

proves("storage.from.purgeCache", "has no cache to purge; only with the secret key", async () => {
  expect((await server().storage.from(bucket).purgeCache("a.txt")).data).toEqual({ message: "success" });
  expect((await files.purgeCache("a.txt")).error).toMatchObject({ status: 403 });
});

proves("storage.from.toBase64", "encodes metadata for a header", () => {
  expect(files.toBase64('{"a":"é"}')).toBe(Buffer.from('{"a":"é"}').toString("base64"));
});
