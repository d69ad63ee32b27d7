import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { PASSWORD } from "../support/clients.ts";
import { mailTo } from "../support/inbox.ts";
import { createPerson } from "../support/school.ts";
import { memoryStorage, newcomer, server, visitor } from "./clients.ts";
import { proves } from "./proof.ts";

const newAddress = () => `client.${randomUUID()}@people.example.test`;

async function signedUp() {
  const client = visitor();
  const email = newAddress();
  const answer = await client.auth.signUp({ email, password: PASSWORD, options: { data: { colour: "red" } } });
  return { client, email, ...answer };
}

proves(
  "auth.signUp",
  "makes an unconfirmed user and mails a link with a code; no session before it is confirmed",
  async () => {
    const { data, error, email } = await signedUp();
    expect(error).toBeNull();
    expect(data.session).toBeNull();
    expect(data.user).toMatchObject({ email, user_metadata: { colour: "red" }, identities: [{ provider: "email" }] });
    expect(data.user?.email_confirmed_at).toBeUndefined();
    expect((await mailTo(email)).link.searchParams.get("type")).toBe("signup");
  },
);

proves(
  "auth.signUp",
  "a weak password is `weak_password`; a known address looks like a new one and gets nothing",
  async () => {
    const weak = await visitor().auth.signUp({ email: newAddress(), password: "weak" });
    expect(weak).toMatchObject({ data: { user: null }, error: { status: 422, code: "weak_password" } });
    const { email, userId } = await createPerson("known");
    const { data, error } = await visitor().auth.signUp({ email, password: PASSWORD });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email, identities: [] });
    expect(data.user?.id).not.toBe(userId);
  },
);

proves(
  "auth.signInWithPassword",
  "answers a session; a wrong password and an unknown address are alike `invalid_credentials`",
  async () => {
    const { email, userId } = await createPerson("password");
    const { data, error } = await visitor().auth.signInWithPassword({ email, password: PASSWORD });
    expect(error).toBeNull();
    expect(data.session).toMatchObject({ token_type: "bearer", expires_in: expect.any(Number), user: { id: userId } });
    const refused = { status: 400, code: "invalid_credentials" };
    const wrong = await visitor().auth.signInWithPassword({ email, password: "Wrong-Password-1" });
    expect(wrong).toMatchObject({ data: { session: null, user: null }, error: refused });
    const unknown = await visitor().auth.signInWithPassword({ email: newAddress(), password: PASSWORD });
    expect(unknown.error).toMatchObject({ ...refused, message: wrong.error?.message });
  },
);

proves(
  "auth.signInWithPassword",
  "an unconfirmed address is `email_not_confirmed`, a phone `phone_provider_disabled`",
  async () => {
    const { email } = await signedUp();
    const unconfirmed = await visitor().auth.signInWithPassword({ email, password: PASSWORD });
    expect(unconfirmed.error).toMatchObject({ status: 400, code: "email_not_confirmed" });
    const phone = await visitor().auth.signInWithPassword({ phone: "+15550100", password: PASSWORD });
    expect(phone.error).toMatchObject({ status: 422, code: "phone_provider_disabled" });
  },
);

proves("auth.verifyOtp", "a mailed code signs in, once; later and wrong ones are `otp_expired`", async () => {
  const { client, email } = await signedUp();
  const { code: token } = await mailTo(email);
  const wrong = await visitor().auth.verifyOtp({ email, token: "000000", type: "signup" });
  expect(wrong.error).toMatchObject({ status: 403, code: "otp_expired" });
  const { data, error } = await client.auth.verifyOtp({ email, token, type: "signup" });
  expect(error).toBeNull();
  expect(data.session?.user.email_confirmed_at).toEqual(expect.any(String));
  const again = await visitor().auth.verifyOtp({ email, token, type: "signup" });
  expect(again.error).toMatchObject({ status: 403, code: "otp_expired" });
});

proves("auth.signInWithOtp", "mails a code that signs in; makes no user when told not to: `otp_disabled`", async () => {
  const { email, userId } = await createPerson("otp");
  const client = visitor();
  expect((await client.auth.signInWithOtp({ email })).error).toBeNull();
  const { code: token } = await mailTo(email);
  const { data } = await client.auth.verifyOtp({ email, token, type: "email" });
  expect(data.session?.user.id).toBe(userId);
  const unknown = await client.auth.signInWithOtp({ email: newAddress(), options: { shouldCreateUser: false } });
  expect(unknown.error).toMatchObject({ status: 422, code: "otp_disabled" });
  const phone = await client.auth.signInWithOtp({ phone: "+15550100" });
  expect(phone.error).toMatchObject({ code: "phone_provider_disabled" });
});

