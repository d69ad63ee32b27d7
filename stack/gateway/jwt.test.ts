import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import type { Keys } from "../context.ts";
import { createVerifier, type Verifier } from "./jwt.ts";

const SECRET = "a-secret-of-more-than-thirty-two-characters";
let keys: Keys;
let verifier: Verifier;
let privateKey: CryptoKey;

beforeAll(async () => {
  const pair = await generateKeyPair("ES256", { extractable: true });
  privateKey = pair.privateKey;
  keys = {
    publishable: "",
    secret: "",
    anon: "",
    serviceRole: "",
    jwtSecret: SECRET,
    signing: { ...(await exportJWK(pair.privateKey)), kid: "own" },
  };
  verifier = createVerifier(keys);
});

const claims = { role: "authenticated", sub: "u", session_id: "s", aal: "aal1" };
const es = (kid: string, expires: number | string = "1h") =>
  new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid }).setExpirationTime(expires).sign(privateKey);
const hs = (payload: Record<string, unknown>, secret = SECRET) =>
  new SignJWT(payload)
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(secret));

test("both kinds of token verify, again and again", async () => {
  const token = await es("own");
  expect(await verifier.verify(token)).toMatchObject(claims);
  expect(await verifier.verify(token)).toMatchObject(claims);
  expect(await verifier.verify(await hs({ role: "anon" }))).toMatchObject({ role: "anon" });
});

test("each fault has its code", async () => {
  const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 60;
  const publicPem = new TextEncoder().encode(JSON.stringify(keys.signing.x));
  const confused = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", kid: "own" })
    .setExpirationTime("1h")
    .sign(publicPem);
  const cases: [string, string][] = [
    [await es("own", exp - 120), "expired"],
    [await es("other"), "signature"],
    [await hs({ role: "anon" }, `${SECRET}x`), "signature"],
    [confused, "signature"],
    [`${b64({ alg: "none" })}.${b64({ ...claims, exp })}.`, "algorithm"],
    [`${b64({ alg: "HS512" })}.${b64({ ...claims, exp })}.x`, "algorithm"],
    [await hs({ sub: "u" }), "claims"],
    [await hs({ role: 5 }), "claims"],
    [await hs({ role: "" }), "claims"],
    ["", "malformed"],
    ["a.b", "malformed"],
    ["x".repeat(20_000), "malformed"],
  ];
  for (const [token, code] of cases) {
    await expect(verifier.verify(token), `${code}: ${token.slice(0, 40)}`).rejects.toMatchObject({ code });
  }
});

test("a remembered token still expires", async () => {
  const token = await es("own", Math.floor(Date.now() / 1000) + 1);
  await verifier.verify(token);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await expect(verifier.verify(token)).rejects.toMatchObject({ code: "expired" });
});
