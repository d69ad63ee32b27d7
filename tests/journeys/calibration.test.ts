import { beforeAll, describe, expect, test } from "vitest";
import { type Client, signIn } from "../support/clients.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

type Who = "admin" | "principal" | "first" | "second" | "third" | "teacher";
type Levels = (number | null)[];

/** Kappa by the contingency table with quadratic weights, as Cohen (1968) and every textbook print it. */
function kappa(pairs: [number, number][], levels: number): number | null {
  const share = (count: number) => count / pairs.length;
  let seen = 0;
  let expected = 0;
  for (let i = 1; i <= levels; i += 1)
    for (let j = 1; j <= levels; j += 1) {
      const weight = ((i - j) / (levels - 1)) ** 2;
      seen += weight * share(pairs.filter(([a, b]) => a === i && b === j).length);
      expected +=
        weight * share(pairs.filter(([a]) => a === i).length) * share(pairs.filter(([, b]) => b === j).length);
    }
  return expected === 0 ? null : 1 - seen / expected;
}

const zip = (a: Levels, b: Levels): [number, number][] =>
  a.flatMap((x, index) => {
    const y = b[index] ?? null;
    return x === null || y === null ? [] : [[x, y] as [number, number]];
  });
const mean = (numbers: (number | null)[]) => {
  const defined = numbers.filter((number) => number !== null);
  return defined.reduce((sum, number) => sum + number, 0) / defined.length;
};

/** What three observers saw in four lessons, five domains each. */
const LESSONS: Record<"first" | "second" | "third", Levels>[] = [
  { first: [1, 2, 3, 4, 2], second: [1, 2, 4, 4, 2], third: [2, 2, 1, 3, 2] },
  { first: [2, 2, 3, 3, 2], second: [2, 3, 3, 3, 2], third: [4, 1, null, 2, 2] },
  { first: [4, 1, 2, 1, 2], second: [4, 1, 2, 2, 2], third: [1, 3, 2, 4, 2] },
  { first: [3, 4, null, 2, 2], second: [3, 4, 1, 2, 2], third: [3, 2, 3, 2, 2] },
];
const raters = ["first", "second", "third"] as const;
const couples = [
  ["first", "second"],
  ["first", "third"],
  ["second", "third"],
] as const;

let school: FreshSchool;
let framework: { id: string; domains: string[] };
let members: Record<Who, Membership>;
let clients: Record<Who, Client>;
const calibrations: string[] = [];
const here = () => ({ school_id: school.id });

const rate = (who: Who, calibration: string, levels: Levels) =>
  clients[who].rpc("submit_calibration", {
    ...here(),
    calibration_id: calibration,
    ratings: framework.domains.map((domain_id, index) => ({ domain_id, level: levels[index] ?? null })),
  });
const seen = async (who: Who, calibration: string) =>
  unwrap(await clients[who].from("calibration_ratings").select("rater_id").eq("calibration_id", calibration)).length;
const evaluate = async (who: Who) => {
  const row = { ...here(), observer_id: members[who].id, teacher_id: members.teacher.id, framework_id: framework.id };
  const made = unwrap(await clients[who].from("observations").insert(row).select("id").single());
  const rating = {
    ...here(),
    observation_id: made.id,
    framework_id: framework.id,
    domain_id: framework.domains[0] ?? "",
  };
  unwrap(
    await clients[who]
      .from("observation_ratings")
      .insert({ ...rating, level: 3 })
      .select("id"),
  );
  return clients[who].rpc("submit_observation", { ...here(), observation_id: made.id });
};

beforeAll(async () => {
  school = await FreshSchool.create();
  framework = await school.framework();
  const team = { department_id: await school.department("MATH") };
  const leader = { team_scope: "department", ...team };
  const people = {
    admin: await school.join("calibration-admin", "admin"),
    principal: await school.join("calibration-principal", "leader"),
    first: await school.join("calibration-first", "leader", leader),
    second: await school.join("calibration-second", "leader", leader),
    third: await school.join("calibration-third", "leader", leader),
    teacher: await school.join("calibration-teacher", "teacher", team),
  };
  const entries = Object.entries(people);
  members = Object.fromEntries(entries.map(([name, { membership }]) => [name, membership])) as typeof members;
  clients = Object.fromEntries(
    await Promise.all(entries.map(async ([name, { email }]) => [name, await signIn(email)] as const)),
  ) as typeof clients;
}, 60_000);

