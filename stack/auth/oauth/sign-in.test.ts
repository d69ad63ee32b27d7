import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { land, type OAuthStack, SITE, signIn, signInUrl, startOAuthStack } from "../testing/oauth-stack.ts";

let stack: OAuthStack<"open">;

beforeAll(async () => {
  stack = await startOAuthStack({ open: { additional_redirect_urls: ["https://app.example.test/**"] } });
}, 60_000);
afterAll(() => stack?.stop());

test("signInWithOAuth with PKCE ends in a session with the provider's tokens", async () => {
  const { open } = stack.servers;
  stack.oidc.people.set("ann", {
    name: "Ann Onym",
    email: "Ann@Example.test",
    email_verified: true,
    picture: "https://example.test/ann.png",
    hd: "example.test",
  });
  const { session, user, landed, code, client } = await signIn(open, "ann", {
    redirectTo: "https://app.example.test/after?keep=1",
    scopes: "offline_access",
    queryParams: { prompt: "consent" },
  });
  expect(landed.href).toBe(`https://app.example.test/after?code=${code}&keep=1`);
  expect(session).toMatchObject({ provider_token: expect.any(String), provider_refresh_token: expect.any(String) });
  expect(decodeJwt(session.access_token)).toMatchObject({
    email: "ann@example.test",
    amr: [{ method: "oauth" }],
    app_metadata: { provider: "google", providers: ["google"] },
  });
  expect(user.email_confirmed_at).toBeDefined();
  const said = {
    iss: stack.oidc.issuer,
    sub: "ann",
    provider_id: "ann",
    email: "ann@example.test",
    email_verified: true,
    phone_verified: false,
    name: "Ann Onym",
    full_name: "Ann Onym",
    picture: "https://example.test/ann.png",
    avatar_url: "https://example.test/ann.png",
    custom_claims: { hd: "example.test" },
  };
  expect(user.user_metadata).toEqual(said);
  expect(user.identities).toMatchObject([{ provider: "google", id: "ann", identity_data: said, email: said.email }]);
  const { data } = await client.auth.refreshSession();
  expect(data.user?.id).toBe(user.id);
});

test("a code is worth one session, and with the right verifier only", async () => {
  const { open } = stack.servers;
  stack.oidc.people.set("once", { email: "once@example.test", email_verified: true });
  const client = open.client("pkce");
  const code = (await land(client, "once")).searchParams.get("code") ?? "";
  const exchange = async (code_verifier: string) => {
    const answer = await open.post("/token?grant_type=pkce", { auth_code: code, code_verifier });
    return [answer.status, (await answer.json()).code];
  };
  expect(await exchange("v".repeat(43))).toEqual([400, "bad_code_verifier"]);
  expect((await client.auth.exchangeCodeForSession(code)).error).toBeNull();
  expect(await exchange("v".repeat(43))).toEqual([404, "flow_state_not_found"]);
  const { rows } = await stack.admin.query("select 1 from auth.flow_state where provider_access_token <> ''");
  expect(rows).toEqual([]);
});

test("without PKCE the session is in the fragment, with the provider's token", async () => {
  const { open } = stack.servers;
  stack.oidc.people.set("ivo", { name: "Ivo", email: "ivo@example.test", email_verified: true });
  const landed = await land(open.client("implicit"), "ivo");
  expect([landed.origin, landed.search]).toEqual([SITE, ""]);
  const answer = new URLSearchParams(landed.hash.slice(1));
  expect([...answer.keys()]).toEqual([
    "access_token",
    "expires_at",
    "expires_in",
    "provider_token",
    "refresh_token",
    "sb",
    "token_type",
  ]);
  const client = open.client("implicit");
  const { data } = await client.auth.setSession({
    access_token: answer.get("access_token") ?? "",
    refresh_token: answer.get("refresh_token") ?? "",
  });
  expect(data.user?.email).toBe("ivo@example.test");
  const { rows } = await stack.admin.query("select 1 from auth.flow_state where user_id is null");
  expect(rows).toEqual([]);
});

