import { createHmac } from "node:crypto";
import path from "node:path";
import type { Config } from "./config/config.ts";
import type { Keys, SigningKey, VerifyingKey } from "./context.ts";
import { readSigningKeys } from "./signing-keys.ts";

// Every local Supabase stack has these same, published keys, so that examples work unchanged. They guard nothing.
const jwtSecret = "super-secret-jwt-token-with-at-least-32-characters-long";
const publishable = "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH";
const secret = "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz";
const published: VerifyingKey = {
  kty: "EC",
  crv: "P-256",
  alg: "ES256",
  use: "sig",
  key_ops: ["verify"],
  ext: true,
  kid: "b81269f1-21d8-4f2e-b719-c2240a840d90",
  x: "M5Sjqn5zwC9Kl1zVfUUGvv9boQjCGd45G8sdopBExB4",
  y: "P6IXMvA2WYXSHSOMTBH2jsw_9rrzGy89FjPf6oOsIxQ",
};
const { key_ops: _verifyOnly, ...half } = published;
const signing: SigningKey = { ...half, d: "dIhR8wywJlqlua4y_yMq2SLhlFXDZJBCvFrY1DCHyVU" };

function legacyKey(role: string): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: "supabase-demo", role, exp: 1983812996 };
  const content = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${content}.${createHmac("sha256", jwtSecret).update(content).digest("base64url")}`;
}

/** The keys of the local stack: the same at every start, with the project's own signing keys where it has them. */
export function stackKeys(projectDir: string, config: Config): Keys {
  const own = config.auth.signing_keys_path;
  return {
    publishable,
    secret,
    anon: legacyKey("anon"),
    serviceRole: legacyKey("service_role"),
    jwtSecret,
    ...(own ? readSigningKeys(path.resolve(projectDir, "supabase", own)) : { signing, verifying: [published] }),
  };
}
