import { decodeJwt } from "jose";
import { URI } from "otpauth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, enrollFactor, useFactor, wrongCodeOf } from "../testing/authenticator.ts";
import { type AuthServer, startTestStack, type TestStack } from "../testing/test-stack.ts";

let stack: TestStack;
let server: AuthServer;
const password = "correct horse battery";
const totp = { enroll_enabled: true, verify_enabled: true };

beforeAll(async () => {
  stack = await startTestStack();
  server = await stack.serve({ mfa: { totp } });
}, 60_000);
afterAll(() => stack?.stop());

async function signedUp(email: string, on = server) {
  const client = on.client();
  const { data, error } = await client.auth.signUp({ email, password });
  if (error || !data.user) throw error ?? new Error("no user");
  return { client, id: data.user.id };
}

async function signedIn(email: string, on = server) {
  const client = on.client();
  const { error } = await client.auth.signInWithPassword({ email, password });
  if (error) throw error;
  return client;
}

type Client = ReturnType<AuthServer["client"]>;

async function sessionOf(client: Client) {
  const session = (await client.auth.getSession()).data.session;
  if (!session) throw new Error("no session");
  return session;
}

async function assurance(client: Client) {
  const { data } = await client.auth.mfa.getAuthenticatorAssuranceLevel();
  return [data?.currentLevel, data?.nextLevel];
}

/** As if half a minute had passed for every factor: what was shown has not been used yet. */
const forgetUsedCodes = () => stack.admin.query("delete from auth.mfa_challenges");

test("enroll answers a secret, its URI and a picture that stands in a data URI", async () => {
  const { client, id } = await signedUp("enroll@example.test");
  const { data, error } = await client.auth.mfa.enroll({ factorType: "totp", friendlyName: "phone", issuer: "School" });
  expect(error).toBeNull();
  expect(data).toMatchObject({
    type: "totp",
    friendly_name: "phone",
    totp: { secret: expect.stringMatching(/^[A-Z2-7]{32}$/) },
  });
  const uri = URI.parse(data?.totp.uri ?? "");
  expect(uri).toMatchObject({
    issuer: "School",
    label: "enroll@example.test",
    algorithm: "SHA1",
    digits: 6,
    period: 30,
  });
  expect(uri.secret.base32).toBe(data?.totp.secret);
  expect(data?.totp.qr_code).toMatch(/^data:image\/svg\+xml;utf-8,<svg /);
  expect(data?.totp.qr_code).not.toContain("#");
  const byDefault = await enrollFactor(client);
  expect(URI.parse(byDefault.uri).issuer).toBe("127.0.0.1:3000");
  const { rows } = await stack.admin.query(
    "select status, secret from auth.mfa_factors where user_id = $1 order by created_at",
    [id],
  );
  expect(rows).toMatchObject([{ status: "unverified", secret: data?.totp.secret }, { status: "unverified" }]);
  expect(await assurance(client)).toEqual(["aal1", "aal1"]);
});

test("the first code finishes the enrolment, raises this session and ends the others", async () => {
  const { client, id } = await signedUp("verify@example.test");
  const other = await signedIn("verify@example.test");
  const before = await sessionOf(client);
  const abandoned = await enrollFactor(client, "abandoned");
  const factor = await enrollFactor(client, "phone");
  const session = await useFactor(client, factor);
  const [old, now] = [decodeJwt(before.access_token), decodeJwt(session.access_token)];
  expect(now).toMatchObject({
    session_id: old.session_id,
    aal: "aal2",
    amr: [{ method: "totp" }, { method: "password" }],
  });
  expect(session.refresh_token).not.toBe(before.refresh_token);
  expect(session.user.factors).toMatchObject([{ id: factor.id, status: "verified", factor_type: "totp" }]);
  expect(await assurance(client)).toEqual(["aal2", "aal2"]);
  expect((await client.auth.mfa.listFactors()).data).toMatchObject({
    all: [{ id: factor.id }],
    totp: [{ id: factor.id }],
    phone: [],
  });
  expect((await client.auth.mfa.challenge({ factorId: abandoned.id })).error?.code).toBe("mfa_factor_not_found");
  expect((await other.auth.getUser()).error).not.toBeNull();
  const { rows } = await stack.admin.query("select aal, factor_id from auth.sessions where user_id = $1", [id]);
  expect(rows).toEqual([{ aal: "aal2", factor_id: factor.id }]);
});

