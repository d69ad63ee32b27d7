import { beforeAll, describe, expect, test } from "vitest";
import { type Client, service, signIn } from "../support/clients.ts";
import { createPerson, FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

type Who = "principal" | "leader" | "teacher" | "colleague" | "stranger" | "parent" | "district";

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

let school: FreshSchool;
let districtId: string;
let framework: { id: string; domains: string[] };
const neighbours: FreshSchool[] = [];
const members = {} as Record<Who, Membership>;
const clients = {} as Record<Who, Client>;

/** A submitted visit by its observer's own hands, with a level for each domain in order; null is not observed. */
async function observe(levels: (number | null)[], more: { kind?: string; planned?: string } = {}): Promise<string> {
  const { id } = unwrap(
    await clients.leader
      .from("observations")
      .insert({
        school_id: school.id,
        teacher_id: members.teacher.id,
        observer_id: members.leader.id,
        framework_id: framework.id,
        kind: more.kind ?? "evaluation",
        planned_observation_id: more.planned ?? null,
      })
      .select("id")
      .single(),
  );
  const ratings = levels.map((level, i) => ({
    school_id: school.id,
    observation_id: id,
    framework_id: framework.id,
    domain_id: framework.domains[i] ?? "",
    level,
  }));
  unwrap(await clients.leader.from("observation_ratings").insert(ratings).select());
  unwrap(await clients.leader.rpc("submit_observation", { school_id: school.id, observation_id: id }));
  return id;
}

const board = async (who: Who) => unwrap(await clients[who].rpc("team_board", { school_id: school.id }));
const lineOf = async (who: Who, of: Who) => (await board(who)).find((line) => line.teacher_id === members[of].id);

/** A school of the district whose teachers were each rated once. */
async function neighbour(teachers: number): Promise<void> {
  const other = await FreshSchool.create({ district_id: districtId });
  neighbours.push(other);
  await other.year("NOW", day(-100), day(100));
  const { id: framework_id, domains } = await other.framework();
  const members = unwrap(
    await service
      .from("memberships")
      .insert([
        { school_id: other.id, role: "leader", team_scope: "school", starts_on: day(-300) },
        ...Array.from({ length: teachers }, () => ({ school_id: other.id, role: "teacher", starts_on: day(-300) })),
      ])
      .select(),
  );
  const [observer, ...rated] = members.toSorted((a, b) => a.role.localeCompare(b.role));
  for (const teacher of rated) {
    if (observer === undefined) throw new Error("Nobody observes");
    const { id } = await other.observation(teacher, observer, {
      status: "submitted",
      observed_at: `${day(-5)}T08:00:00Z`,
    });
    const rating = { school_id: other.id, observation_id: id, framework_id, domain_id: domains[0] ?? "", level: 4 };
    unwrap(await service.from("observation_ratings").insert(rating).select());
  }
}

beforeAll(async () => {
  const district = { code: `D-${crypto.randomUUID().slice(0, 8).toUpperCase()}`, name: "District" };
  districtId = unwrap(await service.from("districts").insert(district).select("id").single()).id;
  school = await FreshSchool.create({ district_id: districtId });
  const yearId = await school.year("NOW", day(-100), day(100));
  unwrap(await service.from("academic_years").update({ is_current: true }).eq("id", yearId).select());
  framework = await school.framework();
  const team = { department_id: await school.department("MATH") };
  const people = {
    principal: await school.join("boards-principal", "leader"),
    leader: await school.join("boards-leader", "leader", { team_scope: "department", ...team }),
    teacher: await school.join("boards-teacher", "teacher", team),
    colleague: await school.join("boards-colleague", "teacher", team),
    stranger: await school.join("boards-stranger", "teacher"),
    parent: await school.join("boards-parent", "parent"),
  };
  for (const [name, { email, membership }] of Object.entries(people) as [Who, (typeof people)["teacher"]][]) {
    members[name] = membership;
    clients[name] = await signIn(email);
  }
  const person = await createPerson("boards-district");
  const row = { district_id: districtId, user_id: person.userId, role: "leader", starts_on: day(-300) };
  unwrap(await service.from("district_memberships").insert(row).select());
  clients.district = await signIn(person.email);
}, 60_000);

describe("a leader's team page", () => {
  test("shows the work of the year at once, by those who did it", async () => {
    const names = async (who: Who) => (await board(who)).map(({ teacher_id }) => teacher_id).sort();
    const idsOf = (...who: Who[]) => who.map((each) => members[each].id).sort();
    expect(await names("leader")).toEqual(idsOf("teacher", "colleague"));
    for (const who of ["principal", "district"] as const)
      expect(await names(who), who).toEqual(idsOf("teacher", "colleague", "stranger"));
    for (const who of ["teacher", "parent"] as const) expect(await names(who), who).toEqual([]);

    const year = unwrap(await clients.leader.from("academic_years").select("id").eq("school_id", school.id).single());
    const visit = { observer_id: members.leader.id, teacher_id: members.teacher.id, kind: "evaluation", times: 2 };
    const plan = await clients.leader.rpc("plan_observations", {
      school_id: school.id,
      academic_year_id: year.id,
      name: "Two visits",
      visits: [{ ...visit, due_on: day(60) }],
    });
    const planned = unwrap(
      await clients.leader.from("planned_observations").select("id").eq("plan_id", unwrap(plan).id).order("due_on"),
    );
    await observe([2, 3, null], { planned: planned[0]?.id ?? "" });
    const second = await observe([4, 4], { kind: "walkthrough" });
    expect(await lineOf("leader", "teacher")).toMatchObject({
      planned: 2,
      done: 1,
      overdue: 0,
      observations: 2,
      unacknowledged: 2,
      latest_average: 4,
      latest_position: 1,
      average_position: Math.round(((2 + 3 + 4 + 4 - 4) / (4 * 3)) * 10_000) / 10_000,
      trend: null,
    });
    unwrap(await clients.teacher.rpc("acknowledge_observation", { school_id: school.id, observation_id: second }));
    expect(await lineOf("principal", "teacher")).toMatchObject({ observations: 2, unacknowledged: 1 });
    const components = unwrap(await clients.leader.rpc("team_components", { school_id: school.id }));
    expect(
      components.map(({ ratings, not_observed, average_level }) => [ratings, not_observed, average_level]),
    ).toEqual([
      [2, 0, 3],
      [2, 0, 3.5],
      [0, 1, null],
    ]);
    expect(components[0]?.levels).toMatchObject([{ ratings: 0 }, { ratings: 1 }, { ratings: 0 }, { ratings: 1 }]);
  });

  test("holds nothing of coaching, and the teacher's own page neither", async () => {
    const pages = async () => [
      await board("leader"),
      unwrap(await clients.leader.rpc("teacher_board", { school_id: school.id, teacher_id: members.teacher.id })),
      unwrap(await clients.teacher.rpc("teacher_board", { school_id: school.id })),
      unwrap(await clients.principal.rpc("school_board", { school_id: school.id })),
    ];
    const before = await pages();
    expect(before[2]).toMatchObject({ teacher_id: members.teacher.id, visits: { planned: 2, done: 1 } });
    expect(before[3]).toMatchObject({
      totals: { teachers: 3, observations: 2, acknowledged: 1, average_position: 0.75 },
    });
    await observe([1, 1, 1], { kind: "coaching" });
    expect(await pages()).toEqual(before);
    const others = [
      clients.colleague.rpc("teacher_board", { school_id: school.id, teacher_id: members.teacher.id }),
      clients.parent.rpc("teacher_board", { school_id: school.id, teacher_id: members.teacher.id }),
      clients.leader.rpc("school_board", { school_id: school.id }),
    ];
    for (const answer of others) expect(await answer).toMatchObject({ data: null, error: null });
  });
});

describe("a district's comparison", () => {
  test("hides a small school, and with it whatever would give it away", async () => {
    for (const teachers of [6, 7]) await neighbour(teachers);
    const compare = async (who: Who) => {
      const lines = unwrap(await clients[who].rpc("district_board", { district_id: districtId }));
      const ids = [school.id, ...neighbours.map(({ id }) => id)];
      const order = (id: string | null) => (id === null ? ids.length : ids.indexOf(id));
      return lines
        .toSorted((a, b) => order(a.school_id) - order(b.school_id))
        .map(({ hidden, teachers_rated, average_position }) => [hidden, teachers_rated, average_position]);
    };
    // One teacher of four ratings, and 13 of the highest level.
    const whole = Math.round(((9 / 3 + 13) / 17) * 10_000) / 10_000;
    expect(await compare("district")).toEqual([
      [true, null, null],
      [true, null, null],
      [false, 7, 1],
      [false, 14, whole],
    ]);
    expect(await compare("principal")).toEqual([[true, null, null]]);
    for (const who of ["leader", "teacher", "parent"] as const) expect(await compare(who), who).toEqual([]);
  }, 60_000);
});
