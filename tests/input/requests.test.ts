import { SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { type Client, PASSWORD, signIn } from "../support/clients.ts";
import { env } from "../support/env.ts";
import { FreshSchool } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

let school: FreshSchool;
let admin: Client;
let token: string;

beforeAll(async () => {
  school = await FreshSchool.create();
  const person = await school.join("admin", "admin");
  admin = await signIn(person.email);
  token = String((await admin.auth.getSession()).data.session?.access_token);
});

async function send(path: string, init: RequestInit & { bearer?: string | null; key?: string | null } = {}) {
  const { bearer = token, key = env.SUPABASE_PUBLISHABLE_KEY, headers, ...rest } = init;
  const answer = await fetch(`${env.SUPABASE_URL}${path}`, {
    ...rest,
    headers: {
      ...(key ? { apikey: key } : {}),
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
      ...(headers as Record<string, string>),
    },
  });
  const text = await answer.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Not every answer is JSON; the test says what it expects.
  }
  return { status: answer.status, body: body as { code?: string; message?: string } };
}

const json = { "content-type": "application/json" };
const departments = async () => unwrap(await admin.from("departments").select("code, name").eq("school_id", school.id));

describe("a body that makes no sense changes nothing", () => {
  test.each([
    ["malformed JSON", `{"school_id": "`, 400],
    ["a number for a name's text", `[1, 2]`, 400],
    ["an unknown column", `{"school_id": "SCHOOL", "code": "X", "name": "X", "colour": "red"}`, 400],
    ["a uuid that is none", `{"school_id": "1 or 1=1", "code": "X", "name": "X"}`, 400],
    ["a name of 10,000 characters", `{"school_id": "SCHOOL", "code": "X", "name": "${"n".repeat(10_000)}"}`, 400],
    ["a missing name", `{"school_id": "SCHOOL", "code": "X"}`, 400],
    ["a column without a grant", `{"school_id": "SCHOOL", "code": "X", "name": "X", "created_at": "2020-01-01"}`, 403],
  ])("%s", async (_, body, status) => {
    const answer = await send("/rest/v1/departments", {
      method: "POST",
      headers: json,
      body: body.replaceAll("SCHOOL", school.id),
    });
    expect(answer.status).toBe(status);
    expect(answer.body.code).toMatch(/^[A-Z0-9]{5,8}$/);
    expect(await departments()).toEqual([]);
  });

  test("one bad row of many takes the others with it", async () => {
    const rows = [
      { school_id: school.id, code: "GOOD", name: "Good" },
      { school_id: school.id, code: "not a code", name: "Bad" },
    ];
    expect((await admin.from("departments").insert(rows)).error?.code).toBe("23514");
    expect(await departments()).toEqual([]);
  });

  test("a body beyond the limit is refused with 413", async () => {
    const body = JSON.stringify({ name: "n".repeat(21 * 1024 * 1024) });
    const answer = await send("/rest/v1/departments", { method: "POST", headers: json, body }).catch(
      (error: Error) => ({ status: error.cause ? 413 : 0 }),
    );
    expect(answer.status).toBe(413);
  });
});

describe("names", () => {
  test("are stored in Unicode form C, so that one name cannot be entered twice in two spellings", async () => {
    const decomposed = "Cafe\u0301 שָׁלוֹם";
    const row = { school_id: school.id, code: "NFC", name: decomposed };
    const stored = unwrap(await admin.from("departments").insert(row).select("name").single());
    expect(stored.name).toBe(decomposed.normalize("NFC"));
    expect(stored.name).not.toBe(decomposed);
    unwrap(
      await admin
        .rpc("remove", { table_name: "departments", school_id: school.id, id: await idOf("NFC") })
        .then(() => ({ data: true, error: null })),
    );
  });

  const idOf = async (code: string) =>
    unwrap(await admin.from("departments").select("id").eq("school_id", school.id).eq("code", code).single()).id;

  test.each([
    ["a right-to-left override", "Dana \u202Egnp.exe"],
    ["an isolate", "Dana \u2066Levi"],
    ["a line break", "Dana\nLevi"],
    ["nothing but blanks", "   "],
  ])("with %s are refused", async (_, name) => {
    const { error } = await admin.from("departments").insert({ school_id: school.id, code: "BIDI", name });
    expect(error?.code).toBe("23514");
    expect((await departments()).map((row) => row.code)).not.toContain("BIDI");
  });
});

