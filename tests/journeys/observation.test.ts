import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Client, service, signIn } from "../support/clients.ts";
import { eventually } from "../support/eventually.ts";
import { createPerson, FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

const NOTES = "השיעור נפתח בדיון; the class worked in pairs";
const FILE = new Blob(["what the board said"], { type: "text/plain" });

let school: FreshSchool;
let teacherMembership: Membership;
let leaderMembership: Membership;
let clients: Record<
  "leader" | "teacher" | "colleague" | "principal" | "admin" | "otherAdmin" | "districtLeader" | "parent",
  Client
>;
let framework: { id: string; domains: string[] };
const observationId = randomUUID();

const observation = () => ({ school_id: school.id, observation_id: observationId });
const count = async (client: Client) =>
  unwrap(await client.from("observations").select("id").eq("school_id", school.id).eq("id", observationId)).length;
const path = () => `${school.id}/${observationId}/board.txt`;

beforeAll(async () => {
  const district = unwrap(
    await service
      .from("districts")
      .insert({ code: `D-${randomUUID().slice(0, 8).toUpperCase()}`, name: "District" })
      .select("id")
      .single(),
  );
  school = await FreshSchool.create({ district_id: district.id });
  const other = await FreshSchool.create();
  const departmentId = await school.department("MATH");
  const leader = await school.join("leader", "leader", { team_scope: "department", department_id: departmentId });
  const teacher = await school.join("teacher", "teacher", { department_id: departmentId });
  const colleague = await school.join("colleague", "teacher", { department_id: departmentId });
  const principal = await school.join("principal", "leader");
  const admin = await school.join("admin", "admin");
  const parent = await school.join("parent", "parent");
  const otherAdmin = await other.join("other-admin", "admin");
  const districtLeader = await createPerson("district-leader");
  const place = { district_id: district.id, user_id: districtLeader.userId, role: "leader", starts_on: "2025-09-01" };
  unwrap(await service.from("district_memberships").insert(place).select("id"));
  leaderMembership = leader.membership;
  teacherMembership = teacher.membership;
  framework = await school.framework();
  const people = { leader, teacher, colleague, principal, admin, otherAdmin, districtLeader, parent };
  const entries = await Promise.all(
    Object.entries(people).map(async ([name, { email }]) => [name, await signIn(email)] as const),
  );
  clients = Object.fromEntries(entries) as typeof clients;
}, 60_000);

describe("an evaluation from draft to acknowledgement", () => {
  test("a leader drafts, rates with evidence and attaches a file", async () => {
    const draft = unwrap(
      await clients.leader
        .from("observations")
        .insert({
          school_id: school.id,
          id: observationId,
          teacher_id: teacherMembership.id,
          observer_id: leaderMembership.id,
          framework_id: framework.id,
          observed_at: "2026-11-02T08:00:00Z",
          notes: NOTES,
        })
        .select()
        .single(),
    );
    expect(draft).toMatchObject({ status: "draft", version: 1, notes: NOTES, submitted_at: null });
    const ratings = framework.domains.map((domain_id, index) => ({
      ...observation(),
      framework_id: framework.id,
      domain_id,
      level: index === 2 ? null : Math.min(index + 1, 4),
      evidence: `Evidence ${index + 1}`,
    }));
    expect((await clients.leader.from("observation_ratings").insert(ratings)).error).toBeNull();
    const step = { ...observation(), description: "Pause after each question" };
    expect((await clients.leader.from("action_steps").insert(step)).error).toBeNull();
    const upload = await clients.leader.storage.from("evidence").upload(path(), FILE, { contentType: "text/plain" });
    expect(upload.error).toBeNull();
  });

  test("nobody but its observer sees the draft, its ratings or its file", async () => {
    expect(await count(clients.leader)).toBe(1);
    for (const name of [
      "teacher",
      "colleague",
      "principal",
      "admin",
      "otherAdmin",
      "districtLeader",
      "parent",
    ] as const) {
      expect(await count(clients[name]), name).toBe(0);
      const ratings = await clients[name].from("observation_ratings").select("id").eq("observation_id", observationId);
      expect(ratings.data, name).toEqual([]);
      const file = await clients[name].storage.from("evidence").download(path());
      expect(file.error, name).not.toBeNull();
      expect((await clients[name].storage.from("evidence").list(`${school.id}/${observationId}`)).data, name).toEqual(
        [],
      );
    }
  });

  test("of two submissions at once one succeeds", async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => clients.leader.rpc("submit_observation", observation())));
    expect(outcomes.filter((outcome) => !outcome.error)).toHaveLength(1);
    for (const { error } of outcomes.filter((outcome) => outcome.error)) {
      expect(error).toMatchObject({ code: "PT404", message: "Cannot submit the observation" });
    }
  });

  test("teacher, team leader, principal, admin and district leader see it; others do not", async () => {
    for (const name of ["leader", "teacher", "principal", "admin", "districtLeader"] as const)
      expect(await count(clients[name]), name).toBe(1);
    for (const name of ["colleague", "otherAdmin", "parent"] as const) expect(await count(clients[name]), name).toBe(0);
    const file = unwrap(await clients.teacher.storage.from("evidence").download(path()));
    expect(await file.text()).toBe("what the board said");
    expect((await clients.otherAdmin.storage.from("evidence").download(path())).error).not.toBeNull();
    const signed = await clients.colleague.storage.from("evidence").createSignedUrl(path(), 60);
    expect(signed.error).not.toBeNull();
  });

  test("a district leader pages through the district, school by school", async () => {
    const { data: schools } = await clients.districtLeader.from("schools").select("district_id").eq("id", school.id);
    const page = { district_id: String(schools?.[0]?.district_id), page_size: 10 };
    const rows = unwrap(await clients.districtLeader.rpc("district_observations", page));
    expect(rows.map((row) => row.id)).toEqual([observationId]);
    const older = { ...page, observed_before: String(rows[0]?.observed_at) };
    expect(unwrap(await clients.districtLeader.rpc("district_observations", older))).toEqual([]);
    for (const name of ["otherAdmin", "colleague", "parent"] as const) {
      expect(unwrap(await clients[name].rpc("district_observations", page)), name).toEqual([]);
    }
  });

  test("the summary leaves out what was not observed", async () => {
    const summary = unwrap(
      await clients.teacher.from("observation_summaries").select("*").eq("observation_id", observationId).single(),
    );
    const levels = [1, 2, 4, 4];
    expect(summary).toMatchObject({
      domains_rated: 4,
      domains_not_observed: 1,
      average_level: levels.reduce((a, b) => a + b) / 4,
    });
  });

  test("after submission the observer changes nothing directly", async () => {
    const change = await clients.leader
      .from("observations")
      .update({ notes: "Other" })
      .eq("id", observationId)
      .select();
    expect(change.data).toEqual([]);
    await clients.leader.from("observation_ratings").update({ level: 1 }).eq("observation_id", observationId);
    await clients.leader.from("observations").delete().eq("id", observationId);
    const late = await clients.leader.storage.from("evidence").upload(`${school.id}/${observationId}/late.txt`, FILE);
    expect(late.error).not.toBeNull();
    const removed = await clients.leader.storage.from("evidence").remove([path()]);
    expect(removed.data ?? []).toEqual([]);
    const ratings = unwrap(
      await service.from("observation_ratings").select("level").eq("observation_id", observationId),
    );
    expect(ratings.map(({ level }) => level).sort()).toEqual([1, 2, 4, 4, null]);
    expect(await count(clients.teacher)).toBe(1);
  });

  test("an amendment adds a version beside the first", async () => {
    const amended = await clients.leader.rpc("amend_observation", {
      ...observation(),
      reason: "The third domain was seen after all",
      ratings: [{ domain_id: framework.domains[2], level: 3, evidence: "Second half" }],
    });
    expect(amended.data).toMatchObject({ version: 2, status: "submitted" });
    const versions = unwrap(
      await clients.teacher.from("observation_ratings").select("version, level").eq("observation_id", observationId),
    );
    expect(
      versions
        .filter((row) => row.version === 1)
        .map((row) => row.level)
        .sort(),
    ).toEqual([1, 2, 4, 4, null]);
    expect(
      versions
        .filter((row) => row.version === 2)
        .map((row) => row.level)
        .sort(),
    ).toEqual([1, 2, 3, 4, 4]);
    const [amendment] = unwrap(
      await clients.teacher
        .from("observation_amendments")
        .select("version, reason")
        .eq("observation_id", observationId),
    );
    expect(amendment).toEqual({ version: 2, reason: "The third domain was seen after all" });
  });

  test("only the teacher reflects and acknowledges", async () => {
    for (const name of ["leader", "colleague", "principal", "admin", "otherAdmin", "districtLeader"] as const) {
      const { error } = await clients[name].rpc("acknowledge_observation", observation());
      expect(error?.code, name).toBe("PT404");
      const reflection = await clients[name].rpc("reflect_on_observation", { ...observation(), reflection: "Forged" });
      expect(reflection.error?.code, name).toBe("PT404");
    }
    const reflected = await clients.teacher.rpc("reflect_on_observation", {
      ...observation(),
      reflection: "אכין את השאלות מראש",
    });
    expect(reflected.data).toMatchObject({
      teacher_reflection: "אכין את השאלות מראש",
    });
    const met = await clients.leader.rpc("record_discussion", { ...observation(), met_on: "2026-11-05" });
    expect(met.data).toMatchObject({ discussion_met_on: "2026-11-05" });
    const acknowledged = await clients.teacher.rpc("acknowledge_observation", observation());
    expect(acknowledged.data).toMatchObject({ status: "acknowledged" });
    expect((await clients.teacher.rpc("acknowledge_observation", observation())).error?.code).toBe("PT404");
  });

  test("its audit trail reads back and verifies", async () => {
    const trail = unwrap(await clients.admin.rpc("audit_trail", { school_id: school.id, row_id: observationId }));
    expect(trail.map((entry) => entry.action)).toEqual(["UPDATE", "UPDATE", "UPDATE", "CREATE"]);
    expect(trail.map((entry) => entry.columns)).toEqual([
      ["acknowledged_at", "status"],
      ["version"],
      ["status", "submitted_at"],
      null,
    ]);
    expect(trail.map((entry) => entry.role)).toEqual(["teacher", "leader", "leader", "leader"]);
    expect(trail[0]).toMatchObject({
      before: { status: "submitted" },
      after: { status: "acknowledged" },
      membership: teacherMembership.id,
    });
    expect(trail[3]).toMatchObject({ before: null, after: null });
    expect(trail.every((entry) => entry.ip && entry.user_agent && entry.request_id && entry.session_id)).toBe(true);
    const own = unwrap(await clients.teacher.rpc("audit_trail", { school_id: school.id, row_id: observationId }));
    expect(own.map((entry) => entry.action)).toEqual(["UPDATE", "UPDATE", "UPDATE"]);
    expect(own.every((entry) => entry.ip === null)).toBe(true);
    for (const name of ["leader", "colleague", "otherAdmin", "parent"] as const) {
      expect(
        unwrap(await clients[name].rpc("audit_trail", { school_id: school.id })).filter((e) => e.row === observationId),
        name,
      ).toEqual([]);
      expect((await clients[name].rpc("verify_audit", { school_id: school.id })).error?.code, name).toBe("PT404");
    }
    const proof = await eventually(
      async () => {
        const [answer] = unwrap(await clients.admin.rpc("verify_audit", { school_id: school.id }));
        return answer && answer.entries_checked >= trail.length ? answer : undefined;
      },
      130,
      "the sealing job",
    );
    expect(proof).toMatchObject({ valid: true, first_bad_entry: null, problem: null });
    expect(proof.head).toMatch(/^[0-9a-f]{64}$/);
  }, 150_000);
});

