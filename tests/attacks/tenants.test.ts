import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Client, service, signIn } from "../support/clients.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { withSecondFactor } from "../support/second-factor.ts";
import { unwrap } from "../support/unwrap.ts";

let near: FreshSchool;
let far: FreshSchool;
let admin: Client;
let leader: Client;
let farAdmin: Client;
let farTeacher: Client;
let ours: { leader: Membership; teacher: Membership };
let theirs: { leader: Membership; teacher: Membership };

beforeAll(async () => {
  [near, far] = await Promise.all([FreshSchool.create(), FreshSchool.create()]);
  const people = {
    admin: await near.join("near-admin", "admin"),
    leader: await near.join("near-leader", "leader"),
    teacher: await near.join("near-teacher", "teacher"),
    farAdmin: await far.join("far-admin", "admin"),
    farLeader: await far.join("far-leader", "leader"),
    farTeacher: await far.join("far-teacher", "teacher"),
  };
  ours = { leader: people.leader.membership, teacher: people.teacher.membership };
  theirs = { leader: people.farLeader.membership, teacher: people.farTeacher.membership };
  [admin, leader, farAdmin, farTeacher] = await Promise.all([
    signIn(people.admin.email),
    signIn(people.leader.email),
    signIn(people.farAdmin.email),
    signIn(people.farTeacher.email),
  ]);
});

describe("a row that bears the id of another school's row", () => {
  test("cannot be a student or a membership, whose ids helpers hand out bare", async () => {
    const student = await far.student();
    const row = { school_id: near.id, id: student.id, given_name: "Dana", family_name: "Levi" };
    expect((await admin.from("students").insert(row)).error?.code).toBe("42501");
    expect((await admin.from("students").upsert(row)).error?.code).toBe("42501");
    expect((await service.from("students").insert(row)).error?.code).toBe("23505");
    const person = await far.join("namesake", "parent");
    const twin = { school_id: near.id, id: person.membership.id, user_id: person.userId, role: "parent" };
    expect((await service.from("memberships").insert(twin)).error?.code).toBe("23505");
    expect((await admin.from("students").select("id").eq("id", student.id)).data).toEqual([]);
  });

  test("is its own row: observation, ratings, files and audit of the two are never taken for each other", async () => {
    const id = randomUUID();
    await far.observation(theirs.teacher, theirs.leader, { id, status: "submitted", notes: "of the other school" });
    const { id: framework_id, domains } = await near.framework();
    const observation = {
      school_id: near.id,
      id,
      teacher_id: ours.teacher.id,
      observer_id: ours.leader.id,
      framework_id,
      kind: "coaching",
    };
    expect((await leader.from("observations").insert(observation)).error).toBeNull();
    const rating = { school_id: near.id, observation_id: id, framework_id, domain_id: String(domains[0]), level: 1 };
    expect((await leader.from("observation_ratings").insert(rating)).error).toBeNull();
    const text = new Blob(["ours"], { type: "text/plain" });
    const files = leader.storage.from("evidence");
    expect((await files.upload(`${near.id}/${id}/a.txt`, text)).error).toBeNull();
    expect((await files.upload(`${far.id}/${id}/a.txt`, text)).error).not.toBeNull();

    const embed = "school_id, notes, observation_ratings(school_id)";
    expect(unwrap(await leader.from("observations").select(embed).eq("id", id))).toEqual([
      { school_id: near.id, notes: null, observation_ratings: [{ school_id: near.id }] },
    ]);
    for (const client of [farAdmin, farTeacher]) {
      expect(unwrap(await client.from("observations").select(embed).eq("id", id))).toEqual([
        { school_id: far.id, notes: "of the other school", observation_ratings: [] },
      ]);
      expect((await client.storage.from("evidence").download(`${near.id}/${id}/a.txt`)).error).not.toBeNull();
      const mistaken = { school_id: near.id, observation_id: id };
      expect((await client.rpc("acknowledge_observation", mistaken)).error?.code).toBe("PT404");
    }
    const trail = unwrap(await farAdmin.rpc("audit_trail", { school_id: far.id, row_id: id }));
    expect(trail.map(({ action, role }) => [action, role])).toEqual([["CREATE", "service_role"]]);
  });
});

describe("another school's row", () => {
  test("answers as an absent one does, by insert, upsert, PUT, update, delete and function", async () => {
    const department = await far.department("SECRET");
    const attempts = [department, randomUUID()].map(async (id) => {
      const row = { school_id: far.id, id, code: "SECRET", name: "Mine" };
      return [
        (await admin.from("departments").insert(row)).error,
        (await admin.from("departments").upsert(row)).error,
        (await admin.from("departments").update({ name: "Mine" }).eq("id", id).select()).data,
        (await admin.from("departments").delete().eq("id", id).select()).data,
        (await admin.rpc("remove", { table_name: "departments", school_id: far.id, id })).error,
        (await admin.rpc("restore", { table_name: "departments", school_id: far.id, id })).error,
      ];
    });
    const [present, absent] = await Promise.all(attempts);
    expect(present).toEqual(absent);
    expect(unwrap(await farAdmin.from("departments").select("name").eq("id", department))).toEqual([
      { name: "Department SECRET" },
    ]);
  });

  test("cannot be referred to: foreign and absent references get one answer", async () => {
    const framework_id = (await near.framework()).id;
    const farFramework = (await far.framework()).id;
    const base = { school_id: near.id, teacher_id: ours.teacher.id, observer_id: ours.leader.id, framework_id };
    const answers = await Promise.all(
      [
        { ...base, teacher_id: theirs.teacher.id },
        { ...base, teacher_id: randomUUID() },
        { ...base, framework_id: farFramework },
        { ...base, framework_id: randomUUID() },
        { ...base, school_id: far.id },
      ].map(async (row) => (await leader.from("observations").insert(row)).error),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.code).toBe("42501");
  });
});

describe("what a school has set", () => {
  test("shows in no refusal: the glass of another school says nothing of its minutes", async () => {
    const setting = { school_id: far.id, key: "break_glass_minutes", value: 47 };
    unwrap(await service.from("school_settings").insert(setting).select("id"));
    const strong = await withSecondFactor(leader);
    const glass = { observation_id: randomUUID(), reason: "Because I say so", minutes: 61 };
    const answers = await Promise.all(
      [far.id, randomUUID(), null as unknown as string].map(
        async (school_id) => (await strong.rpc("break_glass", { school_id, ...glass })).error,
      ),
    );
    expect(answers[0]?.code).toBe("PT404");
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test("a school that is null is nobody's: no check passes for it", async () => {
    const nobody = { school_id: null as unknown as string };
    for (const client of [admin, farTeacher]) {
      expect((await client.rpc("verify_audit", nobody)).error?.code).toBe("PT404");
      expect((await client.rpc("session_summary", { ...nobody, since: "2026-01-01" })).error?.code).toBe("PT404");
      const person = { ...nobody, user_id: ours.teacher.user_id ?? "", role: "admin" };
      expect((await client.rpc("add_membership", person)).error?.code).toBe("PT404");
      const record = { ...nobody, student_id: randomUUID() };
      expect((await client.rpc("read_student_records", { ...record, reason: "why" })).error?.code).toBe("PT404");
      expect((await client.rpc("write_student_record", { ...record, kind: "health", content: {} })).error?.code).toBe(
        "PT404",
      );
    }
  });
});
