import { AudienceScopes } from "./audience-scopes.ts";
import { ClassScopes } from "./class-scopes.ts";
import type { Fact, Facts, Membership } from "./facts.ts";
import { GrowthScopes } from "./growth-scopes.ts";
import { isOpenClaim, isOpenTraining } from "./learning-scopes.ts";

export interface Persona {
  name: string;
  email: string;
  userId: string;
}

/** The rules of the access page as predicates over plain rows. */
export class Scopes {
  private readonly facts: Facts;
  private readonly classes: ClassScopes;
  private readonly audiences: AudienceScopes;
  private readonly growth: GrowthScopes;

  constructor(facts: Facts) {
    this.facts = facts;
    this.classes = new ClassScopes(facts, (schoolId) => this.today(schoolId));
    this.audiences = new AudienceScopes(facts, this);
    this.growth = new GrowthScopes(facts, (leader, teacherId) => this.leads(leader, teacherId));
  }

  private rows(table: string): Fact[] {
    return this.facts[table] ?? [];
  }

  private find(table: string, id: unknown): Fact | undefined {
    return this.rows(table).find((row) => row.id === id);
  }

  memberships(userId: string): Membership[] {
    return (this.rows("memberships") as Membership[]).filter((membership) => membership.user_id === userId);
  }

