import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
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

test("stackKeys refuses a signing_keys_path without a private ES256 key", () => {
  const project = mkdtempSync(path.join(os.tmpdir(), "keys-"));
  mkdirSync(path.join(project, "supabase"));
  writeFileSync(path.join(project, "supabase", "keys.json"), JSON.stringify([{ kty: "RSA" }]));
  const { config } = readConfig({ auth: { signing_keys_path: "./keys.json" } });
  expect(() => stackKeys(project, config)).toThrow("holds no private ES256 key");
});
