import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type OAuthStack, SITE, signInUrl, startOAuthStack } from "../testing/oauth-stack.ts";
import { type ScriptedProvider, startScriptedProvider } from "../testing/scripted-provider.ts";
import type { AuthServer } from "../testing/test-stack.ts";

let provider: ScriptedProvider;
let stack: OAuthStack<"honest" | "scripted" | "down">;

beforeAll(async () => {
  provider = await startScriptedProvider();
  const external = { google: { url: provider.issuer }, azure: { url: provider.issuer } };
  stack = await startOAuthStack({
    honest: {},
    scripted: { external },
    // Port 9 discards what it is sent, where anything listens at all.
    down: { external: { google: { url: "http://127.0.0.1:9" }, azure: { enabled: false } } },
  });
}, 60_000);
beforeEach(() => {
  provider.answer = undefined;
});
afterAll(async () => {
  await stack?.stop();
  await provider?.close();
});

async function stateOf(server: AuthServer, query = "provider=google"): Promise<string> {
  const { headers } = await server.request(`/authorize?${query}`);
  return new URL(headers.get("location") ?? "").searchParams.get("state") ?? "";
}

async function callBack(server: AuthServer, params: Record<string, string>) {
  const response = await server.request(`/callback?${new URLSearchParams(params)}`);
  const location = new URL(response.headers.get("location") ?? "");
  const fragment = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  return { status: response.status, location, query: Object.fromEntries(location.searchParams), fragment };
}

const challenge = `code_challenge=${"c".repeat(43)}&code_challenge_method=s256`;
const now = () => Math.floor(Date.now() / 1000);
const claims = (sub: string) => ({
  iss: provider.issuer,
  aud: "google-client",
  sub,
  email: `${sub}@example.test`,
  email_verified: true,
  iat: now(),
  exp: now() + 60,
});
const answer = (id_token: string) => ({
  status: 200,
  body: { access_token: "at", token_type: "Bearer", expires_in: 60, id_token },
});

async function usersLike(name: string): Promise<number> {
  const { rows } = await stack.admin.query("select 1 from auth.users where email like $1", [`${name}%`]);
  return rows.length;
}

test.each([
  ["", "bad_oauth_callback", "OAuth state parameter missing"],
  ["not-a-uuid", "bad_oauth_state", "OAuth state parameter is invalid"],
  ["3f6f5c1e-5f0b-4c0a-9d6e-0d5f3a1b2c3d", "bad_oauth_state", "OAuth state not found or expired"],
])("a wrong state (%s) leads to the site with %s", async (state, error_code, error_description) => {
  const { status, location, query } = await callBack(stack.servers.honest, { state, code: "c" });
  expect([status, location.origin, location.hash]).toEqual([303, SITE, ""]);
  expect(query).toEqual({ error: "invalid_request", error_code, error_description });
});

test("a state runs out after five minutes", async () => {
  const state = await stateOf(stack.servers.honest);
  await stack.admin.query("update auth.flow_state set created_at = now() - interval '301 seconds' where id = $1", [
    state,
  ]);
  const { query } = await callBack(stack.servers.honest, { state, code: "c" });
  expect(query).toMatchObject({ error_code: "bad_oauth_state", error_description: "OAuth state has expired" });
});

test("a state of another kind of flow is none", async () => {
  const { honest } = stack.servers;
  await honest.post("/otp", {
    email: "otp@example.test",
    code_challenge: "c".repeat(43),
    code_challenge_method: "s256",
  });
  const { rows } = await stack.admin.query("select id from auth.flow_state where authentication_method <> 'oauth'");
  expect((await callBack(honest, { state: rows[0]?.id, code: "c" })).query.error_code).toBe("bad_oauth_state");
});

test.each(["pkce", "implicit"])("a state is good for one sign-in (%s)", async (flow) => {
  const { scripted } = stack.servers;
  const start = () => stateOf(scripted, `provider=google&${flow === "pkce" ? challenge : ""}`);
  provider.answer = answer(await provider.sign(claims(`replay-${flow}`)));
  // The user exists already: nothing but the state itself stands in the way of a second sign-in.
  await callBack(scripted, { state: await start(), code: "c" });
  const state = await start();
  const runs = await Promise.all([1, 2, 3].map(() => callBack(scripted, { state, code: "c" })));
  const [good, ...bad] = runs.toSorted((a, b) => Number("error" in a.query) - Number("error" in b.query));
  expect(flow === "pkce" ? good?.query.code : good?.fragment.access_token).toBeDefined();
  const codes = ["flow_state_already_used", "bad_oauth_state"];
  expect(bad.every(({ query }) => codes.includes(query.error_code ?? ""))).toBe(true);
  expect(bad).toHaveLength(2);
  const later = await callBack(scripted, { state, code: "c" });
  expect(later.query.error_code).toBe(flow === "pkce" ? "flow_state_already_used" : "bad_oauth_state");
  const { rows } = await stack.admin.query(
    "select 1 from auth.sessions s join auth.users u on u.id = s.user_id where u.email = $1",
    [`replay-${flow}@example.test`],
  );
  expect(rows).toHaveLength(flow === "pkce" ? 0 : 2);
});

test("the provider's refusal reaches the app, in query and fragment", async () => {
  const { honest } = stack.servers;
  const first = await fetch(await signInUrl(honest.client("pkce"), "nobody"), { redirect: "manual" });
  const state = new URL(first.headers.get("location") ?? "").searchParams.get("state") ?? "";
  const refusal = { error: "access_denied", error_description: "The person said no" };
  const { status, location, query, fragment } = await callBack(honest, { state, ...refusal });
  expect([status, location.origin]).toEqual([302, SITE]);
  expect(query).toEqual(refusal);
  expect(fragment).toEqual({ ...refusal, sb: "" });
});

