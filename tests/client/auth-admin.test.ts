import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { PASSWORD } from "../support/clients.ts";
import { mailTo } from "../support/inbox.ts";
import { createPerson } from "../support/school.ts";
import { newcomer, server, visitor } from "./clients.ts";
import { proves } from "./proof.ts";

const { admin } = server().auth;
const newAddress = () => `admin.${randomUUID()}@people.example.test`;
const notAdmin = { status: 403, code: "not_admin" };
const unknownId = "00000000-0000-4000-8000-000000000000";

proves(
  "auth.admin.createUser",
  "makes a user with metadata who can sign in; a taken address is `email_exists`",
  async () => {
    const email = newAddress();
    const attributes = {
      email,
      password: PASSWORD,
      email_confirm: true,
      user_metadata: { a: 1 },
      app_metadata: { b: 2 },
    };
    const { data, error } = await admin.createUser(attributes);
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email, user_metadata: { a: 1 }, app_metadata: { b: 2, provider: "email" } });
    expect((await visitor().auth.signInWithPassword({ email, password: PASSWORD })).error).toBeNull();
    expect((await admin.createUser(attributes)).error).toMatchObject({ status: 422, code: "email_exists" });
    expect((await admin.createUser({})).error).toMatchObject({ status: 400, code: "validation_failed" });
  },
);

proves("auth.admin.createUser", "is `not_admin` to a user and to the publishable key", async () => {
  const { client } = await newcomer("no-admin");
  for (const each of [client, visitor()]) {
    expect((await each.auth.admin.createUser({ email: newAddress() })).error).toMatchObject(notAdmin);
  }
});

proves("auth.admin.listUsers", "lists the newest users page by page, with the total", async () => {
  const people = [await createPerson("first"), await createPerson("second")];
  const { data, error } = await admin.listUsers({ page: 1, perPage: 100 });
  expect(error).toBeNull();
  const listed = data.users.map(({ id }) => id);
  expect(people.every(({ userId }) => listed.includes(userId))).toBe(true);
  const page = await admin.listUsers({ page: 1, perPage: 1 });
  expect(page.data).toMatchObject({ users: [expect.anything()], nextPage: 2, total: expect.any(Number) });
  expect((await visitor().auth.admin.listUsers()).error).toMatchObject(notAdmin);
});

proves("auth.admin.getUserById", "finds a user; an unknown id is `user_not_found`", async () => {
  const { email, userId } = await createPerson("found");
  expect((await admin.getUserById(userId)).data.user).toMatchObject({ id: userId, email });
  expect((await admin.getUserById(unknownId)).error).toMatchObject({ status: 404, code: "user_not_found" });
  expect((await visitor().auth.admin.getUserById(userId)).error).toMatchObject(notAdmin);
});

proves("auth.admin.updateUserById", "changes an address, a password and metadata at once", async () => {
  const { userId } = await createPerson("changed");
  const change = { email: newAddress(), password: "Another-Hub-2026!", app_metadata: { group: 7 } };
  const { data } = await admin.updateUserById(userId, change);
  expect(data.user).toMatchObject({ email: change.email, app_metadata: { group: 7 } });
  expect((await visitor().auth.signInWithPassword(change)).error).toBeNull();
  expect((await admin.updateUserById(unknownId, {})).error).toMatchObject({ code: "user_not_found" });
});

proves("auth.admin.updateUserById", "bans a user, who is `user_banned` until the ban is lifted", async () => {
  const { client, email, userId } = await newcomer("banned");
  const signIn = () => visitor().auth.signInWithPassword({ email, password: PASSWORD });
  const { data } = await admin.updateUserById(userId, { ban_duration: "24h" });
  expect(Date.parse(String(data.user?.banned_until))).toBeGreaterThan(Date.now());
  expect((await signIn()).error).toMatchObject({ status: 400, code: "user_banned" });
  expect((await client.auth.refreshSession()).error).not.toBeNull();
  await admin.updateUserById(userId, { ban_duration: "none" });
  expect((await signIn()).error).toBeNull();
});

