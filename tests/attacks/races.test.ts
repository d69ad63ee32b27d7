import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { type Client, service, signIn } from "../support/clients.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

let school: FreshSchool;
let leader: Client;
let teacher: Client;
let admin: Client;
let people: { leader: Membership; teacher: Membership };
let framework: { id: string; domains: string[] };
const drafts = Array.from({ length: 300 }, () => randomUUID());

beforeAll(async () => {
  school = await FreshSchool.create();
  const [observer, observed, office] = [
    await school.join("observer", "leader"),
    await school.join("observed", "teacher"),
    await school.join("office", "admin"),
  ];
  people = { leader: observer.membership, teacher: observed.membership };
  [leader, teacher, admin] = await Promise.all([signIn(observer.email), signIn(observed.email), signIn(office.email)]);
  framework = await school.framework();
  const base = {
    school_id: school.id,
    teacher_id: people.teacher.id,
    observer_id: people.leader.id,
    framework_id: framework.id,
    observed_at: "2026-03-02T08:00:00Z",
  };
  unwrap(
    await service
      .from("observations")
      .insert(drafts.map((id) => ({ ...base, id })))
      .select("id"),
  );
  const ratings = drafts.flatMap((observation_id) =>
    framework.domains.map((domain_id) => ({
      school_id: school.id,
      observation_id,
      framework_id: framework.id,
      domain_id,
      level: 1,
    })),
  );
  unwrap(await service.from("observation_ratings").insert(ratings).select("id"));
});

const levels = async (observation_id: string) =>
  unwrap(
    await teacher
      .from("observation_ratings")
      .select("domain_id, level")
      .eq("observation_id", observation_id)
      .order("domain_id"),
  );

describe("a statement that began before a submission and ends after it", () => {
  test.each([1, 2, 3])("changes no rating that the teacher has seen (%i)", async (round) => {
    const observation_id = String(drafts[round]);
    const change = leader
      .from("observation_ratings")
      .update({ level: round + 1 })
      .eq("school_id", school.id)
      .gte("level", 1)
      .then((answer) => answer);
    await sleep(40);
    expect((await leader.rpc("submit_observation", { school_id: school.id, observation_id })).error).toBeNull();
    const seen = await levels(observation_id);
    expect((await change).error).toBeNull();
    expect(await levels(observation_id)).toEqual(seen);
  });

  test("removes none", async () => {
    const observation_id = String(drafts[10]);
    const removal = leader
      .from("observation_ratings")
      .delete()
      .eq("school_id", school.id)
      .eq("domain_id", String(framework.domains[0]))
      .then((answer) => answer);
    await sleep(40);
    expect((await leader.rpc("submit_observation", { school_id: school.id, observation_id })).error).toBeNull();
    const seen = await levels(observation_id);
    await removal;
    expect(await levels(observation_id)).toEqual(seen);
  });

  test("adds none: all or nothing", async () => {
    const [domain_id] = framework.domains;
    const bare = unwrap(
      await leader
        .from("observations")
        .select("id, observation_ratings(domain_id)")
        .eq("school_id", school.id)
        .eq("status", "draft"),
    )
      .filter(({ observation_ratings }) => !observation_ratings.some((rating) => rating.domain_id === domain_id))
      .map(({ id }) => id);
    const observation_id = String(bare.at(-1));
    const rows = bare.map((id) => ({
      school_id: school.id,
      observation_id: id,
      framework_id: framework.id,
      domain_id: String(domain_id),
      level: 2,
    }));
    const addition = leader
      .from("observation_ratings")
      .insert(rows)
      .then((answer) => answer);
    await sleep(20);
    expect((await leader.rpc("submit_observation", { school_id: school.id, observation_id })).error).toBeNull();
    const seen = await levels(observation_id);
    expect((await addition).error?.code ?? "42501").toBe("42501");
    expect(await levels(observation_id)).toEqual(seen);
  });

  test("changes no level of a framework that was published", async () => {
    const { id } = unwrap(
      await admin.from("frameworks").insert({ school_id: school.id, code: "RACE", name: "Race" }).select("id").single(),
    );
    const part = { school_id: school.id, framework_id: id };
    const rows = Array.from({ length: 20 }, (_, index) => ({
      ...part,
      level: index + 1,
      code: `L${index}`,
      name: "Level",
    }));
    unwrap(await admin.from("framework_levels").insert(rows).select("id"));
    unwrap(
      await admin
        .from("framework_domains")
        .insert({ ...part, code: "D", name: "Domain" })
        .select("id"),
    );
    const read = async () =>
      unwrap(await admin.from("framework_levels").select("level, name").eq("framework_id", id).order("level"));
    const change = admin
      .from("framework_levels")
      .update({ name: "Other" })
      .eq("framework_id", id)
      .then((answer) => answer);
    expect((await admin.rpc("publish_framework", { school_id: school.id, framework_id: id })).error).toBeNull();
    const published = await read();
    await change;
    expect(await read()).toEqual(published);
  });
});

describe("two at once", () => {
  test("amendments make two versions, each whole", async () => {
    const observation_id = String(drafts[20]);
    expect((await leader.rpc("submit_observation", { school_id: school.id, observation_id })).error).toBeNull();
    const before = (await levels(observation_id)).length;
    const amend = {
      school_id: school.id,
      observation_id,
      reason: "A typing error",
      ratings: [{ domain_id: framework.domains[1], level: 4 }],
    };
    const answers = await Promise.all([1, 2, 3, 4].map(() => leader.rpc("amend_observation", amend)));
    expect(answers.map(({ error }) => error)).toEqual([null, null, null, null]);
    expect(new Set(answers.map(({ data }) => data?.version))).toEqual(new Set([2, 3, 4, 5]));
    expect(await levels(observation_id)).toHaveLength(before * 5);
  });

  test("acknowledgement and amendment never leave an acknowledged version that was not read", async () => {
    const observation_id = String(drafts[21]);
    expect((await leader.rpc("submit_observation", { school_id: school.id, observation_id })).error).toBeNull();
    await Promise.all([
      leader.rpc("amend_observation", { school_id: school.id, observation_id, reason: "A typing error" }),
      teacher.rpc("acknowledge_observation", { school_id: school.id, observation_id }),
    ]);
    const row = unwrap(
      await teacher.from("observations").select("status, version, acknowledged_at").eq("id", observation_id).single(),
    );
    expect(row.version).toBe(2);
    expect(row.acknowledged_at === null).toBe(row.status === "submitted");
  });
});
