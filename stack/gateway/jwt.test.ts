import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, test, vi } from "vitest";
import { readConfig } from "../config/config.ts";
import type { VerifyingKey } from "../context.ts";
import { stackKeys } from "../keys.ts";
import { tokenSigner } from "../testing/tokens.ts";
import { createVerifier } from "./jwt.ts";

const keys = stackKeys("", readConfig({}).config);
const verifier = createVerifier(keys);
const { es, hs } = tokenSigner(keys);
const claims = { role: "authenticated", sub: "u", session_id: "s", aal: "aal1" };

test("both kinds of token verify, again and again", async () => {
  const token = await es(claims);
  expect(await verifier.verify(token)).toMatchObject(claims);
  expect(await verifier.verify(token)).toMatchObject(claims);
  expect(await verifier.verify(await hs({ role: "anon" }))).toMatchObject({ role: "anon" });
});

test("a token signed by any of the project's keys verifies, each key with its own algorithm only", async () => {
  const old = await generateKeyPair("RS256", { extractable: true });
  const half: VerifyingKey = { ...(await exportJWK(old.publicKey)), kid: "old", alg: "RS256" };
  const rotated = createVerifier({ ...keys, verifying: [...keys.verifying, half] });
  const signed = (kid: string, alg = "RS256") =>
    new SignJWT(claims).setProtectedHeader({ alg, kid }).setExpirationTime("1h").sign(old.privateKey);
  expect(await rotated.verify(await signed("old"))).toMatchObject(claims);
  expect(await rotated.verify(await es(claims))).toMatchObject(claims);
  await expect(rotated.verify(await signed(keys.signing.kid))).rejects.toMatchObject({ code: "signature" });
  await expect(rotated.verify(await es(claims, "1h", "old"))).rejects.toMatchObject({ code: "signature" });
  await expect(verifier.verify(await signed("old"))).rejects.toMatchObject({ code: "signature" });
});

test("each fault has its code", async () => {
  const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 60;
  const publicPem = new TextEncoder().encode(JSON.stringify(keys.signing.x));
  const confused = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", kid: keys.signing.kid })
    .setExpirationTime("1h")
    .sign(publicPem);
  const cases: [string, string][] = [
    [await es(claims, exp - 120), "expired"],
    [await es(claims, "1h", "other"), "signature"],
    [await hs({ role: "anon" }, "1h", `${keys.jwtSecret}x`), "signature"],
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
  const token = await es(claims, Math.floor(Date.now() / 1000) + 60);
  await verifier.verify(token);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
  try {
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: "expired" });
  } finally {
    vi.useRealTimers();
  }
});
