import type { Fact, Facts, Membership } from "./facts.ts";

/** The rules of plans, shared coaching, calibrations and goals, as the access page words them. */
export class GrowthScopes {
  private readonly facts: Facts;
  private readonly leads: (leader: Membership, teacherId: unknown) => boolean;

  constructor(facts: Facts, leads: (leader: Membership, teacherId: unknown) => boolean) {
    this.facts = facts;
    this.leads = leads;
  }

  private rows(table: string): Fact[] {
    return this.facts[table] ?? [];
  }

  private find(table: string, id: unknown): Fact | undefined {
    return this.rows(table).find((row) => row.id === id);
  }

  private principal = (membership: Membership) => membership.role === "leader" && membership.team_scope === "school";

  /** A planned visit: its observer's; its teacher's unless it comes unannounced; leaders' and the office's unless it is coaching. */
  visit(table: string, row: Fact, membership: Membership): boolean {
    const visit =
      table === "planned_observations" ? row : this.find("planned_observations", row.planned_observation_id);
    if (!visit || visit.school_id !== membership.school_id) return false;
    return (
      visit.observer_id === membership.id ||
      (visit.teacher_id === membership.id && visit.kind !== "walkthrough") ||
      (visit.kind !== "coaching" && (membership.role === "admin" || this.leads(membership, visit.teacher_id)))
    );
  }

  plan(row: Fact, membership: Membership): boolean {
    const visits = this.rows("planned_observations").filter((visit) => visit.plan_id === row.id);
    return (
      row.author_id === membership.id || visits.some((visit) => this.visit("planned_observations", visit, membership))
    );
  }

  /** Whether the teacher shares this one item of coaching with a leader who still leads them. */
  shared(table: string, row: Fact, membership: Membership): boolean {
    return this.rows("coaching_shares").some((share) => {
      if (share.reader_id !== membership.id || share.revoked_at !== null) return false;
      if (!this.leads(membership, share.teacher_id)) return false;
      if (table === "action_steps") return share.action_step_id === row.id;
      if (table === "observation_feedback") return share.feedback_id === row.id;
      return share.item === "observation" && share.observation_id === (row.observation_id ?? row.id);
    });
  }

  share(row: Fact, membership: Membership): boolean {
    return (
      row.teacher_id === membership.id ||
      (row.reader_id === membership.id && row.revoked_at === null) ||
      this.find("observations", row.observation_id)?.observer_id === membership.id
    );
  }

  private rates(membership: Membership, calibrationId: unknown): boolean {
    return this.rows("calibration_raters").some(
      (row) => row.rater_id === membership.id && row.calibration_id === calibrationId,
    );
  }

  /** A calibration: its raters' and the office's; a rating its rater's alone until all have rated. */
  calibration(table: string, row: Fact, membership: Membership): boolean {
    const office = membership.role === "admin" || this.principal(membership);
    const inSchool = row.school_id === membership.school_id;
    switch (table) {
      case "calibrations":
        return inSchool && (office || this.rates(membership, row.id));
      case "calibration_raters":
        return inSchool && (office || row.rater_id === membership.id);
      default: {
        const complete = this.find("calibrations", row.calibration_id)?.status === "complete";
        const open = complete && (office || this.rates(membership, row.calibration_id));
        return row.rater_id === membership.id || (inSchool && open);
      }
    }
  }

  goal(table: string, row: Fact, membership: Membership): boolean {
    const goal = table === "goals" ? row : this.find("goals", row.goal_id);
    if (!goal || goal.deleted_at || goal.school_id !== membership.school_id) return false;
    return (
      (goal.teacher_id ?? null) === null ||
      goal.teacher_id === membership.id ||
      membership.role === "admin" ||
      this.principal(membership) ||
      this.leads(membership, goal.teacher_id)
    );
  }

  /** Whose goal a membership writes: a teacher their own, the office and the principal the school's. */
  writesGoal(row: Fact, membership: Membership): boolean {
    const open = row.status === undefined || row.status === "open";
    const schools = membership.role === "admin" || this.principal(membership);
    const own = membership.role === "teacher" && row.teacher_id === membership.id;
    return open && row.school_id === membership.school_id && (own || (schools && (row.teacher_id ?? null) === null));
  }
}
