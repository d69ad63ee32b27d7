export type Status = "present" | "excused" | "unexcused" | "late" | "left_early";

export interface Total {
  student_id: string;
  days: number;
  absent_days: number;
  sessions: number;
  absent_sessions: number;
  rate: number | null;
  chronic: boolean | null;
}

/** What the teachers wrote down, kept apart from the database, and what follows from it by whole numbers. */
export class Ledger {
  private readonly byStudent = new Map<string, Map<string, Map<string, Status>>>();

  mark(studentId: string, day: string, sessionId: string, status: Status): void {
    const days = this.byStudent.get(studentId) ?? new Map<string, Map<string, Status>>();
    const sessions = days.get(day) ?? new Map<string, Status>();
    this.byStudent.set(studentId, days.set(day, sessions.set(sessionId, status)));
  }

  get entries(): number {
    return [...this.byStudent.values()].flatMap((days) => [...days.values()]).reduce((sum, day) => sum + day.size, 0);
  }

  /** Sums of one student; a day counts as absent when every session with a register was missed. */
  total(student_id: string): Total {
    const days = [...(this.byStudent.get(student_id)?.values() ?? [])].map((sessions) => [...sessions.values()]);
    const missed = (status: Status) => status === "excused" || status === "unexcused";
    const absent = days.filter((statuses) => statuses.every(missed)).length;
    const statuses = days.flat();
    return {
      student_id,
      days: days.length,
      absent_days: absent,
      sessions: statuses.length,
      absent_sessions: statuses.filter(missed).length,
      rate: days.length === 0 ? null : (days.length - absent) / days.length,
      chronic: days.length < 10 ? null : 10 * absent >= days.length,
    };
  }
}
