import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tokenSigner } from "../testing/tokens.ts";
import { enrollFactor, useFactor } from "./testing/authenticator.ts";
import { type AuthServer, startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
let server: AuthServer;
const password = "correct horse battery";

beforeAll(async () => {
  stack = await startTestStack();
  server = await stack.serve({
    email: { enable_confirmations: true, max_frequency: "0s" },
    mfa: { totp: { enroll_enabled: true, verify_enabled: true } },
  });
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

const asService = () => ({ apikey: server.keys.secret });

test("the links of a page keep the rest of the query, and sorting is by the columns it may be", async () => {
  for (let index = 0; index < 3; index++) await admin().createUser({ email: `sorted-${index}@example.test` });
  const list = (query: string) => server.request(`/admin/users?${query}`, { headers: asService() });
  const answer = await list("page=2&per_page=1&filter=sorted-&sort=email%20asc");
  expect((await answer.json()).users).toMatchObject([{ email: "sorted-1@example.test" }]);
  expect(answer.headers.get("x-total-count")).toBe("3");
  expect(answer.headers.get("link")).toBe(
    '</admin/users?page=3&per_page=1&filter=sorted-&sort=email+asc>; rel="next", ' +
      '</admin/users?page=3&per_page=1&filter=sorted-&sort=email+asc>; rel="last"',
  );
  const last = await list("page=3&per_page=1&filter=sorted-");
  expect(last.headers.get("link")).not.toContain('rel="next"');
  for (const query of ["sort=encrypted_password", "sort=email%20sideways", "sort=id;drop", "page=x", "per_page=-1"]) {
    const refused = await list(query);
    expect([refused.status, (await refused.json()).error_code], query).toEqual([400, "validation_failed"]);
  }
});

test("factors of a user are listed, renamed and taken away, which takes aal2 from his sessions", async () => {
  const email = "factors@example.test";
  const { data } = await admin().createUser({ email, password, email_confirm: true });
  const userId = data.user?.id ?? "";
  const client = server.client();
  await client.auth.signInWithPassword({ email, password });
  const factor = await enrollFactor(client, "phone");
  await useFactor(client, factor);
  await enrollFactor(client, "tablet");
  const path = `/admin/users/${userId}/factors/${factor.id}`;
  const rename = async (friendly_name: string) => {
    const answer = await server.request(path, {
      method: "PUT",
      body: JSON.stringify({ friendly_name }),
      headers: asService(),
    });
    return [answer.status, await answer.json()];
  };
  expect(await rename("watch")).toMatchObject([200, { id: factor.id, friendly_name: "watch" }]);
  expect(await rename("tablet")).toMatchObject([422, { error_code: "mfa_factor_name_conflict" }]);
  const listed = await admin().mfa.listFactors({ userId });
  expect(listed.data?.factors).toMatchObject([
    { id: factor.id, friendly_name: "watch", status: "verified", factor_type: "totp" },
    { friendly_name: "tablet", status: "unverified" },
  ]);
  expect(JSON.stringify(listed.data)).not.toContain(factor.secret);
  expect((await admin().mfa.deleteFactor({ userId, id: factor.id })).error).toBeNull();
  const refreshed = await client.auth.refreshSession();
  expect(decodeJwt(refreshed.data.session?.access_token ?? "")).toMatchObject({ aal: "aal1" });
  const again = await admin().mfa.deleteFactor({ userId, id: factor.id });
  expect(again.error).toMatchObject({ status: 404, code: "mfa_factor_not_found" });
  const session = (await client.auth.getSession()).data.session;
  const answer = await server.request(path, { headers: { authorization: `Bearer ${session?.access_token}` } });
  expect(answer.status).toBe(403);
});

test("an administrator's token of a session that has ended opens nothing", async () => {
  const email = "demoted@example.test";
  const { data } = await admin().createUser({ email, password, email_confirm: true });
  const { es } = tokenSigner(server.keys);
  const list = (token: string) =>
    server.request("/admin/users", {
      headers: { authorization: `Bearer ${token}`, "x-supabase-api-version": "2024-01-01" },
    });
  const client = server.client();
  await client.auth.signInWithPassword({ email, password });
  const { access_token } = (await client.auth.getSession()).data.session ?? {};
  const token = await es({ ...decodeJwt(access_token ?? ""), role: "service_role" });
  expect((await list(token)).status).toBe(200);
  await stack.admin.query("update auth.sessions set not_after = now() - interval '1 second' where user_id = $1", [
    data.user?.id,
  ]);
  const outlived = await list(token);
  expect([outlived.status, (await outlived.json()).code]).toEqual([403, "session_expired"]);
  await stack.admin.query("delete from auth.sessions where user_id = $1", [data.user?.id]);
  const ended = await list(token);
  expect([ended.status, (await ended.json()).code]).toEqual([403, "session_not_found"]);
});

test("a legacy key is a token only as Bearer, as behind the official gateway", async () => {
  const list = (headers: Record<string, string>) => server.request("/admin/users", { headers });
  expect((await list({ apikey: server.keys.serviceRole })).status).toBe(401);
  expect((await list({ authorization: `Bearer ${server.keys.serviceRole}` })).status).toBe(200);
  expect((await list({ authorization: server.keys.serviceRole })).status).toBe(401);
  expect((await list(asService())).status).toBe(200);
});

test("the audit log is listed, and searched by author, action and type", async () => {
  const email = "audited@example.test";
  await admin().createUser({ email, password, email_confirm: true });
  await server.client().auth.signInWithPassword({ email, password });
  const search = async (query: string) => {
    const answer = await server.request(`/admin/audit?query=${encodeURIComponent(query)}`, { headers: asService() });
    return answer.json();
  };
  expect(await search(`author:${email}`)).toMatchObject([{ payload: { action: "login", log_type: "account" } }]);
  expect(await search("action:user_signedup")).not.toEqual([]);
  expect(await search("nonsense")).toMatchObject({ error_code: "validation_failed" });
  expect((await server.request("/admin/audit", { headers: { apikey: server.keys.publishable } })).status).toBe(403);
});

test("clients of the OAuth server are kept where it is enabled", async () => {
  const enabled = await stack.serve({ oauth_server: { enabled: true } });
  const { oauth } = enabled.service().auth.admin;
  const redirect_uris = ["https://app.example.test/callback", "myapp://callback"];
  const { data: made } = await oauth.createClient({ client_name: "App", redirect_uris });
  expect(made).toMatchObject({
    client_type: "confidential",
    token_endpoint_auth_method: "client_secret_basic",
    redirect_uris,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    registration_type: "manual",
    client_secret: expect.stringMatching(/^[\w-]{43}$/),
  });
  const id = made?.client_id ?? "";
  expect((await oauth.getClient(id)).data).not.toHaveProperty("client_secret");
  expect((await oauth.updateClient(id, { client_name: "Application" })).data).toMatchObject({
    client_name: "Application",
    redirect_uris,
  });
  const renewed = (await oauth.regenerateClientSecret(id)).data;
  expect(renewed?.client_secret).not.toBe(made?.client_secret);
  expect((await oauth.listClients()).data.clients).toHaveLength(1);
  for (const uri of [
    "javascript:alert(1)//x",
    "http://example.test/",
    "https://a.test/#x",
    "https://a.test/,b",
    "/x",
    "",
  ]) {
    const refused = await oauth.createClient({ client_name: "x", redirect_uris: [uri] });
    expect(refused.error, uri).toMatchObject({ status: 400, code: "validation_failed" });
  }
  expect((await oauth.deleteClient(id)).error).toBeNull();
  expect((await oauth.getClient(id)).error).toMatchObject({ status: 404, code: "oauth_client_not_found" });
  expect((await oauth.getClient("x")).error).toMatchObject({ status: 400, code: "validation_failed" });
  const { rows } = await stack.admin.query("select client_secret_hash from auth.oauth_clients where id = $1", [id]);
  expect(rows[0].client_secret_hash).not.toContain(renewed?.client_secret);
});

test("signOut ends the sessions that its scope says", async () => {
  const email = "signed-out@example.test";
  await admin().createUser({ email, password, email_confirm: true });
  const clients = await Promise.all(
    [0, 1, 2].map(async () => {
      const client = server.client();
      const { data } = await client.auth.signInWithPassword({ email, password });
      return { client, token: data.session?.access_token ?? "" };
    }),
  );
  const alive = () =>
    Promise.all(clients.map(async ({ client, token }) => (await client.auth.getUser(token)).error === null));
  await admin().signOut(clients[0]?.token ?? "", "local");
  expect(await alive()).toEqual([false, true, true]);
  await admin().signOut(clients[1]?.token ?? "", "others");
  expect(await alive()).toEqual([false, true, false]);
  await admin().signOut(clients[1]?.token ?? "", "global");
  expect(await alive()).toEqual([false, false, false]);
});
