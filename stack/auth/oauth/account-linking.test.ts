import { afterAll, beforeAll, expect, test } from "vitest";
import { land, type OAuthStack, signIn, startOAuthStack } from "../testing/oauth-stack.ts";

const password = "correct horse battery";
let stack: OAuthStack<"open" | "confirming" | "closed" | "hooked" | "claims" | "optional">;

beforeAll(async () => {
  stack = await startOAuthStack({
    open: {},
    confirming: { email: { enable_confirmations: true, max_frequency: "0s" } },
    closed: { enable_signup: false },
    hooked: { hook: { before_user_created: { enabled: true, uri: "pg-functions://postgres/hooks/refuse" } } },
    claims: { hook: { custom_access_token: { enabled: true, uri: "pg-functions://postgres/hooks/fail" } } },
    optional: { external: { google: { email_optional: true } } },
  });
  await stack.admin.query(`create schema hooks; grant usage on schema hooks to supabase_auth_admin;
    create table hooks.calls (event jsonb);
    grant insert on hooks.calls to supabase_auth_admin;
    create function hooks.fail(event jsonb) returns jsonb language plpgsql as $$ begin raise 'no claims'; end $$;
    create function hooks.refuse(event jsonb) returns jsonb language plpgsql as $$
    begin
      insert into hooks.calls values (event);
      if event #>> '{user,email}' = 'hookwanted@example.test' then return '{}'; end if;
      return jsonb_build_object('error', jsonb_build_object('http_code', 403, 'message', 'Not a school address'));
    end $$`);
}, 60_000);
afterAll(() => stack?.stop());

/** One person at the provider, under the name that the address begins with. */
function person(email: string, verified: boolean): string {
  const name = email.split("@")[0] ?? "";
  stack.oidc.people.set(name, { name, email, email_verified: verified });
  return name;
}

async function usersWith(email: string) {
  const { rows } = await stack.admin.query(
    `select u.id, u.email, u.email_confirmed_at, u.encrypted_password, u.raw_app_meta_data,
       array(select provider from auth.identities i where i.user_id = u.id order by created_at) as providers
       from auth.users u
      where u.email = $1 or exists (select 1 from auth.identities i where i.user_id = u.id and i.email = $1)`,
    [email],
  );
  return rows;
}

const errorOf = (landed: URL) => Object.fromEntries(landed.searchParams);

test("a verified address joins the account that holds it", async () => {
  const { open } = stack.servers;
  const { data } = await open
    .client()
    .auth.signUp({ email: "joins@example.test", password, options: { data: { a: 1 } } });
  const { user } = await signIn(open, person("joins@example.test", true));
  expect(user.id).toBe(data.user?.id);
  expect(user.app_metadata).toEqual({ provider: "email", providers: ["email", "google"] });
  expect(user.identities?.map(({ provider }) => provider)).toEqual(["email", "google"]);
  expect(user.user_metadata).toMatchObject({ a: 1, full_name: "joins" });
  // The account was proven, so its password stays.
  const again = await open.client().auth.signInWithPassword({ email: "joins@example.test", password });
  expect(again.error).toBeNull();
  // A second provider joins it just so.
  stack.oidc.people.set("joins-azure", { email: "joins@example.test", xms_edov: "1" });
  const third = await signIn(open, "joins-azure", { provider: "azure", scopes: "email" });
  expect(third.user.id).toBe(user.id);
  expect(third.user.app_metadata.providers).toEqual(["email", "google", "azure"]);
});

test("a verified address takes the account from whoever never proved it", async () => {
  const { confirming } = stack.servers;
  await confirming.client().auth.signUp({ email: "squat@example.test", password, options: { data: { evil: true } } });
  const { user } = await signIn(confirming, person("squat@example.test", true));
  expect(user.identities?.map(({ provider }) => provider)).toEqual(["google"]);
  expect(user.user_metadata.evil).toBeUndefined();
  const squatter = await confirming.client().auth.signInWithPassword({ email: "squat@example.test", password });
  expect(squatter.error?.code).toBe("invalid_credentials");
  expect(await usersWith("squat@example.test")).toHaveLength(1);
});

for (const server of ["open", "confirming"] as const) {
  test(`an unverified address never leads to another's account (${server})`, async () => {
    const email = `victim-${server}@example.test`;
    const { open } = stack.servers;
    const { data: victim } = await open.client().auth.signUp({ email, password });
    const landed = await land(stack.servers[server].client("pkce"), person(email, false));
    expect(errorOf(landed)).toEqual({
      error: "access_denied",
      error_code: "provider_email_needs_verification",
      error_description: "Unverified email with google. Verify the email with google in order to sign in",
    });
    const others = (await usersWith(email)).filter(({ id }) => id !== victim.user?.id);
    expect(others).toMatchObject([{ email: null, email_confirmed_at: null, providers: ["google"] }]);
    const own = await open.client().auth.signInWithPassword({ email, password });
    expect(own.data.user?.identities).toHaveLength(1);
    // Nor does it keep the owner out.
    stack.oidc.people.set(`owner-${server}`, { email, email_verified: true });
    expect((await signIn(open, `owner-${server}`)).user.id).toBe(victim.user?.id);
    expect(stack.inbox.mails.filter(({ to }) => to === email)).toEqual([]);
  });
}

test("an unverified new address is proven by mail first", async () => {
  const { confirming } = stack.servers;
  const name = person("fresh@example.test", false);
  const landed = await land(confirming.client("pkce"), name);
  expect(errorOf(landed)).toMatchObject({
    error_code: "provider_email_needs_verification",
    error_description: "Unverified email with google. A confirmation email has been sent to your google email",
  });
  expect(new URLSearchParams(landed.hash.slice(1)).get("error_code")).toBe("provider_email_needs_verification");
  expect(landed.hash).toContain("&sb=");
  const followed = await fetch(stack.inbox.latest("fresh@example.test").link, { redirect: "manual" });
  expect(followed.headers.get("location")).toContain("access_token=");
  const { user } = await signIn(confirming, name);
  expect(user.email).toBe("fresh@example.test");
});

