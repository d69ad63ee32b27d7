import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AuthServer, startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
let server: AuthServer;
const password = "correct horse battery";

beforeAll(async () => {
  stack = await startTestStack();
  server = await stack.serve();
}, 60_000);
afterAll(() => stack?.stop());

async function signUp(email: string) {
  const { data } = await server.client().auth.signUp({ email, password });
  if (!data.session) throw new Error("no session");
  return data.session;
}

async function refresh(token: string, on = server) {
  const answer = await on.post("/token?grant_type=refresh_token", { refresh_token: token });
  const body: { code?: string; access_token: string; refresh_token: string } = await answer.json();
  return { status: answer.status, headers: answer.headers, ...body };
}

/** As if the tokens of the session had been used that long ago. */
async function age(token: string, interval: string) {
  await stack.admin.query(
    `update auth.refresh_tokens set updated_at = updated_at - $2::interval
      where session_id = (select session_id from auth.refresh_tokens where token = $1)`,
    [token, interval],
  );
}

test("refresh rotates the token and keeps the session, its claims and its amr", async () => {
  const session = await signUp("rotate@example.test");
  const first = decodeJwt(session.access_token);
  const next = await refresh(session.refresh_token);
  expect(next.status).toBe(200);
  expect(next.refresh_token).not.toBe(session.refresh_token);
  const claims = decodeJwt(next.access_token);
  expect(claims).toMatchObject({ session_id: first.session_id, amr: first.amr, sub: first.sub });
  expect(next.headers.get("sb-auth-session-id")).toBe(first.session_id);
  const { rows } = await stack.admin.query(
    "select revoked, parent from auth.refresh_tokens where session_id = $1 order by id",
    [first.session_id],
  );
  expect(rows).toEqual([
    { revoked: true, parent: null },
    { revoked: false, parent: session.refresh_token },
  ]);
});

test("the parent of the token in force answers that token, whenever it comes", async () => {
  const session = await signUp("parent@example.test");
  const next = await refresh(session.refresh_token);
  await age(session.refresh_token, "1 hour");
  const again = await refresh(session.refresh_token);
  expect([again.status, again.refresh_token]).toEqual([200, next.refresh_token]);
});

test("an older token outside the reuse interval revokes the whole family", async () => {
  const session = await signUp("theft@example.test");
  const second = await refresh(session.refresh_token);
  const third = await refresh(second.refresh_token);
  await age(session.refresh_token, "11 seconds");
  const stolen = await refresh(session.refresh_token);
  expect([stolen.status, stolen.code]).toEqual([400, "refresh_token_already_used"]);
  const { rows } = await stack.admin.query("select 1 from auth.refresh_tokens where user_id = $1 and not revoked", [
    session.user.id,
  ]);
  expect(rows).toEqual([]);
  const heir = await refresh(third.refresh_token);
  expect([heir.status, heir.code]).toEqual([400, "refresh_token_already_used"]);
});

test("an older token within the reuse interval is served", async () => {
  const session = await signUp("interval@example.test");
  const second = await refresh(session.refresh_token);
  await refresh(second.refresh_token);
  expect((await refresh(session.refresh_token)).status).toBe(200);
});

test("ten refreshes at once agree on one new token", async () => {
  for (const round of [1, 2, 3]) {
    const session = await signUp(`at-once-${round}@example.test`);
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(session.refresh_token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(answers.map((answer) => answer.refresh_token)).size).toBe(1);
  }
});

test("unknown and missing refresh tokens are refused", async () => {
  expect(await refresh("aaaaaaaaaaaa")).toMatchObject({ status: 400, code: "refresh_token_not_found" });
  const missing = await server.post("/token?grant_type=refresh_token", {});
  expect([missing.status, await missing.json()]).toEqual([
    400,
    { error: "invalid_request", error_description: "refresh_token required" },
  ]);
});

test("a session past its timebox, its inactivity limit or its not_after is not refreshed", async () => {
  const limited = await stack.serve({ sessions: { timebox: "24h", inactivity_timeout: "8h" } });
  const session = await signUp("limits@example.test");
  const set = (columns: string) =>
    stack.admin.query(`update auth.sessions set ${columns} where user_id = $1`, [session.user.id]);
  await set("refreshed_at = now() - interval '9 hours'");
  expect((await refresh(session.refresh_token, limited)).code).toBe("session_expired");
  await set("refreshed_at = now(), created_at = now() - interval '25 hours'");
  expect((await refresh(session.refresh_token, limited)).code).toBe("session_expired");
  await set("created_at = now(), not_after = now() - interval '1 second'");
  expect((await refresh(session.refresh_token)).code).toBe("session_expired");
  await set("not_after = null");
  expect((await refresh(session.refresh_token, limited)).status).toBe(200);
});

