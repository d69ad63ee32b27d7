import { afterAll, beforeAll, expect } from "vitest";
import { type OAuthStack, signIn, startOAuthStack } from "../../stack/auth/testing/oauth-stack.ts";
import { visitor } from "./clients.ts";
import { proves } from "./proof.ts";

/** A provider must be registered somewhere, so these tests bring an OpenID server and an Auth of their own that knows it. */
let stack: OAuthStack<"open">;
beforeAll(async () => {
  stack = await startOAuthStack({ open: {} });
});
afterAll(() => stack?.stop());

proves(
  "auth.signInWithOAuth",
  "google and azure, at any OpenID issuer that `config.toml` names: ends in a session",
  async () => {
    for (const provider of ["google", "azure"] as const) {
      const email = `${provider}@example.test`;
      stack.oidc.people.set(provider, { name: "Ann", email, email_verified: true, xms_edov: true });
      const { user, session } = await signIn(stack.servers.open, provider, { provider, scopes: "email" });
      expect(user).toMatchObject({ email, app_metadata: { provider } });
      expect(session.provider_token).toEqual(expect.any(String));
    }
  },
);

proves("auth.signInWithOAuth", "a provider that is not enabled is told so: `validation_failed`", async () => {
  const { data } = await visitor().auth.signInWithOAuth({ provider: "github" });
  const answer = await fetch(String(data.url), { redirect: "manual" });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error_code: "validation_failed" });
});

proves(
  "auth.signInWithIdToken",
  "takes an ID token of a provider; one for another audience or of an unknown issuer is refused",
  async () => {
    const { auth } = stack.servers.open.client();
    const now = Math.floor(Date.now() / 1000);
    const identity = {
      aud: "google-client",
      sub: "ida",
      email: "ida@example.test",
      email_verified: true,
      iat: now,
      exp: now + 60,
    };
    const token = (claims: object) => stack.oidc.idToken({ ...identity, ...claims });
    const signedIn = await auth.signInWithIdToken({ provider: "google", token: await token({}) });
    expect(signedIn.data).toMatchObject({ user: { email: identity.email }, session: { token_type: "bearer" } });
    const wrong = await auth.signInWithIdToken({ provider: "google", token: await token({ aud: "another" }) });
    expect(wrong).toMatchObject({ data: { session: null }, error: { status: 400 } });
    const unknown = await visitor().auth.signInWithIdToken({ provider: "google", token: await token({}) });
    expect(unknown).toMatchObject({ data: { session: null }, error: { status: 400 } });
  },
);