test("aal2 outlives a refresh; a new sign-in starts at aal1 and is told of aal2", async () => {
  const { client } = await signedUp("refresh@example.test");
  await useFactor(client, await enrollFactor(client));
  const { data } = await client.auth.refreshSession();
  expect(decodeJwt(data.session?.access_token ?? "")).toMatchObject({ aal: "aal2" });
  expect(await assurance(await signedIn("refresh@example.test"))).toEqual(["aal1", "aal2"]);
  expect(await assurance(client)).toEqual(["aal2", "aal2"]);
});

test("a later verification ends the sessions at aal1 and leaves those at aal2", async () => {
  const { client } = await signedUp("later@example.test");
  const factor = await enrollFactor(client);
  await useFactor(client, factor);
  const low = await signedIn("later@example.test");
  const raised = await signedIn("later@example.test");
  await useFactor(raised, factor, 1);
  const codes = await Promise.all([client, low, raised].map(async (each) => (await each.auth.getUser()).error?.name));
  expect(codes).toEqual([undefined, "AuthSessionMissingError", undefined]);
});

test("a code works once, though another challenge be made for it", async () => {
  const { client } = await signedUp("replay@example.test");
  const factor = await enrollFactor(client);
  const code = codeOf(factor.secret);
  const { data: first } = await client.auth.mfa.challenge({ factorId: factor.id });
  const verify = (challengeId = "") => client.auth.mfa.verify({ factorId: factor.id, challengeId, code });
  expect((await verify(first?.id)).error).toBeNull();
  expect((await verify(first?.id)).error).toMatchObject({ status: 422, code: "mfa_ip_address_mismatch" });
  const { data: second } = await client.auth.mfa.challenge({ factorId: factor.id });
  expect((await verify(second?.id)).error).toMatchObject({ status: 422, code: "mfa_verification_failed" });
  expect((await useFactor(client, factor, 1)).access_token).toBeTruthy();
});

test("of two verifications with one code at once, one wins", async () => {
  for (const sameChallenge of [true, false]) {
    const email = `at-once-${sameChallenge}@example.test`;
    const { client } = await signedUp(email);
    const factor = await enrollFactor(client);
    const first = (await client.auth.mfa.challenge({ factorId: factor.id })).data?.id;
    const second = sameChallenge ? first : (await client.auth.mfa.challenge({ factorId: factor.id })).data?.id;
    const { access_token } = await sessionOf(client);
    const code = codeOf(factor.secret);
    const answers = await Promise.all(
      [first, second, first, second].map((challenge_id) =>
        server.post(
          `/factors/${factor.id}/verify`,
          { challenge_id, code },
          { authorization: `Bearer ${access_token}` },
        ),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422, 422, 422]);
  }
});

test("challenges of one factor at once are all made", async () => {
  const { client } = await signedUp("many@example.test");
  const factor = await enrollFactor(client);
  const made = await Promise.all(Array.from({ length: 20 }, () => client.auth.mfa.challenge({ factorId: factor.id })));
  expect(made.map(({ error }) => error)).toEqual(made.map(() => null));
});

test("wrong, early, foreign and outdated codes are refused with their codes", async () => {
  const { client } = await signedUp("wrong@example.test");
  const factor = await enrollFactor(client);
  const other = await enrollFactor(client, "other");
  const open = async () => (await client.auth.mfa.challenge({ factorId: factor.id })).data?.id ?? "";
  const verify = async (challengeId: string, code: string, factorId = factor.id) => {
    const { error } = await client.auth.mfa.verify({ factorId, challengeId, code });
    return [error?.status, error?.code];
  };
  const challengeId = await open();
  expect(await verify(challengeId, wrongCodeOf(factor.secret))).toEqual([422, "mfa_verification_failed"]);
  expect(await verify(challengeId, codeOf(factor.secret, 4))).toEqual([422, "mfa_verification_failed"]);
  expect(await verify(challengeId, codeOf(other.secret))).toEqual([422, "mfa_verification_failed"]);
  for (const code of ["abcdef", "12345", "1234567", "１２３４５６", "' or 1=1 --"]) {
    expect(await verify(challengeId, code)).toEqual([422, "mfa_verification_failed"]);
  }
  expect(await verify(challengeId, codeOf(other.secret), other.id)).toEqual([422, "mfa_factor_not_found"]);
  expect(await verify(challengeId, "")).toEqual([400, "validation_failed"]);
  await stack.admin.query("update auth.mfa_challenges set created_at = now() - interval '301 seconds' where id = $1", [
    challengeId,
  ]);
  expect(await verify(challengeId, codeOf(factor.secret))).toEqual([422, "mfa_challenge_expired"]);
  const elsewhere = await open();
  await stack.admin.query("update auth.mfa_challenges set ip_address = '203.0.113.7' where id = $1", [elsewhere]);
  expect(await verify(elsewhere, codeOf(factor.secret))).toEqual([422, "mfa_ip_address_mismatch"]);
  expect(await verify(await open(), codeOf(factor.secret))).toEqual([undefined, undefined]);
});

