import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { type Client, service, signIn } from "../support/clients.ts";
import { env } from "../support/env.ts";
import { createPerson, FreshSchool } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

let school: FreshSchool;
let admin: Client;
let token: string;
let userId: string;

beforeAll(async () => {
  school = await FreshSchool.create();
  const person = await school.join("office", "admin");
  userId = person.userId;
  admin = await signIn(person.email);
  token = String((await admin.auth.getSession()).data.session?.access_token);
});

/** Sends the path as it is written, and a header that is an array as so many lines. */
async function send(path: string, headers: Record<string, string | string[]> = {}, body?: string, method = "GET") {
  const { hostname, port } = new URL(env.SUPABASE_URL);
  const all = { apikey: env.SUPABASE_PUBLISHABLE_KEY, authorization: `Bearer ${token}`, ...headers };
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const outgoing = request({ hostname, port, path, method, headers: all }, async (answer) => {
      resolve({ status: answer.statusCode ?? 0, body: await text(answer) });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

describe("an estimate, which counts across schools, is refused", () => {
  test.each([
    [["count=planned"]],
    [["return=minimal, count=estimated"]],
    [["count=exact", "count=planned"]],
    [["count=planned", "return=minimal"]],
    [["return=minimal", "COUNT = planned"]],
  ])("asked for as %j", async (prefer) => {
    const answer = await send("/rest/v1/departments", { prefer });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("PT400");
  });
});

test("address and request id in the audit are not the client's to write", async () => {
  const row = JSON.stringify({ school_id: school.id, code: "SPOOF", name: "Spoof" });
  const forged = { "x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9", "x-request-id": "not a request id" };
  const headers = { ...forged, "content-type": "application/json", "content-length": String(row.length) };
  expect((await send("/rest/v1/departments", headers, row, "POST")).status).toBe(201);
  const [entry] = unwrap(await admin.rpc("audit_trail", { school_id: school.id, table_name: "departments" }));
  expect(entry?.ip).not.toBe("203.0.113.9");
  expect(entry?.request_id).toMatch(/^[0-9a-f-]{36}$/);
});

describe("a token rightly signed", () => {
  const sign = (claims: Record<string, unknown>) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode(String(env.SUPABASE_JWT_SECRET)));

  test.each(["postgres", "supabase_storage_admin", "supabase_auth_admin", "authenticator", "pg_read_all_data", "none"])(
    "for the role %s opens neither data nor files nor users",
    async (role) => {
      const authorization = `Bearer ${await sign({ role, sub: userId })}`;
      for (const path of ["/rest/v1/departments", "/storage/v1/bucket", "/auth/v1/admin/users"]) {
        const answer = await send(path, { authorization });
        expect(answer.status, path).toBeGreaterThanOrEqual(400);
        expect(answer.status, path).toBeLessThan(500);
      }
    },
  );

  test("names its person by sub alone: claims about role, school or metadata add nothing", async () => {
    const stranger = await createPerson("stranger");
    const claims = {
      role: "authenticated",
      sub: stranger.userId,
      app_metadata: { role: "admin" },
      school_id: school.id,
    };
    const answer = await send("/rest/v1/departments", { authorization: `Bearer ${await sign(claims)}` });
    expect(answer).toEqual({ status: 200, body: "[]" });
  });
});

describe("a path", () => {
  test.each([
    "/rest/v1/../auth/v1/admin/users",
    "/rest/v1/%2e%2e/auth/v1/settings",
    "/rest%2fv1/departments",
    "//rest/v1/departments",
    "/rest/v1x/departments",
    "/rest/v1/audit.entries",
    "/rest/v1/departments%2f..%2fx",
    "/rest/v1/rpc/private.setting",
    "/functions/v1/..%2f..%2fetc%2fpasswd",
    "/functions/v1/_shared",
    "/functions/v1/__proto__",
  ])("%s leads nowhere", async (path) => {
    expect((await send(path)).status).toBe(404);
  });
});

describe("a link in a mail", () => {
  test.each([
    "https://evil.example",
    "http://127.0.0.1:3000.evil.example/",
    "http://127.0.0.1:3000@evil.example/",
    "//evil.example",
    "javascript:alert(1)",
    "http://127.0.0.1:3000\\@evil.example",
  ])("does not lead on to %s", async (target) => {
    const path = `/auth/v1/verify?token=${randomUUID()}&type=recovery&redirect_to=${encodeURIComponent(target)}`;
    const answer = await fetch(env.SUPABASE_URL + path, { redirect: "manual" });
    expect(answer.headers.get("location")).not.toContain("evil.example");
    expect(answer.headers.get("location")).not.toMatch(/^javascript:/);
  });
});

test("another school's file answers as an absent one does, whatever is tried", async () => {
  const far = await FreshSchool.create();
  const [teacher, leader] = [await far.join("far-teacher", "teacher"), await far.join("far-leader", "leader")];
  const { id } = await far.observation(teacher.membership, leader.membership, { status: "submitted" });
  const [ours, us] = [await school.join("our-leader", "leader"), await school.join("our-teacher", "teacher")];
  const draft = await school.observation(us.membership, ours.membership);
  const own = `${school.id}/${draft.id}/m.txt`;
  const file = () => new Blob(["x"], { type: "text/plain" });
  const upload = await service.storage.from("evidence").upload(`${far.id}/${id}/present.txt`, file());
  expect(upload.error).toBeNull();
  const files = (await signIn(ours.email)).storage.from("evidence");
  expect((await files.upload(own, file())).error).toBeNull();
  const attempts = ["present.txt", "absent.txt"].map(async (name) => {
    const path = `${far.id}/${id}/${name}`;
    return [
      (await files.upload(path, file())).error?.message,
      (await files.upload(path, file(), { upsert: true })).error?.message,
      (await files.move(own, path)).error?.message,
      (await files.move(path, own)).error?.message,
      (await files.copy(own, path)).error?.message,
      (await files.copy(path, own)).error?.message,
      (await files.download(path)).error?.message,
      (await files.info(path)).error?.message,
      (await files.createSignedUrl(path, 10)).error?.message,
      (await files.remove([path])).data,
      (await files.list(`${far.id}/${id}`)).data,
    ];
  });
  const [present, absent] = await Promise.all(attempts);
  expect(present).toEqual(absent);
  expect(present).not.toContain(undefined);
});
