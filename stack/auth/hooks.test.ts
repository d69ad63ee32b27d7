import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type AuthServer, startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
let server: AuthServer;
const password = "correct horse battery";
const secret = Buffer.from("a secret of the tests").toString("base64");

const hook = (fn: string) => ({ enabled: true, uri: `pg-functions://postgres/hooks/${fn}` });

/** Replaces the body of hooks.claims, the function that the service under test calls. */
async function claimsHook(body: string) {
  await stack.admin.query(`create or replace function hooks.claims(event jsonb) returns jsonb language plpgsql as $$
    begin ${body} end $$`);
}

const passThrough = "return jsonb_build_object('claims', event -> 'claims');";

beforeAll(async () => {
  stack = await startTestStack();
  await stack.admin.query(`create schema hooks; grant usage on schema hooks to supabase_auth_admin;
    create table hooks.calls (event jsonb, role text default current_user);
    grant insert on hooks.calls to supabase_auth_admin`);
  await claimsHook(passThrough);
  server = await stack.serve({ hook: { custom_access_token: hook("claims") } });
}, 60_000);
afterEach(() => claimsHook(passThrough));
afterAll(() => stack?.stop());

async function counts() {
  const { rows } = await stack.admin.query(`select
    (select count(*) from auth.users) as users, (select count(*) from auth.identities) as identities,
    (select count(*) from auth.sessions) as sessions, (select count(*) from auth.refresh_tokens) as tokens,
    (select count(*) from auth.refresh_tokens where revoked) as revoked,
    (select count(*) from auth.audit_log_entries) as audit, (select max(last_sign_in_at) from auth.users) as last`);
  return rows[0];
}

test("the hook sees the claims and the method, as supabase_auth_admin, and its claims are the token's", async () => {
  await claimsHook(`
    insert into hooks.calls (event) values (event);
    return jsonb_build_object('claims', (event -> 'claims') || '{"school": "HRZ-01"}');`);
  const { data } = await server.client().auth.signUp({ email: "claims@example.test", password });
  const claims = decodeJwt(data.session?.access_token ?? "");
  expect(claims.school).toBe("HRZ-01");
  expect(Object.keys(claims)).toEqual(Object.keys(claims).toSorted());
  await server.client().auth.refreshSession({ refresh_token: data.session?.refresh_token ?? "" });
  const { rows } = await stack.admin.query("select * from hooks.calls");
  expect(rows).toMatchObject([
    {
      role: "supabase_auth_admin",
      event: {
        user_id: data.user?.id,
        authentication_method: "password",
        claims: { session_id: claims.session_id },
        metadata: { name: "customize-access-token", ip_address: "127.0.0.1" },
      },
    },
    { event: { authentication_method: "token_refresh" } },
  ]);
});

test("a failing hook leaves nothing: at sign-up, sign-in and refresh", async () => {
  const email = "failing@example.test";
  const { data } = await server.client().auth.signUp({ email, password });
  const failures = {
    "raise exception 'broken';": {
      status: 500,
      message: "Error running hook URI: pg-functions://postgres/hooks/claims",
    },
    "return null;": { status: 500, message: "output claims field is missing" },
    "return jsonb_build_object('claims', (event -> 'claims') - 'role');": { status: 500 },
    "return jsonb_build_object('claims', (event -> 'claims') || '{\"exp\": \"soon\"}');": { status: 500 },
    "perform pg_sleep(3); return event;": { status: 500 },
    'return \'{"error": {"http_code": 403, "message": "School is closed"}}\';': {
      status: 403,
      message: "School is closed",
    },
  };
  const before = await counts();
  for (const [body, expected] of Object.entries(failures)) {
    await claimsHook(body);
    const signUp = await server.client().auth.signUp({ email: "never@example.test", password });
    expect(signUp.error, body).toMatchObject(expected);
    if (body.includes("pg_sleep")) continue;
    expect((await server.client().auth.signInWithPassword({ email, password })).error).toMatchObject(expected);
    // Not through the client, which tries again for half a minute when a server fails.
    const refreshed = await server.post("/token?grant_type=refresh_token", {
      refresh_token: data.session?.refresh_token,
    });
    expect(refreshed.status).toBe(expected.status);
    expect(await counts()).toEqual(before);
  }
  expect(await counts()).toEqual(before);
  await claimsHook(passThrough);
  const alive = await server.client().auth.refreshSession({ refresh_token: data.session?.refresh_token ?? "" });
  expect(alive.error).toBeNull();
});

test("a link whose hook fails can be used again", async () => {
  const email = "link@example.test";
  await server.client().auth.signInWithOtp({ email });
  const { link } = stack.inbox.latest(email);
  await claimsHook("raise exception 'broken';");
  const failed = await fetch(link, { redirect: "manual" });
  expect(failed.headers.get("location")).toContain("error_code=unexpected_failure");
  await claimsHook(passThrough);
  expect((await fetch(link, { redirect: "manual" })).headers.get("location")).toContain("#access_token=");
});

