import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Client, service, signIn } from "../support/clients.ts";
import { createPerson, FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

let school: FreshSchool;
let office: Client;
let father: { email: string; membership: Membership };

beforeAll(async () => {
  school = await FreshSchool.create();
  office = await signIn((await school.join("admin", "admin")).email);
  father = await school.join("father", "parent");
});

const reads = async (table_name: string) => {
  const entries = unwrap(await office.rpc("audit_trail", { school_id: school.id, table_name }));
  return entries.filter((entry) => entry.action === "READ").length;
};

describe("a legal block", () => {
  test("works at once, and reading it is logged", async () => {
    const child = await school.student();
    const bond = { school_id: school.id, student_id: child.id };
    expect(
      (await office.from("guardianships").insert({ ...bond, guardian_id: father.membership.id })).error,
    ).toBeNull();
    const parent = await signIn(father.email);
    expect(unwrap(await parent.from("students").select("id"))).toEqual([{ id: child.id }]);
    const block = { ...bond, membership_id: father.membership.id, reason: "צו בית משפט" };
    expect((await office.from("guardianship_blocks").insert(block)).error).toBeNull();
    expect(unwrap(await parent.from("students").select("id"))).toEqual([]);
    expect(unwrap(await parent.from("guardianships").select("id"))).toEqual([]);

    expect((await office.from("guardianship_blocks").select("reason")).error?.code).toBe("42501");
    const before = await reads("guardianship_blocks");
    const blocks = unwrap(await office.rpc("read_guardianship_blocks", { school_id: school.id, student_id: child.id }));
    expect(blocks).toMatchObject([{ reason: "צו בית משפט", membership_id: father.membership.id }]);
    expect(await reads("guardianship_blocks")).toBe(before + 1);
    expect((await parent.rpc("read_guardianship_blocks", { school_id: school.id })).error?.code).toBe("PT404");
  });
});

describe("protected records", () => {
  test("are written and read by functions that log", async () => {
    const child = await school.student();
    const record = { school_id: school.id, student_id: child.id, kind: "health", content: { allergy: "nuts" } };
    const id = unwrap(await office.rpc("write_student_record", record));
    expect((await office.rpc("write_student_record", { ...record, kind: "gossip" })).error?.code).toBe("PT422");
    const principal = await signIn((await school.join("principal", "leader")).email);
    const of = { school_id: school.id, student_id: child.id };
    expect((await principal.rpc("read_student_records", of)).error?.code).toBe("PT422");
    const before = await reads("student_records");
    const records = unwrap(await principal.rpc("read_student_records", { ...of, reason: "A trip" }));
    expect(records).toMatchObject([{ id, kind: "health", content: { allergy: "nuts" } }]);
    expect(await reads("student_records")).toBe(before + 1);
    const teacher = await signIn((await school.join("teacher", "teacher")).email);
    expect((await teacher.rpc("read_student_records", { ...of, reason: "Curiosity" })).error?.code).toBe("PT404");
  });
});

describe("what is removed", () => {
  test("is listed and restored, unless its place is taken or what it belongs to is gone", async () => {
    const row = { school_id: school.id, given_name: "Dana", family_name: "Levi", student_number: "S-1" };
    const first = unwrap(await office.from("students").insert(row).select("id").single());
    const remove = (table_name: string, id: string) => office.rpc("remove", { table_name, school_id: school.id, id });
    const restore = (table_name: string, id: string) => office.rpc("restore", { table_name, school_id: school.id, id });
    const bond = { school_id: school.id, student_id: first.id, guardian_id: father.membership.id };
    const guardianship = unwrap(await office.from("guardianships").insert(bond).select("id").single());
    expect((await remove("students", first.id)).error?.code).toBe("23503");
    expect((await remove("guardianships", guardianship.id)).error).toBeNull();
    expect((await remove("students", first.id)).error).toBeNull();
    expect((await remove("students", first.id)).error?.code).toBe("PT404");
    const listed = unwrap(await office.rpc("deleted_rows", { table_name: "students", school_id: school.id }));
    expect(listed.map((entry) => entry.id)).toContain(first.id);

    expect((await restore("guardianships", guardianship.id)).error).toMatchObject({ code: "PT409" });
    const second = unwrap(await office.from("students").insert(row).select("id").single());
    expect((await restore("students", first.id)).error?.code).toBe("PT409");
    expect((await remove("students", second.id)).error).toBeNull();
    expect((await restore("students", first.id)).error).toBeNull();
    expect((await restore("guardianships", guardianship.id)).error).toBeNull();
    expect(unwrap(await office.from("students").select("id").eq("id", first.id))).toHaveLength(1);
  });

  test("a level of a draft can be made again, and of a published framework not removed", async () => {
    const draft = unwrap(
      await office
        .from("frameworks")
        .insert({ school_id: school.id, code: "OWN", name: "Our own" })
        .select("id")
        .single(),
    );
    const part = { school_id: school.id, framework_id: draft.id };
    const levels = [1, 2].map((level) => ({ ...part, level, code: `L${level}`, name: `Level ${level}` }));
    expect((await office.from("framework_levels").insert(levels)).error).toBeNull();
    const second = office.from("framework_levels").delete().eq("framework_id", draft.id).eq("level", 2).select("level");
    expect(unwrap(await second)).toEqual([{ level: 2 }]);
    expect((await office.from("framework_levels").insert(levels.slice(1))).error).toBeNull();
    expect((await office.from("framework_domains").insert({ ...part, code: "CALM", name: "Calm" })).error).toBeNull();
    expect((await office.rpc("publish_framework", { school_id: school.id, framework_id: draft.id })).error).toBeNull();
    const late = office.from("framework_levels").delete().eq("framework_id", draft.id).select("level");
    expect(unwrap(await late)).toEqual([]);
    expect((await office.rpc("publish_framework", { school_id: school.id, framework_id: draft.id })).error?.code).toBe(
      "PT404",
    );
  });
});

describe("a district's admin", () => {
  test("sets what every school of the district follows, and nobody else does", async () => {
    const code = `D-${randomUUID().slice(0, 8).toUpperCase()}`;
    const district = unwrap(await service.from("districts").insert({ code, name: "District" }).select("id").single());
    const schools = [
      await FreshSchool.create({ district_id: district.id }),
      await FreshSchool.create({ district_id: district.id }),
    ];
    const chief = await createPerson("district-admin");
    const place = { district_id: district.id, user_id: chief.userId, role: "admin", starts_on: "2025-09-01" };
    unwrap(await service.from("district_memberships").insert(place).select("id"));
    const setting = { district_id: district.id, key: "session_idle_minutes", value: 25 };
    const local = await signIn((await (schools[0] as FreshSchool).join("local-admin", "admin")).email);
    expect((await local.rpc("set_district_setting", setting)).error?.code).toBe("PT404");
    const client = await signIn(chief.email);
    expect((await client.rpc("set_district_setting", { ...setting, value: "soon" })).error?.code).toBe("PT422");
    expect(unwrap(await client.rpc("set_district_setting", setting))).toBe(2);
    const rows = unwrap(
      await client.from("school_settings").select("school_id, value").eq("key", "session_idle_minutes"),
    );
    expect(rows.map((row) => row.school_id).sort()).toEqual(schools.map((place) => place.id).sort());
    expect(rows.every((row) => row.value === 25)).toBe(true);
  });
});