  today(schoolId: unknown): string {
    const timeZone = String(this.find("schools", schoolId)?.timezone ?? "UTC");
    return new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date());
  }

  inForce(membership: Membership): boolean {
    const school = this.find("schools", membership.school_id);
    const today = this.today(membership.school_id);
    const factor = this.rows("school_settings").find(
      (row) => row.school_id === membership.school_id && row.key === "second_factor_roles",
    );
    const needsFactor = Array.isArray(factor?.value) && factor.value.includes(membership.role);
    return (
      school?.status === "active" &&
      school.deleted_at === null &&
      membership.active &&
      membership.deleted_at === null &&
      membership.starts_on <= today &&
      (membership.ends_on === null || membership.ends_on >= today) &&
      !needsFactor
    );
  }

  private isPrincipal = (membership: Membership) => membership.role === "leader" && membership.team_scope === "school";

  /** Whether a leader's membership leads the teacher of another membership; never oneself. */
  leads(leader: Membership, teacherId: unknown): boolean {
    const teacher = this.find("memberships", teacherId) as Membership | undefined;
    if (!teacher || teacher.school_id !== leader.school_id || teacher.role !== "teacher") return false;
    if (teacher.deleted_at !== null || (teacher.user_id !== null && teacher.user_id === leader.user_id)) return false;
    if (this.isPrincipal(leader)) return true;
    const supervised = this.rows("supervisions").some(
      (row) =>
        row.supervisor_id === leader.id &&
        row.teacher_id === teacher.id &&
        row.deleted_at === null &&
        String(row.starts_on) <= this.today(leader.school_id) &&
        (row.ends_on === null || String(row.ends_on) >= this.today(leader.school_id)),
    );
    const byPlace =
      (leader.team_scope === "campus" || leader.team_scope === "department") &&
      (leader.campus_id === null || leader.campus_id === teacher.campus_id) &&
      (leader.department_id === null || leader.department_id === teacher.department_id);
    return supervised || byPlace;
  }

  private children(membership: Membership): unknown[] {
    const today = this.today(membership.school_id);
    return this.rows("guardianships")
      .filter((row) => row.guardian_id === membership.id && row.deleted_at === null)
      .filter((row) => String(row.starts_on) <= today && (row.ends_on === null || String(row.ends_on) >= today))
      .map((row) => row.student_id);
  }

  /** Students of whom a person must see nothing, in whatever role. */
  blockedStudents(userId: string): Set<unknown> {
    const mine = this.memberships(userId).map((membership) => membership.id);
    const blocks = this.rows("guardianship_blocks").filter(
      (row) => row.deleted_at === null && mine.includes(String(row.membership_id)),
    );
    return new Set(blocks.map((row) => row.student_id));
  }

  /** The memberships of those students. */
  blockedMemberships(userId: string): Set<unknown> {
    const students = this.blockedStudents(userId);
    const blocked = this.rows("students").filter((row) => students.has(row.id) && row.membership_id !== null);
    return new Set(blocked.map((row) => row.membership_id));
  }

  /** Whether a school has left a role a permission that it has by default. */
  private permits(membership: Membership, permission: string): boolean {
    const override = this.rows("role_permissions").find(
      (row) => row.school_id === membership.school_id && row.role === membership.role && row.permission === permission,
    );
    return override?.scope !== "none";
  }

  private taught(table: string, row: Fact, membership: Membership): boolean {
    const permission = table === "student_internal" ? "student_internal.read" : "students.read";
    return (
      this.permits(membership, permission) &&
      this.classes.students((teacherId) => teacherId === membership.id, true).has(studentOf(table, row))
    );
  }

  /** The student that a membership is and the children it is a guardian of, without those that a block closes. */
  private ownStudents(membership: Membership): Set<unknown> {
    const self = this.rows("students").filter((row) => row.membership_id === membership.id && row.deleted_at === null);
    const blocked = this.blockedStudents(String(membership.user_id));
    const own = [...self.map((row) => row.id), ...this.children(membership)];
    return new Set(own.filter((id) => !blocked.has(id)));
  }

  private observationOf(table: string, row: Fact): Fact | undefined {
    return table === "observations" ? row : this.find("observations", row.observation_id);
  }

  /** Whether the scope of one membership covers a row. */
  covers(scope: string, table: string, row: Fact, membership: Membership): boolean {
    const inSchool = (table === "schools" ? row.id : row.school_id) === membership.school_id;
    const framework = table === "frameworks" ? row : this.find("frameworks", row.framework_id);
    const announced = table === "announcements" ? row : this.find("announcements", row.announcement_id);
    const announcement = announced?.deleted_at ? undefined : announced;
    const observation = this.observationOf(table, row);
    const seen = observation !== undefined && observation.status !== "draft" && observation.deleted_at === null;
    const open = seen && observation.kind !== "coaching";
    const observer = observation?.observer_id === membership.id && observation.deleted_at === null;
    switch (scope) {
      case "all":
        return true;
      case "school":
        return inSchool && !framework?.deleted_at;
      case "district":
        return row.id === this.find("schools", membership.school_id)?.district_id;
      case "district setting": {
        const school = this.find("schools", membership.school_id);
        const ofDistrict = membership.role === "admin" && membership.via_district_membership_id !== null;
        const forStaff = this.rows("setting_definitions").some((d) => d.key === row.key && d.audience === "staff");
        return row.district_id === school?.district_id && (ofDistrict || forStaff);
      }
      case "announced":
        return inSchool && announcement !== undefined;
      case "author":
        return announcement?.author_id === membership.id;
      case "author or audience":
        return announcement?.author_id === membership.id || this.audiences.receives(announcement, membership);
      case "own or author":
        return row.membership_id === membership.id || announcement?.author_id === membership.id;
      case "staff":
        return inSchool && this.rows("setting_definitions").some((d) => d.key === row.key && d.audience === "staff");
      case "colleagues":
        return (
          inSchool && ["admin", "leader", "teacher"].includes(String(this.find("memberships", row.membership_id)?.role))
        );
      case "principal":
        return inSchool && this.isPrincipal(membership);
      case "children":
        return this.children(membership).includes(table === "students" ? row.id : row.student_id);
      case "not oneself": {
        const person = row.teacher_id ?? row.guardian_id;
        return inSchool && !this.memberships(String(membership.user_id)).some((mine) => mine.id === person);
      }
      case "class students":
        return this.taught(table, row, membership);
      case "class students or past class":
        return (
          this.taught(table, row, membership) ||
          (this.permits(membership, "students.read") && this.classes.remembers(membership, row.class_id))
        );
      case "held":
        return row.held_by === membership.id;
      case "taught class": {
        const session = this.find("class_sessions", row.session_id);
        const covers = session?.held_by === membership.id && this.classes.coverLasts(session);
        return covers || this.classes.remembers(membership, session?.class_id);
      }
      case "team students":
        return (
          (inSchool && this.isPrincipal(membership)) ||
          this.classes.students((teacherId) => this.leads(membership, teacherId)).has(studentOf(table, row))
        );
      case "attended":
        return this.classes.attended(this.ownStudents(membership)).has(table === "classes" ? row.id : row.class_id);
      case "own teachers":
        return this.classes.teachers(this.ownStudents(membership)).has(row.membership_id);
      case "published":
        return inSchool && framework?.status !== "draft" && framework?.deleted_at === null;
      case "draft":
        return inSchool && framework?.status === "draft" && framework.deleted_at === null;
      case "submitted":
        return inSchool && open;
      case "observer or team":
        return (
          observer ||
          (open && this.leads(membership, observation.teacher_id)) ||
          (seen && this.growth.shared(table, row, membership))
        );
      case "own submitted":
        return (seen && observation.teacher_id === membership.id) || observer;
      case "own draft":
        return observer && observation?.status === "draft";
      case "own open":
        return observer && observation?.status !== "acknowledged" && !row.done_at;
      case "plan":
        return this.growth.plan(row, membership);
      case "visit":
        return this.growth.visit(table, row, membership);
      case "share":
        return this.growth.share(row, membership);
      case "calibration":
        return this.growth.calibration(table, row, membership);
      case "goal":
        return this.growth.goal(table, row, membership);
      case "own goals":
        return this.growth.writesGoal(row, membership);
      case "team":
        return row.observer_id === membership.id && this.leads(membership, row.teacher_id);
      case "own or team":
        return (
          this.covers("own", table, row, membership) ||
          this.leads(membership, row.teacher_id ?? row.membership_id ?? row.id) ||
          (inSchool && this.isPrincipal(membership))
        );
      case "organised":
        return row.organiser_id === membership.id;
      case "organised draft":
        return row.status === "draft" && row.organiser_id === membership.id;
      case "organised until held":
        return isOpenTraining(row) && row.organiser_id === membership.id;
      case "school until held":
        return inSchool && isOpenTraining(row);
      case "draft training":
        return inSchool && row.status === "draft";
      case "published series":
        return inSchool && row.published_at !== null;
      case "published training":
        return inSchool && row.status !== "draft";
      case "own or organised":
        return this.own(table, row, membership) || row.organiser_id === membership.id;
      case "own or team's":
        return (
          this.own(table, row, membership) ||
          this.leads(membership, row.membership_id) ||
          (inSchool && this.isPrincipal(membership))
        );
      case "team's or organised":
        return this.covers("own or team's", table, row, membership) || row.organiser_id === membership.id;
      case "own open claim":
        return isOpenClaim(row) && this.own(table, row, membership);
      case "about own":
        return row.teacher_id === membership.id || row.observer_id === membership.id;
      case "own":
        return this.own(table, row, membership);
      default:
        throw new Error(`Unknown scope ${scope}`);
    }
  }

  private own(table: string, row: Fact, membership: Membership): boolean {
    switch (table) {
      case "profiles":
        return row.user_id === membership.user_id;
      case "district_memberships":
        return row.user_id === membership.user_id && row.active === true;
      case "memberships":
        return row.id === membership.id;
      case "supervisions":
        return row.supervisor_id === membership.id || row.teacher_id === membership.id;
      case "attendance_entries":
      case "enrollments":
        return this.find("students", row.student_id)?.membership_id === membership.id;
      case "guardianships":
        return (
          row.guardian_id === membership.id || this.find("students", row.student_id)?.membership_id === membership.id
        );
      case "break_glass_grants":
        return row.admin_id === membership.id;
      default:
        return row.membership_id === membership.id;
    }
  }
}

const studentOf = (table: string, row: Fact) => (table === "students" ? row.id : row.student_id);
