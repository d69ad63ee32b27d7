import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { service } from "../support/clients.ts";
import { queued, type Statement } from "../support/queued.ts";
import { FreshSchool } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

type Joined = Awaited<ReturnType<FreshSchool["join"]>>;

let school: FreshSchool;
let people: Record<"office" | "registry" | "teacher", Joined>;

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

/** A school with a class in each of two years. */
async function twoYears() {
  school = await FreshSchool.create();
  people = {
    office: await school.join("office", "admin"),
    registry: await school.join("registry", "admin"),
    teacher: await school.join("teacher", "teacher"),
  };
  const years = {
    now: await school.year("NOW", day(-50), day(50)),
    next: await school.year("NEXT", day(51), day(300)),
  };
  const level = unwrap(
    await service.from("grade_levels").select("id").eq("school_id", school.id).eq("code", "P2").single(),
  );
  const now = await school.homeroom(years.now, "P1-1");
  const next = await school.homeroom(years.next, "P2-1", { grade_level_id: level.id });
  return { years, now, next };
}

const enroll = (who: Joined, class_id: string, student: { id: string }, on: string): Statement => [
  who,
  "select public.enroll_students($1, $2, $3, $4)",
  school.id,
  class_id,
  [student.id],
  on,
];
const moveEnd = (who: Joined, year: string, to: string): Statement => [
  who,
  "update public.academic_years set ends_on = $2 where id = $1",
  year,
  to,
];

describe("enrolling", () => {
  test("finds the year's end moved, and is found by who moves it", async () => {
    const { years, now, next } = await twoYears();
    const [first, second] = [await school.student(), await school.student()];
    const ends = async (class_id: string) =>
      unwrap(await service.from("enrollments").select("ends_on").eq("class_id", class_id));
    const shorter = moveEnd(people.registry, years.now, day(40));
    expect(await queued(enroll(people.office, now, first, day(-50)), shorter)).toEqual(["done", "done"]);
    expect(await ends(now)).toEqual([{ ends_on: day(40) }]);
    const other = enroll(people.registry, next, second, day(51));
    expect(await queued(moveEnd(people.office, years.next, day(200)), other)).toEqual(["done", "done"]);
    expect(await ends(next)).toEqual([{ ends_on: day(200) }]);
  });

  test("does not pass a student by who is being removed", async () => {
    const { now } = await twoYears();
    const student = await school.student();
    const remove: Statement = [people.office, "select public.remove('students', $1, $2)", school.id, student.id];
    expect(await queued(remove, enroll(people.registry, now, student, day(0)))).toEqual(["done", "PT404"]);
    const other = await school.student();
    const removeOther: Statement = [people.registry, "select public.remove('students', $1, $2)", school.id, other.id];
    expect(await queued(enroll(people.office, now, other, day(0)), removeOther)).toEqual(["done", "23503"]);
  });

  test("counts a student who is named twice once", async () => {
    const { years } = await twoYears();
    const class_id = await school.homeroom(years.now, "SMALL", { capacity: 1 });
    const student = await school.student();
    const twice: Statement = [
      people.office,
      "select public.enroll_students($1, $2, array[$3, $3]::uuid[], $4)",
      school.id,
      class_id,
      student.id,
      day(0),
    ];
    const another = enroll(people.registry, class_id, await school.student(), day(0));
    expect(await queued(twice, another)).toEqual(["done", "PT409"]);
  });
});

describe("promotion", () => {
  const promote = (who: Joined, years: { now: string; next: string }): Statement => [
    who,
    "select public.promote_students($1, $2, $3)",
    school.id,
    years.now,
    years.next,
  ];
  const reasons = async (class_id: string) =>
    unwrap(await service.from("enrollments").select("end_reason").eq("class_id", class_id).order("roll_number"));

  test("takes along who is being enrolled, and leaves who is leaving", async () => {
    const { years, now, next } = await twoYears();
    const [stays, comes, leaves] = [await school.student(), await school.student(), await school.student()];
    const [first, , third] = [stays, comes, leaves];
    await queued(enroll(people.office, now, first, day(-50)), enroll(people.registry, now, third, day(-50)));
    const { id } = unwrap(await service.from("enrollments").select("id").eq("student_id", leaves.id).single());
    const end: Statement = [people.office, "select public.end_enrollment($1, $2, $3, 'left')", school.id, id, day(0)];
    expect(await queued(end, promote(people.registry, years))).toEqual(["done", "done"]);
    expect(await reasons(now)).toEqual([{ end_reason: "promoted" }, { end_reason: "left" }]);
    expect(unwrap(await service.from("enrollments").select("student_id").eq("class_id", next))).toEqual([
      { student_id: stays.id },
    ]);
    const [promotion] = unwrap(await service.from("promotions").select("id").eq("school_id", school.id));
    const undo: Statement = [people.office, "select public.undo_promotion($1, $2)", school.id, promotion?.id];
    expect(await queued(undo, undo)).toEqual(["done", "PT404"]);
    expect(await queued(enroll(people.office, now, comes, day(-50)), promote(people.registry, years))).toEqual([
      "done",
      "done",
    ]);
    expect(await reasons(now)).toEqual([
      { end_reason: "promoted" },
      { end_reason: "left" },
      { end_reason: "promoted" },
    ]);
  });

  test("has who is enrolled beside it wait, and stay behind", async () => {
    const { years, now } = await twoYears();
    const [first, late] = [await school.student(), await school.student()];
    await queued(enroll(people.office, now, first, day(-50)), moveEnd(people.registry, years.next, day(290)));
    const answers = await queued(promote(people.office, years), enroll(people.registry, now, late, day(-50)));
    expect(answers).toEqual(["done", "done"]);
    expect(await reasons(now)).toEqual([{ end_reason: "promoted" }, { end_reason: null }]);
  });
});

