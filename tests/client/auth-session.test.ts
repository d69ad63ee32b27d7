import { randomUUID } from "node:crypto";
import type { AuthChangeEvent } from "@supabase/supabase-js";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { expect, vi } from "vitest";
import { PASSWORD } from "../support/clients.ts";
import { mailTo } from "../support/inbox.ts";
import { createPerson } from "../support/school.ts";
import { memoryStorage, newcomer, visitor } from "./clients.ts";
import { proves } from "./proof.ts";

async function sessionOf(client: ReturnType<typeof visitor>) {
  const { session } = (await client.auth.getSession()).data;
  if (!session) throw new Error("The client has no session");
  return session;
}

/** A client that keeps its session in `storage`, as a browser does. */
const keeper = (storage: ReturnType<typeof memoryStorage>) => visitor({ auth: { persistSession: true, storage } });

/** A client at rest, whose kept session then comes close to its end. */
async function expiringSession() {
  const storage = memoryStorage();
  const { client } = await newcomer("expiring", { auth: { persistSession: true, storage } });
  const events: AuthChangeEvent[] = [];
  client.auth.onAuthStateChange((event) => void events.push(event));
  await vi.waitUntil(() => events.includes("INITIAL_SESSION"));
  const { refresh_token } = await sessionOf(client);
  for (const [name, value] of storage.entries) {
    const ending = { expires_at: Math.floor(Date.now() / 1000) + 30 };
    if (value.includes(refresh_token)) storage.setItem(name, JSON.stringify({ ...JSON.parse(value), ...ending }));
  }
  const isKept = () => [...storage.entries.values()].some((value) => value.includes(refresh_token));
  return { client, events, isKept };
}

proves("auth.initialize", "takes up the session that an earlier visit left", async () => {
  const storage = memoryStorage();
  const { userId } = await newcomer("visitor", { auth: { persistSession: true, storage } });
  const later = keeper(storage);
  expect(await later.auth.initialize()).toEqual({ error: null });
  expect((await sessionOf(later)).user.id).toBe(userId);
  expect((await keeper(memoryStorage()).auth.getSession()).data.session).toBeNull();
});

proves("auth.isThrowOnErrorEnabled", "says whether errors are thrown, which they then are", async () => {
  expect(visitor().auth.isThrowOnErrorEnabled()).toBeFalsy();
  const client = visitor({ auth: { throwOnError: true } });
  expect(client.auth.isThrowOnErrorEnabled()).toBe(true);
  const signIn = client.auth.signInWithPassword({ email: "nobody@people.example.test", password: PASSWORD });
  await expect(signIn).rejects.toMatchObject({ code: "invalid_credentials" });
});

proves("auth.getSession", "answers the session with which the client then reads, or `null`", async () => {
  expect((await visitor().auth.getSession()).data.session).toBeNull();
  const { client, userId } = await newcomer("reader");
  const { access_token } = await sessionOf(client);
  expect(decodeJwt(access_token)).toMatchObject({ sub: userId, role: "authenticated", aal: "aal1" });
});

proves("auth.getUser", "asks the server who this is; a forged token is `bad_jwt`", async () => {
  const { client, userId, email } = await newcomer("known");
  expect((await client.auth.getUser()).data.user).toMatchObject({ id: userId, email, aud: "authenticated" });
  const [header, payload] = (await sessionOf(client)).access_token.split(".");
  const forged = await client.auth.getUser(`${header}.${payload}.${"A".repeat(86)}`);
  expect(forged).toMatchObject({ data: { user: null }, error: { status: 403, code: "bad_jwt" } });
});

proves("auth.getClaims", "verifies a token with the published keys; a forged one is refused", async () => {
  const { client, userId } = await newcomer("claims");
  const { access_token } = await sessionOf(client);
  const { data, error } = await client.auth.getClaims();
  expect(error).toBeNull();
  expect(data?.claims).toMatchObject({ sub: userId, role: "authenticated", session_id: expect.any(String) });
  expect(data?.header).toEqual(decodeProtectedHeader(access_token));
  expect(data?.header.alg).toBe("ES256");
  const [header, payload] = access_token.split(".");
  expect(await client.auth.getClaims(`${header}.${payload}.${"A".repeat(86)}`)).toMatchObject({
    data: null,
    error: { name: "AuthInvalidJwtError" },
  });
});

proves("auth.setSession", "takes up a session by its tokens; an unknown refresh token is refused", async () => {
  const { client, userId } = await newcomer("carried");
  const { access_token, refresh_token } = await sessionOf(client);
  const other = visitor();
  expect((await other.auth.setSession({ access_token, refresh_token })).data.user?.id).toBe(userId);
  const expired = `${access_token.split(".")[0]}.${Buffer.from('{"exp":1}').toString("base64url")}.AAAA`;
  const refused = await visitor().auth.setSession({ access_token: expired, refresh_token: "unknown12345" });
  expect(refused).toMatchObject({ data: { session: null }, error: { code: "refresh_token_not_found" } });
});

