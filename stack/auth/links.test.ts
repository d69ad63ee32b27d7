import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AuthServer, startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
let server: AuthServer;
let confirming: AuthServer;
const password = "correct horse battery";
const allowed = "https://app.example.test/**";

beforeAll(async () => {
  stack = await startTestStack();
  const email = { max_frequency: "0s" };
  server = await stack.serve({ email, additional_redirect_urls: [allowed] });
  confirming = await stack.serve({ email: { ...email, enable_confirmations: true } });
}, 60_000);
afterAll(() => stack?.stop());

async function follow(link: URL): Promise<URL> {
  const answer = await fetch(link, { redirect: "manual" });
  expect(answer.status).toBe(303);
  return new URL(answer.headers.get("location") ?? "");
}

const methodsOf = (token: string | undefined) =>
  (decodeJwt(token ?? "").amr as { method: string }[]).map(({ method }) => method);

test("a magic link with PKCE leads to a code that only the asking client can redeem, once", async () => {
  const email = "pkce@example.test";
  await server.client().auth.signUp({ email, password });
  const client = server.client("pkce");
  expect((await client.auth.signInWithOtp({ email })).error).toBeNull();
  const target = await follow(stack.inbox.latest(email).link);
  expect(target.hash).toBe("");
  const code = target.searchParams.get("code") ?? "";
  const stranger = await server.post("/token?grant_type=pkce", { auth_code: code, code_verifier: "x".repeat(50) });
  expect([stranger.status, (await stranger.json()).code]).toEqual([400, "bad_code_verifier"]);
  const { data, error } = await client.auth.exchangeCodeForSession(code);
  expect(error).toBeNull();
  expect(methodsOf(data.session?.access_token)).toEqual(["magiclink"]);
  const again = await server.post("/token?grant_type=pkce", { auth_code: code, code_verifier: "x".repeat(50) });
  expect([again.status, (await again.json()).code]).toEqual([404, "flow_state_not_found"]);
});

test("a sign-up confirmed with PKCE leads to a code", async () => {
  const email = "pkce-signup@example.test";
  const client = confirming.client("pkce");
  await client.auth.signUp({ email, password });
  const code = (await follow(stack.inbox.latest(email).link)).searchParams.get("code") ?? "";
  const { data } = await client.auth.exchangeCodeForSession(code);
  expect(methodsOf(data.session?.access_token)).toEqual(["email/signup"]);
});

test("an expired flow is refused", async () => {
  const email = "pkce-late@example.test";
  const client = server.client("pkce");
  await client.auth.signInWithOtp({ email });
  const code = (await follow(stack.inbox.latest(email).link)).searchParams.get("code") ?? "";
  await stack.admin.query(
    "update auth.flow_state set auth_code_issued_at = now() - interval '6 minutes' where auth_code = $1",
    [code],
  );
  expect((await client.auth.exchangeCodeForSession(code)).error?.code).toBe("flow_state_expired");
});

test("a code from the mail signs in once, with the right address only", async () => {
  const email = "code@example.test";
  const client = server.client();
  await client.auth.signInWithOtp({ email });
  const { code } = stack.inbox.latest(email);
  expect(code).toMatch(/^\d{6}$/);
  const other = await client.auth.verifyOtp({ email: "other@example.test", token: code, type: "email" });
  expect(other.error).toMatchObject({ status: 403, code: "otp_expired", message: "Token has expired or is invalid" });
  const { data } = await client.auth.verifyOtp({ email, token: code, type: "email" });
  expect(methodsOf(data.session?.access_token)).toEqual(["otp"]);
  expect((await client.auth.verifyOtp({ email, token: code, type: "email" })).error?.code).toBe("otp_expired");
});

test("a code past its time is refused", async () => {
  const email = "late@example.test";
  const client = server.client();
  await client.auth.signInWithOtp({ email });
  await stack.admin.query("update auth.users set recovery_sent_at = now() - interval '61 minutes' where email = $1", [
    email,
  ]);
  const { code, link } = stack.inbox.latest(email);
  expect((await client.auth.verifyOtp({ email, token: code, type: "email" })).error?.code).toBe("otp_expired");
  expect((await follow(link)).hash).toContain("error_code=otp_expired");
});

test("verifying by token_hash works, and takes nothing beside it", async () => {
  const email = "hash@example.test";
  await server.client().auth.signInWithOtp({ email });
  const token_hash = stack.inbox.latest(email).link.searchParams.get("token") ?? "";
  const both = await server.post("/verify", { type: "email", token_hash, email });
  expect([both.status, (await both.json()).code]).toEqual([400, "validation_failed"]);
  const { data } = await server.client().auth.verifyOtp({ token_hash, type: "email" });
  expect(data.user?.email).toBe(email);
});

test("signInWithOtp without shouldCreateUser refuses strangers", async () => {
  const { error } = await server.client().auth.signInWithOtp({
    email: "stranger@example.test",
    options: { shouldCreateUser: false },
  });
  expect(error).toMatchObject({ status: 422, code: "otp_disabled" });
});

