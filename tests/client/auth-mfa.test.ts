import type { SupabaseClient } from "@supabase/supabase-js";
import { decodeJwt } from "jose";
import { TOTP, URI } from "otpauth";
import { expect } from "vitest";
import { PASSWORD } from "../support/clients.ts";
import { newcomer, server, visitor } from "./clients.ts";
import { proves } from "./proof.ts";

const id = "00000000-0000-4000-8000-000000000000";

async function enrolled(client: SupabaseClient, friendlyName = "phone") {
  const { data, error } = await client.auth.mfa.enroll({ factorType: "totp", friendlyName, issuer: "School" });
  if (error || data.type !== "totp") throw error ?? new Error("The factor has another type");
  const app = URI.parse(data.totp.uri);
  if (!(app instanceof TOTP)) throw new Error("The factor does not count time");
  /** A code is taken once, so what follows on another shows the next one. */
  const code = (later = 0) => app.generate({ timestamp: Date.now() + later * 30_000 });
  const wrong = () => String((Number(code()) + 1) % 1_000_000).padStart(6, "0");
  return { factorId: data.id, totp: data.totp, code, wrong };
}

/** Somebody whose session has a second factor. */
async function verified(name: string) {
  const person = await newcomer(name);
  const factor = await enrolled(person.client);
  const { factorId, code } = factor;
  const { error } = await person.client.auth.mfa.challengeAndVerify({ factorId, code: code() });
  if (error) throw error;
  return { ...person, ...factor };
}

async function claimsOf(client: SupabaseClient) {
  const token = String((await client.auth.getSession()).data.session?.access_token);
  return decodeJwt<{ aal: string; amr: { method: string }[] }>(token);
}

proves("auth.mfa.enroll", "answers secret, address and picture of a new TOTP factor", async () => {
  const { client, email } = await newcomer("enroll");
  const { totp } = await enrolled(client);
  expect(totp.qr_code).toMatch(/^data:image\/svg\+xml;utf-8,.*<svg/s);
  expect(URI.parse(totp.uri)).toMatchObject({ issuer: "School", label: email, digits: 6, period: 30 });
  expect(totp.uri).toContain(totp.secret);
});

proves("auth.mfa.enroll", "refuses a second of the name, and phones: `mfa_phone_enroll_not_enabled`", async () => {
  const { client } = await newcomer("refused");
  await enrolled(client, "key");
  const again = await client.auth.mfa.enroll({ factorType: "totp", friendlyName: "key" });
  expect(again.error).toMatchObject({ status: 422, code: "mfa_factor_name_conflict" });
  const phone = await client.auth.mfa.enroll({ factorType: "phone", phone: "+15550100" });
  expect(phone.error).toMatchObject({ status: 422, code: "mfa_phone_enroll_not_enabled" });
  const guest = await visitor().auth.mfa.enroll({ factorType: "totp" });
  expect(guest.error).not.toBeNull();
});

proves(
  "auth.mfa.challenge",
  "opens a challenge; for a factor of nobody or of another it is `mfa_factor_not_found`",
  async () => {
    const [{ client }, stranger] = [await newcomer("challenge"), await newcomer("stranger")];
    const { factorId } = await enrolled(client);
    const { data } = await client.auth.mfa.challenge({ factorId });
    expect(data).toMatchObject({ id: expect.any(String), type: "totp" });
    expect(Number(data?.expires_at) * 1000).toBeGreaterThan(Date.now());
    for (const refused of [
      client.auth.mfa.challenge({ factorId: id }),
      stranger.client.auth.mfa.challenge({ factorId }),
    ]) {
      expect((await refused).error).toMatchObject({ status: 404, code: "mfa_factor_not_found" });
    }
  },
);

proves(
  "auth.mfa.verify",
  "raises the session to `aal2`; a wrong code and a code shown twice are `mfa_verification_failed`",
  async () => {
    const { client } = await newcomer("verify");
    const { factorId, code, wrong } = await enrolled(client);
    const challengeId = async () => String((await client.auth.mfa.challenge({ factorId })).data?.id);
    const refused = { status: 422, code: "mfa_verification_failed" };
    const failed = await client.auth.mfa.verify({ factorId, challengeId: await challengeId(), code: wrong() });
    expect(failed.error).toMatchObject(refused);
    expect((await claimsOf(client)).aal).toBe("aal1");
    const shown = code();
    const answer = await client.auth.mfa.verify({ factorId, challengeId: await challengeId(), code: shown });
    expect(answer.error).toBeNull();
    expect(await claimsOf(client)).toMatchObject({ aal: "aal2", amr: [{ method: "totp" }, { method: "password" }] });
    const again = await client.auth.mfa.verify({ factorId, challengeId: await challengeId(), code: shown });
    expect(again.error).toMatchObject(refused);
  },
);

