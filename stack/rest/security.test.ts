import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RIGHTS } from "../testing/rights.ts";
import { ADA, DOV, startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.close());

test("the catalog's rights are the same before and after a thousand requests", async () => {
  const before = await stack.sql(RIGHTS);
  const ada = await stack.as(ADA);
  const kinds = [
    () => ada.from("visits").select("id,ratings(level)"),
    () => stack.anon.from("schools").select(),
    () => stack.service.from("people").select(),
    () => stack.anon.from("people").select(),
    () => ada.rpc("people_of", { school: 1 }),
  ];
  for (let round = 0; round < 40; round += 1) {
    await Promise.all(Array.from({ length: 25 }, (_, i) => kinds[i % kinds.length]?.()));
  }
  expect(await stack.sql(RIGHTS)).toEqual(before);
});

test("requests side by side never mix their callers", async () => {
  const users = await Promise.all(
    Array.from({ length: 6 }, async (_, i) => {
      const sub = `00000000-0000-0000-0000-00000000010${i}`;
      return { sub, client: await stack.as(sub) };
    }),
  );
  const seen = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      const user = users[i % users.length];
      if (user === undefined) return false;
      if (i % 10 === 0) await user.client.rpc("fail", { code: "P0001", message: "x" });
      const { data } = await user.client.rpc("whoami");
      return data.claims.sub === user.sub && data.role === "authenticated";
    }),
  );
  expect(seen.every(Boolean)).toBe(true);
  const [left] = await stack.sql(
    "select current_user as role, current_setting('request.jwt.claims', true) as claims",
    "authenticator",
  );
  expect(left.role).toBe("authenticator");
  expect(left.claims || null).toBeNull();
});

test("each sees the rows of their own school", async () => {
  const ada = await (await stack.as(ADA)).from("visits").select("school_id");
  const dov = await (await stack.as(DOV)).from("visits").select("school_id");
  expect(new Set(ada.data?.map((row) => row.school_id))).toEqual(new Set([1]));
  expect(new Set(dov.data?.map((row) => row.school_id))).toEqual(new Set([2]));
});

describe("tokens and keys", () => {
  const get = (headers: Record<string, string>) => fetch(`${stack.url}/rest/v1/visits?select=id`, { headers });

  async function answer(headers: Record<string, string>) {
    const response = await get(headers);
    const body = await response.json();
    return { status: response.status, code: body.code, challenge: response.headers.get("www-authenticate") };
  }

  test("forged, unsigned, expired and malformed tokens are refused with a challenge", async () => {
    const claims = { role: "service_role", sub: ADA };
    const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const exp = Math.floor(Date.now() / 1000) + 3600;
    const none = `${b64({ alg: "none", typ: "JWT" })}.${b64({ ...claims, exp })}.`;
    const [head, , signature] = (await stack.tokenFor(ADA)).split(".");
    const swapped = `${head}.${b64({ ...claims, exp })}.${signature}`;
    const bad = [
      [await stack.hs(claims, "1h", "another-secret-of-thirty-two-characters"), "PGRST301"],
      [none, "PGRST301"],
      [swapped, "PGRST301"],
      ["not-a-token", "PGRST301"],
      ["a.b.c", "PGRST301"],
      [await stack.es(claims, "1h", "unknown-kid"), "PGRST301"],
      [await stack.hs(claims, Math.floor(Date.now() / 1000) - 10), "PGRST303"],
    ] as const;
    for (const [token, code] of bad) {
      const seen = await answer({ apikey: stack.ctx.keys.publishable, authorization: `Bearer ${token}` });
      expect([token, seen.status, seen.code]).toEqual([token, 401, code]);
      expect(seen.challenge).toMatch(/^Bearer error="invalid_token"/);
    }
  });

  test("a token without role or expiry is refused, a foreign role cannot be taken on", async () => {
    const key = new TextEncoder().encode(stack.ctx.keys.jwtSecret);
    const eternal = await new SignJWT({ role: "service_role" }).setProtectedHeader({ alg: "HS256" }).sign(key);
    expect((await answer({ authorization: `Bearer ${eternal}` })).code).toBe("PGRST303");
    expect((await answer({ authorization: `Bearer ${await stack.hs({ sub: ADA })}` })).code).toBe("PGRST303");
    for (const role of ["postgres", "supabase_admin", "authenticator", 'anon"; select 1', "supabase_auth_admin"]) {
      const seen = await answer({ authorization: `Bearer ${await stack.hs({ role })}` });
      expect([seen.status, seen.code]).toEqual([403, "42501"]);
    }
  });

  test("a token without a key works, a key without a token is its role, neither is anon", async () => {
    expect((await get({ authorization: `Bearer ${await stack.tokenFor(ADA)}` })).status).toBe(200);
    expect((await get({ apikey: stack.ctx.keys.secret })).status).toBe(200);
    expect((await get({ apikey: stack.ctx.keys.serviceRole })).status).toBe(200);
    expect((await get({ apikey: stack.ctx.keys.publishable })).status).toBe(401);
    expect((await get({ apikey: stack.ctx.keys.anon })).status).toBe(401);
    const nobody = await answer({});
    expect([nobody.status, nobody.code, nobody.challenge]).toEqual([401, "42501", "Bearer"]);
    const schools = await fetch(`${stack.url}/rest/v1/schools`);
    expect(schools.status).toBe(200);
    expect((await answer({ apikey: "sb_secret_guess" })).code).toBe("PGRST301");
    const user = { apikey: stack.ctx.keys.secret, authorization: `Bearer ${await stack.tokenFor(DOV)}` };
    const rows = await (await get(user)).json();
    expect(rows).toHaveLength(1);
  });
});