proves("auth.admin.deleteUser", "removes a user with the sessions, or only the person in it", async () => {
  const [hard, soft] = [await newcomer("hard"), await newcomer("soft")];
  expect((await admin.deleteUser(hard.userId)).error).toBeNull();
  expect((await hard.client.auth.getUser()).error).toMatchObject({ code: "user_not_found" });
  expect((await admin.getUserById(hard.userId)).error).toMatchObject({ code: "user_not_found" });
  expect((await admin.deleteUser(soft.userId, true)).error).toBeNull();
  const { user } = (await admin.getUserById(soft.userId)).data;
  expect(user).toMatchObject({ deleted_at: expect.any(String) });
  expect(user?.email).not.toBe(soft.email);
  const signIn = await visitor().auth.signInWithPassword({ email: soft.email, password: PASSWORD });
  expect(signIn.error).toMatchObject({ code: "invalid_credentials" });
  expect((await visitor().auth.admin.deleteUser(unknownId)).error).toMatchObject(notAdmin);
});

proves(
  "auth.admin.inviteUserByEmail",
  "makes a user and mails a link that signs in; a known address is `email_exists`",
  async () => {
    const email = newAddress();
    const redirectTo = "http://127.0.0.1:3000/welcome";
    const { data, error } = await admin.inviteUserByEmail(email, { data: { team: "red" }, redirectTo });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email, invited_at: expect.any(String), user_metadata: { team: "red" } });
    const { link } = await mailTo(email);
    expect(link.searchParams.get("redirect_to")).toBe(redirectTo);
    const token_hash = String(link.searchParams.get("token"));
    const accepted = await visitor().auth.verifyOtp({ token_hash, type: "invite" });
    expect(accepted.data.session?.user.id).toBe(data.user?.id);
    expect((await admin.inviteUserByEmail(email)).error).toMatchObject({ status: 422, code: "email_exists" });
    expect((await visitor().auth.admin.inviteUserByEmail(newAddress())).error).toMatchObject(notAdmin);
  },
);

proves("auth.admin.generateLink", "makes a link and code of each kind without sending mail; they sign in", async () => {
  const { email, userId } = await createPerson("linked");
  const magic = await admin.generateLink({ type: "magiclink", email });
  expect(magic.data.properties).toMatchObject({
    verification_type: "magiclink",
    email_otp: expect.stringMatching(/^\d{6}$/),
  });
  expect(new URL(String(magic.data.properties?.action_link)).searchParams.get("type")).toBe("magiclink");
  const token_hash = String(magic.data.properties?.hashed_token);
  const signedIn = await visitor().auth.verifyOtp({ token_hash, type: "magiclink" });
  expect(signedIn.data.user?.id).toBe(userId);
  const recovery = await admin.generateLink({ type: "recovery", email });
  expect(recovery.data.properties?.verification_type).toBe("recovery");
  const change = await admin.generateLink({ type: "email_change_new", email, newEmail: newAddress() });
  expect(change.data.properties?.verification_type).toBe("email_change_new");
  for (const type of ["signup", "invite"] as const) {
    const made = await admin.generateLink({ type, email: newAddress(), password: PASSWORD });
    expect(made.data.properties?.verification_type).toBe(type);
  }
});

proves("auth.admin.generateLink", "refuses a sign-up of a known address, a recovery of an unknown one", async () => {
  const { email } = await createPerson("known");
  const signup = await admin.generateLink({ type: "signup", email, password: PASSWORD });
  expect(signup.error).toMatchObject({ status: 422, code: "email_exists" });
  const recovery = await admin.generateLink({ type: "recovery", email: newAddress() });
  expect(recovery.error).toMatchObject({ status: 404, code: "user_not_found" });
  expect((await visitor().auth.admin.generateLink({ type: "recovery", email })).error).toMatchObject(notAdmin);
});

proves("auth.admin.signOut", "ends the session of a user's token, the others or all of them", async () => {
  const { client, email } = await newcomer("sent-away");
  const other = visitor();
  await other.auth.signInWithPassword({ email, password: PASSWORD });
  const token = String((await client.auth.getSession()).data.session?.access_token);
  expect((await admin.signOut(token, "others")).error).toBeNull();
  expect((await other.auth.getUser()).error).not.toBeNull();
  expect((await client.auth.getUser()).error).toBeNull();
  expect((await admin.signOut(token)).error).toBeNull();
  expect((await client.auth.getUser()).error).toMatchObject({ name: "AuthSessionMissingError" });
  expect((await admin.signOut("not.a.token")).error).toMatchObject({ code: "bad_jwt" });
});
