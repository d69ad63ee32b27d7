import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { browse } from "../testing/browser.ts";
import { type OAuthStack, SITE, signIn, startOAuthStack } from "../testing/oauth-stack.ts";

const password = "correct horse battery";
let stack: OAuthStack<"linking" | "strict" | "plain">;

beforeAll(async () => {
  stack = await startOAuthStack({
    linking: { enable_manual_linking: true },
    strict: { enable_manual_linking: true, email: { enable_confirmations: true } },
    plain: {},
  });
}, 60_000);
afterAll(() => stack?.stop());

async function member(email: string, server: "linking" | "strict" = "linking"): Promise<SupabaseClient> {
  const client = stack.servers[server].client("pkce");
  await client.auth.signUp({ email, password });
  await stack.admin.query("update auth.users set email_confirmed_at = now() where email = $1", [email]);
  const { error } = await client.auth.signInWithPassword({ email, password });
  if (error) throw error;
  return client;
}

function person(name: string, email: string, verified = true): string {
  stack.oidc.people.set(name, { email, email_verified: verified, xms_edov: verified });
  return name;
}

async function link(client: SupabaseClient, name: string, provider: "google" | "azure" = "google"): Promise<URL> {
  const { data, error } = await client.auth.linkIdentity({
    provider,
    options: { skipBrowserRedirect: true, scopes: "email", queryParams: { login_hint: name } },
  });
  if (error) throw error;
  return browse(data.url, ({ origin }) => origin === SITE);
}

async function identitiesOf(client: SupabaseClient) {
  const { data } = await client.auth.getUserIdentities();
  return data?.identities ?? [];
}

test("linkIdentity adds a way to sign in, whatever its address, and unlinkIdentity takes it away", async () => {
  const client = await member("member@example.test");
  const landed = await link(client, person("private", "private@example.test"));
  const { data } = await client.auth.exchangeCodeForSession(landed.searchParams.get("code") ?? "");
  expect(data.user).toMatchObject({
    email: "member@example.test",
    app_metadata: { provider: "email", providers: ["email", "google"] },
  });
  const back = await signIn(stack.servers.linking, "private");
  expect(back.user.id).toBe(data.user?.id);
  const google = (await identitiesOf(client)).find(({ provider }) => provider === "google");
  if (!google) throw new Error("no identity");
  const { error } = await client.auth.unlinkIdentity(google);
  expect(error).toBeNull();
  expect((await identitiesOf(client)).map(({ provider }) => provider)).toEqual(["email"]);
  const { data: after } = await client.auth.getUser();
  expect(after.user?.app_metadata.providers).toEqual(["email"]);
  const { rows } = await stack.admin.query(
    "select payload ->> 'action' as action from auth.audit_log_entries where payload ->> 'action' like 'identity_%' order by created_at",
  );
  expect(rows.map(({ action }) => action)).toEqual(["identity_linked", "identity_unlinked"]);
});

test("an address that no provider vouches for leads its owner to nobody's account", async () => {
  const client = await member("trapper@example.test");
  await link(client, person("trap", "trapped@example.test", false));
  const { user } = await signIn(stack.servers.linking, person("trapped", "trapped@example.test"));
  expect(user.email).toBe("trapped@example.test");
  expect(user.identities?.map(({ identity_data }) => identity_data?.sub)).toEqual(["trapped"]);
});

test("an identity belongs to one user", async () => {
  const mine = await member("one@example.test");
  await link(mine, person("shared", "shared@example.test"));
  const error = async (client: SupabaseClient) => Object.fromEntries((await link(client, "shared")).searchParams);
  expect(await error(mine)).toMatchObject({
    error_code: "identity_already_exists",
    error_description: "Identity is already linked",
  });
  expect(await error(await member("two@example.test"))).toMatchObject({
    error_code: "identity_already_exists",
    error_description: "Identity is already linked to another user",
  });
});

test("linkIdentity with an ID token answers a session of the same user", async () => {
  const client = await member("token@example.test");
  const now = Math.floor(Date.now() / 1000);
  const about = { aud: "google-client", sub: "token-link", email: "other@example.test", iat: now, exp: now + 60 };
  const token = await stack.oidc.idToken(about);
  const { data, error } = await client.auth.linkIdentity({ provider: "google", token });
  expect(error).toBeNull();
  expect(data).toMatchObject({
    user: { email: "token@example.test", app_metadata: { providers: ["email", "google"] } },
  });
  const anonymous = await stack.servers.linking.post("/token?grant_type=id_token", {
    id_token: token,
    provider: "google",
    link_identity: true,
  });
  expect(await anonymous.json()).toEqual({
    error: "invalid request",
    error_description: "Linking requires a valid user access token in Authorization",
  });
});

test("the last identity stays, and only one's own go", async () => {
  const client = await member("last@example.test");
  const [only] = await identitiesOf(client);
  if (!only) throw new Error("no identity");
  expect((await client.auth.unlinkIdentity(only)).error?.code).toBe("single_identity_not_deletable");
  await link(client, person("second", "second@example.test"));
  const foreign = { ...only, identity_id: "3f6f5c1e-5f0b-4c0a-9d6e-0d5f3a1b2c3d" };
  expect((await client.auth.unlinkIdentity(foreign)).error?.code).toBe("identity_not_found");
  const bad = await client.auth.unlinkIdentity({ ...only, identity_id: "x" });
  expect(bad.error).toMatchObject({ status: 404, code: "validation_failed" });
});

