import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AuthServer, startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
let server: AuthServer;
const password = "correct horse battery";
const on = { enable_anonymous_sign_ins: true, mfa: { totp: { enroll_enabled: true, verify_enabled: true } } };

beforeAll(async () => {
  stack = await startTestStack();
  server = await stack.serve({ ...on, email: { max_frequency: "0s" } });
}, 60_000);
afterAll(() => stack?.stop());

async function anonymous(on: AuthServer) {
  const client = on.client();
  const { data, error } = await client.auth.signInAnonymously({ options: { data: { theme: "dark" } } });
  if (error || !data.session) throw error ?? new Error("no session");
  return { client, session: data.session };
}

test("an anonymous user has a session that says so, and keeps it over a refresh", async () => {
  const { client, session } = await anonymous(server);
  expect(session.user).toMatchObject({
    email: "",
    is_anonymous: true,
    role: "authenticated",
    app_metadata: {},
    user_metadata: { theme: "dark" },
    identities: [],
  });
  expect(decodeJwt(session.access_token)).toMatchObject({ is_anonymous: true, amr: [{ method: "anonymous" }] });
  const { data } = await client.auth.refreshSession();
  expect(data.user?.id).toBe(session.user.id);
  expect(await (await server.request("/settings")).json()).toMatchObject({ external: { anonymous_users: true } });
});

test("it has no second factor, no password without an address, and nothing to reauthenticate by", async () => {
  const { client } = await anonymous(server);
  expect((await client.auth.mfa.enroll({ factorType: "totp" })).error).toMatchObject({
    status: 403,
    code: "no_authorization",
  });
  expect((await client.auth.updateUser({ password })).error).toMatchObject({ status: 422, code: "validation_failed" });
  expect((await client.auth.reauthenticate()).error).toMatchObject({ status: 400, code: "validation_failed" });
});

test("with an address the same user becomes a known one", async () => {
  const email = "known@example.test";
  const { client, session } = await anonymous(server);
  const { data } = await client.auth.updateUser({ email, password });
  expect(data.user).toMatchObject({
    id: session.user.id,
    email,
    is_anonymous: false,
    app_metadata: { provider: "email", providers: ["email"] },
    identities: [{ provider: "email", identity_data: { email, email_verified: true } }],
  });
  const signedIn = await server.client().auth.signInWithPassword({ email, password });
  expect(signedIn.data.user?.id).toBe(session.user.id);
});

test("where addresses are confirmed, the user stays anonymous until this one is", async () => {
  const confirming = await stack.serve({ ...on, email: { max_frequency: "0s", enable_confirmations: true } });
  const email = "confirmed@example.test";
  const { client } = await anonymous(confirming);
  expect((await client.auth.updateUser({ email })).data.user).toMatchObject({ is_anonymous: true, new_email: email });
  await fetch(stack.inbox.latest(email).link, { redirect: "manual" });
  expect((await client.auth.getUser()).data.user).toMatchObject({ is_anonymous: false, email });
});

test("switched off, or with sign-ups closed, nobody is let in", async () => {
  const off = await stack.serve();
  expect((await off.client().auth.signInAnonymously()).error).toMatchObject({
    status: 422,
    code: "anonymous_provider_disabled",
  });
  const closed = await stack.serve({ ...on, enable_signup: false });
  expect((await closed.client().auth.signInAnonymously()).error).toMatchObject({
    status: 422,
    code: "signup_disabled",
  });
});

test("anonymous_users counts them by address and hour, apart from other sign-ups", async () => {
  const limited = await stack.serve({ ...on, rate_limit: { anonymous_users: 2 } });
  const signIn = async () => (await limited.client().auth.signInAnonymously()).error?.code;
  expect([await signIn(), await signIn(), await signIn()]).toEqual([undefined, undefined, "over_request_rate_limit"]);
  expect((await limited.client().auth.signUp({ email: "counted@example.test", password })).error).toBeNull();
});
