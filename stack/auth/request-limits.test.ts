import { afterAll, beforeAll, expect, test } from "vitest";
import { type AuthServer, startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
let server: AuthServer;
const password = "correct horse battery";

beforeAll(async () => {
  stack = await startTestStack();
  server = await stack.serve({
    email: { max_frequency: "0s" },
    rate_limit: { sign_in_sign_ups: 2, token_refresh: 3, token_verifications: 2 },
  });
}, 60_000);
afterAll(() => stack?.stop());

async function codes(times: number, ask: (index: number) => Promise<Response>): Promise<string[]> {
  const seen: string[] = [];
  for (let index = 0; index < times; index++) {
    const answer = await ask(index);
    const { code } = answer.status < 400 ? { code: "" } : await answer.json();
    seen.push(`${answer.status} ${code}`.trim());
  }
  return seen;
}

test("each group of requests of an address has its own count, and answers 429 beyond it", async () => {
  const email = (index: number) => `limit-${index}@example.test`;
  const refused = "429 over_request_rate_limit";
  expect(await codes(3, (index) => server.post("/signup", { email: email(index), password }))).toEqual([
    "200",
    "200",
    refused,
  ]);
  expect(await codes(3, () => server.post("/recover", { email: email(0) }))).toEqual(["200", "200", refused]);
  expect(await codes(3, () => server.post("/otp", { email: email(0) }))).toEqual(["200", "200", refused]);
  expect(await codes(3, () => server.post("/magiclink", { email: email(0) }))).toEqual(["200", "200", refused]);
  expect(await codes(3, () => server.post("/resend", { type: "signup", email: email(0) }))).toEqual([
    "200",
    "200",
    refused,
  ]);
  const session = await (await server.post("/token?grant_type=password", { email: email(0), password })).json();
  const authorization = `Bearer ${session.access_token}`;
  const update = () => server.request("/user", { method: "PUT", body: "{}", headers: { authorization } });
  expect((await codes(3, update)).map((seen) => seen.slice(0, 3))).toEqual(["200", "200", "429"]);
  const signIn = () => server.post("/token?grant_type=password", { email: email(0), password });
  expect(await codes(3, signIn)).toEqual(["200", "200", refused]);
  expect(await codes(1, () => server.post("/token?grant_type=refresh_token", { refresh_token: "x" }))).toEqual([
    refused,
  ]);
  expect(await codes(1, () => server.post("/token?grant_type=web3", {}))).toEqual(["422 web3_provider_disabled"]);
  const verify = () => server.post("/verify", { type: "email", email: email(0), token: "123456" });
  expect(await codes(3, verify)).toEqual(["403 otp_expired", "403 otp_expired", refused]);
  expect((await server.request("/verify?type=email&token=x")).status).toBe(429);
  // Reading is never counted.
  expect(await codes(4, () => server.request("/settings"))).toEqual(["200", "200", "200", "200"]);
});

test("the answer has the official shape in both versions, and no header that tells when to come back", async () => {
  const answer = await server.post("/recover", { email: "limit-0@example.test" });
  expect([answer.status, await answer.json()]).toEqual([
    429,
    { code: "over_request_rate_limit", message: "Request rate limit reached" },
  ]);
  expect(answer.headers.get("retry-after")).toBeNull();
  const older = await server.post("/recover", {}, { "x-supabase-api-version": "" });
  expect(await older.json()).toEqual({
    code: 429,
    error_code: "over_request_rate_limit",
    msg: "Request rate limit reached",
  });
});

test("what config.toml does not name is not limited", async () => {
  const open = await stack.serve({ email: { max_frequency: "0s" } });
  const many = await codes(40, () => open.post("/recover", { email: "nobody@example.test" }));
  expect(new Set(many)).toEqual(new Set(["200"]));
});

test("email_sent counts the mails of the whole instance, where sign-ups are to be confirmed", async () => {
  const limited = await stack.serve({
    email: { enable_confirmations: true, max_frequency: "0s" },
    rate_limit: { email_sent: 2 },
  });
  const signUp = (index: number) => limited.post("/signup", { email: `mail-${index}@example.test`, password });
  expect(await codes(3, signUp)).toEqual(["200", "200", "429 over_email_send_rate_limit"]);
  const { rows } = await stack.admin.query("select email from auth.users where email like 'mail-%' order by 1");
  expect(rows.map(({ email }) => email)).toEqual(["mail-0@example.test", "mail-1@example.test"]);
  const none = await stack.serve({ rate_limit: { email_sent: 0 } });
  await none.post("/signup", { email: "none@example.test", password });
  expect(await codes(1, () => none.post("/recover", { email: "none@example.test" }))).toEqual([
    "429 over_email_send_rate_limit",
  ]);
});