proves(
  "auth.refreshSession",
  "answers new tokens of the same session; an unknown token is `refresh_token_not_found`",
  async () => {
    const { client } = await newcomer("refresher");
    const before = await sessionOf(client);
    const { data, error } = await client.auth.refreshSession();
    expect(error).toBeNull();
    expect(data.session?.refresh_token).not.toBe(before.refresh_token);
    const claims = [before.access_token, String(data.session?.access_token)].map(
      (token) => decodeJwt(token).session_id,
    );
    expect(claims[0]).toBe(claims[1]);
    const refused = await visitor().auth.refreshSession({ refresh_token: "unknown12345" });
    expect(refused.error).toMatchObject({ status: 400, code: "refresh_token_not_found" });
  },
);

proves(
  "auth.onAuthStateChange",
  "tells of sign-in, refresh, change and sign-out until it is unsubscribed",
  async () => {
    const { email } = await createPerson("watched");
    const client = visitor();
    const events: AuthChangeEvent[] = [];
    const { subscription } = client.auth.onAuthStateChange((event) => void events.push(event)).data;
    await vi.waitUntil(() => events.length > 0);
    await client.auth.signInWithPassword({ email, password: PASSWORD });
    await client.auth.refreshSession();
    await client.auth.updateUser({ data: { colour: "blue" } });
    await client.auth.signOut();
    const all = ["INITIAL_SESSION", "SIGNED_IN", "TOKEN_REFRESHED", "USER_UPDATED", "SIGNED_OUT"];
    expect(events).toEqual(all);
    subscription.unsubscribe();
    await client.auth.signInWithPassword({ email, password: PASSWORD });
    expect(events).toEqual(all);
  },
);

proves("auth.startAutoRefresh", "renews a kept session before its token expires", async () => {
  const { client, isKept } = await expiringSession();
  expect(isKept()).toBe(true);
  await client.auth.startAutoRefresh();
  await vi.waitUntil(() => !isKept(), { timeout: 20_000 });
  await client.auth.stopAutoRefresh();
  expect((await client.auth.getUser()).error).toBeNull();
});

proves("auth.stopAutoRefresh", "leaves a kept session as it is", async () => {
  const { client, isKept } = await expiringSession();
  await client.auth.startAutoRefresh();
  await client.auth.stopAutoRefresh();
  await newcomer("meanwhile");
  expect(isKept()).toBe(true);
});

proves("auth.dispose", "stops the renewal and forgets who listens", async () => {
  const { client, events, isKept } = await expiringSession();
  await client.auth.startAutoRefresh();
  await client.auth.dispose();
  await newcomer("meanwhile");
  expect(isKept()).toBe(true);
  await client.auth.signOut();
  expect(events).not.toContain("SIGNED_OUT");
});

proves("auth.updateUser", "changes metadata at once, an address once both mails are confirmed", async () => {
  const { client, email } = await newcomer("mover");
  const { data } = await client.auth.updateUser({ data: { colour: "blue" } });
  expect(data.user?.user_metadata).toMatchObject({ colour: "blue" });
  const next = `moved.${randomUUID()}@people.example.test`;
  expect((await client.auth.updateUser({ email: next })).data.user).toMatchObject({ email, new_email: next });
  for (const address of [email, next]) {
    const token_hash = String((await mailTo(address)).link.searchParams.get("token"));
    expect((await visitor().auth.verifyOtp({ token_hash, type: "email_change" })).error).toBeNull();
  }
  expect((await client.auth.getUser()).data.user?.email).toBe(next);
});

proves(
  "auth.updateUser",
  "refuses a weak password, the same one, a taken address; signed out there is no user",
  async () => {
    const { client } = await newcomer("refused");
    const { email } = await createPerson("taken");
    const code = async (change: object) => (await client.auth.updateUser(change)).error?.code;
    expect(await code({ password: "weak" })).toBe("weak_password");
    expect(await code({ password: PASSWORD })).toBe("same_password");
    expect(await code({ email })).toBe("email_exists");
    expect((await visitor().auth.updateUser({ data: {} })).error).toMatchObject({ name: "AuthSessionMissingError" });
  },
);

proves("auth.getUserIdentities", "lists how this user may sign in", async () => {
  const { client, email, userId } = await newcomer("identified");
  const { data } = await client.auth.getUserIdentities();
  expect(data?.identities).toMatchObject([{ provider: "email", user_id: userId, identity_data: { email } }]);
  expect((await visitor().auth.getUserIdentities()).error).toMatchObject({ name: "AuthSessionMissingError" });
});
