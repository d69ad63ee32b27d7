import type { Fact, Facts, Membership } from "./facts.ts";

/** What the access page calls class: who is taught by whom, on which days, as predicates over plain rows. */
export class ClassScopes {
  private readonly facts: Facts;
  private readonly today: (schoolId: unknown) => string;

  constructor(facts: Facts, today: (schoolId: unknown) => string) {
    this.facts = facts;
    this.today = today;
  }

  private live(table: string): Fact[] {
    return (this.facts[table] ?? []).filter((row) => !row.deleted_at);
  }

  private yearOf(classId: unknown): Fact | undefined {
    const found = this.live("classes").find((row) => row.id === classId);
    return this.live("academic_years").find((row) => row.id === found?.academic_year_id);
  }

  private inForce(teaching: Fact): boolean {
    const year = this.yearOf(teaching.class_id);
    const today = this.today(teaching.school_id);
    return (
      year !== undefined &&
      String(year.starts_on) <= today &&
      today <= String(year.ends_on) &&
      String(teaching.starts_on) <= today &&
      (teaching.ends_on === null || today <= String(teaching.ends_on))
    );
  }

  /** Students enrolled today in a class that one of these teachers teaches today, or on its day in a session they cover. */
  students(teaches: (teacherId: unknown) => boolean, covering = false): Set<unknown> {
    const classes = this.live("class_teachers").filter((row) => teaches(row.teacher_id) && this.inForce(row));
    const taught = new Set(classes.map((row) => row.class_id));
    const enrolled = this.live("enrollments").filter((row) => {
      const today = this.today(row.school_id);
      return taught.has(row.class_id) && String(row.starts_on) <= today && today <= String(row.ends_on);
    });
    const covered = covering
      ? this.live("class_sessions").filter((row) => teaches(row.held_by) && this.coverLasts(row))
      : [];
    const attending = this.live("enrollments").filter((row) =>
      covered.some(
        (session) =>
          session.class_id === row.class_id &&
          String(row.starts_on) <= String(session.day) &&
          String(session.day) <= String(row.ends_on),
      ),
    );
    return new Set([...enrolled, ...attending].map((row) => row.student_id));
  }

  /** Whether a teacher still reads the rows of a class: taught now, or to the end of a year that ended not long ago. */
  remembers(teacher: Membership, classId: unknown): boolean {
    const year = this.yearOf(classId);
    if (year === undefined) return false;
    const today = this.today(teacher.school_id);
    const setting = this.live("school_settings").find(
      (row) => row.school_id === teacher.school_id && row.key === "past_class_days",
    );
    const until = new Date(Date.parse(String(year.ends_on)) + Number(setting?.value ?? 90) * 86_400_000);
    const [last = today] = [today, String(year.ends_on)].sort();
    return this.live("class_teachers").some(
      (row) =>
        row.class_id === classId &&
        row.teacher_id === teacher.id &&
        String(row.starts_on) <= today &&
        (row.ends_on === null || String(row.ends_on) >= last) &&
        String(year.starts_on) <= today &&
        today <= until.toISOString().slice(0, 10),
    );
  }

  /** Whether a session that is covered has begun its day and its register is still open. */
  coverLasts(session: Fact): boolean {
    const setting = this.live("school_settings").find(
      (row) => row.school_id === session.school_id && row.key === "register_hours",
    );
    const until = Date.parse(String(session.ends_at)) + Number(setting?.value ?? 24) * 3_600_000;
    return (
      session.cover_teacher_id !== null &&
      session.status === "scheduled" &&
      String(session.day) <= this.today(session.school_id) &&
      Date.now() < until
    );
  }

  /** Classes, past ones too, in which one of these students is or was. */
  attended(students: Set<unknown>): Set<unknown> {
    const rows = this.live("enrollments").filter(
      (row) => students.has(row.student_id) && String(row.starts_on) <= this.today(row.school_id),
    );
    return new Set(rows.map((row) => row.class_id));
  }

  /** Who teaches those of the classes that are of this year. */
  teachers(students: Set<unknown>): Set<unknown> {
    const attended = this.attended(students);
    const rows = this.live("class_teachers").filter((row) => {
      const year = this.yearOf(row.class_id);
      const today = this.today(row.school_id);
      const thisYear = year !== undefined && String(year.starts_on) <= today && today <= String(year.ends_on);
      return attended.has(row.class_id) && thisYear && (row.ends_on === null || String(row.ends_on) >= today);
    });
    return new Set(rows.map((row) => row.teacher_id));
  }
}
