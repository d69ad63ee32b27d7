import type { Fact, Facts, Membership } from "./facts.ts";

interface Relations {
  leads(leader: Membership, teacherId: unknown): boolean;
  blockedStudents(userId: string): Set<unknown>;
  today(schoolId: unknown): string;
}

/** Whom an announcement is for, as predicates over plain rows. */
export class AudienceScopes {
  private readonly facts: Facts;
  private readonly relations: Relations;

  constructor(facts: Facts, relations: Relations) {
    this.facts = facts;
    this.relations = relations;
  }

  private live(table: string): Fact[] {
    return (this.facts[table] ?? []).filter((row) => !row.deleted_at);
  }

  /** Whether an announcement is published for one of its audiences, and a member is in that. */
  receives(announcement: Fact | undefined, membership: Membership): boolean {
    if (announcement === undefined || announcement.deleted_at || announcement.school_id !== membership.school_id) {
      return false;
    }
    const now = Date.now();
    const published = Date.parse(String(announcement.publish_at)) <= now;
    const expired = announcement.expires_at !== null && Date.parse(String(announcement.expires_at)) <= now;
    const audiences = this.live("announcement_audiences").filter((row) => row.announcement_id === announcement.id);
    return published && !expired && audiences.some((audience) => this.includes(audience, membership));
  }

  private includes(audience: Fact, membership: Membership): boolean {
    if (audience.role !== null && audience.role !== membership.role) return false;
    if (audience.scope === "school") return true;
    if (audience.scope === "team") {
      const leader = this.live("memberships").find((row) => row.id === audience.leader_id) as Membership;
      return membership.id === leader.id || this.inTeam(leader, membership);
    }
    const classes = this.live("classes").filter(
      (row) => row.id === audience.class_id || row.grade_level_id === audience.grade_level_id,
    );
    return classes.some((row) => this.belongs(row, audience, membership));
  }

  /** As leads, without "never oneself": a leader who also teaches in the own team reads what the team is told. */
  private inTeam(leader: Membership, teacher: Membership): boolean {
    return teacher.role === "teacher" && this.relations.leads({ ...leader, user_id: null }, teacher.id);
  }

  private belongs(found: Fact, audience: Fact, membership: Membership): boolean {
    const today = this.relations.today(membership.school_id);
    const during = (row: Fact) =>
      String(row.starts_on) <= today && (row.ends_on === null || today <= String(row.ends_on));
    if (membership.role === "teacher") {
      const year = this.live("academic_years").find((row) => row.id === found.academic_year_id);
      const teaches = this.live("class_teachers").some(
        (row) => row.class_id === found.id && row.teacher_id === membership.id && during(row),
      );
      return teaches && year !== undefined && during(year);
    }
    if (audience.scope === "grade" && found.kind !== "homeroom") return false;
    const enrolled = this.live("enrollments").filter((row) => row.class_id === found.id && during(row));
    const students = new Set(enrolled.map((row) => row.student_id));
    if (membership.role === "student") {
      return this.live("students").some((row) => row.membership_id === membership.id && students.has(row.id));
    }
    const blocked = this.relations.blockedStudents(String(membership.user_id));
    return (
      membership.role === "parent" &&
      this.live("guardianships").some(
        (row) =>
          row.guardian_id === membership.id &&
          during(row) &&
          students.has(row.student_id) &&
          !blocked.has(row.student_id),
      )
    );
  }
}
