import { afterAll, beforeAll, expect, test } from "vitest";
import { type AuthServer, startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
let server: AuthServer;
let confirming: AuthServer;
const password = "correct horse battery";

beforeAll(async () => {
  stack = await startTestStack();
  server = await stack.serve({ email: { max_frequency: "0s" } });
  confirming = await stack.serve({ email: { max_frequency: "0s", enable_confirmations: true } });
}, 60_000);
afterAll(() => stack?.stop());

async function signedIn(email: string, on = server, flowType: "pkce" | "implicit" = "implicit") {
  await on.service().auth.admin.createUser({ email, password, email_confirm: true });
  const client = on.client(flowType);
  const { error } = await client.auth.signInWithPassword({ email, password });
  if (error) throw error;
  return client;
}

const follow = async (link: URL) => (await fetch(link, { redirect: "manual" })).headers.get("location") ?? "";

test("metadata is merged, null removes a key, app_metadata is out of reach", async () => {
  const client = await signedIn("metadata@example.test");
  await client.auth.updateUser({ data: { a: 1, b: 2 } });
  const { data } = await client.auth.updateUser({ data: { b: null, c: 3 } });
  expect(data.user?.user_metadata).toMatchObject({ a: 1, c: 3, email_verified: true });
  expect(data.user?.user_metadata).not.toHaveProperty("b");
  const session = (await client.auth.getSession()).data.session;
  const answer = await server.request("/user", {
    method: "PUT",
    body: JSON.stringify({ app_metadata: { role: "admin" }, role: "service_role" }),
    headers: { authorization: `Bearer ${session?.access_token}` },
  });
  expect([answer.status, (await answer.json()).error_code]).toEqual([403, "not_admin"]);
});

test("a new password ends the user's other sessions and spends his links; the same one is refused", async () => {
  const email = "password@example.test";
  const client = await signedIn(email);
  const other = server.client();
  await other.auth.signInWithPassword({ email, password });
  await server.client().auth.resetPasswordForEmail(email);
  const { link } = stack.inbox.latest(email);
  const same = await client.auth.updateUser({ password });
  expect(same.error).toMatchObject({ status: 422, code: "same_password" });
  expect((await other.auth.getUser()).error).toBeNull();
  expect((await client.auth.updateUser({ password: "another password" })).error).toBeNull();
  expect((await client.auth.getUser()).error).toBeNull();
  expect((await other.auth.getUser()).error).not.toBeNull();
  expect(await follow(link)).toContain("error_code=otp_expired");
});

test("a change of address takes the consent of both, in either order, and each only once", async () => {
  for (const first of ["old", "new"] as const) {
    const addresses = { old: `old-${first}@example.test`, new: `new-${first}@example.test` };
    const client = await signedIn(addresses.old, confirming);
    const { data } = await client.auth.updateUser({ email: addresses.new });
    expect(data.user).toMatchObject({ email: addresses.old, new_email: addresses.new });
    const links = { old: stack.inbox.latest(addresses.old).link, new: stack.inbox.latest(addresses.new).link };
    const second = first === "old" ? "new" : "old";
    expect(await follow(links[first])).toContain(
      "#message=Confirmation+link+accepted.+Please+proceed+to+confirm+link+sent+to+the+other+email&sb=",
    );
    expect(await follow(links[first])).toContain("error_code=otp_expired");
    expect((await client.auth.getUser()).data.user?.email).toBe(addresses.old);
    expect(await follow(links[second])).toContain("#access_token=");
    const user = (await client.auth.getUser()).data.user;
    expect(user).toMatchObject({ email: addresses.new });
    expect(user?.new_email).toBeUndefined();
    expect(user?.identities?.[0]?.identity_data).toMatchObject({ email: addresses.new, email_verified: true });
    expect((await server.client().auth.signInWithPassword({ email: addresses.new, password })).error).toBeNull();
  }
});

test("a change of address can be confirmed by codes, also in a PKCE flow", async () => {
  for (const flow of ["implicit", "pkce"] as const) {
    const email = `by-code-${flow}@example.test`;
    const next = `next-${flow}@example.test`;
    const client = await signedIn(email, confirming, flow);
    await client.auth.updateUser({ email: next });
    const verify = (address: string) =>
      client.auth.verifyOtp({ email: address, token: stack.inbox.latest(address).code, type: "email_change" });
    const first = await verify(email);
    expect(first.data.session).toBeNull();
    expect((await verify(email)).error?.code).toBe("otp_expired");
    expect((await verify(next)).data.user?.email).toBe(next);
  }
});

test("where sign-ups need no confirmation, the link to the new address is enough", async () => {
  const client = await signedIn("one-link@example.test");
  await client.auth.updateUser({ email: "one-link-new@example.test" });
  expect(await follow(stack.inbox.latest("one-link-new@example.test").link)).toContain("#access_token=");
  expect(await follow(stack.inbox.latest("one-link@example.test").link)).toContain("error_code=otp_expired");
  expect((await client.auth.getUser()).data.user?.email).toBe("one-link-new@example.test");
});

test("an address in use is refused, also when it was taken meanwhile", async () => {
  await signedIn("taken@example.test");
  const client = await signedIn("taker@example.test");
  const refused = await client.auth.updateUser({ email: "taken@example.test" });
  expect(refused.error).toMatchObject({ status: 422, code: "email_exists" });
  const single = await stack.serve({ email: { max_frequency: "0s", double_confirm_changes: false } });
  const other = await signedIn("slow@example.test", single);
  await other.auth.updateUser({ email: "meanwhile@example.test" });
  const { link } = stack.inbox.latest("meanwhile@example.test");
  await signedIn("meanwhile@example.test");
  expect(await follow(link)).toContain("error_code=email_exists");
  expect((await other.auth.getUser()).data.user?.email).toBe("slow@example.test");
});

test("with secure_password_change an old session needs the code from the mail", async () => {
  const secure = await stack.serve({ email: { max_frequency: "0s", secure_password_change: true } });
  const email = "reauthenticate@example.test";
  const client = await signedIn(email, secure);
  await stack.admin.query(
    "update auth.sessions set created_at = now() - interval '25 hours' where user_id = (select id from auth.users where email = $1)",
    [email],
  );
  const needed = await client.auth.updateUser({ password: "another password" });
  expect(needed.error).toMatchObject({ status: 400, code: "reauthentication_needed" });
  expect((await client.auth.reauthenticate()).error).toBeNull();
  const wrong = await client.auth.updateUser({ password: "another password", nonce: "000" });
  expect(wrong.error).toMatchObject({ status: 422, code: "reauthentication_not_valid" });
  const right = await client.auth.updateUser({
    password: "another password",
    nonce: stack.inbox.latest(email).code,
  });
  expect(right.error).toBeNull();
});

test("a user with a second factor changes nothing of weight at aal1", async () => {
  const client = await signedIn("factor@example.test");
  const { data } = await client.auth.getUser();
  await stack.admin.query(
    `insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
     values (gen_random_uuid(), $1, 'totp', 'verified', now(), now())`,
    [data.user?.id],
  );
  const { error } = await client.auth.updateUser({ password: "another password" });
  expect(error).toMatchObject({ status: 401, code: "insufficient_aal" });
});