describe("SQL in every position", () => {
  const quote = `"; drop table public.secrets; --`;
  const hostile = [
    `'; drop table public.secrets; --`,
    quote,
    `1) or (1=1`,
    `\\'; drop table public.secrets; --`,
    `$1`,
    `*/ drop table public.secrets; /*`,
    `x" from public.secrets --`,
    `\u0000; drop table public.secrets`,
    `select word from secrets`,
  ];
  const places: [string, (text: string) => string][] = [
    ["a table", (t) => `/${t}`],
    ["a function", (t) => `/rpc/${t}`],
    ["a column", (t) => `/visits?${t}=eq.1`],
    ["an operator", (t) => `/visits?id=${t}.1`],
    ["a value", (t) => `/visits?note=eq.${t}`],
    ["a list", (t) => `/visits?note=in.(${t})`],
    ["an array", (t) => `/people?tags=cs.{${t}}`],
    ["is", (t) => `/visits?note=is.${t}`],
    ["a search language", (t) => `/people?name=fts(${t}).x`],
    ["a group", (t) => `/visits?or=(note.eq.${t},id.eq.1)`],
    ["a group's column", (t) => `/visits?or=(${t}.eq.1,id.eq.1)`],
    ["select", (t) => `/visits?select=${t}`],
    ["a cast", (t) => `/visits?select=id::${t}`],
    ["an alias", (t) => `/visits?select=${t}:id`],
    ["a JSON path", (t) => `/people?select=settings->>${t}`],
    ["a JSON filter", (t) => `/people?settings->>${t}=eq.1`],
    ["an embed", (t) => `/visits?select=id,${t}(*)`],
    ["a hint", (t) => `/visits?select=id,people!${t}(*)`],
    ["an embed's column", (t) => `/visits?select=id,ratings(${t})`],
    ["order", (t) => `/visits?order=${t}`],
    ["an order's direction", (t) => `/visits?order=id.${t}`],
    ["a related order", (t) => `/visits?select=id,ratings(level)&order=ratings(${t})`],
    ["limit", (t) => `/visits?limit=${t}`],
    ["offset", (t) => `/visits?offset=${t}`],
    ["an argument", (t) => `/rpc/greet?name=${t}`],
    ["an argument's name", (t) => `/rpc/greet?${t}=x`],
  ];
  const encoded = (text: string) => encodeURIComponent(text);

  async function intact(): Promise<void> {
    expect(await stack.sql("select word from public.secrets")).toEqual([{ word: "hidden-word" }]);
  }

  test.each(places)("%s", async (_, place) => {
    const ada = await stack.tokenFor(ADA);
    for (const text of hostile) {
      const response = await fetch(`${stack.url}/rest/v1${place(encoded(text))}`, {
        headers: { apikey: stack.ctx.keys.publishable, authorization: `Bearer ${ada}` },
      });
      const body = await response.text();
      expect([text, response.status]).not.toEqual([text, 500]);
      expect(body).not.toContain("hidden-word");
      expect(body).not.toMatch(/pgrst_(source|body|t)\b|\bat .*\.ts:\d+/);
      if (!response.ok) expect(JSON.parse(body).code).not.toMatch(/^(42601|PGRSTX00|PGRST001)$/);
    }
    await intact();
  });

  test("on_conflict, columns, body keys and profile headers", async () => {
    for (const text of hostile) {
      const target = encoded(text);
      const write = { method: "POST", body: '{"id":1,"name":"x"}' };
      const prefer = { prefer: "resolution=merge-duplicates" };
      const answers = [
        await stack.raw(`/schools?on_conflict=${target}`, { ...write, headers: prefer }),
        await stack.raw(`/schools?columns=${target}`, write),
        await stack.raw("/schools", { ...write, body: JSON.stringify({ [text]: 1 }) }),
        await stack.raw("/rpc/add", { ...write, body: JSON.stringify({ [text]: 1 }) }),
      ];
      if (!text.includes("\0")) {
        answers.push(await stack.raw("/schools", { headers: { "accept-profile": text } }));
        answers.push(await stack.raw("/schools", { ...write, headers: { "content-profile": text } }));
        answers.push(await stack.raw("/schools", { headers: { prefer: `timezone=${text}` } }));
      }
      for (const response of answers) {
        expect(response.status).not.toBe(500);
        expect(await response.text()).not.toMatch(/42601|hidden-word/);
      }
    }
    await intact();
  });

  test("names with quotes and commas are names", async () => {
    const path = `/${encoded('odd "name')}?select=${encoded('"sel\\"ect","a,b"')}&${encoded('"a,b"')}=eq.y`;
    const response = await stack.raw(path);
    expect(await response.json()).toEqual([{ 'sel"ect': "x", "a,b": "y" }]);
  });
});
