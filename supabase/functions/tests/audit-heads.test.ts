import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { compactVerify, exportJWK, generateKeyPair } from "jose";
import { type HeadsStore, headsPath } from "../_shared/audit-heads.ts";
import { canonicalJson } from "../_shared/canonical-json.ts";
import { createApp } from "../audit-heads/app.ts";

const TOKEN = "a-token-for-this-test";
const heads = {
  taken_at: "2026-11-21T02:30:00.123456+02:00",
  heads: [
    {
      school_id: "0198f2a0-0000-0000-0000-000000000001",
      epoch: 0,
      seq: 41,
      hash: "ab".repeat(32),
      sealed_at: "2026-11-21T00:29:00Z",
    },
  ],
};

function memoryStore(): HeadsStore & { files: Map<string, string> } {
  const files = new Map<string, string>();
  return {
    files,
    create(path, content) {
      const free = !files.has(path);
      if (free) files.set(path, content);
      return Promise.resolve(free);
    },
    read: (path) => Promise.resolve(files.get(path) ?? ""),
  };
}

async function setUp(alg: "ES256" | "EdDSA" = "ES256") {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  Deno.env.set("AUDIT_HEADS_TOKEN", TOKEN);
  Deno.env.set("AUDIT_SIGNING_KEY", JSON.stringify({ ...(await exportJWK(privateKey)), kid: "key-1" }));
  const store = memoryStore();
  const app = createApp(() => store);
  const post = (body: unknown, token = TOKEN) =>
    app.request("/audit-heads", {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
  return { app, post, store, publicKey };
}

async function problem(response: Response): Promise<[number, string]> {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const { status, code } = await response.json();
  assert.equal(status, response.status);
  return [response.status, code];
}

for (const alg of ["ES256", "EdDSA"] as const) {
  Deno.test(`heads are kept with a ${alg} signature that their canonical form verifies`, async () => {
    const { post, store, publicKey } = await setUp(alg);
    const response = await post(heads);
    assert.equal(response.status, 200);
    const path = "2026/11/21/2026-11-21T00:30:00.123Z.json";
    assert.deepEqual(await response.json(), { path, key_id: "key-1", count: 1 });
    const stored = JSON.parse(store.files.get(path) ?? "");
    assert.deepEqual(stored.payload, heads);
    const [header, empty, signature] = stored.signature.split(".");
    assert.equal(empty, "");
    const payload = Buffer.from(canonicalJson(stored.payload)).toString("base64url");
    const { protectedHeader } = await compactVerify(`${header}.${payload}.${signature}`, publicKey);
    assert.deepEqual(protectedHeader, { alg, kid: "key-1" });
    const forged = Buffer.from(canonicalJson({ ...stored.payload, heads: [] })).toString("base64url");
    await assert.rejects(compactVerify(`${header}.${forged}.${signature}`, publicKey));
  });
}

Deno.test("same heads again answer as the first time and change nothing, other heads of that moment are a conflict", async () => {
  const { post, store } = await setUp();
  const first = await post(heads);
  const before = [...store.files];
  const again = await post(heads);
  assert.equal(again.status, 200);
  assert.deepEqual(await again.json(), await first.json());
  assert.deepEqual(await problem(await post({ ...heads, heads: [] })), [409, "conflict"]);
  assert.deepEqual([...store.files], before);
});

Deno.test("no heads at all are recorded too", async () => {
  const { post } = await setUp();
  const response = await post({ taken_at: "2026-01-01T00:00:00Z", heads: [] });
  assert.deepEqual([response.status, (await response.json()).count], [200, 0]);
});

Deno.test("absent and wrong tokens are refused before anything else, whatever the method", async () => {
  const { app, post, store } = await setUp();
  assert.deepEqual(await problem(await post("not json", "wrong")), [401, "unauthorized"]);
  assert.deepEqual(await problem(await app.request("/audit-heads")), [401, "unauthorized"]);
  const headers = { authorization: `Bearer ${TOKEN}` };
  assert.deepEqual(await problem(await app.request("/audit-heads", { headers })), [405, "method_not_allowed"]);
  Deno.env.delete("AUDIT_HEADS_TOKEN");
  assert.deepEqual(await problem(await post(heads, "undefined")), [503, "access_token_missing"]);
  assert.equal(store.files.size, 0);
});

Deno.test("bodies that are not heads are refused and name what is wrong", async () => {
  const { post, store } = await setUp();
  const [head] = heads.heads;
  const wrong = [
    "{",
    "null",
    {},
    { ...heads, extra: 1 },
    { ...heads, taken_at: "yesterday" },
    { ...heads, heads: [{ ...head, hash: "AB".repeat(32) }] },
    { ...heads, heads: [{ ...head, school_id: "../../etc" }] },
    { ...heads, heads: [{ ...head, seq: 1.5 }] },
  ];
  for (const body of wrong) assert.deepEqual(await problem(await post(body)), [400, "invalid_request"]);
  const { detail } = await (await post({ ...heads, heads: [{ ...head, seq: -1 }] })).json();
  assert.equal(detail, "Read audit heads: heads.0.seq is not valid");
  assert.deepEqual(await problem(await post(" ".repeat(9 * 1024 * 1024))), [413, "payload_too_large"]);
  assert.equal(store.files.size, 0);
});

Deno.test("without a usable signing key nothing is written", async () => {
  const { post, store } = await setUp();
  for (const key of ["not json", "{}", JSON.stringify({ kty: "oct", k: "c2VjcmV0" })]) {
    Deno.env.set("AUDIT_SIGNING_KEY", key);
    assert.deepEqual(await problem(await post(heads)), [503, "signing_key_invalid"]);
  }
  Deno.env.delete("AUDIT_SIGNING_KEY");
  assert.deepEqual(await problem(await post(heads)), [503, "signing_key_missing"]);
  assert.equal(store.files.size, 0);
});

Deno.test("path is by the day in UTC", () => {
  assert.equal(headsPath("2026-01-01T01:00:00+02:00"), "2025/12/31/2025-12-31T23:00:00.000Z.json");
});

Deno.test("canonical form sorts keys at every level and keeps the order of lists", () => {
  assert.equal(canonicalJson({ b: [2, 1], a: { d: null, c: "é\n" } }), '{"a":{"c":"é\\n","d":null},"b":[2,1]}');
});
