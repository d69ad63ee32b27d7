import type { Scene } from "../scene.ts";
import { type Case, selectCase } from "./case.ts";

const STUDENT = {
  as: "students",
  table: "students",
  columns: "x.id, x.given_name, x.family_name, x.preferred_name, x.student_number",
  on: "x.school_id = o.school_id and x.id = o.student_id",
};
const ENTRY = "o.id, o.student_id, o.status, o.updated_at";

export function teacherCases({ teacher }: Scene): Case[] {
  const asker = (what: string) => ({ who: "teacher", what, user: teacher.user });
  return [
    selectCase(
      asker("own classes"),
      {
        from: "class_teachers",
        columns: "o.class_id, o.lead",
        embed: {
          as: "classes",
          table: "classes",
          columns: "x.id, x.code, x.name, x.kind",
          on: "x.school_id = o.school_id and x.id = o.class_id",
        },
        where: "o.teacher_id = $1",
        order: "o.class_id",
      },
      [teacher.membership],
      { condition: "o.deleted_at is null" },
    ),
    selectCase(
      asker("class list"),
      {
        from: "enrollments",
        columns: "o.id, o.roll_number, o.starts_on, o.ends_on",
        embed: STUDENT,
        where: "o.class_id = $1",
        order: "o.roll_number",
      },
      [teacher.homeroom],
      { condition: "o.deleted_at is null" },
    ),
    selectCase(
      asker("register, by session"),
      {
        from: "attendance_entries",
        columns: ENTRY,
        embed: STUDENT,
        where: "o.session_id = $1",
        order: "o.student_id",
      },
      [teacher.session],
    ),
    selectCase(
      asker("register, by class and day"),
      {
        from: "attendance_entries",
        columns: ENTRY,
        embed: STUDENT,
        where: "o.class_id = $1 and o.day = $2",
        order: "o.student_id",
      },
      [teacher.homeroom, teacher.sessionDay],
    ),
  ];
}