test("azure keeps the claims that are its own", async () => {
  stack.oidc.people.set("zoe", {
    name: "Zoe",
    preferred_username: "zoe@tenant.example.test",
    email: "zoe@example.test",
    xms_edov: true,
    tid: "tenant-1",
  });
  const { user, session } = await signIn(stack.servers.open, "zoe", { provider: "azure", scopes: "email profile" });
  expect(session.provider_token).toEqual(expect.any(String));
  expect(user.app_metadata).toEqual({ provider: "azure", providers: ["azure"] });
  expect(user.identities?.[0]?.identity_data).toEqual({
    iss: stack.oidc.issuer,
    sub: "zoe",
    provider_id: "zoe",
    full_name: "Zoe",
    preferred_username: "zoe@tenant.example.test",
    email: "zoe@example.test",
    email_verified: true,
    phone_verified: false,
    custom_claims: { email: "zoe@example.test", tid: "tenant-1", xms_edov: true },
  });
});

test("who signs in again is the same user, and what the provider says by now is kept", async () => {
  const { open } = stack.servers;
  stack.oidc.people.set("bea", { name: "Bea", email: "bea@example.test", email_verified: true });
  const first = await signIn(open, "bea");
  stack.oidc.people.set("bea", { name: "Bea Newname", email: "bea.new@example.test", email_verified: true });
  const second = await signIn(open, "bea");
  expect(second.user.id).toBe(first.user.id);
  expect(second.user.email).toBe("bea@example.test");
  expect(second.user.user_metadata.full_name).toBe("Bea Newname");
  expect(second.user.identities).toMatchObject([{ email: "bea.new@example.test" }]);
  const { rows } = await stack.admin.query(
    "select payload ->> 'action' as action from auth.audit_log_entries where payload ->> 'actor_id' = $1 order by created_at",
    [first.user.id],
  );
  expect(rows.map(({ action }) => action)).toEqual(["user_signedup", "login", "login", "login"]);
});

test("authorize passes the client's own parameters on, and lets it change none of the service's", async () => {
  const { open } = stack.servers;
  const asked = new URL(
    await signInUrl(open.client("pkce"), "ann", {
      scopes: "calendar,tasks",
      queryParams: { access_type: "offline", nonce: "n", State: "evil", client_id: "evil", redirect_uri: "evil" },
    }),
  );
  asked.searchParams.set("apikey", "secret");
  asked.searchParams.set("invite_token", "");
  const response = await open.request(`/authorize${asked.search}`);
  expect(response.status).toBe(302);
  const { origin, searchParams } = new URL(response.headers.get("location") ?? "");
  expect(origin).toBe(stack.oidc.issuer);
  const { state, ...sent } = Object.fromEntries(searchParams);
  expect(state).toMatch(/^[0-9a-f-]{36}$/);
  expect(sent).toEqual({
    access_type: "offline",
    client_id: "google-client",
    login_hint: "ann",
    nonce: "n",
    redirect_uri: `${open.url}/auth/v1/callback`,
    response_type: "code",
    scope: "openid email profile calendar tasks",
  });
});

test("redirect_to leads nowhere that the allow list does not name", async () => {
  stack.oidc.people.set("red", { email: "red@example.test", email_verified: true });
  const { landed } = await signIn(stack.servers.open, "red", { redirectTo: "https://evil.test/" });
  expect(landed.origin).toBe(SITE);
});

test("a provider that posts its answer is heard as well", async () => {
  const { open } = stack.servers;
  const { headers } = await open.request("/authorize?provider=google");
  const state = new URL(headers.get("location") ?? "").searchParams.get("state") ?? "";
  const body = new URLSearchParams({ state, error: "access_denied", error_description: "No" });
  const posted = await open.request("/callback", { method: "POST", body });
  const location = new URL(posted.headers.get("location") ?? "");
  expect([posted.status, location.search]).toEqual([302, "?error=access_denied&error_description=No"]);
});

test("settings name the providers that are on", async () => {
  const settings = await (await stack.servers.open.request("/settings")).json();
  expect(settings.external).toMatchObject({ google: true, azure: true, github: false, zoom: false, email: true });
});
