import { afterAll, beforeAll, expect, test } from "vitest";
import { browse } from "./testing/browser.ts";
import { type OAuthStack, SITE, startOAuthStack } from "./testing/oauth-stack.ts";

const enabled = { identity_linked: { enabled: true }, identity_unlinked: { enabled: true } };
let stack: OAuthStack<"telling">;

beforeAll(async () => {
  const email = { max_frequency: "0s", notification: enabled };
  stack = await startOAuthStack({ telling: { enable_manual_linking: true, email } });
}, 60_000);
afterAll(() => stack?.stop());

test("a user is told of each way to sign in that he gains or loses, and of no refusal", async () => {
  const email = "linked@example.test";
  const client = stack.servers.telling.client("pkce");
  await client.auth.signUp({ email, password: "correct horse battery" });
  stack.oidc.people.set("person", { email: "elsewhere@example.test", email_verified: true });
  const link = async () => {
    const options = { skipBrowserRedirect: true, queryParams: { login_hint: "person" } };
    const { data } = await client.auth.linkIdentity({ provider: "google", options });
    return browse(data.url ?? "", ({ origin }) => origin === SITE);
  };
  await link();
  expect((await link()).searchParams.get("error_code")).toBe("identity_already_exists");
  const identities = (await client.auth.getUserIdentities()).data?.identities ?? [];
  for (const identity of identities.toSorted((a) => (a.provider === "google" ? -1 : 1))) {
    await client.auth.unlinkIdentity(identity);
  }
  expect(stack.inbox.mails.map(({ to, subject, html }) => [to, subject, html.includes("google")])).toEqual([
    [email, "A way to sign in was added", true],
    [email, "A way to sign in was removed", true],
  ]);
});
