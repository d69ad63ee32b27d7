import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Client, service, signIn } from "../support/clients.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

const DAY = 86_400_000;
const day = (offset: number) => new Date(Date.now() + offset * DAY).toISOString().slice(0, 10);
const hour = (offset: number) =>
  new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 + offset * 3_600_000).toISOString();

let school: FreshSchool;
let framework: { id: string; domains: string[] };
let members: Record<"admin" | "principal" | "leader" | "teacher" | "colleague", Membership>;
let clients: Record<keyof typeof members, Client>;
let lesson: string;
const plan = randomUUID();
const observation = randomUUID();
const here = () => ({ school_id: school.id });
const at = () => ({ ...here(), observation_id: observation });
const visits = (client: Client) =>
  client.from("planned_observations").select("*").eq("school_id", school.id).order("due_on");
const told = async (who: keyof typeof members) =>
  unwrap(await clients[who].from("notifications").select("kind").eq("school_id", school.id)).map(({ kind }) => kind);

beforeAll(async () => {
  school = await FreshSchool.create();
  framework = await school.framework();
  const departmentId = await school.department("MATH");
  const team = { department_id: departmentId };
  const people = {
    admin: await school.join("cycle-admin", "admin"),
    principal: await school.join("cycle-principal", "leader"),
    leader: await school.join("cycle-leader", "leader", { team_scope: "department", ...team }),
    teacher: await school.join("cycle-teacher", "teacher", team),
    colleague: await school.join("cycle-colleague", "teacher", team),
  };
  const entries = Object.entries(people);
  members = Object.fromEntries(entries.map(([name, { membership }]) => [name, membership])) as typeof members;
  clients = Object.fromEntries(
    await Promise.all(entries.map(async ([name, { email }]) => [name, await signIn(email)] as const)),
  ) as typeof clients;
}, 60_000);

