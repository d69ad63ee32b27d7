import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { enrollFactor, useFactor } from "./testing/authenticator.ts";
import { type AuthServer, startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
const password = "correct horse battery";
const mfa = { totp: { enroll_enabled: true, verify_enabled: true } };
const names = ["password_changed", "email_changed", "mfa_factor_enrolled", "mfa_factor_unenrolled"];
const notification = Object.fromEntries(names.map((name) => [name, { enabled: true }]));

beforeAll(async () => {
  stack = await startTestStack();
}, 60_000);
afterAll(() => stack?.stop());

const follow = (link: URL) => fetch(link, { redirect: "manual" });

/** Changes everything that there is a notification for. */
async function changeEverything(server: AuthServer, name: string) {
  const email = `${name}@example.test`;
  const client = server.client();
  await client.auth.signUp({ email, password });
  await client.auth.updateUser({ password: "another password" });
  const factor = await enrollFactor(client);
  await useFactor(client, factor);
  const { error } = await client.auth.mfa.unenroll({ factorId: factor.id });
  if (error) throw error;
  const next = `${name}-new@example.test`;
  await client.auth.updateUser({ email: next });
  return { email, next };
}

const subjectsTo = (address: string) =>
  stack.inbox.mails.filter(({ to }) => to === address).map(({ subject }) => subject);

test("each change is told to the address that the user had, once it is made", async () => {
  const server = await stack.serve({ mfa, email: { max_frequency: "0s", notification } });
  const { email, next } = await changeEverything(server, "told");
  expect(subjectsTo(email)).toEqual([
    "Your password was changed",
    "A second factor was added",
    "A second factor was removed",
    "Confirm your new email address",
  ]);
  await follow(stack.inbox.latest(next).link);
  expect(stack.inbox.latest(email)).toMatchObject({
    subject: "Your email address was changed",
    html: expect.stringContaining(`It was ${email}, and is ${next} now.`),
  });
  expect(subjectsTo(next)).toEqual(["Confirm your new email address"]);
});

test("what is not enabled is not told", async () => {
  const server = await stack.serve({ mfa, email: { max_frequency: "0s" } });
  const { email, next } = await changeEverything(server, "untold");
  await follow(stack.inbox.latest(next).link);
  expect(subjectsTo(email)).toEqual(["Confirm your new email address"]);
});

test("every template of config.toml is used, with subject, path and the values it may hold", async () => {
  const folder = path.join(stack.dir, "supabase", "templates");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, "code.html"),
    `<p>Code <strong>{{ .Token }}</strong> {{ .Email }} {{ .SiteURL }}</p>`,
  );
  writeFileSync(path.join(folder, "factor.html"), `<p>{{ .FactorType }} of {{ .Email }}, {{ .Data.name }}</p>`);
  const kinds = ["confirmation", "invite", "recovery", "magic_link", "email_change", "reauthentication"];
  const template = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      { subject: `${kind} for {{ .Email }}`, content_path: "./supabase/templates/code.html" },
    ]),
  );
  const server = await stack.serve({
    mfa,
    email: {
      max_frequency: "0s",
      enable_confirmations: true,
      template,
      notification: {
        mfa_factor_enrolled: { enabled: true, subject: "{{ .FactorType }}", content_path: "./templates/factor.html" },
      },
    },
  });
  const email = "templates@example.test";
  const client = server.client();
  await client.auth.signUp({ email, password, options: { data: { name: "<b>Dana</b>" } } });
  await client.auth.verifyOtp({ type: "email", email, token: stack.inbox.latest(email).code });
  await client.auth.reauthenticate();
  await client.auth.updateUser({ email: "templates-new@example.test" });
  await client.auth.resetPasswordForEmail(email);
  await client.auth.signInWithOtp({ email });
  await useFactor(client, await enrollFactor(client));
  await server.service().auth.admin.inviteUserByEmail("templates-invited@example.test");
  expect(subjectsTo(email)).toEqual([
    `confirmation for ${email}`,
    `reauthentication for ${email}`,
    `email_change for ${email}`,
    `recovery for ${email}`,
    `magic_link for ${email}`,
    "totp",
  ]);
  expect(stack.inbox.latest(email).html).toContain(`totp of ${email}, &lt;b&gt;Dana&lt;/b&gt;`);
  expect(subjectsTo("templates-invited@example.test")).toEqual(["invite for templates-invited@example.test"]);
  expect(stack.inbox.latest("templates-new@example.test").html).toContain(`${email} http://127.0.0.1:3000</p>`);
});

test("a template that cannot be read stops the start, and is named", async () => {
  const missing = { template: { invite: { content_path: "./absent.html" } } };
  await expect(stack.serve({ email: missing })).rejects.toThrow("auth.email.template.invite");
  const faulty = { notification: { phone_changed: { enabled: true, content: "{{ range .Data }}" } } };
  await expect(stack.serve({ email: faulty })).rejects.toThrow("auth.email.notification.phone_changed");
});

test("the send_email hook gets notifications too, and its failure undoes nothing", async () => {
  await stack.admin.query(`create schema hooks; grant usage on schema hooks to supabase_auth_admin;
    create table hooks.mails (mail jsonb);
    grant insert on hooks.mails to supabase_auth_admin;
    create function hooks.mail(event jsonb) returns jsonb language plpgsql as $$
    begin
      if event #>> '{email_data,email_action_type}' = 'mfa_factor_unenrolled_notification' then raise 'refused'; end if;
      insert into hooks.mails values (event);
      return '{}';
    end $$`);
  const hook = { send_email: { enabled: true, uri: "pg-functions://postgres/hooks/mail" } };
  const server = await stack.serve({ mfa, hook, email: { max_frequency: "0s", notification } });
  const { email } = await changeEverything(server, "hooked");
  const { rows } = await stack.admin.query("select mail from hooks.mails");
  expect(
    rows.map(({ mail }) => [mail.user.email, mail.email_data.email_action_type, mail.email_data.factor_type]),
  ).toEqual([
    [email, "password_changed_notification", ""],
    [email, "mfa_factor_enrolled_notification", "totp"],
    [email, "email_change", ""],
  ]);
  expect(subjectsTo(email)).toEqual([]);
  const { rows: factors } = await stack.admin.query(
    "select 1 from auth.mfa_factors f join auth.users u on u.id = f.user_id where u.email = $1",
    [email],
  );
  expect(factors).toEqual([]);
});
