import { expect, test } from "vitest";
import type { Keys } from "../context.ts";
import { translateKey } from "./keys.ts";

const keys: Keys = {
  publishable: "sb_publishable_a",
  secret: "sb_secret_b",
  anon: "anon.jwt.x",
  serviceRole: "service.jwt.x",
  jwtSecret: "secret",
  signing: { kid: "k", alg: "ES256" },
  verifying: [],
};

test.each([
  ["nothing", {}, null],
  ["a publishable key", { apikey: keys.publishable }, keys.anon],
  ["a secret key", { apikey: keys.secret }, keys.serviceRole],
  ["a legacy key", { apikey: "legacy.jwt.y" }, "legacy.jwt.y"],
  ["an unknown opaque key", { apikey: "sb_secret_other" }, "sb_secret_other"],
  ["a user's token beside a secret key", { apikey: keys.secret, authorization: "Bearer user.jwt.z" }, "user.jwt.z"],
  [
    "an opaque key repeated as Bearer",
    { apikey: keys.publishable, authorization: `Bearer ${keys.publishable}` },
    keys.anon,
  ],
  ["an opaque key as Bearer alone", { authorization: `Bearer ${keys.secret}` }, null],
  ["a token alone", { authorization: "bearer user.jwt.z" }, "user.jwt.z"],
  ["another scheme", { authorization: "Basic abc" }, "Basic abc"],
])("%s", (_, headers: Record<string, string>, token) => {
  expect(translateKey(new Headers(headers), keys)).toBe(token);
});
