import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { importJWK, jwtVerify, SignJWT } from "jose";
import { expect, test } from "vitest";
import { readConfig } from "./config/config.ts";
import { stackKeys } from "./keys.ts";

test("stackKeys signs the legacy keys with the secret", async () => {
  const keys = stackKeys("/project", readConfig({}).config);
  const secret = new TextEncoder().encode(keys.jwtSecret);
  expect((await jwtVerify(keys.anon, secret)).payload).toEqual({ iss: "supabase-demo", role: "anon", exp: 1983812996 });
  expect((await jwtVerify(keys.serviceRole, secret)).payload.role).toBe("service_role");
});

test("stackKeys has a signing key whose halves belong together", async () => {
  const { signing } = stackKeys("/project", readConfig({}).config);
  const { d: _private, ...publicHalf } = signing;
  const token = await new SignJWT({}).setProtectedHeader({ alg: "ES256" }).sign(await importJWK(signing));
  await expect(jwtVerify(token, await importJWK(publicHalf))).resolves.toBeDefined();
});

const { privateKey: ec } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const { privateKey: otherEc } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const { privateKey: rsa } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { privateKey: shortRsa } = generateKeyPairSync("rsa", { modulusLength: 1024 });
const { privateKey: otherCurve } = generateKeyPairSync("ec", { namedCurve: "P-384" });
const jwk = (key: KeyObject, kid: string) => ({ ...key.export({ format: "jwk" }), kid });

function keysOf(content: unknown) {
  const project = mkdtempSync(path.join(os.tmpdir(), "keys-"));
  mkdirSync(path.join(project, "supabase"));
  writeFileSync(path.join(project, "supabase", "keys.json"), JSON.stringify(content));
  const { config } = readConfig({ auth: { signing_keys_path: "./keys.json" } });
  try {
    return stackKeys(project, config);
  } finally {
    rmSync(project, { recursive: true });
  }
}

test("the first key of signing_keys_path signs, all of them verify, none of the public ones is private", () => {
  const { signing, verifying } = keysOf([jwk(rsa, "new"), jwk(ec, "old"), jwk(createPublicKey(ec), "older")]);
  expect(signing).toMatchObject({ kid: "new", alg: "RS256", d: expect.any(String) });
  expect(verifying).toMatchObject([
    { kid: "new", alg: "RS256", kty: "RSA", key_ops: ["verify"] },
    { kid: "old", alg: "ES256", kty: "EC", use: "sig" },
    { kid: "older", alg: "ES256" },
  ]);
  for (const key of verifying)
    for (const part of ["d", "p", "q", "dp", "dq", "qi"]) expect(key).not.toHaveProperty(part);
});

test.each([
  ["no list of JSON web keys", { keys: [] }],
  ["no list of JSON web keys", []],
  ["no list of JSON web keys", [ec.export({ format: "jwk" })]],
  ["the key short is neither ES256 nor RS256", [jwk(shortRsa, "short")]],
  ["the key curve is neither ES256 nor RS256", [jwk(ec, "ok"), jwk(otherCurve, "curve")]],
  ["the key secret is neither ES256 nor RS256", [{ kty: "oct", k: "c2VjcmV0", kid: "secret" }]],
  ["two of its keys share a kid", [jwk(ec, "same"), jwk(rsa, "same")]],
  ["do not belong together", [{ ...jwk(ec, "broken"), d: "AAAA" }]],
  ["do not belong together", [{ ...jwk(otherEc, "mixed"), d: jwk(ec, "").d }]],
  ["its first key, which signs, is not a private one", [jwk(createPublicKey(ec), "public")]],
])("signing_keys_path is refused: %s", (reason, content) => {
  expect(() => keysOf(content)).toThrow(reason);
});

test("a missing file is named", () => {
  const { config } = readConfig({ auth: { signing_keys_path: "./absent.json" } });
  expect(() => stackKeys("/project", config)).toThrow("Cannot read /project/supabase/absent.json");
});