test("signing out reaches the sessions its scope says", async () => {
  const email = "scopes@example.test";
  await signUp(email);
  const clients = [1, 2, 3, 4].map(() => server.client());
  for (const client of clients) await client.auth.signInWithPassword({ email, password });
  const [one, two, three, four] = clients;
  if (!one || !two || !three || !four) throw new Error("no clients");
  const state = async () => Promise.all(clients.map(async (each) => (await each.auth.getUser()).error?.code ?? "in"));
  const tokens = await Promise.all(
    clients.map(async (each) => (await each.auth.getSession()).data.session?.access_token),
  );
  const alive = async () =>
    Promise.all(
      tokens.map(async (token) => {
        const answer = await server.request("/user", { headers: { authorization: `Bearer ${token}` } });
        return answer.status;
      }),
    );
  expect(await state()).toEqual(["in", "in", "in", "in"]);
  await one.auth.signOut({ scope: "local" });
  expect(await alive()).toEqual([403, 200, 200, 200]);
  await two.auth.signOut({ scope: "others" });
  expect(await alive()).toEqual([403, 200, 403, 403]);
  await two.auth.signOut({ scope: "global" });
  expect(await alive()).toEqual([403, 403, 403, 403]);
  const session = await signUp("scope-name@example.test");
  const wrong = await server.request("/logout?scope=nowhere", {
    method: "POST",
    headers: { authorization: `Bearer ${session.access_token}` },
  });
  expect([wrong.status, (await wrong.json()).error_code]).toEqual([400, "validation_failed"]);
});

test("a banned user's session is not refreshed", async () => {
  const session = await signUp("ban@example.test");
  await stack.admin.query("update auth.users set banned_until = now() + interval '1 hour' where id = $1", [
    session.user.id,
  ]);
  expect((await refresh(session.refresh_token)).code).toBe("user_banned");
});

test("a starting service removes tokens that ended more than a day ago, and no others", async () => {
  const session = await signUp("clean-up@example.test");
  const second = await refresh(session.refresh_token);
  const third = await refresh(second.refresh_token);
  await stack.admin.query(
    "update auth.refresh_tokens set updated_at = now() - interval '25 hours' where token = any($1)",
    [[session.refresh_token, third.refresh_token]],
  );
  const known = async () => {
    const { rows } = await stack.admin.query("select token from auth.refresh_tokens where user_id = $1 order by id", [
      session.user.id,
    ]);
    return rows.map(({ token }) => token);
  };
  await stack.serve();
  await expect.poll(known).toEqual([second.refresh_token, third.refresh_token]);
  expect((await refresh(third.refresh_token)).status).toBe(200);
});

test("once the session is gone its token opens nothing of this service", async () => {
  const session = await signUp("gone-everywhere@example.test");
  await stack.admin.query("delete from auth.sessions where user_id = $1", [session.user.id]);
  const id = "11111111-2222-4333-8444-555555555555";
  const endpoints = [
    "GET /user",
    "PUT /user",
    "GET /reauthenticate",
    "POST /logout",
    "POST /factors",
    `POST /factors/${id}/challenge`,
    `POST /factors/${id}/verify`,
    `DELETE /factors/${id}`,
    "GET /factors/recovery-codes",
    "POST /factors/recovery-codes/verify",
    "GET /user/identities/authorize?provider=google",
    `DELETE /user/identities/${id}`,
    "GET /user/oauth/grants",
  ];
  for (const endpoint of endpoints) {
    const [method = "", path = ""] = endpoint.split(" ");
    const answer = await server.request(path, {
      method,
      headers: { authorization: `Bearer ${session.access_token}`, "content-type": "application/json" },
      ...(method === "GET" ? {} : { body: JSON.stringify({ data: { a: 1 }, factor_type: "totp" }) }),
    });
    expect([answer.status, (await answer.json()).error_code], endpoint).toEqual([403, "session_not_found"]);
  }
});