test("after ten wrong codes the right one is refused too, for this factor only", async () => {
  const { client } = await signedUp("guess@example.test");
  const factor = await enrollFactor(client, "one");
  const other = await enrollFactor(client, "two");
  const { data } = await client.auth.mfa.challenge({ factorId: factor.id });
  const attempt = async (code: string) => {
    const { error } = await client.auth.mfa.verify({ factorId: factor.id, challengeId: data?.id ?? "", code });
    return error?.code;
  };
  const wrong = wrongCodeOf(factor.secret);
  for (let count = 0; count < 10; count++) expect(await attempt(wrong)).toBe("mfa_verification_failed");
  expect(await attempt(wrong)).toBe("over_request_rate_limit");
  expect(await attempt(codeOf(factor.secret))).toBe("over_request_rate_limit");
  expect((await useFactor(client, other)).access_token).toBeTruthy();
});

test("names are unique, factors counted, a second one asks for aal2; enrolling at once is no way around", async () => {
  const small = await stack.serve({ mfa: { totp, max_enrolled_factors: 3 } });
  const { client } = await signedUp("names@example.test", small);
  const enroll = (friendlyName?: string) =>
    client.auth.mfa.enroll({ factorType: "totp", ...(friendlyName === undefined ? {} : { friendlyName }) });
  const twice = await Promise.all([enroll("same"), enroll("same")]);
  expect(twice.map(({ error }) => error?.code).toSorted()).toEqual(["mfa_factor_name_conflict", undefined]);
  // Held up after they have looked for room, where they are not one after the other.
  await stack.admin.query("begin; lock table auth.audit_log_entries in share mode");
  const enrolling = Promise.all(["a", "b", "c", "d", "e"].map(enroll));
  const waiting = async () => {
    const { rows } = await stack.admin.query("select count(*)::int as n from pg_locks where not granted");
    return rows[0].n;
  };
  await expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThanOrEqual(5);
  await stack.admin.query("commit");
  const many = await enrolling;
  expect(many.filter(({ error }) => error === null)).toHaveLength(2);
  expect(many.find(({ error }) => error)?.error).toMatchObject({ status: 422, code: "too_many_enrolled_mfa_factors" });
  const first = (await client.auth.mfa.listFactors()).data?.all[0];
  for (const factor of (await client.auth.mfa.listFactors()).data?.all ?? []) {
    if (factor.id !== first?.id) await client.auth.mfa.unenroll({ factorId: factor.id });
  }
  const { rows } = await stack.admin.query("select secret from auth.mfa_factors where id = $1", [first?.id]);
  await useFactor(client, { id: first?.id ?? "", secret: rows[0].secret });
  const low = await signedIn("names@example.test", small);
  const refused = await low.auth.mfa.enroll({ factorType: "totp", friendlyName: "second" });
  expect(refused.error).toMatchObject({ status: 403, code: "insufficient_aal" });
  expect((await enroll("second")).error).toBeNull();
});

test("an unverified factor that was never challenged gives way after five minutes", async () => {
  const { client, id } = await signedUp("expiring@example.test");
  const challenged = await enrollFactor(client, "challenged");
  await client.auth.mfa.challenge({ factorId: challenged.id });
  await enrollFactor(client, "forgotten");
  await stack.admin.query(
    "update auth.mfa_factors set created_at = now() - interval '301 seconds' where user_id = $1",
    [id],
  );
  await enrollFactor(client, "fresh");
  const names = (await client.auth.mfa.listFactors()).data?.all.map(({ friendly_name }) => friendly_name);
  expect(names).toEqual(["challenged", "fresh"]);
});

test("a verified factor leaves at aal2 only, and takes aal2 with it at the next refresh", async () => {
  const { client } = await signedUp("unenroll@example.test");
  const factor = await enrollFactor(client);
  await useFactor(client, factor);
  const low = await signedIn("unenroll@example.test");
  const refused = await low.auth.mfa.unenroll({ factorId: factor.id });
  expect(refused.error).toMatchObject({ status: 422, code: "insufficient_aal" });
  expect((await client.auth.mfa.unenroll({ factorId: factor.id })).data).toEqual({ id: factor.id });
  const { data } = await client.auth.refreshSession();
  expect(decodeJwt(data.session?.access_token ?? "")).toMatchObject({ aal: "aal1", amr: [{ method: "password" }] });
  expect(await assurance(client)).toEqual(["aal1", "aal1"]);
});