proves(
  "auth.mfa.challengeAndVerify",
  "does both, and ends the user's sessions that have no second factor",
  async () => {
    const { client, email } = await newcomer("both");
    const other = visitor();
    await other.auth.signInWithPassword({ email, password: PASSWORD });
    const { factorId, code, wrong } = await enrolled(client);
    const failed = await client.auth.mfa.challengeAndVerify({ factorId, code: wrong() });
    expect(failed.error).toMatchObject({ code: "mfa_verification_failed" });
    expect((await client.auth.mfa.challengeAndVerify({ factorId, code: code() })).error).toBeNull();
    expect((await client.auth.getUser()).error).toBeNull();
    expect((await other.auth.getUser()).error).toMatchObject({ name: "AuthSessionMissingError" });
  },
);

proves("auth.mfa.getAuthenticatorAssuranceLevel", "says what the session has and could have", async () => {
  const { client, email } = await newcomer("levels");
  const levels = async (of = client) => (await of.auth.mfa.getAuthenticatorAssuranceLevel()).data;
  expect(await levels()).toMatchObject({ currentLevel: "aal1", nextLevel: "aal1" });
  const { factorId, code } = await enrolled(client);
  await client.auth.mfa.challengeAndVerify({ factorId, code: code() });
  expect(await levels()).toMatchObject({ currentLevel: "aal2", nextLevel: "aal2" });
  const again = visitor();
  await again.auth.signInWithPassword({ email, password: PASSWORD });
  expect(await levels(again)).toMatchObject({ currentLevel: "aal1", nextLevel: "aal2" });
});

proves("auth.mfa.listFactors", "lists all factors, by kind only the verified", async () => {
  const { client } = await newcomer("factors");
  const { factorId, code } = await enrolled(client);
  const waiting = (await client.auth.mfa.listFactors()).data;
  expect(waiting).toMatchObject({ all: [{ id: factorId, status: "unverified" }], totp: [] });
  await client.auth.mfa.challengeAndVerify({ factorId, code: code() });
  const { data } = await client.auth.mfa.listFactors();
  expect(data).toMatchObject({ totp: [{ id: factorId, status: "verified", friendly_name: "phone" }], phone: [] });
});

proves("auth.mfa.unenroll", "removes a factor; a verified one only at `aal2`, else `insufficient_aal`", async () => {
  const { client, email, factorId } = await verified("unenroll");
  const again = visitor();
  await again.auth.signInWithPassword({ email, password: PASSWORD });
  expect((await again.auth.mfa.unenroll({ factorId })).error).toMatchObject({ status: 422, code: "insufficient_aal" });
  expect((await client.auth.mfa.unenroll({ factorId })).data).toEqual({ id: factorId });
  expect((await client.auth.mfa.listFactors()).data?.all).toEqual([]);
  await client.auth.refreshSession();
  expect((await claimsOf(client)).aal).toBe("aal1");
});

proves("auth.admin.mfa.listFactors", "lists a user's factors, and never their secrets", async () => {
  const { userId, factorId, totp, client } = await verified("listed");
  const { data, error } = await server().auth.admin.mfa.listFactors({ userId });
  expect(error).toBeNull();
  expect(data?.factors).toMatchObject([{ id: factorId, factor_type: "totp", status: "verified" }]);
  expect(JSON.stringify(data)).not.toContain(totp.secret);
  expect((await client.auth.admin.mfa.listFactors({ userId })).error).toMatchObject({ code: "not_admin" });
});

proves("auth.admin.mfa.deleteFactor", "removes a factor for somebody who lost it", async () => {
  const { userId, factorId, client } = await verified("lost");
  const { mfa } = server().auth.admin;
  expect((await client.auth.admin.mfa.deleteFactor({ userId, id: factorId })).error).toMatchObject({
    code: "not_admin",
  });
  expect((await mfa.deleteFactor({ userId, id: factorId })).error).toBeNull();
  expect((await mfa.listFactors({ userId })).data?.factors).toEqual([]);
  expect((await mfa.deleteFactor({ userId, id: factorId })).error).toMatchObject({ code: "mfa_factor_not_found" });
});
