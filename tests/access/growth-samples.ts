import type { Fact, Facts, Membership } from "./facts.ts";

/** What a sample of growth hangs on in one school. */
interface Place {
  base: Fact;
  facts: Facts;
  inSchool: (table: string) => Fact[];
  mine: Membership[];
  teacher: Membership | undefined;
  published: Fact | undefined;
  draft: Fact | undefined;
  observation: Fact | undefined;
}

/** A new row of a table of growth that only rights could stop, or null where the school has nothing to hang it on. */
export function growthSample(table: string, place: Place): Fact | null {
  const { base, inSchool, mine, teacher, published, draft, observation } = place;
  const me = mine[0];
  switch (table) {
    case "framework_look_fors": {
      const domain = inSchool("framework_domains").find((row) => row.framework_id === draft?.id);
      return draft && domain ? { ...base, framework_id: draft.id, domain_id: domain.id, description: "New" } : null;
    }
    case "observation_plans": {
      const year = inSchool("academic_years")[0];
      return year && me ? { ...base, academic_year_id: year.id, author_id: me.id, name: "New" } : null;
    }
    case "planned_observations": {
      const plan = inSchool("observation_plans")[0];
      const people = { observer_id: me?.id, teacher_id: teacher?.id };
      return plan && me && teacher
        ? { ...base, plan_id: plan.id, ...people, kind: "evaluation", due_on: "2099-01-01" }
        : null;
    }
    case "pre_observation_questions":
      return { ...base, question: "New" };
    case "pre_observation_answers": {
      const answered = new Set(inSchool("pre_observation_answers").map((row) => row.planned_observation_id));
      const visit = inSchool("planned_observations").find((row) => !answered.has(row.id));
      const question = inSchool("pre_observation_questions")[0];
      return visit && question
        ? { ...base, planned_observation_id: visit.id, question_id: question.id, question: "New", answer: "New" }
        : null;
    }
    case "observation_look_fors": {
      const ticked = inSchool("observation_look_fors").filter((row) => row.observation_id === observation?.id);
      const lookFor = inSchool("framework_look_fors").find(
        (row) => row.framework_id === observation?.framework_id && !ticked.some((tick) => tick.look_for_id === row.id),
      );
      return observation && lookFor
        ? {
            ...base,
            observation_id: observation.id,
            framework_id: observation.framework_id,
            look_for_id: lookFor.id,
          }
        : null;
    }
    case "action_steps":
      return observation ? { ...base, observation_id: observation.id, description: "New" } : null;
    case "coaching_shares": {
      const coaching = inSchool("observations").find((row) => row.kind === "coaching" && row.status !== "draft");
      return coaching && me
        ? {
            ...base,
            observation_id: coaching.id,
            item: "observation",
            teacher_id: coaching.teacher_id,
            reader_id: me.id,
          }
        : null;
    }
    case "calibrations":
      return published && me ? { ...base, framework_id: published.id, author_id: me.id, title: "New" } : null;
    case "calibration_raters": {
      const calibration = inSchool("calibrations")[0];
      const free = inSchool("memberships").find((row) => row.role === "student");
      return calibration && free ? { ...base, calibration_id: calibration.id, rater_id: free.id } : null;
    }
    case "calibration_ratings": {
      const rated = new Set(inSchool("calibration_ratings").map((row) => row.rater_id));
      const rater = inSchool("calibration_raters").find((row) => !rated.has(row.rater_id));
      const calibration = inSchool("calibrations").find((row) => row.id === rater?.calibration_id);
      const domain = inSchool("framework_domains").find((row) => row.framework_id === calibration?.framework_id);
      return rater && calibration && domain
        ? {
            ...base,
            calibration_id: calibration.id,
            framework_id: calibration.framework_id,
            rater_id: rater.rater_id,
            domain_id: domain.id,
            level: 1,
          }
        : null;
    }
    case "goals":
      return { ...base, teacher_id: mine.find(({ role }) => role === "teacher")?.id ?? null, title: "New" };
    case "goal_updates": {
      const goal = inSchool("goals")[0];
      return goal && me
        ? { ...base, goal_id: goal.id, progress_method: goal.progress_method, author_id: me.id, note: "New" }
        : null;
    }
    default:
      throw new Error(`No sample for ${table}`);
  }
}