describe("calibration", () => {
  test("observers rate the same recordings blind: until all have, nobody sees another's ratings", async () => {
    for (const [index, lesson] of LESSONS.entries()) {
      const wish = {
        ...here(),
        framework_id: framework.id,
        title: `Lesson ${index + 1}`,
        rater_ids: raters.map((who) => members[who].id),
        recording_url: `https://videos.example.test/${index + 1}`,
      };
      if (index === 0) expect((await clients.first.rpc("open_calibration", wish)).error?.code).toBe("PT404");
      const { id } = unwrap(await clients.principal.rpc("open_calibration", wish));
      calibrations.push(id);
      expect((await rate("first", id, lesson.first)).error).toBeNull();
      expect((await rate("first", id, lesson.second)).error?.code).toBe("PT404");
      for (const who of ["second", "third", "principal", "admin", "teacher"] as const)
        expect(await seen(who, id), who).toBe(0);
      expect(unwrap(await clients.admin.from("calibration_pairs").select("*").eq("calibration_id", id))).toEqual([]);
      // The last two at once: whoever comes second completes it.
      const outcomes = await Promise.all((["second", "third"] as const).map((who) => rate(who, id, lesson[who])));
      expect(outcomes.map(({ error }) => error)).toEqual([null, null]);
      for (const who of [...raters, "principal", "admin"] as const) expect(await seen(who, id), who).toBe(15);
      expect(await seen("teacher", id)).toBe(0);
    }
  });

  test("bad input is refused with a code and a hint", async () => {
    const wish = {
      ...here(),
      framework_id: framework.id,
      title: "One more",
      rater_ids: [members.first.id, members.second.id],
    };
    const { id } = unwrap(await clients.principal.rpc("open_calibration", wish));
    for (const levels of [
      [5, 1, 1, 1, 1],
      [0, 1, 1, 1, 1],
    ])
      expect((await rate("first", id, levels)).error).toMatchObject({ code: "PT422", hint: expect.any(String) });
    const { domains } = await school.framework("GROWTH-5");
    const ratings = domains.map((domain_id) => ({ domain_id, level: 1 }));
    const other = { ...here(), calibration_id: id, ratings };
    expect((await clients.first.rpc("submit_calibration", other)).error?.code).toBe("PT422");
    expect((await rate("third", id, [1, 1, 1, 1, 1])).error?.code).toBe("PT404");
    const one = { ...wish, rater_ids: [members.first.id, members.first.id] };
    expect((await clients.principal.rpc("open_calibration", one)).error?.code).toBe("PT422");
  });

  test("weighted kappa per domain and over all is the mean of the pairs' by their contingency tables", async () => {
    const rows = unwrap(
      await clients.principal.rpc("calibration_agreement", { ...here(), framework_id: framework.id }),
    );
    for (const [index, domain_id] of framework.domains.entries()) {
      const column = (who: (typeof raters)[number]) => LESSONS.map((lesson) => lesson[who][index] ?? null);
      const byTable = couples.map(([a, b]) => kappa(zip(column(a), column(b)), 4));
      const row = rows.find((found) => found.domain_id === domain_id);
      // In the fifth domain all gave one level throughout: there is no kappa to have, and no pair pretends to one.
      if (index === 4) expect(row).toMatchObject({ kappa: null, pairs: 3, undefined_pairs: 3, exact_percent: 100 });
      else expect(row?.kappa, `domain ${index + 1}`).toBeCloseTo(mean(byTable), 4);
    }
    const flat = (who: (typeof raters)[number]) => LESSONS.flatMap((lesson) => lesson[who]);
    const all = couples.map(([a, b]) => kappa(zip(flat(a), flat(b)), 4));
    expect(rows.find((row) => row.domain_id === null)?.kappa).toBeCloseTo(mean(all), 4);
    const own = unwrap(await clients.first.rpc("my_calibration", { ...here(), framework_id: framework.id }));
    expect(own).toBeCloseTo(mean([all[0] ?? null, all[1] ?? null]), 4);
    const [only] = calibrations;
    const one = await clients.second.rpc("calibration_agreement", {
      ...here(),
      framework_id: framework.id,
      calibration_id: only,
    });
    const first = LESSONS[0];
    const pairs = couples.map(([a, b]) => kappa(zip(first?.[a] ?? [], first?.[b] ?? []), 4));
    expect(unwrap(one).find((row) => row.domain_id === null)?.kappa).toBeCloseTo(mean(pairs), 4);
  });

  test("a school that asks for a minimum lets only calibrated observers submit evaluations", async () => {
    const minimum = (value: number) =>
      clients.admin.rpc("set_school_setting", { ...here(), key: "calibration_minimum_percent", value });
    const own = async (who: Who) =>
      Number((await clients[who].rpc("my_calibration", { ...here(), framework_id: framework.id })).data);
    const between = Math.ceil(100 * Math.max(await own("third"), 0)) + 1;
    expect(100 * (await own("first"))).toBeGreaterThan(between);
    expect((await minimum(between)).error).toBeNull();
    expect((await evaluate("first")).error).toBeNull();
    for (const who of ["third", "principal"] as const)
      expect((await evaluate(who)).error, who).toMatchObject({
        code: "PT422",
        hint: expect.stringContaining(`${between} percent`),
      });
    expect((await minimum(0)).error).toBeNull();
    expect((await evaluate("third")).error).toBeNull();
  });
});
