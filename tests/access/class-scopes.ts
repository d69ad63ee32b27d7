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

  /** Students enrolled today in a class that one of these teachers teaches today. */
  students(teaches: (teacherId: unknown) => boolean): Set<unknown> {
    const classes = this.live("class_teachers").filter((row) => teaches(row.teacher_id) && this.inForce(row));
    const taught = new Set(classes.map((row) => row.class_id));
    const enrolled = this.live("enrollments").filter((row) => {
      const today = this.today(row.school_id);
      return taught.has(row.class_id) && String(row.starts_on) <= today && today <= String(row.ends_on);
    });
    return new Set(enrolled.map((row) => row.student_id));
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
    const last = today < String(year.ends_on) ? today : String(year.ends_on);
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
