import { beforeAll, describe, expect, test } from "vitest";
import { service } from "../support/clients.ts";
import { queued, type Statement } from "../support/queued.ts";
import { FreshSchool } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

type Joined = Awaited<ReturnType<FreshSchool["join"]>>;

let school: FreshSchool;
let framework: { id: string; domains: string[] };
let people: Record<"admin" | "principal" | "leader" | "teacher", Joined>;

beforeAll(async () => {
  school = await FreshSchool.create();
  framework = await school.framework();
  people = {
    admin: await school.join("once-admin", "admin"),
    principal: await school.join("once-principal", "leader"),
    leader: await school.join("once-leader", "leader"),
    teacher: await school.join("once-teacher", "teacher"),
  };
}, 60_000);

async function draft(): Promise<string> {
  const { id } = await school.observation(people.teacher.membership, people.leader.membership);
  const rating = { school_id: school.id, observation_id: id, framework_id: framework.id, level: 2 };
  unwrap(
    await service
      .from("observation_ratings")
      .insert({ ...rating, domain_id: framework.domains[0] ?? "" })
      .select("id"),
  );
  return id;
}

const save = (id: string, notes: string): Statement => {
  const fields = JSON.stringify({ notes: { value: notes, at: new Date().toISOString() } });
  return [people.leader, "select public.save_observation_draft($1, $2, $3)", school.id, id, fields];
};
const submit = (id: string): Statement => [people.leader, "select public.submit_observation($1, $2)", school.id, id];
const state = async (id: string) =>
  unwrap(await service.from("observations").select("status, notes").eq("id", id).single());

describe("of two steps at once the second sees the first", () => {
  test("a save that a submission overtakes is refused, and one before it is in it", async () => {
    const overtaken = await draft();
    expect(await queued(submit(overtaken), save(overtaken, "Too late"))).toEqual(["done", "PT404"]);
    expect(await state(overtaken)).toEqual({ status: "submitted", notes: null });
    const before = await draft();
    expect(await queued(save(before, "In time"), submit(before))).toEqual(["done", "done"]);
    expect(await state(before)).toEqual({ status: "submitted", notes: "In time" });
  });

  test("a draft is submitted once", async () => {
    const id = await draft();
    expect(await queued(submit(id), submit(id))).toEqual(["done", "PT404"]);
  });

  test("what is being amended is not locked, and what is being locked not amended", async () => {
    for (const [step, other] of [
      ["amend_observation($1, $2, 'Because')", "lock_observation($1, $2)"],
      ["lock_observation($1, $2)", "amend_observation($1, $2, 'Because')"],
    ] as const) {
      const { id } = await school.observation(people.teacher.membership, people.leader.membership, {
        status: "acknowledged",
      });
      const steps = [step, other].map((call): Statement => [people.leader, `select public.${call}`, school.id, id]);
      expect(await queued(steps[0] as Statement, steps[1] as Statement), step).toEqual(["done", "PT404"]);
    }
  });

  test("the last two raters of a calibration complete it", async () => {
    const raters = [people.principal, people.leader];
    const ids = raters.map(({ membership }) => membership.id);
    expect(
      await queued([
        people.admin,
        "select public.open_calibration($1, $2, 'At once', $3, calibration_id => $4)",
        school.id,
        framework.id,
        ids,
        framework.id,
      ]),
    ).toEqual(["done"]);
    const ratings = JSON.stringify(framework.domains.map((domain_id) => ({ domain_id, level: 2 })));
    const rate = (who: Joined): Statement => [
      who,
      "select public.submit_calibration($1, $2, $3)",
      school.id,
      framework.id,
      ratings,
    ];
    expect(await queued(rate(people.principal), rate(people.leader))).toEqual(["done", "done"]);
    const calibration = service.from("calibrations").select("status").eq("id", framework.id).single();
    expect(unwrap(await calibration).status).toBe("complete");
  });

  test("a visit is not bound to a lesson that is being cancelled, and is released from one that it was bound to", async () => {
    const year = await school.year("Y", "2030-09-01", "2031-07-31");
    const group = await school.homeroom(year, "P1-A");
    const base = { school_id: school.id };
    const plan = { ...base, academic_year_id: year, author_id: people.leader.membership.id, name: "Plan" };
    const { id: plan_id } = unwrap(await service.from("observation_plans").insert(plan).select("id").single());
    const pair = { observer_id: people.leader.membership.id, teacher_id: people.teacher.membership.id };
    for (const [hour, cancelFirst] of [
      ["08", true],
      ["10", false],
    ] as const) {
      const times = { day: "2031-01-06", starts_at: `2031-01-06T${hour}:00Z`, ends_at: `2031-01-06T${hour}:45Z` };
      const lesson = { ...base, class_id: group, teacher_id: pair.teacher_id, ...times };
      const { id: session } = unwrap(await service.from("class_sessions").insert(lesson).select("id").single());
      const wish = { ...base, plan_id, ...pair, kind: "evaluation", due_on: "2031-02-01" };
      const { id: visit } = unwrap(await service.from("planned_observations").insert(wish).select("id").single());
      const bind: Statement = [
        people.leader,
        "select public.schedule_observation($1, $2, $3)",
        school.id,
        visit,
        session,
      ];
      const cancel: Statement = [people.admin, "select public.change_session($1, $2, 'cancelled')", school.id, session];
      const came = cancelFirst ? await queued(cancel, bind) : await queued(bind, cancel);
      expect(came).toEqual(["done", cancelFirst ? "PT422" : "done"]);
      const [row] = unwrap(
        await service.from("planned_observations").select("status, class_session_id").eq("id", visit),
      );
      expect(row).toEqual({ status: "planned", class_session_id: null });
    }
  });

  test("of two versions published at once the older is retired", async () => {
    const versions: string[] = [];
    for (const version of [2, 3]) {
      const row = { school_id: school.id, code: "OWN", version, name: "Our own" };
      const { id } = unwrap(await service.from("frameworks").insert(row).select("id").single());
      const piece = { school_id: school.id, framework_id: id };
      unwrap(
        await service
          .from("framework_domains")
          .insert({ ...piece, code: "D", name: "D" })
          .select("id"),
      );
      const levels = [1, 2].map((level) => ({ ...piece, level, code: `L${level}`, name: "L" }));
      unwrap(await service.from("framework_levels").insert(levels).select("id"));
      versions.push(id);
    }
    const publish = (id: string | undefined): Statement => [
      people.admin,
      "select public.publish_framework($1, $2)",
      school.id,
      id,
    ];
    expect(await queued(publish(versions[0]), publish(versions[1]))).toEqual(["done", "done"]);
    const rows = unwrap(
      await service
        .from("frameworks")
        .select("version, status")
        .eq("school_id", school.id)
        .eq("code", "OWN")
        .order("version"),
    );
    expect(rows).toEqual([
      { version: 2, status: "retired" },
      { version: 3, status: "published" },
    ]);
  });
});