describe("SQL in every position of a query stays data", () => {
  const poison = "x'); drop table public.departments; --";
  const quoted = encodeURIComponent(poison);
  test.each([
    `select=${quoted}`,
    `select=id,${quoted}:name`,
    `select=id::${quoted}`,
    `select=schools!${quoted}(id)`,
    `select=name->>${quoted}`,
    `${quoted}=eq.1`,
    `name=${quoted}.1`,
    `name=eq.${quoted}`,
    `name=in.(${quoted},"${quoted}")`,
    `name=like.${quoted}`,
    `name=not.is.${quoted}`,
    `or=(name.eq.${quoted},code.eq.1)`,
    `and=(${quoted}.eq.1)`,
    `order=${quoted}`,
    `order=name.${quoted}`,
    `limit=${quoted}`,
    `offset=1;select 1`,
    `on_conflict=${quoted}`,
    `columns=${quoted}`,
  ])("%s", async (query) => {
    const answer = await send(`/rest/v1/departments?${query}`);
    expect([200, 400, 404, 416]).toContain(answer.status);
    expect(JSON.stringify(answer.body)).not.toMatch(/syntax error|unterminated|pg_catalog|at or near/i);
    expect((await admin.from("departments").select("id")).error).toBeNull();
  });

  test("in function names and arguments", async () => {
    expect((await send(`/rest/v1/rpc/${quoted}`, { method: "POST", headers: json, body: "{}" })).status).toBe(404);
    const { error } = await admin.rpc("remove", {
      table_name: `departments; drop table ${poison}`,
      school_id: school.id,
      id: school.id,
    });
    expect(error?.code).toBe("PT404");
    const schema = await send("/rest/v1/entries", { headers: { "accept-profile": "audit" } });
    expect(schema).toMatchObject({ status: 406, body: { code: "PGRST106" } });
  });
});

describe("tokens", () => {
  const read = (bearer: string | null, key: string | null = env.SUPABASE_PUBLISHABLE_KEY) =>
    send("/rest/v1/departments", { bearer, key });
  const claims = { role: "service_role", sub: "00000000-0000-4000-8000-000000000001" };
  const forged = () =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode("a secret of somebody else, long enough"));

  test("forged, unsigned, cut and nonsense ones are refused", async () => {
    const unsecured = new UnsecuredJWT(claims).setExpirationTime("1h").encode();
    for (const bad of [await forged(), unsecured, token.slice(0, -4), `${token}x`, "nonsense", "a.b.c"]) {
      const answer = await read(bad);
      expect(answer.status, bad).toBe(401);
      expect(answer.body.code, bad).toMatch(/^PGRST30[0-3]$/);
    }
  });

  test("a payload that was altered is refused", async () => {
    const [head, payload, signature] = token.split(".") as [string, string, string];
    const changed = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), role: "service_role" };
    const answer = await read([head, Buffer.from(JSON.stringify(changed)).toString("base64url"), signature].join("."));
    expect(answer.status).toBe(401);
  });

  test.runIf(env.SUPABASE_JWT_SECRET)("an expired one is refused", async () => {
    const secret = new TextEncoder().encode(env.SUPABASE_JWT_SECRET);
    const expired = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .setIssuedAt(1)
      .setExpirationTime(2)
      .sign(secret);
    const answer = await read(expired);
    expect(answer).toMatchObject({ status: 401, body: { code: "PGRST303" } });
  });

  test("a key without a token is nobody; a token speaks without a key or is refused; no key reads nothing", async () => {
    expect(await read(null)).toMatchObject({ status: 401, body: { code: "42501" } });
    expect([200, 401]).toContain((await read(token, null)).status);
    expect((await read(null, null)).status).toBe(401);
  });

  test("an unknown key opens nothing", async () => {
    expect((await read(null, "sb_publishable_unknown")).status).toBe(401);
    expect((await read(null, "sb_secret_unknown")).status).toBe(401);
  });

  test("every failed sign-in gets the same answer", async () => {
    const attempt = async (email: string, password: string) => {
      const answer = await send("/auth/v1/token?grant_type=password", {
        method: "POST",
        bearer: null,
        headers: json,
        body: JSON.stringify({ email, password }),
      });
      return { status: answer.status, body: { ...answer.body, error_id: undefined } };
    };
    const unknown = await attempt("nobody@example.test", PASSWORD);
    const wrong = await attempt("teacher1@hrz-01.example.test", "Wrong-Password-1");
    expect(unknown.status).toBe(400);
    expect(wrong).toEqual(unknown);
  });
});

describe("counting", () => {
  test("by the planner's estimate is refused, since it counts other schools' rows", async () => {
    for (const how of ["planned", "estimated"] as const) {
      const answer = await send("/rest/v1/departments", { headers: { prefer: `count=${how}` } });
      expect(answer, how).toMatchObject({ status: 400, body: { code: "PT400" } });
    }
    const exact = await admin.from("observations").select("*", { count: "exact", head: true });
    expect(exact.count).toBe(0);
  });
});

describe("writes without a condition", () => {
  test("are refused", async () => {
    const patch = await send("/rest/v1/departments", { method: "PATCH", headers: json, body: `{"name": "All"}` });
    expect(patch).toMatchObject({ status: 400, body: { code: "21000" } });
    const remove = await send("/rest/v1/departments", { method: "DELETE" });
    expect(remove).toMatchObject({ status: 400, body: { code: "21000" } });
  });
});
