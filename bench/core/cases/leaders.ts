import type { Scene } from "../scene.ts";
import { type Case, selectCase } from "./case.ts";

/** Students of the classes that the department's teachers teach. */
const OF_TEAM = `o.student_id in (select e.student_id from public.memberships t
    join public.class_teachers c on (c.school_id, c.teacher_id) = (t.school_id, t.id) and c.deleted_at is null
    join public.enrollments e on (e.school_id, e.class_id) = (c.school_id, c.class_id) and e.deleted_at is null
    where t.school_id = $1 and t.department_id = $4 and t.role = 'teacher' and t.deleted_at is null and current_date between e.starts_on and e.ends_on)`;

function dayOf(
  who: string,
  user: string,
  { school, day }: Scene,
  scope?: { condition: string; values: string[] },
): Case[] {
  return [
    selectCase(
      { who, what: "sessions of the day", user },
      {
        from: "class_sessions",
        columns:
          "o.id, o.class_id, o.subject_id, o.teacher_id, o.cover_teacher_id, o.starts_at, o.ends_at, o.status, o.register_taken_at",
        embed: {
          as: "classes",
          table: "classes",
          columns: "x.code, x.name",
          on: "x.school_id = o.school_id and x.id = o.class_id",
        },
        where: "o.school_id = $1 and o.day = $2",
        order: "o.starts_at, o.id",
      },
      [school, day],
      { condition: "o.deleted_at is null" },
    ),
    selectCase(
      { who, what: "not present that day", user },
      {
        from: "attendance_entries",
        columns: "o.id, o.session_id, o.class_id, o.student_id, o.status",
        where: "o.school_id = $1 and o.day = $2 and o.status <> $3",
        order: "o.class_id, o.id",
      },
      [school, day, "present"],
      scope,
    ),
  ];
}

export function leaderCases(scene: Scene): Case[] {
  const { principal, leader } = scene;
  return [
    ...dayOf("principal", principal.user, scene),
    ...dayOf("department's leader", leader.user, scene, { condition: OF_TEAM, values: [leader.department] }),
  ];
}