describe("coaching stays behind its wall", () => {
  test("its two participants see it, before and after it is submitted as the rules say, and nobody else does", async () => {
    const id = randomUUID();
    const row = {
      school_id: school.id,
      id,
      kind: "coaching",
      teacher_id: teacherMembership.id,
      observer_id: leaderMembership.id,
      framework_id: framework.id,
    };
    expect(
      (
        await clients.leader
          .from("observations")
          .insert({ ...row, observed_at: "2026-11-03T08:00:00Z", notes: "Between us" })
      ).error,
    ).toBeNull();
    const seen = async (client: Client) => unwrap(await client.from("observations").select("id").eq("id", id)).length;
    expect(await seen(clients.teacher)).toBe(0);
    expect(
      (await clients.leader.rpc("submit_observation", { school_id: school.id, observation_id: id })).error,
    ).toBeNull();
    expect([await seen(clients.leader), await seen(clients.teacher)]).toEqual([1, 1]);
    for (const name of ["colleague", "principal", "admin", "districtLeader", "otherAdmin"] as const)
      expect(await seen(clients[name]), name).toBe(0);
    const trail = unwrap(await clients.admin.rpc("audit_trail", { school_id: school.id, row_id: id }));
    expect(trail.length).toBeGreaterThan(0);
    expect(JSON.stringify(trail)).not.toContain("Between us");
    const glass = await clients.admin.rpc("break_glass", {
      school_id: school.id,
      observation_id: id,
      reason: "A parent's complaint",
    });
    expect(glass.error).toMatchObject({ code: "PT403" });
  });
});

