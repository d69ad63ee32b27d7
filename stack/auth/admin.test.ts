import { afterAll, beforeAll, expect, test } from "vitest";
import { type AuthServer, startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
let server: AuthServer;
const password = "correct horse battery";

beforeAll(async () => {
  stack = await startTestStack();
  server = await stack.serve({ email: { enable_confirmations: true, max_frequency: "0s" } });
}, 60_000);
afterAll(() => stack?.stop());

const admin = () => server.service().auth.admin;

test("a user made by the service signs in with his password and carries his app_metadata", async () => {
  const email = "made@example.test";
  const { data, error } = await admin().createUser({
    email,
    password,
    email_confirm: true,
    app_metadata: { school: "HRZ-01" },
    user_metadata: { full_name: "דנה" },
  });
  expect(error).toBeNull();
  expect(data.user).toMatchObject({
    email,
    role: "authenticated",
    app_metadata: { provider: "email", providers: ["email"], school: "HRZ-01" },
    user_metadata: { full_name: "דנה", email_verified: true },
  });
  const signedIn = await server.client().auth.signInWithPassword({ email, password });
  expect(signedIn.data.user?.id).toBe(data.user?.id);
});

test("without email_confirm the user has to prove the address first", async () => {
  const email = "unproven@example.test";
  await admin().createUser({ email, password });
  const { error } = await server.client().auth.signInWithPassword({ email, password });
  expect(error?.code).toBe("email_not_confirmed");
  // Nor does signing up with another password take the account over where no confirmation is asked for.
  const open = await stack.serve();
  const takeover = await open.client().auth.signUp({ email, password: "of somebody else" });
  expect(takeover.error?.code).toBe("user_already_exists");
});

test("the id can be given; duplicates and missing addresses are refused", async () => {
  const id = "11111111-2222-4333-8444-555555555555";
  const email = "given@example.test";
  expect((await admin().createUser({ id, email })).data.user?.id).toBe(id);
  expect((await admin().createUser({ email })).error).toMatchObject({ status: 422, code: "email_exists" });
  expect((await admin().createUser({})).error).toMatchObject({ status: 400, code: "validation_failed" });
});

test("users and the public may not use it", async () => {
  await admin().createUser({ email: "plain@example.test", password, email_confirm: true });
  const client = server.client();
  expect((await client.auth.admin.listUsers()).error).toMatchObject({ status: 403, code: "not_admin" });
  await client.auth.signInWithPassword({ email: "plain@example.test", password });
  const token = (await client.auth.getSession()).data.session?.access_token;
  const answers = await Promise.all(
    ["/admin/users", "/admin/users/11111111-2222-4333-8444-555555555555"].map((path) =>
      server.request(path, { headers: { authorization: `Bearer ${token}` } }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([403, 403]);
  for (const path of ["/invite", "/admin/generate_link", "/admin/users"]) {
    const answer = await server.post(path, { email: "x@example.test" }, { authorization: `Bearer ${token}` });
    expect([answer.status, (await answer.json()).code]).toEqual([403, "not_admin"]);
  }
});

test("listUsers pages", async () => {
  for (let index = 0; index < 5; index++) await admin().createUser({ email: `page-${index}@example.test` });
  const { data } = await admin().listUsers({ page: 1, perPage: 2 });
  if (!("lastPage" in data)) throw new Error("no pages");
  expect(data.users.map(({ email }) => email)).toEqual(["page-4@example.test", "page-3@example.test"]);
  expect(data.nextPage).toBe(2);
  expect(data.lastPage).toBe(Math.ceil(data.total / 2));
  const answer = await server.request("/admin/users?filter=page-0@example", {
    headers: { apikey: server.keys.secret },
  });
  expect((await answer.json()).users).toMatchObject([{ email: "page-0@example.test" }]);
});

test("updateUserById changes address, password, metadata and bans", async () => {
  const { data } = await admin().createUser({ email: "update@example.test", password, email_confirm: true });
  const id = data.user?.id ?? "";
  const client = server.client();
  await client.auth.signInWithPassword({ email: "update@example.test", password });
  const email = "updated@example.test";
  const updated = await admin().updateUserById(id, {
    email,
    email_confirm: true,
    password: "another password",
    app_metadata: { a: 1 },
    user_metadata: { b: 2 },
  });
  expect(updated.data.user).toMatchObject({ email, app_metadata: { a: 1 }, user_metadata: { b: 2 } });
  expect(updated.data.user?.identities?.[0]?.identity_data).toMatchObject({ email, email_verified: true });
  expect((await client.auth.getUser()).error).not.toBeNull();
  expect((await server.client().auth.signInWithPassword({ email, password: "another password" })).error).toBeNull();
  await admin().updateUserById(id, { ban_duration: "24h" });
  const banned = await server.client().auth.signInWithPassword({ email, password: "another password" });
  expect(banned.error?.code).toBe("user_banned");
  await admin().updateUserById(id, { ban_duration: "none" });
  expect((await server.client().auth.signInWithPassword({ email, password: "another password" })).error).toBeNull();
});

test("deleteUser removes the user, or keeps the row without what identifies him", async () => {
  const gone = (await admin().createUser({ email: "gone@example.test" })).data.user?.id ?? "";
  expect((await admin().deleteUser(gone)).error).toBeNull();
  expect((await admin().getUserById(gone)).error).toMatchObject({ status: 404, code: "user_not_found" });
  const kept = await admin().createUser({ email: "kept@example.test", password, email_confirm: true });
  const id = kept.data.user?.id ?? "";
  await admin().deleteUser(id, true);
  const { data } = await admin().getUserById(id);
  expect(data.user?.deleted_at).toBeTruthy();
  expect(JSON.stringify(data.user)).not.toContain("kept@example.test");
  const { error } = await server.client().auth.signInWithPassword({ email: "kept@example.test", password });
  expect(error?.code).toBe("invalid_credentials");
});

test("an invited person follows the link and sets a password", async () => {
  const email = "invited@example.test";
  const { data } = await admin().inviteUserByEmail(email, { data: { full_name: "Guest" } });
  expect(data.user).toMatchObject({ email, invited_at: expect.any(String), user_metadata: { full_name: "Guest" } });
  const signUp = await server.client().auth.signUp({ email, password: "of somebody else" });
  expect(signUp.data.user).toMatchObject({ user_metadata: {}, identities: [] });
  await admin().inviteUserByEmail(email);
  const answer = await fetch(stack.inbox.latest(email).link, { redirect: "manual" });
  const fragment = new URLSearchParams((answer.headers.get("location") ?? "").split("#")[1]);
  expect(fragment.get("type")).toBe("invite");
  const client = server.client();
  await client.auth.setSession({
    access_token: fragment.get("access_token") ?? "",
    refresh_token: fragment.get("refresh_token") ?? "",
  });
  expect((await client.auth.updateUser({ password })).error).toBeNull();
  expect((await server.client().auth.signInWithPassword({ email, password })).error).toBeNull();
});

test("generateLink makes links that work, and sends nothing", async () => {
  const before = stack.inbox.mails.length;
  const email = "link@example.test";
  const magic = await admin().generateLink({ type: "magiclink", email });
  expect(magic.data.properties).toMatchObject({
    verification_type: "signup",
    redirect_to: "http://127.0.0.1:3000",
    email_otp: expect.stringMatching(/^\d{6}$/),
  });
  const first = await fetch(magic.data.properties?.action_link ?? "", { redirect: "manual" });
  expect(first.headers.get("location")).toContain("#access_token=");
  const recovery = await admin().generateLink({ type: "recovery", email });
  const verified = await server.client().auth.verifyOtp({
    type: "recovery",
    token_hash: recovery.data.properties?.hashed_token ?? "",
  });
  expect(verified.data.user?.email).toBe(email);
  const missing = await admin().generateLink({ type: "recovery", email: "nobody@example.test" });
  expect(missing.error).toMatchObject({ status: 404, code: "user_not_found" });
  const taken = await admin().generateLink({ type: "signup", email, password });
  expect(taken.error).toMatchObject({ status: 422, code: "email_exists" });
  expect(stack.inbox.mails).toHaveLength(before);
});