test("before_user_created sees the new user and can refuse him", async () => {
  await stack.admin.query(`create or replace function hooks.created(event jsonb) returns jsonb language plpgsql as $$
    begin
      if event #>> '{user,email}' not like '%@school.test' then
        return '{"error": {"http_code": 400, "message": "Only school addresses"}}';
      end if;
      return '{}';
    end $$`);
  const guarded = await stack.serve({ hook: { before_user_created: hook("created") } });
  const refused = await guarded.client().auth.signUp({ email: "someone@elsewhere.test", password });
  expect(refused.error).toMatchObject({ status: 400, message: "Only school addresses" });
  const { rows } = await stack.admin.query("select 1 from auth.users where email = 'someone@elsewhere.test'");
  expect(rows).toEqual([]);
  expect((await guarded.client().auth.signUp({ email: "one@school.test", password })).error).toBeNull();
});

test("password_verification_attempt can refuse the right password, and what it writes stays", async () => {
  await stack.admin.query(`create table hooks.attempts (user_id uuid, valid boolean);
    grant select, insert on hooks.attempts to supabase_auth_admin;
    create function hooks.attempt(event jsonb) returns jsonb language plpgsql as $$
    begin
      insert into hooks.attempts values ((event ->> 'user_id')::uuid, (event ->> 'valid')::boolean);
      if (select count(*) from hooks.attempts where not valid) >= 2 then
        return '{"decision": "reject", "message": "Too many attempts", "should_logout_user": true}';
      end if;
      return '{"decision": "continue"}';
    end $$`);
  const guarded = await stack.serve({ hook: { password_verification_attempt: hook("attempt") } });
  const email = "attempts@example.test";
  const { data } = await guarded.client().auth.signUp({ email, password });
  const signIn = async (attempt: string) =>
    (await guarded.client().auth.signInWithPassword({ email, password: attempt })).error?.message;
  expect(await signIn(password)).toBeUndefined();
  expect(await signIn("wrong")).toBe("Invalid login credentials");
  expect(await signIn("wrong")).toBe("Too many attempts");
  expect(await signIn(password)).toBe("Too many attempts");
  const { rows } = await stack.admin.query("select 1 from auth.sessions where user_id = $1", [data.user?.id]);
  expect(rows).toEqual([]);
});

test("after_user_created sees the saved user, and its failure leaves none", async () => {
  await stack.admin.query(`create function hooks.after_created(event jsonb) returns jsonb language plpgsql as $$
    begin
      if not exists (select from auth.users where id = (event #>> '{user,id}')::uuid) then raise 'not saved'; end if;
      if event #>> '{user,email}' like 'refused%' then raise 'refused'; end if;
      return '{}';
    end $$`);
  const following = await stack.serve({ hook: { after_user_created: hook("after_created") } });
  expect((await following.client().auth.signUp({ email: "after@example.test", password })).error).toBeNull();
  const before = await counts();
  const refused = await following.post("/signup", { email: "refused@example.test", password });
  expect(refused.status).toBe(500);
  expect(await counts()).toEqual(before);
});

async function listen(answer: (body: string, request: IncomingMessage) => [number, unknown]): Promise<Server> {
  const http = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const [status, value] = answer(body, request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return http;
}

test("send_email over http carries a Standard Webhooks signature and replaces the mail", async () => {
  const seen: { body: string; signed: boolean }[] = [];
  const http = await listen((body, { headers }) => {
    const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const expected = createHmac("sha256", Buffer.from(secret, "base64")).update(content).digest("base64");
    seen.push({ body, signed: headers["webhook-signature"] === `v1,${expected}` });
    return [200, {}];
  });
  const uri = `http://host.docker.internal:${(http.address() as AddressInfo).port}/mail`;
  const mailing = await stack.serve({
    email: { enable_confirmations: true },
    hook: { send_email: { enabled: true, uri, secrets: `v1,whsec_${secret}` } },
  });
  await mailing.client().auth.signUp({ email: "hooked@example.test", password });
  http.close();
  expect(seen).toHaveLength(1);
  expect(seen[0]?.signed).toBe(true);
  const event = JSON.parse(seen[0]?.body ?? "");
  expect(event).toMatchObject({
    user: { email: "hooked@example.test" },
    email_data: {
      email_action_type: "signup",
      token: expect.stringMatching(/^\d{6}$/),
      site_url: `${mailing.url}/auth/v1`,
    },
  });
  expect(stack.inbox.mails.some(({ to }) => to === "hooked@example.test")).toBe(false);
  const { error } = await mailing
    .client()
    .auth.verifyOtp({ type: "email", email: "hooked@example.test", token: event.email_data.token });
  expect(error).toBeNull();
});

test("an http hook that answers with a failure undoes the sign-in", async () => {
  const http = await listen(() => [500, {}]);
  const uri = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const failing = await stack.serve({ hook: { custom_access_token: { enabled: true, uri } } });
  const before = await counts();
  const { error } = await failing.client().auth.signUp({ email: "http@example.test", password });
  http.close();
  expect(error).toMatchObject({ status: 500, message: "Unexpected status code returned from hook: 500" });
  expect(await counts()).toEqual(before);
});
