import { beforeAll, describe, expect, test } from "vitest";
import { type Client, service, signIn } from "../support/clients.ts";
import { env } from "../support/env.ts";
import { FreshSchool } from "../support/school.ts";

let observer: Client;
let teacher: Client;
let folder: string;
let stranger: Client;
let strangerFolder: string;

async function draft() {
  const school = await FreshSchool.create();
  const principal = await school.join("principal", "leader");
  const person = await school.join("teacher", "teacher");
  const observation = await school.observation(person.membership, principal.membership);
  return {
    observer: await signIn(principal.email),
    teacher: await signIn(person.email),
    folder: `${school.id}/${observation.id}`,
  };
}

beforeAll(async () => {
  ({ observer, teacher, folder } = await draft());
  ({ observer: stranger, folder: strangerFolder } = await draft());
});

const evidence = (client: Client) => client.storage.from("evidence");
const text = new Blob(["seen"], { type: "text/plain" });
const stored = async (where: string) => (await evidence(service).list(where)).data?.map((file) => file.name) ?? [];

describe("evidence", () => {
  test("goes into the observer's own draft and nowhere else", async () => {
    expect((await evidence(observer).upload(`${folder}/a.txt`, text)).error).toBeNull();
    for (const [client, path] of [
      [teacher, `${folder}/b.txt`],
      [stranger, `${folder}/c.txt`],
      [observer, `${strangerFolder}/d.txt`],
      [observer, `${folder}/deeper/e.txt`],
      [observer, "f.txt"],
      [observer, `${folder.split("/")[0]}/not-a-uuid/g.txt`],
    ] as const) {
      expect((await evidence(client).upload(path, text)).error, path).not.toBeNull();
    }
    expect(await stored(folder)).toEqual(["a.txt"]);
    expect(await stored(strangerFolder)).toEqual([]);
  });

  test.each([
    "../../../etc/passwd",
    "..%2f..%2fsecret",
    "/absolute.txt",
    "a/../../b.txt",
    "a\\..\\b.txt",
    "bad\u0000name.txt",
    "a//b.txt",
  ])("with the name %j is refused or stays inside its folder", async (name) => {
    const { error } = await evidence(observer).upload(`${folder}/${name}`, text);
    if (!error) expect((await stored(folder)).length).toBeGreaterThan(0);
    expect(await stored(strangerFolder)).toEqual([]);
    expect((await evidence(teacher).download(`${strangerFolder}/../${folder}/a.txt`)).error).not.toBeNull();
  });

  test("of a type that the bucket does not take is refused", async () => {
    const html = new Blob(["<script>alert(1)</script>"], { type: "text/html" });
    const { error } = await evidence(observer).upload(`${folder}/page.html`, html, { contentType: "text/html" });
    expect(error?.message).toContain("mime type");
    expect(await stored(folder)).not.toContain("page.html");
  });

  test("beyond the bucket's size is refused and leaves nothing", async () => {
    const large = new Blob([new Uint8Array(26 * 1024 * 1024)], { type: "text/plain" });
    const { error } = await evidence(observer).upload(`${folder}/large.txt`, large);
    expect(error?.message).toMatch(/exceeded|too large/i);
    expect(await stored(folder)).not.toContain("large.txt");
  });

  test("is not overwritten by a second upload of its name, and two at once leave one", async () => {
    expect(
      (await evidence(observer).upload(`${folder}/a.txt`, new Blob(["other"], { type: "text/plain" }))).error,
    ).not.toBeNull();
    const outcomes = await Promise.all([1, 2, 3].map(() => evidence(observer).upload(`${folder}/race.txt`, text)));
    expect(outcomes.filter((outcome) => outcome.error === null)).toHaveLength(1);
  });

  test("by a forged or altered signed address is refused", async () => {
    const { data } = await evidence(service).createSignedUrl(`${folder}/a.txt`, 30);
    const url = String(data?.signedUrl);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace("a.txt", "race.txt"))).ok).toBe(false);
    expect((await fetch(`${url.slice(0, -3)}abc`)).ok).toBe(false);
    expect((await fetch(`${env.SUPABASE_URL}/storage/v1/object/public/evidence/${folder}/a.txt`)).ok).toBe(false);
  });
});
