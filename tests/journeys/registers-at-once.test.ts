import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AtOnce, type Call } from "../support/at-once.ts";
import { service } from "../support/clients.ts";
import { FreshSchool } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

const HOUR = 3_600_000;
const at = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString();

let atOnce: AtOnce;
let school: FreshSchool;
let people: Record<"office" | "teacher", Awaited<ReturnType<FreshSchool["join"]>>>;
let student: string;
let group: string;

beforeAll(async () => {
  atOnce = await AtOnce.open();
  school = await FreshSchool.create();
  people = { office: await school.join("office", "admin"), teacher: await school.join("teacher", "teacher") };
  student = (await school.student()).id;
  const [starts_on, ends_on] = [at(-24 * 60).slice(0, 10), at(24 * 60).slice(0, 10)];
  group = await school.homeroom(await school.year("Y", starts_on, ends_on), "P1-A");
  const place = { school_id: school.id, class_id: group };
  unwrap(
    await service
      .from("enrollments")
      .insert({ ...place, student_id: student, kind: "homeroom", starts_on, ends_on })
      .select("id"),
  );
}, 60_000);

afterAll(() => atOnce.close());

/** A lesson that has begun, one for each number. */
async function lesson(number: number): Promise<string> {
  const [starts_at, ends_at] = [at(-number), at(-number + 0.5)];
  const times = { day: starts_at.slice(0, 10), starts_at, ends_at };
  const row = { school_id: school.id, class_id: group, teacher_id: people.teacher.membership.id, ...times };
  return unwrap(await service.from("class_sessions").insert(row).select("id").single()).id;
}

const mark = (session: string, status: string): Call => {
  const entries = JSON.stringify([{ student_id: student, status }]);
  return [people.teacher, "public.mark_attendance($1, $2, $3)", school.id, session, entries];
};
const override = (session: string): Call => {
  const values = [school.id, session, student];
  return [people.office, "public.override_attendance($1, $2, $3, 'excused', 'A note came')", ...values];
};

describe("a register that is taken", () => {
  test("beside an override leaves it standing, whichever was first", async () => {
    for (const [number, overridden] of [
      [1, true],
      [2, false],
    ] as const) {
      const session = await lesson(number);
      const calls = [override(session), mark(session, "unexcused")] as const;
      const came = overridden ? await atOnce.overlap(...calls) : await atOnce.overlap(calls[1], calls[0]);
      expect(came).toEqual(["done", "done"]);
      const query = service.from("attendance_entries").select("status, attendance_marks(status, override_status)");
      expect(unwrap(await query.eq("session_id", session).single())).toMatchObject({
        status: "excused",
        attendance_marks: { status: "unexcused", override_status: "excused" },
      });
    }
  });

  test("twice at once was taken when the first took it", async () => {
    const session = await lesson(3);
    expect(await atOnce.overlap(mark(session, "present"), mark(session, "late"))).toEqual(["done", "done"]);
    const query = service.from("class_sessions").select("register_taken_at, attendance_entries(created_at, status)");
    const { register_taken_at, attendance_entries } = unwrap(await query.eq("id", session).single());
    expect(attendance_entries).toEqual([{ created_at: register_taken_at, status: "late" }]);
  });
});