describe("a year's evaluation, from the plan to the lock", () => {
  test("the office sets the year, a lesson and a question; a leader plans two visits", async () => {
    const year = await school.year("Y", day(-30), day(200));
    const group = await school.homeroom(year, "P1-A");
    const times = { starts_at: hour(48), ends_at: hour(49) };
    lesson = unwrap(
      await clients.admin.rpc("add_session", { ...here(), class_id: group, teacher_id: members.teacher.id, ...times }),
    ).id;
    const question = { ...here(), id: randomUUID(), question: "על מה להסתכל?" };
    expect((await clients.admin.from("pre_observation_questions").insert(question)).error).toBeNull();
    const visit = { observer_id: members.leader.id, teacher_id: members.teacher.id, kind: "evaluation" };
    const wish = { ...here(), academic_year_id: year, name: "Two visits", plan_id: plan };
    const planned = { ...wish, visits: [{ ...visit, times: 2, due_on: day(100) }] };
    const twice = await Promise.all([1, 2].map(() => clients.leader.rpc("plan_observations", planned)));
    expect(twice.map(({ error }) => error)).toEqual([null, null]);
    expect(unwrap(await visits(clients.leader)).map(({ due_on, status }) => [due_on, status])).toEqual([
      [day(50), "planned"],
      [day(100), "planned"],
    ]);
    expect(unwrap(await visits(clients.colleague))).toEqual([]);
  });

  test("the visit is bound to the lesson, the teacher is told and answers before it", async () => {
    const [first, second] = unwrap(await visits(clients.leader));
    const wish = { ...here(), planned_observation_id: String(first?.id), class_session_id: lesson };
    expect((await clients.principal.rpc("schedule_observation", wish)).error?.code).toBe("PT404");
    const scheduled = unwrap(await clients.leader.rpc("schedule_observation", wish));
    expect(scheduled).toMatchObject({ status: "scheduled", class_session_id: lesson });
    expect(new Date(String(scheduled.starts_at)).toISOString()).toBe(hour(48));
    const clash = { ...here(), planned_observation_id: String(second?.id), starts_at: hour(48), ends_at: hour(50) };
    const { error } = await clients.leader.rpc("schedule_observation", clash);
    expect(error).toMatchObject({ code: "PT409", hint: expect.stringContaining(`You make visit ${first?.id}`) });
    expect(await told("teacher")).toEqual(["observation_scheduled"]);
    const [asked] = unwrap(
      await clients.teacher.from("pre_observation_questions").select("id, question").eq("school_id", school.id),
    );
    const answers = [{ question_id: String(asked?.id), answer: "זמן ההמתנה" }];
    const answered = unwrap(
      await clients.teacher.rpc("answer_pre_observation", {
        ...here(),
        planned_observation_id: String(first?.id),
        answers,
      }),
    );
    expect(answered).toMatchObject([{ question: asked?.question, answer: "זמן ההמתנה" }]);
    expect(await told("leader")).toEqual(["observation_answered"]);
    const read = clients.leader.from("planned_observations").select("id, pre_observation_answers(question, answer)");
    expect(unwrap(await read.eq("id", String(first?.id)))[0]?.pre_observation_answers).toHaveLength(1);
  });

  test("two visits at one time, asked for at once: one is booked", async () => {
    const [, second] = unwrap(await visits(clients.leader));
    const made = unwrap(
      await service
        .from("planned_observations")
        .insert({
          ...here(),
          plan_id: plan,
          observer_id: members.leader.id,
          teacher_id: members.colleague.id,
          kind: "walkthrough",
          due_on: day(120),
        })
        .select("id")
        .single(),
    );
    const times = { starts_at: hour(72), ends_at: hour(73) };
    const outcomes = await Promise.all(
      [String(second?.id), made.id].map((id) =>
        clients.leader.rpc("schedule_observation", { ...here(), planned_observation_id: id, ...times }),
      ),
    );
    expect(outcomes.map(({ error }) => error?.code ?? "booked").sort()).toEqual(["PT409", "booked"]);
  });

  test("the office cancels the lesson: the visit is open again and its observer told", async () => {
    await clients.leader.rpc("read_notifications", here());
    expect(
      (await clients.admin.rpc("change_session", { ...here(), session_id: lesson, status: "cancelled" })).error,
    ).toBeNull();
    const [first] = unwrap(await visits(clients.leader));
    expect(first).toMatchObject({ status: "planned", class_session_id: null, starts_at: null });
    expect(await told("leader")).toContain("observation_unscheduled");
    const again = { ...here(), planned_observation_id: String(first?.id), class_session_id: lesson };
    expect((await clients.leader.rpc("schedule_observation", again)).error).toMatchObject({
      code: "PT422",
      hint: "The session is cancelled.",
    });
  });

  test("the leader drafts from the visit, with a step to take, and submits twice at once", async () => {
    const [first, second] = unwrap(await visits(clients.leader));
    const fields = Object.fromEntries(
      framework.domains.map((id, index) => [
        `rating:${id}:level`,
        { value: index === 4 ? null : 2 + (index % 2), at: hour(0) },
      ]),
    );
    const begin = {
      teacher_id: members.teacher.id,
      framework_id: framework.id,
      planned_observation_id: String(first?.id),
    };
    const saved = await clients.leader.rpc("save_observation_draft", { ...at(), fields, ...begin });
    expect(saved.error).toBeNull();
    const step = {
      ...at(),
      id: randomUUID(),
      description: "לחכות שלוש שניות",
      next_visit_on: day(60),
      planned_observation_id: String(second?.id),
    };
    expect((await clients.leader.from("action_steps").insert(step)).error).toBeNull();
    const coverage = clients.principal
      .from("observation_coverage")
      .select("planned, done, overdue")
      .eq("teacher_id", members.teacher.id);
    expect(unwrap(await coverage)).toEqual([{ planned: 2, done: 0, overdue: 0 }]);
    const outcomes = await Promise.all([1, 2, 3].map(() => clients.leader.rpc("submit_observation", at())));
    expect(outcomes.map(({ error }) => error?.code ?? "submitted").sort()).toEqual(["PT404", "PT404", "submitted"]);
    expect(unwrap(await coverage)).toEqual([{ planned: 2, done: 1, overdue: 0 }]);
    const { data: late, error } = await clients.leader.rpc("save_observation_draft", { ...at(), fields });
    expect([late, error?.code]).toEqual([null, "PT404"]);
    expect(await told("teacher")).toContain("observation_submitted");
  });

  test("the teacher shows the step done by a file, reflects and acknowledges; the observer amends, and it is read anew", async () => {
    const [step] = unwrap(await clients.teacher.from("action_steps").select("id").eq("observation_id", observation));
    const path = `${school.id}/action-steps/${step?.id}/board.txt`;
    const done = { ...here(), action_step_id: String(step?.id), evidence_path: path };
    expect((await clients.teacher.rpc("complete_action_step", done)).error?.code).toBe("PT422");
    const file = new Blob(["one, two, three"], { type: "text/plain" });
    expect((await clients.colleague.storage.from("evidence").upload(path, file)).error).not.toBeNull();
    expect((await clients.teacher.storage.from("evidence").upload(path, file)).error).toBeNull();
    const twice = await Promise.all([1, 2].map(() => clients.teacher.rpc("complete_action_step", done)));
    expect(twice.map(({ error }) => error?.code ?? "done").sort()).toEqual(["PT404", "done"]);
    expect(await unwrap(await clients.leader.storage.from("evidence").download(path)).text()).toBe("one, two, three");
    expect((await clients.colleague.storage.from("evidence").download(path)).error).not.toBeNull();
    expect((await clients.teacher.rpc("reflect_on_observation", { ...at(), reflection: "אכן" })).error).toBeNull();
    expect((await clients.teacher.rpc("acknowledge_observation", at())).error).toBeNull();
    const change = { ...at(), reason: "Misread the board", ratings: [{ domain_id: framework.domains[0], level: 4 }] };
    expect(unwrap(await clients.leader.rpc("amend_observation", change))).toMatchObject({
      version: 2,
      status: "submitted",
    });
    expect((await clients.leader.rpc("lock_observation", at())).error?.code).toBe("PT404");
    expect((await clients.teacher.rpc("acknowledge_observation", at())).error).toBeNull();
    expect(await told("leader")).toEqual(
      expect.arrayContaining(["action_step_done", "observation_reflected", "observation_acknowledged"]),
    );
    expect(await told("teacher")).toContain("observation_amended");
  });

  test("once locked it is amended no more, and both versions stay", async () => {
    expect((await clients.teacher.rpc("lock_observation", at())).error?.code).toBe("PT404");
    expect(unwrap(await clients.leader.rpc("lock_observation", at())).locked_at).not.toBeNull();
    const { error } = await clients.leader.rpc("amend_observation", { ...at(), reason: "Too late" });
    expect(error?.code).toBe("PT404");
    const kept = clients.teacher.from("observation_ratings").select("version, level").eq("observation_id", observation);
    const ratings = unwrap(await kept.eq("domain_id", String(framework.domains[0])).order("version"));
    expect(ratings).toEqual([
      { version: 1, level: 2 },
      { version: 2, level: 4 },
    ]);
    const growth = clients.principal.from("domain_growth").select("domain_code, average_level, average_position");
    const [planning] = unwrap(await growth.eq("teacher_id", members.teacher.id).eq("domain_code", "PLANNING"));
    expect(planning).toEqual({ domain_code: "PLANNING", average_level: 4, average_position: 1 });
  });
});