describe("rights end at once", () => {
  test("on tokens already issued, when a membership ends or the school is suspended", async () => {
    const place = await FreshSchool.create();
    const admin = await place.join("admin", "admin");
    const teacher = await place.join("teacher", "teacher");
    const principal = await place.join("principal", "leader");
    await place.observation(teacher.membership, principal.membership, { status: "submitted" });
    const [office, client] = [await signIn(admin.email), await signIn(teacher.email)];
    expect(unwrap(await client.from("observations").select("id"))).toHaveLength(1);
    const ended = await office.rpc("end_membership", { school_id: place.id, membership_id: teacher.membership.id });
    expect(ended.error).toBeNull();
    expect(unwrap(await client.from("observations").select("id"))).toEqual([]);
    const again = await office.rpc("add_membership", { school_id: place.id, user_id: teacher.userId, role: "teacher" });
    expect(again.data).toMatchObject({ id: teacher.membership.id, active: true });
    expect(unwrap(await client.from("observations").select("id"))).toHaveLength(1);
    unwrap(await service.from("schools").update({ status: "suspended" }).eq("id", place.id).select("id"));
    expect(unwrap(await client.from("observations").select("id"))).toEqual([]);
    expect(unwrap(await office.from("memberships").select("id"))).toEqual([]);
  });

  test("nobody ends or widens their own", async () => {
    const place = await FreshSchool.create();
    const admin = await place.join("admin", "admin");
    const office = await signIn(admin.email);
    const self = await office.rpc("add_membership", { school_id: place.id, user_id: admin.userId, role: "teacher" });
    expect(self.error?.code).toBe("PT404");
    const end = await office.rpc("end_membership", { school_id: place.id, membership_id: admin.membership.id });
    expect(end.error?.code).toBe("PT404");
    const wide = await office.rpc("set_role_permission", {
      school_id: place.id,
      role: "parent",
      permission: "students.read",
      scope: "school",
    });
    expect(wide.error?.code).toBe("PT422");
    const core = await office.rpc("set_role_permission", {
      school_id: place.id,
      role: "admin",
      permission: "audit.read",
      scope: "none",
    });
    expect(core.error?.code).toBe("PT422");
  });
});
