import { randomUUID } from "node:crypto";
import { service } from "../support/clients.ts";
import { createPerson, FreshSchool } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";
import { schoolWithClasses } from "./school-with-classes.ts";
import { growthOf } from "./school-with-growth.ts";
import { schoolWithTrainings } from "./school-with-trainings.ts";
import type { Persona } from "./scopes.ts";

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

const SEEDED = [
  ...[
    "admin",
    "principal",
    "leader",
    "teacher1",
    "teacher2",
    "teacher3",
    "student1",
    "student2",
    "parent1",
    "parent2",
  ].map((who) => `${who}@hrz-01.example.test`),
  ...["admin", "principal", "teacher2", "student2", "parent2"].map((who) => `${who}@hrz-02.example.test`),
  ...["admin", "leader", "teacher1", "parent1"].map((who) => `${who}@lake-01.example.test`),
  ...["principal", "teacher3", "parent1"].map((who) => `${who}@solo-01.example.test`),
  "admin@herzl.example.test",
  "leader@herzl.example.test",
  "owner@platform.example.test",
  "both@example.test",
];

async function seededPersonas(): Promise<Persona[]> {
  const { data, error } = await service.auth.admin.listUsers({ page: 1, perPage: 1000 });
  if (error) throw error;
  const found = SEEDED.map((email) => ({ email, user: data.users.find((candidate) => candidate.email === email) }));
  // A deployment without the demonstration data is tried with the people made for it; half of the data would be a fault.
  if (found.every(({ user }) => !user)) return [];
  return found.map(({ email, user }) => {
    if (!user) throw new Error(`The demonstration data has no ${email}`);
    return { name: email, email, userId: user.id };
  });
}

/** A school with every kind of team, people of two roles, ended and future memberships, blocks and removed rows. */
async function mixedSchool(): Promise<Persona[]> {
  const school = await FreshSchool.create();
  const [a, b] = [await school.campus("A"), await school.campus("B")];
  const [math, lang] = [await school.department("MATH"), await school.department("LANG")];
  const admin = await school.join("mixed-admin", "admin");
  const principal = await school.join("mixed-principal", "leader");
  const campusLeader = await school.join("mixed-campus", "leader", { team_scope: "campus", campus_id: a });
  const department = { team_scope: "department", department_id: lang };
  const departmentLeader = await school.join("mixed-department", "leader", department);
  const narrowLeader = await school.join("mixed-narrow", "leader", { ...department, campus_id: a });
  const namedLeader = await school.join("mixed-named", "leader", { team_scope: "named" });
  const t1 = await school.join("mixed-t1", "teacher", { campus_id: a, department_id: math });
  const t2 = await school.join("mixed-t2", "teacher", { campus_id: a, department_id: lang });
  const t3 = await school.join("mixed-t3", "teacher", { campus_id: b, department_id: lang });
  const ended = await school.join("mixed-ended", "teacher", { campus_id: b, department_id: math, ends_on: day(-2) });
  const future = await school.join("mixed-future", "teacher", { campus_id: b, starts_on: day(3) });
  const inactive = await school.join("mixed-inactive", "admin", { active: false });
  const leaderAndTeacher = {
    ...departmentLeader,
    membership: await school.member(departmentLeader, "teacher", { department_id: lang }),
  };

  const supervision = { school_id: school.id, supervisor_id: namedLeader.membership.id };
  unwrap(
    await service
      .from("supervisions")
      .insert([
        { ...supervision, teacher_id: t3.membership.id, starts_on: "2025-09-01" },
        { ...supervision, teacher_id: t1.membership.id, starts_on: "2025-09-01", ends_on: day(-3) },
      ])
      .select("id"),
  );

  const pupil = await school.join("mixed-pupil", "student");
  const mother = await school.join("mixed-mother", "parent");
  const father = await school.join("mixed-father", "parent");
  const first = await school.student({ membership_id: pupil.membership.id });
  const second = await school.student({ given_name: "Omer" });
  const bond = { school_id: school.id, starts_on: "2025-09-01" };
  unwrap(
    await service
      .from("guardianships")
      .insert([
        { ...bond, student_id: first.id, guardian_id: mother.membership.id },
        { ...bond, student_id: first.id, guardian_id: father.membership.id },
        { ...bond, student_id: second.id, guardian_id: father.membership.id, ends_on: day(-2) },
      ])
      .select("id"),
  );
  const block = { school_id: school.id, student_id: first.id, reason: "Court order" };
  unwrap(
    await service
      .from("guardianship_blocks")
      .insert({ ...block, membership_id: father.membership.id })
      .select("id"),
  );
  // A blocked teacher of the school, who would otherwise see what any colleague sees.
  unwrap(
    await service
      .from("guardianship_blocks")
      .insert({ ...block, membership_id: t1.membership.id })
      .select("id"),
  );

  for (const [teacher, observer, more] of [
    [t1, principal, { status: "submitted" }],
    [t2, campusLeader, { status: "acknowledged" }],
    [t2, departmentLeader, { status: "draft" }],
    [t3, namedLeader, { status: "submitted", kind: "walkthrough" }],
    [t3, principal, { status: "submitted", kind: "coaching" }],
    [ended, principal, { status: "submitted" }],
    [leaderAndTeacher, principal, { status: "submitted" }],
    [t1, campusLeader, { status: "draft", deleted_at: "2026-03-05T08:00:00Z" }],
  ] as const) {
    const observation = await school.observation(teacher.membership, observer.membership, more);
    const { domains } = await school.framework();
    const child = { school_id: school.id, observation_id: observation.id };
    const ratings = domains.map((domain_id, index) => ({
      ...child,
      framework_id: observation.framework_id,
      domain_id,
      level: (index % 4) + 1,
    }));
    unwrap(await service.from("observation_ratings").insert(ratings).select("id"));
    unwrap(
      await service
        .from("observation_feedback")
        .insert({ ...child, teacher_reflection: "Agreed" })
        .select("id"),
    );
    unwrap(
      await service
        .from("action_steps")
        .insert({ ...child, description: "Pause" })
        .select("id"),
    );
    if (more.status === "submitted") {
      const amendment = { ...child, version: 2, reason: "A typing error" };
      unwrap(await service.from("observation_amendments").insert(amendment).select("id"));
    }
    if ("kind" in more && more.kind === "coaching") {
      const people = {
        admin_id: admin.membership.id,
        teacher_id: teacher.membership.id,
        observer_id: observer.membership.id,
      };
      const expires_at = new Date(Date.now() + 600_000).toISOString();
      unwrap(
        await service
          .from("break_glass_grants")
          .insert({ ...child, ...people, reason: "A complaint", expires_at })
          .select("id"),
      );
    }
  }

  await growthOf(school, { admin, principal, campusLeader, namedLeader, t1, t2, t3 });

  const draft = unwrap(
    await service
      .from("frameworks")
      .insert({ school_id: school.id, code: "OWN", name: "Our own" })
      .select("id")
      .single(),
  );
  const piece = { school_id: school.id, framework_id: draft.id };
  const calm = randomUUID();
  unwrap(
    await service
      .from("framework_levels")
      .insert({ ...piece, level: 1, code: "LOW", name: "Low" })
      .select("id"),
  );
  unwrap(
    await service
      .from("framework_domains")
      .insert({ ...piece, id: calm, code: "CALM", name: "Calm" })
      .select("id"),
  );
  unwrap(
    await service
      .from("framework_look_fors")
      .insert({ ...piece, domain_id: calm, description: "Speaks softly" })
      .select("id"),
  );
  unwrap(
    await service
      .from("departments")
      .insert({ school_id: school.id, code: "GONE", name: "Gone", deleted_at: "2026-01-01T00:00:00Z" })
      .select("id"),
  );
  unwrap(
    await service
      .from("role_permissions")
      .insert({ school_id: school.id, role: "teacher", permission: "students.read", scope: "none" })
      .select("id"),
  );
  unwrap(
    await service
      .from("school_settings")
      .insert({ school_id: school.id, key: "acknowledgement_days", value: 7 })
      .select("id"),
  );
  for (const person of [t1, pupil, mother, principal]) {
    const session = { school_id: school.id, membership_id: person.membership.id, session_id: randomUUID() };
    unwrap(await service.from("user_sessions").insert(session).select("id"));
  }
  const card = { school_id: school.id, membership_id: t1.membership.id, display_name: "Teacher One" };
  unwrap(await service.from("directory_cards").insert(card).select("id"));

  return Object.entries({
    admin,
    principal,
    campusLeader,
    departmentLeader,
    narrowLeader,
    namedLeader,
    t1,
    t2,
    t3,
    ended,
    future,
    inactive,
    pupil,
    mother,
    father,
  }).map(([name, { email, userId }]) => ({ name: `${name} of a mixed school`, email, userId }));
}

