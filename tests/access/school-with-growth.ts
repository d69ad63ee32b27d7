import { randomUUID } from "node:crypto";
import { service } from "../support/clients.ts";
import type { FreshSchool, Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

type Who = "admin" | "principal" | "campusLeader" | "namedLeader" | "t1" | "t2" | "t3";
type Table = "goals" | "planned_observations" | "coaching_shares" | "calibration_raters" | "calibration_ratings";

const add = async (table: Table, rows: Record<string, unknown>[]) =>
  unwrap(
    await service
      .from(table)
      .insert(rows as never)
      .select("id"),
  );

/** Plans with visits of every kind, shares in force and taken back, calibrations open and complete, goals in a tree. */
export async function growthOf(school: FreshSchool, people: Record<Who, { membership: Membership }>): Promise<void> {
  const id = (who: Who) => people[who].membership.id;
  const base = { school_id: school.id };
  const { id: framework_id, domains } = await school.framework();
  const year = await school.year("GROWTH", "2026-09-01", "2027-07-31");

  const plan = { ...base, id: randomUUID(), academic_year_id: year, author_id: id("admin"), name: "Visits" };
  const coaching = { ...plan, id: randomUUID(), author_id: id("principal"), name: "Coaching" };
  unwrap(await service.from("observation_plans").insert([plan, coaching]).select("id"));
  const visit = { ...base, plan_id: plan.id, due_on: "2027-01-15" };
  const announced = randomUUID();
  await add("planned_observations", [
    { ...visit, id: announced, observer_id: id("principal"), teacher_id: id("t1"), kind: "evaluation" },
    { ...visit, id: randomUUID(), observer_id: id("campusLeader"), teacher_id: id("t2"), kind: "walkthrough" },
    {
      ...visit,
      id: randomUUID(),
      plan_id: coaching.id,
      observer_id: id("principal"),
      teacher_id: id("t3"),
      kind: "coaching",
    },
  ]);
  const question = unwrap(
    await service
      .from("pre_observation_questions")
      .insert({ ...base, question: "What shall I look at?" })
      .select("id")
      .single(),
  );
  unwrap(
    await service
      .from("pre_observation_answers")
      .insert({
        ...base,
        planned_observation_id: announced,
        question_id: question.id,
        question: "What shall I look at?",
        answer: "Pace",
      })
      .select("id"),
  );

  const lookFors = [randomUUID(), randomUUID()] as const;
  unwrap(
    await service
      .from("framework_look_fors")
      .insert(
        lookFors.map((look) => ({
          ...base,
          id: look,
          framework_id,
          domain_id: domains[0] ?? "",
          description: "Waits",
        })),
      )
      .select("id"),
  );
  const observations = unwrap(
    await service.from("observations").select("id, kind, status, teacher_id").eq("school_id", school.id),
  );
  unwrap(
    await service
      .from("observation_look_fors")
      .insert(
        observations.map(({ id: observation_id }) => ({
          ...base,
          observation_id,
          framework_id,
          look_for_id: lookFors[0],
        })),
      )
      .select("id"),
  );

  const coached = observations.find(({ kind }) => kind === "coaching")?.id ?? "";
  const parts = async (table: "action_steps" | "observation_feedback") =>
    unwrap(await service.from(table).select("id").eq("school_id", school.id).eq("observation_id", coached).single()).id;
  const share = { ...base, observation_id: coached, teacher_id: id("t3"), reader_id: id("namedLeader") };
  const none = { feedback_id: null, action_step_id: null, revoked_at: null };
  await add("coaching_shares", [
    { ...share, ...none, item: "action_step", action_step_id: await parts("action_steps") },
    {
      ...share,
      ...none,
      item: "feedback",
      feedback_id: await parts("observation_feedback"),
      revoked_at: "2026-03-04T08:00:00Z",
    },
    // A leader who leads the teacher no longer.
    { ...share, ...none, item: "observation", reader_id: id("campusLeader") },
  ]);

  for (const [status, completed_at] of [
    ["open", null],
    ["complete", "2026-03-04T08:00:00Z"],
  ] as const) {
    const calibration = { ...base, framework_id, author_id: id("principal"), title: status, status, completed_at };
    const { id: calibration_id } = unwrap(await service.from("calibrations").insert(calibration).select("id").single());
    const rater = { ...base, calibration_id };
    await add("calibration_raters", [
      { ...rater, rater_id: id("campusLeader"), submitted_at: "2026-03-04T08:00:00Z" },
      { ...rater, rater_id: id("namedLeader"), submitted_at: completed_at },
    ]);
    const raters = completed_at ? [id("campusLeader"), id("namedLeader")] : [id("campusLeader")];
    await add(
      "calibration_ratings",
      raters.map((rater_id) => ({ ...rater, rater_id, framework_id, domain_id: domains[0], level: 2 })),
    );
  }

  const goal = (more: Record<string, unknown>) => ({ ...base, progress_method: "updates", teacher_id: null, ...more });
  const whole = randomUUID();
  const own = randomUUID();
  await add("goals", [goal({ id: whole, title: "Everyone speaks", progress_method: "children", parent_id: null })]);
  await add("goals", [
    goal({ id: own, title: "Open questions", teacher_id: id("t1"), parent_id: whole, status: "open" }),
    goal({ id: randomUUID(), title: "Pairs", teacher_id: id("t3"), parent_id: null, status: "achieved" }),
  ]);
  const update = { ...base, goal_id: own, progress_method: "updates", author_id: id("t1"), progress: 20 };
  unwrap(await service.from("goal_updates").insert(update).select("id"));
}