describe("a register", () => {
  async function held() {
    const { now } = await twoYears();
    const student = await school.student();
    const hours = (from: number) => new Date(Date.now() + from * 3_600_000).toISOString();
    const times = { day: hours(-1).slice(0, 10), starts_at: hours(-1), ends_at: hours(-0.5) };
    const session = { school_id: school.id, class_id: now, teacher_id: people.teacher.membership.id, ...times };
    const { id } = unwrap(await service.from("class_sessions").insert(session).select("id").single());
    await queued(enroll(people.office, now, student, day(-50)), enroll(people.registry, now, student, day(-50)));
    const entries = (status: string) => JSON.stringify([{ student_id: student.id, status }]);
    const mark = (status: string): Statement => [
      people.teacher,
      "select public.mark_attendance($1, $2, $3)",
      school.id,
      id,
      entries(status),
    ];
    const override: Statement = [
      people.office,
      "select public.override_attendance($1, $2, $3, 'excused', 'At the doctor''s')",
      school.id,
      id,
      student.id,
    ];
    const cancel: Statement = [people.registry, "select public.change_session($1, $2, 'cancelled')", school.id, id];
    const entry = async () =>
      unwrap(await service.from("attendance_entries").select("status").eq("session_id", id).maybeSingle());
    const taken = async () =>
      unwrap(
        await service
          .from("class_sessions")
          .select("register_taken_at, attendance_entries(created_at, status)")
          .eq("id", id)
          .single(),
      );
    return { mark, override, cancel, entry, taken };
  }

  test("does not undo an override that is being made", async () => {
    const { mark, override, entry } = await held();
    expect(await queued(mark("present"), mark("unexcused"))).toEqual(["done", "done"]);
    expect(await queued(override, mark("late"))).toEqual(["done", "done"]);
    expect(await entry()).toEqual({ status: "excused" });
    const later = await held();
    expect(await queued(later.mark("late"), later.override)).toEqual(["done", "done"]);
    expect(await later.entry()).toEqual({ status: "excused" });
  });

  test("was taken when the first of two took it", async () => {
    const { mark, taken } = await held();
    expect(await queued(mark("present"), mark("late"))).toEqual(["done", "done"]);
    const { register_taken_at, attendance_entries } = await taken();
    expect(attendance_entries).toEqual([{ created_at: register_taken_at, status: "late" }]);
  });

  test("does not go on under a session that is being cancelled, nor is that cancelled under an override", async () => {
    const one = await held();
    expect(await queued(one.override, one.cancel)).toEqual(["done", "PT404"]);
    const other = await held();
    expect(await queued(other.cancel, other.override)).toEqual(["done", "PT404"]);
    const third = await held();
    expect(await queued(third.mark("late"), third.cancel)).toEqual(["done", "PT404"]);
  });
});

test("an announcement that is sent twice at once is one, and both are told so", async () => {
  await twoYears();
  const audiences = JSON.stringify([{ scope: "school" }]);
  const values = [school.id, audiences, randomUUID()];
  const announce: Statement = [
    people.office,
    "select public.announce($1, 'Trip', 'Bring a hat', $2, null, null, $3)",
    ...values,
  ];
  expect(await queued(announce, announce)).toEqual(["done", "done"]);
  expect(unwrap(await service.from("announcements").select("id").eq("school_id", school.id))).toHaveLength(1);
});

test("a name to sign in with goes to one of two students", async () => {
  await twoYears();
  const [first, second] = [await school.student(), await school.student()];
  const name = (who: Joined, { id }: { id: string }): Statement => [
    who,
    "select public.prepare_sign_in($1, $2, 'dana.l')",
    school.id,
    id,
  ];
  expect(await queued(name(people.office, first), name(people.registry, second))).toEqual(["done", "PT409"]);
  expect(await queued(name(people.office, first), name(people.registry, first))).toEqual(["done", "done"]);
});
