import { createHash, randomUUID } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OAuthStack, startOAuthStack } from "../testing/oauth-stack.ts";

let stack: OAuthStack<"open" | "lax" | "off" | "confirming">;

beforeAll(async () => {
  stack = await startOAuthStack({
    open: { external: { google: { client_id: "google-client, ios-client" } } },
    lax: { external: { google: { skip_nonce_check: true } } },
    off: { external: { google: { enabled: false } } },
    confirming: { email: { enable_confirmations: true, max_frequency: "0s" } },
  });
}, 60_000);
afterAll(() => stack?.stop());

const now = () => Math.floor(Date.now() / 1000);
const sha256 = (text: string) => createHash("sha256").update(text);

function claims(more: Record<string, unknown> = {}) {
  const sub = `sub-${randomUUID()}`;
  const email = `${sub}@example.test`;
  return { aud: "google-client", sub, email, email_verified: true, iat: now(), exp: now() + 60, ...more };
}

async function grant(token: string, more: Record<string, unknown> = {}, server = stack.servers.open) {
  const body = { id_token: token, provider: "google", ...more };
  const response = await server.post("/token?grant_type=id_token", body);
  return { status: response.status, body: await response.json() };
}

const sign = (more: Record<string, unknown> = {}) => stack.oidc.idToken(claims(more));
const refused = (error_description: string, error = "invalid request") => ({
  status: 400,
  body: { error, error_description },
});

test("signInWithIdToken takes a token with its nonce and its access token", async () => {
  const at_hash = sha256("the access token").digest().subarray(0, 16).toString("base64url");
  const token = await sign({ nonce: sha256("the nonce").digest("hex"), at_hash, name: "Ida" });
  const { data, error } = await stack.servers.open.client().auth.signInWithIdToken({
    provider: "google",
    token,
    nonce: "the nonce",
    access_token: "the access token",
  });
  expect(error).toBeNull();
  expect(data.user).toMatchObject({
    app_metadata: { provider: "google", providers: ["google"] },
    user_metadata: { full_name: "Ida" },
  });
  const again = await grant(token, { nonce: "the nonce" });
  expect(again.body.user.id).toBe(data.user?.id);
});

test("any of the configured clients may be the audience", async () => {
  expect((await grant(await sign({ aud: ["other", "ios-client"] }))).status).toBe(200);
  expect(await grant(await sign({ aud: ["other", "one"] }))).toEqual(
    refused("Unacceptable audience in id_token: [other one]"),
  );
});

test("a nonce goes with its token, and a token with its nonce", async () => {
  const nonce = sha256("right").digest("hex");
  const both = "Passed nonce and nonce in id_token should either both exist or not.";
  expect(await grant(await sign({ nonce }))).toEqual(refused(both));
  expect(await grant(await sign(), { nonce: "right" })).toEqual(refused(both));
  expect(await grant(await sign({ nonce }), { nonce: "wrong" })).toEqual(refused("Nonces mismatch", "invalid nonce"));
  expect(await grant(await sign({ nonce: "right" }), { nonce: "right" })).toEqual(
    refused("Nonces mismatch", "invalid nonce"),
  );
  expect((await grant(await sign({ nonce }), {}, stack.servers.lax)).status).toBe(200);
});

const hs = (secret: string) => () =>
  new SignJWT({ iss: stack.oidc.issuer, ...claims() })
    .setProtectedHeader({ alg: "HS256", kid: "the-key" })
    .sign(new TextEncoder().encode(secret));

const forged: [string, () => Promise<string> | string][] = [
  ["unsigned", () => new UnsecuredJWT({ iss: stack.oidc.issuer, ...claims() }).encode()],
  ["signed with the client's secret", hs("google secret")],
  [
    "changed after it was signed",
    async () => {
      const [head, , signature] = (await sign()).split(".");
      const payload = Buffer.from(JSON.stringify({ iss: stack.oidc.issuer, ...claims({ sub: "boss" }) }));
      return [head, payload.toString("base64url"), signature].join(".");
    },
  ],
  ["that has expired", () => sign({ exp: now() - 1 })],
  ["that is not good yet", () => sign({ nbf: now() + 3600 })],
  ["without an end", () => sign({ exp: undefined })],
  ["of another issuer", () => sign({ iss: "https://accounts.google.com" })],
  ["that is none", () => "nonsense"],
];

test.each(forged)("a token %s is refused", async (_name, make) => {
  const token = await make();
  expect(await grant(token)).toEqual(refused("Bad ID token"));
});

test("a token without a subject is refused", async () => {
  expect(await grant(await sign({ sub: undefined }))).toEqual(refused("Missing sub claim in id_token"));
});

test("an access token that is not the token's own is refused", async () => {
  expect(await grant(await sign({ at_hash: "b3RoZXI" }), { access_token: "at" })).toEqual(refused("Bad ID token"));
});

test("an azure token has to be its issuer's", async () => {
  const aud = "azure-client";
  const azure = { provider: "azure" };
  expect((await grant(await sign({ aud, xms_edov: true }), azure)).status).toBe(200);
  const elsewhere = await grant(await sign({ aud, iss: "https://evil.test/v2.0" }), azure);
  expect(elsewhere).toMatchObject({ status: 400, body: { code: "validation_failed" } });
  const other = await grant(await sign({ aud }), { ...azure, issuer: "https://evil.test" });
  expect(other.body.message).toBe("Provided issuer does not match ID token issuer");
  const none = await grant("nonsense", azure);
  expect(none.body.message).toBe("Unable to detect issuer in ID token for Azure provider");
});

test("what is missing, off or unknown is named", async () => {
  expect(await grant("")).toEqual(refused("id_token required"));
  expect(await grant("t", { provider: "", issuer: "i" })).toEqual(refused("provider or client_id and issuer required"));
  const off = await grant(await sign(), {}, stack.servers.off);
  expect(off).toEqual({
    status: 400,
    body: { code: "provider_disabled", message: `Provider (issuer "${stack.oidc.issuer}") is not enabled` },
  });
  expect((await grant("t", { provider: "apple" })).body.code).toBe("provider_disabled");
  expect(await grant("t", { provider: "nonsense" })).toEqual({
    status: 400,
    body: { code: "validation_failed", message: 'Custom OIDC provider "nonsense" not allowed' },
  });
});

test("an unverified address is proven by mail first", async () => {
  const said = claims({ email_verified: false });
  const { status, body } = await grant(await stack.oidc.idToken(said), {}, stack.servers.confirming);
  expect([status, body.code]).toEqual([422, "provider_email_needs_verification"]);
  expect(stack.inbox.latest(said.email).subject).toBe("Confirm your email address");
});