proves("auth.resend", "mails the confirmation again; tells nobody whether an address is known", async () => {
  const { client, email } = await signedUp();
  await mailTo(email);
  await expect
    .poll(async () => (await client.auth.resend({ type: "signup", email })).error?.code, { timeout: 10_000 })
    .toBeUndefined();
  const { code: token } = await mailTo(email, 2);
  expect((await client.auth.verifyOtp({ email, token, type: "signup" })).error).toBeNull();
  expect((await client.auth.resend({ type: "signup", email: newAddress() })).error).toBeNull();
});

proves(
  "auth.resetPasswordForEmail",
  "mails a code that signs in to set a new password; an unknown address looks alike",
  async () => {
    const { email } = await createPerson("forgetful");
    const client = visitor();
    const redirectTo = "http://127.0.0.1:3000/reset";
    expect((await client.auth.resetPasswordForEmail(email, { redirectTo })).error).toBeNull();
    const { link, code: token } = await mailTo(email);
    expect(link.searchParams.get("redirect_to")).toBe(redirectTo);
    expect((await client.auth.verifyOtp({ email, token, type: "recovery" })).error).toBeNull();
    const password = "Another-Hub-2026!";
    expect((await client.auth.updateUser({ password })).error).toBeNull();
    expect((await visitor().auth.signInWithPassword({ email, password })).error).toBeNull();
    expect((await client.auth.resetPasswordForEmail(newAddress())).error).toBeNull();
  },
);

proves(
  "auth.exchangeCodeForSession",
  "turns the code of a PKCE link into a session, once, for whoever holds the verifier",
  async () => {
    const { email, userId } = await createPerson("pkce");
    const asker = visitor({ auth: { flowType: "pkce", persistSession: true, storage: memoryStorage() } });
    const options = { shouldCreateUser: false, emailRedirectTo: "http://127.0.0.1:3000/welcome" };
    expect((await asker.auth.signInWithOtp({ email, options })).error).toBeNull();
    const followed = await fetch((await mailTo(email)).link, { redirect: "manual" });
    const target = new URL(String(followed.headers.get("location")));
    expect(target.origin + target.pathname).toBe(options.emailRedirectTo);
    const code = String(target.searchParams.get("code"));
    const thief = visitor({ auth: { flowType: "pkce" } });
    expect((await thief.auth.exchangeCodeForSession(code)).data.session).toBeNull();
    const { data, error } = await asker.auth.exchangeCodeForSession(code);
    expect(error).toBeNull();
    expect(data.session?.user.id).toBe(userId);
    expect((await asker.auth.exchangeCodeForSession(code)).error).not.toBeNull();
  },
);

proves(
  "auth.reauthenticate",
  "mails a nonce that a password change needs once the session is old; signed out it is refused",
  async () => {
    const { client, email } = await newcomer("nonce");
    expect((await client.auth.reauthenticate()).error).toBeNull();
    expect((await mailTo(email)).code).toMatch(/^\d{6}$/);
    expect((await visitor().auth.reauthenticate()).error).toMatchObject({ name: "AuthSessionMissingError" });
  },
);

proves("auth.signOut", "ends this session, the others or all of them, also for tokens already issued", async () => {
  const { client, email } = await newcomer("leaver");
  const second = visitor();
  const third = visitor();
  for (const each of [second, third]) await each.auth.signInWithPassword({ email, password: PASSWORD });
  const token = String((await second.auth.getSession()).data.session?.access_token);
  expect((await second.auth.signOut({ scope: "local" })).error).toBeNull();
  expect((await server().auth.getUser(token)).error).toMatchObject({ name: "AuthSessionMissingError" });
  expect((await third.auth.getUser()).error).toBeNull();
  expect((await client.auth.signOut({ scope: "others" })).error).toBeNull();
  expect((await third.auth.getUser()).error).not.toBeNull();
  expect((await client.auth.getUser()).error).toBeNull();
  expect((await client.auth.signOut()).error).toBeNull();
  expect((await client.auth.getSession()).data.session).toBeNull();
});