test("a callback without a code says so", async () => {
  const { honest } = stack.servers;
  const { query } = await callBack(honest, { state: await stateOf(honest) });
  expect(query).toEqual({
    error: "invalid_request",
    error_code: "bad_oauth_callback",
    error_description: "OAuth callback with missing authorization code missing",
  });
});

test("a code that the provider does not know gives nothing away", async () => {
  const { honest } = stack.servers;
  const { query } = await callBack(honest, { state: await stateOf(honest), code: "stolen-code" });
  expect(query).toEqual({
    error: "server_error",
    error_code: "unexpected_failure",
    error_description: "Unable to exchange external code: stol",
  });
});

const forged: [string, (sub: string) => Promise<string>][] = [
  ["unsigned", async (sub) => new UnsecuredJWT(claims(sub)).encode()],
  [
    "signed with the client's secret",
    (sub) =>
      new SignJWT(claims(sub)).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode("google secret")),
  ],
  ["signed with another key", async (sub) => (await startedElsewhere()).sign(claims(sub))],
  ["for another audience", (sub) => provider.sign({ ...claims(sub), aud: "somebody-else" })],
  ["of another issuer", (sub) => provider.sign({ ...claims(sub), iss: "https://accounts.google.com" })],
  ["that has expired", (sub) => provider.sign({ ...claims(sub), exp: now() - 60 })],
  ["without an end", (sub) => provider.sign({ ...claims(sub), exp: undefined })],
  ["without a subject", (sub) => provider.sign({ ...claims(sub), sub: undefined })],
  ["with an empty subject", (sub) => provider.sign({ ...claims(sub), sub: "" })],
  ["of another access token", (sub) => provider.sign({ ...claims(sub), at_hash: "b3RoZXI" })],
  ["that is none", async () => "not.a.token"],
];

async function startedElsewhere(): Promise<ScriptedProvider> {
  const other = await startScriptedProvider();
  await other.close();
  return other;
}

test.each(forged)("an ID token %s is refused", async (name, make) => {
  const { scripted } = stack.servers;
  const sub = `forged-${forged.findIndex(([each]) => each === name)}`;
  provider.answer = answer(await make(sub));
  const { query } = await callBack(scripted, {
    state: await stateOf(scripted, `provider=google&${challenge}`),
    code: "c",
  });
  expect(query).toMatchObject({ error: "server_error", error_code: "unexpected_failure" });
  expect(query.code).toBeUndefined();
  expect(await usersLike("forged-")).toBe(0);
});

test("the same token in order is taken", async () => {
  const { scripted } = stack.servers;
  provider.answer = answer(await provider.sign(claims("in-order")));
  const { query } = await callBack(scripted, {
    state: await stateOf(scripted, `provider=google&${challenge}`),
    code: "c",
  });
  expect(query.code).toMatch(/^[0-9a-f-]{36}$/);
});

test.each([
  ["an error", { status: 500, body: { error: "server_error" } }],
  ["no JSON object", { status: 200, body: "nonsense" }],
  ["no ID token", { status: 200, body: { access_token: "at", token_type: "Bearer" } }],
])("a token endpoint that answers %s is told to the app", async (_name, said) => {
  const { scripted } = stack.servers;
  provider.answer = said;
  const { status, query } = await callBack(scripted, { state: await stateOf(scripted), code: "c" });
  expect(status).toBe(302);
  expect(query).toMatchObject({ error: "server_error", error_code: "unexpected_failure" });
});

test("a token endpoint that never answers is given up on", async () => {
  const { scripted } = stack.servers;
  const { query } = await callBack(scripted, { state: await stateOf(scripted), code: "c" });
  expect(query.error_description).toBe("Unable to exchange external code: c");
});

test("nobody is sent to a provider that is unknown, off, or down", async () => {
  const { down } = stack.servers;
  const ask = async (name: string) => {
    const response = await down.request(`/authorize?provider=${name}`, {
      headers: { "x-supabase-api-version": "2024-01-01" },
    });
    return [response.status, await response.json()];
  };
  const refusal = (message: string) => [
    400,
    { code: "validation_failed", message: `Unsupported provider: ${message}` },
  ];
  expect(await ask("nonsense")).toEqual(refusal("Provider nonsense could not be found"));
  expect(await ask("github")).toEqual(refusal("provider is not enabled"));
  expect(await ask("azure")).toEqual(refusal("provider is not enabled"));
  expect(await ask("google")).toEqual(refusal("it cannot be reached"));
});

test("a provider that went down meanwhile is told to the app", async () => {
  const { down, honest } = stack.servers;
  // The state is the database's, so a service that cannot reach the provider knows it as well.
  const { query } = await callBack(down, { state: await stateOf(honest), code: "c" });
  expect(query).toEqual({
    error: "invalid_request",
    error_code: "oauth_provider_not_supported",
    error_description: "Unsupported provider: it cannot be reached",
  });
});

test("a malformed challenge is refused before anybody leaves", async () => {
  const half = await stack.servers.honest.request("/authorize?provider=google&code_challenge=abc");
  const short = await stack.servers.honest.request(
    "/authorize?provider=google&code_challenge=abc&code_challenge_method=s256",
  );
  expect([half.status, short.status]).toEqual([400, 400]);
});