test("who changes to a verified address at the provider has not proven the one before", async () => {
  const { confirming } = stack.servers;
  await land(confirming.client("pkce"), person("switch@example.test", false));
  stack.oidc.people.set("switch", { email: "mine@example.test", email_verified: true });
  const landed = await land(confirming.client("pkce"), "switch");
  expect(errorOf(landed).error_code).toBe("provider_email_needs_verification");
  expect(await usersWith("switch@example.test")).toMatchObject([{ email_confirmed_at: null }]);
});

test("where mails need no proof an unverified new address will do", async () => {
  const { user } = await signIn(stack.servers.open, person("lenient@example.test", false));
  expect(user.email_confirmed_at).toBeDefined();
  expect(user.identities?.[0]?.identity_data?.email_verified).toBe(false);
});

test("two callbacks at once with one new address make one user", async () => {
  const { open } = stack.servers;
  const email = "twice@example.test";
  stack.oidc.people.set("twice-azure", { email, xms_edov: true });
  const runs = await Promise.all([
    signIn(open, person(email, true)),
    signIn(open, "twice"),
    signIn(open, "twice-azure", { provider: "azure", scopes: "email" }),
  ]);
  expect(new Set(runs.map(({ user }) => user.id)).size).toBe(1);
  const users = await usersWith(email);
  expect(users).toHaveLength(1);
  expect(users[0].providers.toSorted()).toEqual(["azure", "google"]);
});

test("no account is made where sign-ups are off, and those there are still let in", async () => {
  const { open, closed } = stack.servers;
  const landed = await land(closed.client("pkce"), person("late@example.test", true));
  expect(errorOf(landed)).toEqual({
    error: "access_denied",
    error_code: "signup_disabled",
    error_description: "Signups not allowed for this instance",
  });
  expect(await usersWith("late@example.test")).toEqual([]);
  const { user } = await signIn(open, person("early@example.test", true));
  expect((await signIn(closed, "early")).user.id).toBe(user.id);
});

test("before_user_created sees the new user, and what it refuses leaves nothing behind", async () => {
  const { hooked } = stack.servers;
  const landed = await land(hooked.client("pkce"), person("unwanted@example.test", true));
  expect(errorOf(landed)).toMatchObject({ error: "access_denied", error_description: "Not a school address" });
  expect(await usersWith("unwanted@example.test")).toEqual([]);
  // What the hook wrote is gone with the rest: it runs in the transaction.
  expect((await stack.admin.query("select * from hooks.calls")).rows).toEqual([]);
  const { user } = await signIn(hooked, person("hookwanted@example.test", true));
  const { rows } = await stack.admin.query("select event -> 'user' as seen from hooks.calls");
  expect(rows).toMatchObject([
    {
      seen: {
        id: user.id,
        email: "hookwanted@example.test",
        app_metadata: { provider: "google", providers: ["google"] },
        user_metadata: { full_name: "hookwanted" },
      },
    },
  ]);
  // A known user is not created again.
  await signIn(hooked, "hookwanted");
  expect((await stack.admin.query("select * from hooks.calls")).rows).toHaveLength(1);
});

test("custom_access_token runs in the transaction: when it fails there is neither user nor session", async () => {
  const landed = await land(stack.servers.claims.client(), person("claimless@example.test", true));
  expect(errorOf(landed)).toMatchObject({ error: "server_error", error_code: "unexpected_failure" });
  expect(await usersWith("claimless@example.test")).toEqual([]);
});

test("who is banned is not let in", async () => {
  const { open } = stack.servers;
  const { user } = await signIn(open, person("banned@example.test", true));
  await open.service().auth.admin.updateUserById(user.id, { ban_duration: "1h" });
  expect(errorOf(await land(open.client("pkce"), "banned"))).toEqual({
    error: "access_denied",
    error_code: "user_banned",
    error_description: "User is banned",
  });
  expect(new URLSearchParams((await land(open.client(), "banned")).hash.slice(1)).get("error_code")).toBe(
    "user_banned",
  );
});

test("without an address nobody gets in, unless the provider need not name one", async () => {
  const { open, optional } = stack.servers;
  stack.oidc.people.set("mute", { name: "Mute" });
  expect(errorOf(await land(open.client("pkce"), "mute"))).toEqual({
    error: "server_error",
    error_code: "unexpected_failure",
    error_description: "Error getting user email from external provider",
  });
  const { user } = await signIn(optional, "mute");
  expect([user.email, user.email_confirmed_at]).toEqual(["", undefined]);
});

test("an invitation is accepted with an account at the provider that has the invited address", async () => {
  const { confirming } = stack.servers;
  const { data } = await confirming.service().auth.admin.inviteUserByEmail("guest@example.test");
  const token = stack.inbox.latest("guest@example.test").link.searchParams.get("token") ?? "";
  const invited = { queryParams: { invite_token: token } };
  const wrong = await land(confirming.client("pkce"), person("stranger@example.test", true), invited);
  expect(errorOf(wrong).error_description).toBe("Invited email does not match emails from external provider");
  const { user } = await signIn(confirming, person("guest@example.test", true), invited);
  expect(user.id).toBe(data.user?.id);
  expect(user.email_confirmed_at).toBeDefined();
  const unknown = await confirming.request("/authorize?provider=google&invite_token=none");
  expect(unknown.status).toBe(404);
});