test("password and address change at aal2 only once there is a factor", async () => {
  const { client } = await signedUp("change@example.test");
  await useFactor(client, await enrollFactor(client));
  const low = await signedIn("change@example.test");
  for (const change of [{ password: "another password" }, { email: "changed@example.test" }]) {
    expect((await low.auth.updateUser(change)).error).toMatchObject({ status: 401, code: "insufficient_aal" });
  }
  expect((await low.auth.updateUser({ data: { nick: "n" } })).error).toBeNull();
  expect((await client.auth.updateUser({ password: "another password" })).error).toBeNull();
});

test("a factor is its owner's; ids that are none and factors of nobody are not found", async () => {
  const { client: owner } = await signedUp("owner@example.test");
  const { client: stranger } = await signedUp("stranger@example.test");
  const factor = await enrollFactor(owner);
  const foreign = await stranger.auth.mfa.challenge({ factorId: factor.id });
  expect(foreign.error).toMatchObject({ status: 404, code: "mfa_factor_not_found" });
  expect((await stranger.auth.mfa.unenroll({ factorId: factor.id })).error?.code).toBe("mfa_factor_not_found");
  const { access_token } = await sessionOf(owner);
  const authorization = `Bearer ${access_token}`;
  const malformed = await server.post("/factors/not-an-id/challenge", {}, { authorization });
  expect([malformed.status, (await malformed.json()).code]).toEqual([404, "validation_failed"]);
  const body = await server.post(
    `/factors/${factor.id}/verify`,
    { challenge_id: "x", code: "123456" },
    { authorization },
  );
  expect([body.status, (await body.json()).code]).toEqual([400, "bad_json"]);
  expect((await server.post("/factors", { factor_type: "totp" })).status).toBe(401);
});

test("what is switched off says so, and so do the kinds of factor that are missing", async () => {
  const off = await stack.serve();
  const verifyOnly = await stack.serve({ mfa: { totp: { enroll_enabled: false, verify_enabled: true } } });
  const { client } = await signedUp("off@example.test");
  const factor = await enrollFactor(client);
  const phone = await client.auth.mfa.enroll({ factorType: "phone", phone: "+972500000000" });
  expect(phone.error).toMatchObject({ status: 422, code: "mfa_phone_enroll_not_enabled" });
  const key = await client.auth.mfa.enroll({ factorType: "webauthn", friendlyName: "key" });
  expect(key.error).toMatchObject({ status: 422, code: "mfa_webauthn_enroll_not_enabled" });
  const withoutEnrol = await signedIn("off@example.test", verifyOnly);
  expect((await withoutEnrol.auth.mfa.enroll({ factorType: "totp", friendlyName: "x" })).error).toMatchObject({
    status: 422,
    code: "mfa_totp_enroll_not_enabled",
  });
  await useFactor(withoutEnrol, factor);
  const withoutMfa = await signedIn("off@example.test", off);
  expect((await withoutMfa.auth.mfa.challenge({ factorId: factor.id })).error).toMatchObject({
    status: 422,
    code: "mfa_totp_verify_not_enabled",
  });
});

test("a session whose refresh tokens were revoked is not raised", async () => {
  const { client, id } = await signedUp("revoked@example.test");
  const factor = await enrollFactor(client);
  await stack.admin.query("update auth.refresh_tokens set revoked = true where user_id = $1", [id]);
  const { error } = await client.auth.mfa.challengeAndVerify({ factorId: factor.id, code: codeOf(factor.secret) });
  expect(error?.name).toBe("AuthSessionMissingError");
  const { rows } = await stack.admin.query("select status from auth.mfa_factors where id = $1", [factor.id]);
  expect(rows).toEqual([{ status: "unverified" }]);
});

test("a refresh at once with a verification leaves one session, at aal2", async () => {
  const { client } = await signedUp("race@example.test");
  const factor = await enrollFactor(client);
  for (let round = 0; round < 5; round++) {
    await forgetUsedCodes();
    const { data } = await client.auth.mfa.challenge({ factorId: factor.id });
    const { access_token, refresh_token } = await sessionOf(client);
    const body = { challenge_id: data?.id, code: codeOf(factor.secret) };
    const [verified, refreshed] = await Promise.all([
      server.post(`/factors/${factor.id}/verify`, body, { authorization: `Bearer ${access_token}` }),
      server.post("/token?grant_type=refresh_token", { refresh_token }),
    ]);
    expect([verified.status, refreshed.status]).toEqual([200, 200]);
    const session = await verified.json();
    await client.auth.setSession(session);
    const next = await client.auth.refreshSession();
    expect(decodeJwt(next.data.session?.access_token ?? "")).toMatchObject({ aal: "aal2" });
  }
});
