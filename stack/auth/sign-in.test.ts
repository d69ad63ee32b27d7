import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tokenSigner } from "../testing/tokens.ts";
import { type AuthServer, startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
let open: AuthServer;
let confirming: AuthServer;
const password = "correct horse battery";

beforeAll(async () => {
  stack = await startTestStack();
  open = await stack.serve();
  confirming = await stack.serve({ email: { enable_confirmations: true, max_frequency: "0s" } });
}, 60_000);
afterAll(() => stack?.stop());

test("sign-up without confirmations answers a session with complete claims", async () => {
  const client = open.client();
  const { data, error } = await client.auth.signUp({
    email: "Open@Example.test",
    password,
    options: { data: { full_name: "Open" } },
  });
  expect(error).toBeNull();
  const session = data.session;
  if (!session) throw new Error("no session");
  expect(decodeProtectedHeader(session.access_token)).toEqual({ alg: "ES256", kid: open.keys.signing.kid, typ: "JWT" });
  const claims = decodeJwt(session.access_token);
  expect(Object.keys(claims)).toEqual([
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "email",
    "phone",
    "app_metadata",
    "user_metadata",
    "role",
    "aal",
    "amr",
    "session_id",
    "is_anonymous",
  ]);
  expect(claims).toMatchObject({
    iss: `${open.url}/auth/v1`,
    aud: "authenticated",
    email: "open@example.test",
    phone: "",
    role: "authenticated",
    aal: "aal1",
    amr: [{ method: "password" }],
    is_anonymous: false,
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: { full_name: "Open", email_verified: true },
  });
  expect(session.refresh_token).toMatch(/^[a-z2-7]{12}$/);
  expect(session.user.last_sign_in_at).toMatch(/Z$/);
  const verified = await client.auth.getClaims();
  expect(verified.data?.claims.sub).toBe(session.user.id);
});

test("sign-up of a known address is refused without confirmations, and feigned with them", async () => {
  await open.client().auth.signUp({ email: "twice@example.test", password });
  const again = await open.client().auth.signUp({ email: "twice@example.test", password });
  expect(again.error).toMatchObject({ status: 422, code: "user_already_exists" });
  const feigned = await confirming.client().auth.signUp({ email: "twice@example.test", password });
  expect(feigned.error).toBeNull();
  expect(feigned.data.user?.identities).toEqual([]);
  expect(stack.inbox.mails.some((mail) => mail.to === "twice@example.test")).toBe(false);
});

test("two sign-ups at once make one user", async () => {
  const results = await Promise.all(
    [1, 2, 3].map(() => open.client().auth.signUp({ email: "race@example.test", password })),
  );
  expect(results.filter(({ error }) => error === null)).toHaveLength(1);
  expect(results.filter(({ error }) => error?.code === "user_already_exists")).toHaveLength(2);
  const { rows } = await stack.admin.query("select 1 from auth.users where email = 'race@example.test'");
  expect(rows).toHaveLength(1);
});

test("sign-up with confirmations: mail, no sign-in before, sign-in after the link", async () => {
  const email = "confirm@example.test";
  const { data } = await confirming.client().auth.signUp({ email, password });
  expect(data.session).toBeNull();
  expect(data.user?.confirmation_sent_at).toBeTruthy();
  const early = await confirming.client().auth.signInWithPassword({ email, password });
  expect(early.error).toMatchObject({ status: 400, code: "email_not_confirmed" });
  const { link } = stack.inbox.latest(email);
  expect(link.href).toContain(`${confirming.url}/auth/v1/verify?token=`);
  const answer = await fetch(link, { redirect: "manual" });
  expect(answer.status).toBe(303);
  const target = new URL(answer.headers.get("location") ?? "");
  expect(target.origin).toBe("http://127.0.0.1:3000");
  const fragment = new URLSearchParams(target.hash.slice(1));
  expect([...fragment.keys()]).toEqual([
    "access_token",
    "expires_at",
    "expires_in",
    "refresh_token",
    "sb",
    "token_type",
    "type",
  ]);
  const user = await confirming.client().auth.getUser(fragment.get("access_token") ?? "");
  expect(user.data.user?.identities?.[0]?.identity_data).toMatchObject({ email_verified: true });
  const late = await confirming.client().auth.signInWithPassword({ email, password });
  expect(late.error).toBeNull();
  const again = await fetch(link, { redirect: "manual" });
  expect(again.headers.get("location")).toContain(
    "#error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired&sb=",
  );
});

test("HEAD on a link does not use it up", async () => {
  const email = "head@example.test";
  await confirming.client().auth.signUp({ email, password });
  const { link } = stack.inbox.latest(email);
  expect((await fetch(link, { method: "HEAD", redirect: "manual" })).status).toBe(405);
  expect((await fetch(link, { redirect: "manual" })).headers.get("location")).toContain("#access_token=");
});

test("one link opened twice at once works once", async () => {
  const email = "link-race@example.test";
  await confirming.client().auth.signUp({ email, password });
  const { link } = stack.inbox.latest(email);
  const answers = await Promise.all([1, 2, 3].map(() => fetch(link, { redirect: "manual" })));
  const worked = answers.filter((answer) => answer.headers.get("location")?.includes("#access_token="));
  expect(worked).toHaveLength(1);
});

test("a wrong password, an unknown user and a password too long answer the same", async () => {
  await open.client().auth.signUp({ email: "known@example.test", password });
  const bodies = await Promise.all(
    [
      { email: "known@example.test", password: "wrong" },
      { email: "unknown@example.test", password: "wrong" },
      { email: "known@example.test", password: `${password}${"x".repeat(80)}` },
    ].map(async (body) => {
      const answer = await open.post("/token?grant_type=password", body);
      return {
        status: answer.status,
        version: answer.headers.get("x-supabase-api-version"),
        body: await answer.json(),
      };
    }),
  );
  const expected = {
    status: 400,
    version: "2024-01-01",
    body: { code: "invalid_credentials", message: "Invalid login credentials" },
  };
  expect(bodies).toEqual([expected, expected, expected]);
});

test("errors without an API version have the older form", async () => {
  const answer = await open.request("/token?grant_type=password", {
    method: "POST",
    body: JSON.stringify({ email: "unknown@example.test", password: "wrong" }),
  });
  expect(await answer.json()).toEqual({
    code: 400,
    error_code: "invalid_credentials",
    msg: "Invalid login credentials",
  });
  expect(answer.headers.get("x-sb-error-code")).toBe("invalid_credentials");
});

test("a banned user is told so only with the right password", async () => {
  const email = "banned@example.test";
  await open.client().auth.signUp({ email, password });
  await stack.admin.query("update auth.users set banned_until = now() + interval '1 day' where email = $1", [email]);
  const wrong = await open.client().auth.signInWithPassword({ email, password: "wrong" });
  expect(wrong.error?.code).toBe("invalid_credentials");
  const right = await open.client().auth.signInWithPassword({ email, password });
  expect(right.error?.code).toBe("user_banned");
});

test("a weak password is refused with its reasons", async () => {
  const strict = await stack.serve({
    minimum_password_length: 10,
    password_requirements: "lower_upper_letters_digits",
  });
  const { error } = await strict.client().auth.signUp({ email: "weak@example.test", password: "short" });
  expect(error).toMatchObject({ status: 422, code: "weak_password", reasons: ["length", "characters"] });
  const long = await strict.client().auth.signUp({ email: "weak@example.test", password: `Aa1${"x".repeat(70)}` });
  expect(long.error).toMatchObject({ status: 400, code: "validation_failed" });
});

test("malformed bodies and addresses are refused with stable codes", async () => {
  const malformed = await open.post("/signup", "{");
  expect([malformed.status, (await malformed.json()).code]).toEqual([400, "bad_json"]);
  const wrongType = await open.post("/signup", { email: 1, password });
  expect((await wrongType.json()).code).toBe("bad_json");
  const nul = await open.post("/signup", { email: "nul@example.test", password, data: { name: "\u0000" } });
  expect((await nul.json()).code).toBe("bad_json");
  const address = await open.post("/signup", { email: "no address", password });
  expect(await address.json()).toEqual({
    code: "validation_failed",
    message: "Unable to validate email address: invalid format",
  });
  const large = await open.post("/signup", {
    email: "large@example.test",
    password,
    data: { x: "x".repeat(1_100_000) },
  });
  expect(large.status).toBe(413);
  const grant = await open.post("/token?grant_type=nothing", {});
  expect(await grant.json()).toEqual({ code: "invalid_credentials", message: "unsupported_grant_type" });
});

test("expired, forged, unsigned and keyless tokens are refused", async () => {
  const { data } = await open.client().auth.signUp({ email: "tokens@example.test", password });
  const claims = decodeJwt(data.session?.access_token ?? "");
  const { hs } = tokenSigner(open.keys);
  const soon = Math.floor(Date.now() / 1000) + 600;
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const tokens = [
    await hs(claims, soon - 1200),
    await hs(claims, soon, "x".repeat(40)),
    `${encode({ alg: "none", typ: "JWT" })}.${encode(claims)}.`,
    "no-token",
  ];
  for (const token of tokens) {
    const answer = await open.request("/user", {
      headers: { authorization: `Bearer ${token}`, "x-supabase-api-version": "2024-01-01" },
    });
    expect([answer.status, (await answer.json()).code]).toEqual([403, "bad_jwt"]);
  }
  const keyless = await open.request("/user", { headers: { "x-supabase-api-version": "2024-01-01" } });
  expect([keyless.status, (await keyless.json()).code]).toEqual([401, "no_authorization"]);
  const keyOnly = await open.request("/user", { headers: { apikey: open.keys.publishable } });
  expect([keyOnly.status, (await keyOnly.json()).msg]).toEqual([403, "invalid claim: missing sub claim"]);
});

test("a token whose session is gone answers session_not_found, whose user is gone user_not_found", async () => {
  const { data } = await open.client().auth.signUp({ email: "gone@example.test", password });
  const token = data.session?.access_token ?? "";
  await stack.admin.query("delete from auth.sessions where user_id = $1", [data.user?.id]);
  const call = async () => {
    const answer = await open.request("/user", { headers: { authorization: `Bearer ${token}` } });
    return [answer.status, (await answer.json()).error_code];
  };
  expect(await call()).toEqual([403, "session_not_found"]);
  await stack.admin.query("delete from auth.users where id = $1", [data.user?.id]);
  expect(await call()).toEqual([403, "user_not_found"]);
});

test("what this stack does not have answers as where it is switched off", async () => {
  const codeOf = async (path: string, body: unknown) => (await (await open.post(path, body)).json()).code;
  expect(await codeOf("/signup", {})).toBe("anonymous_provider_disabled");
  expect(await codeOf("/signup", { phone: "972501234567", password })).toBe("phone_provider_disabled");
  expect(await codeOf("/otp", { phone: "972501234567" })).toBe("phone_provider_disabled");
  expect(await codeOf("/sso", { domain: "example.test" })).toBe("saml_provider_disabled");
  expect(await codeOf("/token?grant_type=web3", {})).toBe("web3_provider_disabled");
  expect(await codeOf("/passkeys/authentication/options", {})).toBe("passkey_disabled");
  const authorize = await open.request("/authorize?provider=google");
  expect(await authorize.json()).toMatchObject({ code: 400, error_code: "validation_failed" });
});

test("health, settings, keys and discovery are public", async () => {
  expect(await (await open.request("/health")).json()).toMatchObject({ name: "GoTrue" });
  expect(await (await confirming.request("/settings")).json()).toMatchObject({
    external: { email: true, phone: false, google: false },
    mailer_autoconfirm: false,
  });
  const jwks = await open.request("/.well-known/jwks.json");
  expect(jwks.headers.get("cache-control")).toBe("public, max-age=600");
  const { keys } = await jwks.json();
  expect(keys).toMatchObject([{ kid: open.keys.signing.kid, alg: "ES256", kty: "EC", use: "sig" }]);
  expect(keys[0]).not.toHaveProperty("d");
  expect(await (await open.request("/.well-known/openid-configuration")).json()).toMatchObject({
    issuer: `${open.url}/auth/v1`,
    jwks_uri: `${open.url}/auth/v1/.well-known/jwks.json`,
  });
});

test.each(["enabled", "enable_signup"])("without auth.email.%s nobody signs in by mail", async (name) => {
  const { auth } = (await stack.serve({ email: { [name]: false } })).client();
  const refused = await auth.signInWithPassword({ email: "nobody@example.test", password: "Correct-Horse-1" });
  expect(refused.error?.code).toBe("email_provider_disabled");
});
