import type { Scene } from "../scene.ts";
import { type Case, selectCase } from "./case.ts";

export function parentCases({ parent, month, day }: Scene): Case[] {
  return [
    selectCase(
      { who: "parent", what: "a child's month", user: parent.user },
      {
        from: "attendance_entries",
        columns: "o.id, o.session_id, o.class_id, o.day, o.status",
        where: "o.student_id = $1 and o.day >= $2 and o.day <= $3",
        order: "o.day desc",
      },
      [parent.child, month, day],
    ),
  ];
}