test("recovery signs in with a link, after which the password can be set", async () => {
  const email = "recover@example.test";
  await server.client().auth.signUp({ email, password });
  await server.client().auth.resetPasswordForEmail(email, { redirectTo: "https://app.example.test/new-password" });
  const { link } = stack.inbox.latest(email);
  expect(link.searchParams.get("type")).toBe("recovery");
  const target = await follow(link);
  expect(target.origin + target.pathname).toBe("https://app.example.test/new-password");
  const fragment = new URLSearchParams(target.hash.slice(1));
  expect(fragment.get("type")).toBe("recovery");
  const client = server.client();
  await client.auth.setSession({
    access_token: fragment.get("access_token") ?? "",
    refresh_token: fragment.get("refresh_token") ?? "",
  });
  expect((await client.auth.updateUser({ password: "another password" })).error).toBeNull();
  expect((await server.client().auth.signInWithPassword({ email, password })).error?.code).toBe("invalid_credentials");
  expect((await server.client().auth.signInWithPassword({ email, password: "another password" })).error).toBeNull();
});

test("recovery of an unknown address answers the same and sends nothing", async () => {
  const before = stack.inbox.mails.length;
  const answer = await server.post("/recover", { email: "nobody@example.test" });
  expect([answer.status, await answer.json()]).toEqual([200, {}]);
  expect(stack.inbox.mails).toHaveLength(before);
});

test("a redirect that is not allowed falls back to the site", async () => {
  const email = "redirect@example.test";
  for (const redirectTo of [
    "https://evil.example/",
    "https://app.example.test.evil.example/",
    "https://app.example.test@evil.example/",
    "javascript:alert(1)//https://app.example.test/",
    "http://127.0.0.1.evil.example/",
    "http://2130706433/",
  ]) {
    await server.client().auth.signInWithOtp({ email, options: { emailRedirectTo: redirectTo } });
    const { link } = stack.inbox.latest(email);
    expect(link.searchParams.get("redirect_to")).toBe("http://127.0.0.1:3000");
    link.searchParams.set("redirect_to", redirectTo);
    expect((await follow(link)).origin).toBe("http://127.0.0.1:3000");
  }
});

test("mails are not sent more often than max_frequency, and not more than the hourly limit", async () => {
  const slow = await stack.serve({ email: { max_frequency: "60s" } });
  const email = "throttle@example.test";
  await slow.client().auth.signUp({ email, password });
  expect((await slow.client().auth.resetPasswordForEmail(email)).error).toBeNull();
  const { error } = await slow.client().auth.resetPasswordForEmail(email);
  expect(error).toMatchObject({ status: 429, code: "over_email_send_rate_limit" });
  expect(error?.message).toMatch(/^For security purposes, you can only request this after (59|60) seconds\.$/);
  const limited = await stack.serve({
    rate_limit: { email_sent: 1 },
    email: { enable_confirmations: true, smtp: { enabled: true } },
  });
  expect((await limited.client().auth.signUp({ email: "one@example.test", password })).error).toBeNull();
  const second = await limited.client().auth.signUp({ email: "two@example.test", password });
  expect(second.error).toMatchObject({ status: 429, code: "over_email_send_rate_limit" });
  const { rows } = await stack.admin.query("select 1 from auth.users where email = 'two@example.test'");
  expect(rows).toEqual([]);
});

test("resend sends the confirmation again, and the new link works", async () => {
  const email = "resend@example.test";
  await confirming.client().auth.signUp({ email, password });
  const first = stack.inbox.latest(email).link;
  expect((await confirming.client().auth.resend({ type: "signup", email })).error).toBeNull();
  expect((await follow(first)).hash).toContain("error_code=otp_expired");
  expect((await follow(stack.inbox.latest(email).link)).hash).toContain("access_token=");
});

test("mails follow the project's templates; a faulty one is named at the start", async () => {
  const content = `<p dir="rtl">{{ if eq .Data.locale "he" }}שלום{{ else }}Hello{{ end }} {{ .Data.name }}</p>
    <a href="{{ .SiteURL }}/confirm?token_hash={{ .TokenHash }}&type=email">x</a> <strong>{{ .Token }}</strong>`;
  const template = { magic_link: { subject: "כניסה אל {{ .Data.school }}", content } };
  const own = await stack.serve({ email: { max_frequency: "0s", template } });
  const email = "template@example.test";
  const data = { locale: "he", name: "<b>דנה</b>", school: "בית ספר הרצל\r\nBcc: x@evil.test" };
  await own.client().auth.signInWithOtp({ email, options: { data } });
  const mail = stack.inbox.latest(email);
  expect(mail.subject).toBe("כניסה אל בית ספר הרצל Bcc: x@evil.test");
  expect(mail.html).toContain("שלום &lt;b&gt;דנה&lt;/b&gt;");
  const token_hash = mail.link.searchParams.get("token_hash") ?? "";
  expect((await own.client().auth.verifyOtp({ token_hash, type: "email" })).error).toBeNull();
  const faulty = { recovery: { content: "{{ range .Items }}{{ end }}" } };
  await expect(stack.serve({ email: { template: faulty } })).rejects.toThrow("auth.email.template.recovery");
});

test("a sign-up whose mail cannot be sent leaves no user", async () => {
  const email = "no-mail@example.test";
  await stack.inbox.close();
  const { error } = await confirming.client().auth.signUp({ email, password });
  expect(error?.status).toBe(500);
  const { rows } = await stack.admin.query("select 1 from auth.users where email = $1", [email]);
  expect(rows).toEqual([]);
});