async function closedSchools(): Promise<Persona[]> {
  const suspended = await FreshSchool.create();
  const admin = await suspended.join("suspended-admin", "admin");
  const principal = await suspended.join("suspended-principal", "leader");
  const teacher = await suspended.join("suspended-teacher", "teacher");
  await suspended.observation(teacher.membership, principal.membership, { status: "submitted" });
  await suspended.student();
  unwrap(await service.from("schools").update({ status: "suspended" }).eq("id", suspended.id).select("id"));

  const careful = await FreshSchool.create();
  const careless = await careful.join("careless-admin", "admin");
  const other = await careful.join("careful-teacher", "teacher");
  unwrap(
    await service
      .from("school_settings")
      .insert({ school_id: careful.id, key: "second_factor_roles", value: ["admin"] })
      .select("id"),
  );

  const twoSchools = await createPerson("two-schools");
  const near = await FreshSchool.create();
  const far = await FreshSchool.create();
  await near.member(twoSchools, "leader");
  const there = await far.member(twoSchools, "teacher");
  const chief = await far.join("far-principal", "leader");
  await far.observation(there, chief.membership, { status: "submitted" });
  return Object.entries({
    "admin of a suspended school": admin,
    "teacher of a suspended school": teacher,
    "admin without the second factor": careless,
    "teacher beside them": other,
    "leader here and teacher there": twoSchools,
    "principal there": chief,
  }).map(([name, { email, userId }]) => ({ name, email, userId }));
}

/** Everyone whose rights are tried: the demonstration sign-ins and the people of schools made for it. */
export async function createWorld(): Promise<Persona[]> {
  return [
    ...(await seededPersonas()),
    ...(await mixedSchool()),
    ...(await schoolWithClasses()),
    ...(await schoolWithTrainings()),
    ...(await closedSchools()),
  ];
}
