import { TOTP } from "otpauth";
import { beforeAll, expect, test } from "vitest";
import { type Client, freshSignIn, signIn } from "../support/clients.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

let school: FreshSchool;
let admin: { email: string; membership: Membership };

beforeAll(async () => {
  school = await FreshSchool.create();
  admin = await school.join("admin", "admin");
});

/** The code of now, or of the next half minute: one that was used is not taken again. */
const codeOf = (uri: string, secret: string, ahead = 0) => {
  expect(uri).toContain(`secret=${secret}`);
  return new TOTP({ secret }).generate({ timestamp: Date.now() + ahead * 30_000 });
};

/** Whether the caller holds rights in the school at this moment. */
const hasRights = async (client: Client) => unwrap(await client.from("schools").select("id").eq("id", school.id));

test("an office asks its admins for a second factor: who has given it keeps their rights, who has not loses them at once", async () => {
  const office = await freshSignIn(admin.email);
  const elsewhere = await freshSignIn(admin.email);
  const setting = { school_id: school.id, key: "second_factor_roles", value: ["admin"] };
  expect((await office.rpc("set_school_setting", setting)).error?.code).toBe("PT422");

  const factor = unwrap(await office.auth.mfa.enroll({ factorType: "totp", friendlyName: "Phone" }));
  expect(factor.totp.qr_code).toMatch(/^data:image\/svg\+xml/);
  const first = codeOf(factor.totp.uri, factor.totp.secret);
  unwrap(await office.auth.mfa.challengeAndVerify({ factorId: factor.id, code: first }));
  expect(unwrap(await office.auth.mfa.getAuthenticatorAssuranceLevel()).currentLevel).toBe("aal2");
  expect((await elsewhere.auth.getUser()).error?.name).toBe("AuthSessionMissingError");

  unwrap(await office.rpc("set_school_setting", setting));
  expect(await hasRights(office)).toHaveLength(1);
  const careless = await freshSignIn(admin.email);
  expect(await hasRights(careless)).toEqual([]);
  expect(unwrap(await careless.auth.mfa.getAuthenticatorAssuranceLevel())).toMatchObject({
    currentLevel: "aal1",
    nextLevel: "aal2",
  });
  expect((await careless.auth.mfa.challengeAndVerify({ factorId: factor.id, code: "000000" })).error?.code).toBe(
    "mfa_verification_failed",
  );
  const next = codeOf(factor.totp.uri, factor.totp.secret, 1);
  unwrap(await careless.auth.mfa.challengeAndVerify({ factorId: factor.id, code: next }));
  expect(await hasRights(careless)).toHaveLength(1);
});

test("the glass breaks for an admin with the second factor alone", async () => {
  const teacher = await school.join("teacher", "teacher");
  const leader = await school.join("principal", "leader");
  const visit = await school.observation(teacher.membership, leader.membership, {
    kind: "coaching",
    status: "submitted",
  });
  const other = await school.join("second-admin", "admin");
  const emergency = { school_id: school.id, observation_id: visit.id, reason: "A complaint by a family" };
  const office = await signIn(other.email);
  const factor = unwrap(await office.auth.mfa.enroll({ factorType: "totp" }));
  unwrap(
    await office.auth.mfa.challengeAndVerify({
      factorId: factor.id,
      code: codeOf(factor.totp.uri, factor.totp.secret),
    }),
  );
  const grant = unwrap(await office.rpc("break_glass", emergency));
  const seen = unwrap(await office.rpc("read_behind_glass", { school_id: school.id, grant_id: grant.id }));
  expect(seen).toMatchObject({ observation: { id: visit.id } });
});