test("of two unlinked at once one stays", async () => {
  const client = await member("both@example.test");
  await link(client, person("both-google", "both-google@example.test"));
  const { data } = await client.auth.getSession();
  const authorization = `Bearer ${data.session?.access_token}`;
  // Both requests are under way before either can change the user.
  await stack.admin.query("begin; select 1 from auth.users where email = 'both@example.test' for update");
  const runs = (await identitiesOf(client)).map(({ identity_id }) =>
    stack.servers.linking.request(`/user/identities/${identity_id}`, { method: "DELETE", headers: { authorization } }),
  );
  const waiting = "select count(*)::int as n from pg_locks where not granted";
  await expect.poll(async () => (await stack.admin.query(waiting)).rows[0].n, { timeout: 10_000 }).toBe(2);
  await stack.admin.query("commit");
  const answers = await Promise.all(runs);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422]);
  expect(await identitiesOf(client)).toHaveLength(1);
});

test("without the identity that has its address the account moves to another's, and no link to the old one works", async () => {
  const client = await member("moves@example.test");
  await link(client, person("target", "target@example.test"));
  await client.auth.resetPasswordForEmail("moves@example.test");
  const email = (await identitiesOf(client)).find(({ provider }) => provider === "email");
  if (!email) throw new Error("no identity");
  expect((await client.auth.unlinkIdentity(email)).error).toBeNull();
  const { data } = await client.auth.getUser();
  expect(data.user).toMatchObject({ email: "target@example.test", app_metadata: { provider: "google" } });
  const old = await fetch(stack.inbox.latest("moves@example.test").link, { redirect: "manual" });
  expect(old.headers.get("location")).toContain("otp_expired");
  const { rows } = await stack.admin.query(
    "select 1 from auth.one_time_tokens where relates_to = 'moves@example.test'",
  );
  expect(rows).toEqual([]);
});

test.each([
  ["linking", true],
  ["strict", false],
] as const)("an address that nobody proved is confirmed where no proof is asked for (%s: %s)", async (server, kept) => {
  const email = `unproven-${server}@example.test`;
  const client = await member(email, server);
  await link(client, person(`unproven-${server}`, `next-${server}@example.test`, false));
  const own = (await identitiesOf(client)).find(({ provider }) => provider === "email");
  if (!own) throw new Error("no identity");
  expect((await client.auth.unlinkIdentity(own)).error).toBeNull();
  const { data } = await client.auth.getUser();
  expect(data.user?.email).toBe(`next-${server}@example.test`);
  expect(data.user?.email_confirmed_at !== undefined).toBe(kept);
});

test("an address that a provider proved comes before one that none did", async () => {
  const client = await member("prefers@example.test", "strict");
  await link(client, person("first-unproven", "first-unproven@example.test", false));
  await link(client, person("then-proven", "then-proven@example.test"), "azure");
  const own = (await identitiesOf(client)).find(({ provider }) => provider === "email");
  if (!own) throw new Error("no identity");
  expect((await client.auth.unlinkIdentity(own)).error).toBeNull();
  const { data } = await client.auth.getUser();
  expect(data.user?.email).toBe("then-proven@example.test");
  expect(data.user?.email_confirmed_at).toBeDefined();
});

test("an address that another account holds keeps its identity where it is", async () => {
  const client = await member("stays@example.test");
  await member("held@example.test");
  await link(client, person("held", "held@example.test"));
  const email = (await identitiesOf(client)).find(({ provider }) => provider === "email");
  if (!email) throw new Error("no identity");
  expect((await client.auth.unlinkIdentity(email)).error?.code).toBe("email_conflict_identity_not_deletable");
  expect(await identitiesOf(client)).toHaveLength(2);
});

test("a user banned meanwhile gets no identity", async () => {
  const client = await member("ban@example.test");
  const { data } = await client.auth.linkIdentity({
    provider: "google",
    options: { skipBrowserRedirect: true, queryParams: { login_hint: person("ban", "ban@example.test") } },
  });
  const id = (await client.auth.getUser()).data.user?.id ?? "";
  await stack.servers.linking.service().auth.admin.updateUserById(id, { ban_duration: "1h" });
  const landed = await browse(data.url ?? "", ({ origin }) => origin === SITE);
  expect(landed.searchParams.get("error_code")).toBe("user_banned");
});

test("linking is refused where it is off, and to strangers", async () => {
  const client = stack.servers.plain.client("pkce");
  await client.auth.signUp({ email: "plain@example.test", password });
  const off = { status: 404, code: "manual_linking_disabled", message: "Manual linking is disabled" };
  const linked = await client.auth.linkIdentity({ provider: "google", options: { skipBrowserRedirect: true } });
  expect(linked.error).toMatchObject(off);
  const [own] = await identitiesOf(client);
  if (!own) throw new Error("no identity");
  expect((await client.auth.unlinkIdentity(own)).error).toMatchObject(off);
  const stranger = await stack.servers.linking.request("/user/identities/authorize?provider=google");
  expect(stranger.status).toBe(401);
});
