import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
let count = 0;

beforeAll(async () => {
  stack = await startTestStack();
}, 60_000);
afterAll(() => stack?.stop());

const newAddress = () => `password-${++count}@example.test`;

const rules: [requirement: string, weak: string[], strong: string[]][] = [
  ["", [], ["aaaaaa"]],
  ["letters_digits", ["aaaaaa", "111111", "______"], ["aaa111", "AAA111"]],
  ["lower_upper_letters_digits", ["aaa111", "AAA111", "aaaAAA", "äÄ1111"], ["aA1111"]],
  ["lower_upper_letters_digits_symbols", ["aaAA11", "aA1 11", "aA1€11"], ["aaAA1!", "aaAA1~", 'aaAA1"', "aaAA1\\"]],
];

test.each(rules)(
  "password_requirements %j takes what has a character of each kind",
  async (requirement, weak, strong) => {
    const server = await stack.serve({ password_requirements: requirement });
    for (const password of weak) {
      const { error } = await server.client().auth.signUp({ email: newAddress(), password });
      expect(error, password).toMatchObject({ status: 422, code: "weak_password", reasons: ["characters"] });
      expect(error?.message).toMatch(/^Password should contain at least one character of each: abc.*\.$/);
    }
    for (const password of strong) {
      expect((await server.client().auth.signUp({ email: newAddress(), password })).error, password).toBeNull();
    }
  },
);

test("the rules hold wherever a password is set, and an old password still signs in, with a note", async () => {
  const open = await stack.serve();
  const strict = await stack.serve({ minimum_password_length: 12 });
  const email = newAddress();
  await open.client().auth.signUp({ email, password: "of old" });
  const client = strict.client();
  const { data, error } = await client.auth.signInWithPassword({ email, password: "of old" });
  expect(error).toBeNull();
  expect(data.weakPassword).toMatchObject({
    reasons: ["length"],
    message: "Password should be at least 12 characters.",
  });
  const weak = { status: 422, code: "weak_password", reasons: ["length"] };
  expect((await client.auth.updateUser({ password: "too short" })).error).toMatchObject(weak);
  const { admin } = strict.service().auth;
  expect((await admin.updateUserById(data.user?.id ?? "", { password: "too short" })).error).toMatchObject(weak);
  const link = await admin.generateLink({ type: "signup", email: newAddress(), password: "too short" });
  expect(link.error).toMatchObject(weak);
  const long = await client.auth.updateUser({ password: `aA1${"x".repeat(70)}` });
  expect(long.error).toMatchObject({ status: 400, code: "validation_failed" });
});

test("with require_current_password the present one has to be said, but not by who came by a mail", async () => {
  const server = await stack.serve({ email: { require_current_password: true, max_frequency: "0s" } });
  const email = newAddress();
  const password = "the present one";
  const client = server.client();
  await client.auth.signUp({ email, password });
  const change = async (current_password?: string) =>
    (await client.auth.updateUser({ password: "another password", ...(current_password ? { current_password } : {}) }))
      .error;
  expect(await change()).toMatchObject({ status: 400, code: "current_password_required" });
  expect(await change("a wrong one")).toMatchObject({ status: 400, code: "current_password_invalid" });
  expect(await change(password)).toBeNull();
  await server.client().auth.resetPasswordForEmail(email);
  const forgetful = server.client();
  await forgetful.auth.verifyOtp({ type: "recovery", email, token: stack.inbox.latest(email).code });
  expect((await forgetful.auth.updateUser({ password: "a third password" })).error).toBeNull();
});
