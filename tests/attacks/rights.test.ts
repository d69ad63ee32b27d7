import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Client, freshSignIn, service, signIn } from "../support/clients.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { withSecondFactor } from "../support/second-factor.ts";
import { unwrap } from "../support/unwrap.ts";

let school: FreshSchool;
let admin: Client;
let teacher: Client;
let people: Record<"admin" | "teacher" | "principal", { userId: string; email: string; membership: Membership }>;

beforeAll(async () => {
  school = await FreshSchool.create();
  people = {
    admin: await school.join("admin", "admin"),
    teacher: await school.join("teacher", "teacher"),
    principal: await school.join("principal", "leader"),
  };
  [admin, teacher] = await Promise.all([signIn(people.admin.email), signIn(people.teacher.email)]);
});

describe("an admin's own rights", () => {
  test("are not widened by an override of the own role, and come back to their default", async () => {
    const widen = { school_id: school.id, role: "admin", permission: "observations.create", scope: "school" };
    expect((await admin.rpc("set_role_permission", widen)).error?.code).toBe("PT404");
    const own = { school_id: school.id, role: "admin", permission: "students.manage" };
    expect((await admin.rpc("set_role_permission", { ...own, scope: "none" })).error).toBeNull();
    expect(
      (await admin.from("students").insert({ school_id: school.id, given_name: "A", family_name: "B" })).error?.code,
    ).toBe("42501");
    expect((await admin.rpc("set_role_permission", { ...own, scope: "school" })).error).toBeNull();
  });

  test("nor by a second role, another end, or a supervision", async () => {
    const own = { school_id: school.id, user_id: people.admin.userId };
    for (const role of ["leader", "teacher", "admin"]) {
      const more = role === "leader" ? { team_scope: "school" } : {};
      expect((await admin.rpc("add_membership", { ...own, role, ...more })).error?.code).toBe("PT404");
    }
    const end = { school_id: school.id, membership_id: people.admin.membership.id, ends_on: "2099-01-01" };
    expect((await admin.rpc("end_membership", end)).error?.code).toBe("PT404");
  });

  test("cannot be locked out by demanding a second factor that the admin does not have", async () => {
    const setting = { school_id: school.id, key: "second_factor_roles", value: ["admin"] };
    expect((await admin.rpc("set_school_setting", setting)).error?.code).toBe("PT422");
    const strong = await withSecondFactor(admin);
    expect((await strong.rpc("set_school_setting", setting)).error).toBeNull();
    expect(unwrap(await admin.from("memberships").select("id"))).toEqual([]);
    expect((await admin.rpc("set_school_setting", { ...setting, value: [] })).error?.code).toBe("PT404");
    expect((await strong.rpc("set_school_setting", { ...setting, value: [] })).error).toBeNull();
  });

  test("two admins who end each other leave one", async () => {
    const place = await FreshSchool.create();
    const [first, second] = [await place.join("first", "admin"), await place.join("second", "admin")];
    const clients = await Promise.all([first, second].map(({ email }) => signIn(email)));
    const victims = [second.membership.id, first.membership.id];
    const outcomes = await Promise.all(
      clients.map((client, index) =>
        client.rpc("end_membership", { school_id: place.id, membership_id: String(victims[index]) }),
      ),
    );
    expect(outcomes.map(({ error }) => error?.code ?? "done").sort()).toEqual(["PT404", "done"]);
  });
});

describe("days", () => {
  test.each(["<x>+99", "<+99>-99", "UTC+30:00", "x'; select 1", "Asia/Jerusalem+9", "EST5EDT", "", "Nowhere/Town"])(
    "are not moved by the timezone %j, which has no such name",
    async (timezone) => {
      const { error } = await admin.from("schools").update({ timezone }).eq("id", school.id);
      expect(["23514", "22023"]).toContain(error?.code);
    },
  );

  test.each([
    "UTC",
    "Asia/Jerusalem",
    "America/Port-au-Prince",
    "America/Argentina/Buenos_Aires",
    "Pacific/Kiritimati",
  ])("are counted in %s", async (timezone) => {
    expect((await admin.from("schools").update({ timezone }).eq("id", school.id)).error).toBeNull();
  });
});

describe("columns that widen rights", () => {
  test.each([
    ["schools", "id", { status: "active" }],
    ["schools", "id", { code: "OTHER" }],
    ["schools", "id", { district_id: null }],
    ["memberships", "school_id", { role: "admin" }],
    ["memberships", "school_id", { starts_on: "2020-01-01" }],
    ["students", "school_id", { membership_id: null }],
    ["students", "school_id", { id: randomUUID() }],
    ["departments", "school_id", { school_id: randomUUID() }],
    ["departments", "school_id", { deleted_at: null }],
    ["school_settings", "school_id", { value: [] }],
    ["profiles", "user_id", { user_id: randomUUID() }],
  ] as const)("of %s are not the client's to write (%s, %j)", async (table, key, patch) => {
    const { error } = await admin
      .from(table)
      .update(patch as never)
      .eq(key as never, school.id as never);
    expect(error?.code).toBe("42501");
  });
});

describe("sessions", () => {
  test("are their own sign-in's alone, also of the same person", async () => {
    const open = unwrap(await teacher.rpc("session_start", { school_id: school.id }));
    const which = { school_id: school.id, user_session_id: open.id };
    for (const other of [admin, await freshSignIn(people.teacher.email)]) {
      expect((await other.rpc("session_ping", which)).error?.code).toBe("PT404");
      expect((await other.rpc("session_end", which)).error?.code).toBe("PT404");
    }
    expect((await teacher.rpc("session_ping", which)).error).toBeNull();
  });

  test("metadata that a person writes about oneself decides nothing", async () => {
    const person = await school.join("dreamer", "teacher");
    const dreamer = await freshSignIn(person.email);
    const dream = {
      role: "service_role",
      app_metadata: { role: "service_role" },
      school_id: school.id,
      is_admin: true,
    };
    expect((await dreamer.auth.updateUser({ data: dream })).error).toBeNull();
    await dreamer.auth.refreshSession();
    expect(unwrap(await dreamer.from("memberships").select("id"))).toEqual([{ id: person.membership.id }]);
    expect(
      (await dreamer.from("students").insert({ school_id: school.id, given_name: "A", family_name: "B" })).error?.code,
    ).toBe("42501");
  });

  test("of a suspended school start nowhere, and its audit is closed", async () => {
    const place = await FreshSchool.create();
    const chief = await place.join("chief", "admin");
    const client = await freshSignIn(chief.email);
    unwrap(await service.from("schools").update({ status: "suspended" }).eq("id", place.id).select("id"));
    expect((await client.rpc("session_start", { school_id: place.id })).error?.code).toBe("PT404");
    expect((await client.rpc("verify_audit", { school_id: place.id })).error?.code).toBe("PT404");
    expect(unwrap(await client.rpc("audit_trail", { school_id: place.id }))).toEqual([]);
    expect(unwrap(await client.from("schools").select("id"))).toEqual([]);
  });
});
